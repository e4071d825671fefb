"""The updates in a poll's answer, byte for byte."""

import json
from collections.abc import Iterator
from typing import Any

BLANKS = (" ", "\t", "\r", "\n")


def split_updates(body: bytes) -> list[tuple[int, bytes]]:
    """Cut the answer to getUpdates into its updates, each byte as it stood; with their ids."""
    text = body.decode(errors="surrogateescape")  # any bytes, and the same bytes back
    updates: list[tuple[int, bytes]] = []
    for start, end, update in _results(text):
        updates.append((int(update["update_id"]), text[start:end].encode(errors="surrogateescape")))
    return updates


def _results(text: str) -> Iterator[tuple[int, int, Any]]:
    decode = json.JSONDecoder(strict=False).raw_decode
    at = _after(text, 0, "{")
    while True:
        key, at = decode(text, at)
        at = _after(text, at, ":")
        if key == "result" and text.startswith("[", at):
            break
        _, at = decode(text, at)
        at = _after(text, at, ",")
    at = _after(text, at, "[")
    while not text.startswith("]", at):
        update, end = decode(text, at)
        yield at, end, update
        at = _blank(text, end)
        if text.startswith(",", at):
            at = _blank(text, at + 1)


def _after(text: str, at: int, mark: str) -> int:
    at = _blank(text, at)
    if not text.startswith(mark, at):
        raise ValueError(f"{mark} expected")
    return _blank(text, at + 1)


def _blank(text: str, at: int) -> int:
    while text[at : at + 1] in BLANKS:
        at += 1
    return at

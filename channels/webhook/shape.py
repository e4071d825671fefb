"""What another system may say to us, and what is wrong where it says something else."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

SAYING = ("message.created", "message.edited", "message.deleted")
REPORTING = {"message.delivered": "delivered", "message.read": "read", "message.failed": "failed"}
TYPES = (*SAYING, *REPORTING)
_TEXTS = ("subject", "text", "language", "conversation", "in_reply_to")


class Malformed(Exception):
    """It is signed, and yet nothing that can be taken: one sentence for each mistake."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


def read(body: bytes) -> tuple[str, Mapping[str, Any]]:
    """Return the type of an event and its data. Raises Malformed."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is no JSON") from None
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        raise Malformed("an event is an object with 'type' and 'data'")
    kind = event.get("type")
    if kind not in TYPES:
        raise Malformed(f"'type' is none of {', '.join(TYPES)}")
    data: Mapping[str, Any] = event["data"]
    if mistakes := tuple(_mistakes(kind, data)):
        raise Malformed(*mistakes)
    return kind, data


def _mistakes(kind: str, data: Mapping[str, Any]) -> Iterator[str]:
    if kind in REPORTING:
        if not isinstance(data.get("dispatch"), int) or isinstance(data.get("dispatch"), bool):
            yield "'dispatch' is the number that came with the message"
        return
    who = data.get("from")
    if not isinstance(who, dict) or not _text(who.get("id")):
        yield "'from' is an object with the 'id' of who writes, such as a number"
    if not _text(data.get("id")):
        yield "'id' is the message's own, the same when it is edited or deleted"
    if kind != "message.deleted" and not (_text(data.get("text")) or data.get("attachments")):
        yield "there is neither 'text' nor an attachment"
    for name in _TEXTS:
        if not isinstance(data.get(name, ""), str):
            yield f"'{name}' is a text"
    yield from _further(data)


def _further(data: Mapping[str, Any]) -> Iterator[str]:
    if "sent_at" in data and not _time(data["sent_at"]):
        yield "'sent_at' is a time such as 2026-11-22T09:30:00Z"
    fields = data.get("fields", {})
    if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
        yield "'fields' is an object of texts"
    files = data.get("attachments", [])
    if not isinstance(files, list) or not all(map(_is_file, files)):
        yield "'attachments' are objects with 'filename', 'content_type', 'content' (Base64)"


def _is_file(file: object) -> bool:
    names = ("filename", "content_type", "content")
    return isinstance(file, dict) and all(isinstance(file.get(name), str) for name in names)


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _time(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False

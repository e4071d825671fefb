"""The header fields of one part: capped before anything is parsed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from normalizer.encoded_words import decode_header
from normalizer.limits import FIELD_BYTES, HEADER_BYTES

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_LINE = re.compile(rb"[^\n]*\n?")
_LATER_FIELD = re.compile(rb"[ \t\r\n]*[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]")
_MBOX = re.compile(rb">?From [^\n]{1,200}\n")


@dataclass(frozen=True, slots=True)
class Headers:
    """Raw field values by lower-case name, in order of appearance."""

    fields: Mapping[str, tuple[bytes, ...]]
    over_limit: str = ""
    charset: str = ""
    """What 8-bit bytes are probably in: the charset of the body beside them."""

    def raw(self, name: str) -> bytes:
        """Return the first value of a field, b"" if there is none."""
        found = self.fields.get(name)
        return found[0] if found else b""

    def text(self, name: str) -> str:
        """Return the first value of a field, decoded."""
        found = self.fields.get(name)
        return decode_header(found[0], self.charset) if found else ""

    def texts(self, name: str) -> list[str]:
        """Return all values of a field, decoded."""
        return [decode_header(value, self.charset) for value in self.fields.get(name, ())]

    def decoded(self) -> dict[str, str]:
        """Return the first value of every field, decoded."""
        return {name: decode_header(v[0], self.charset) for name, v in self.fields.items()}


EMPTY = Headers({})


def read_headers(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """Read the fields that begin at ``start``; return them and where the body begins."""
    at = _past_noise(raw, start, end)
    limit = min(end, at + HEADER_BYTES)
    found: dict[str, list[bytes]] = {}
    name, over = "", ""
    value: list[bytes] = []
    while at < limit:
        match = _LINE.match(raw, at, limit)
        line = match[0] if match else b""
        if not line.rstrip(b"\r\n"):
            over = _keep(found, name, value) or over
            return _made(found, over), at + len(line)
        if line[:1] in b" \t" and name:
            value.append(line)
        elif field := _FIELD.match(line):
            over = _keep(found, name, value) or over
            name, value = field[1].decode("ascii").lower(), [line[field.end() :]]
        elif name and _LATER_FIELD.match(raw, at + len(line), min(limit, at + len(line) + 300)):
            value.append(line)  # a folded line that lost its indent
        elif not line.strip():  # blanks alone: some end the header so
            over = _keep(found, name, value) or over
            return _made(found, over), at + len(line)
        else:
            over = _keep(found, name, value) or over
            return _made(found, over), at
        at += len(line)
    over = _keep(found, name, value) or over
    if at < end:
        return _made(found, "headers longer than 128 KiB"), _body_after(raw, at, end)
    return _made(found, over), at


def _made(found: Mapping[str, list[bytes]], over: str) -> Headers:
    return Headers({name: tuple(values) for name, values in found.items()}, over)


def _keep(found: dict[str, list[bytes]], name: str, value: list[bytes]) -> str:
    """Note one field; say so if it was longer than allowed."""
    if not name:
        return ""
    whole = b"".join(value).strip()
    over = f"a header field longer than 16 KiB: {name}" if len(whole) > FIELD_BYTES else ""
    found.setdefault(name, []).append(whole[:FIELD_BYTES])
    return over


def _past_noise(raw: bytes, start: int, end: int) -> int:
    """Step over a byte order mark, blank lines and the ``From `` line of a mailbox file."""
    at = start + 3 if raw.startswith(b"\xef\xbb\xbf", start) else start
    while at < end and raw[at : at + 1] in (b"\r", b"\n"):
        at += 1
    mbox = _MBOX.match(raw, at, end)
    return mbox.end() if mbox else at


def _body_after(raw: bytes, at: int, end: int) -> int:
    """Find the blank line behind headers that were too long to read."""
    ends = [
        found + len(gap) for gap in (b"\n\n", b"\n\r\n") if (found := raw.find(gap, at, end)) >= 0
    ]
    return min(ends, default=end)

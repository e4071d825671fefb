"""The header fields of one part: capped before anything is parsed."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from normalizer.encoded_words import decode_header
from normalizer.limits import FIELD_BYTES, FIELDS, HEADER_BYTES, PART_FIELDS

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_WHOLE_FIELD = re.compile(
    rb"([!-9;-~]{1,200})[ \t]*:([^\n]*\n(?:[ \t]+[^ \t\r\n\v\f][^\n]*\n){0,200})"
)
"""A field with its folded lines, so many at once as are harmless to remember."""
_LATER_FIELD = re.compile(rb"[ \t\r\n]*[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]")
_BLANKS = re.compile(rb"[\r\n]*+")
_BEFORE_CONTENT = re.compile(rb"[\r\n]{1,8}(?=content-[a-z-]{2,40}[ \t]*:)", re.IGNORECASE)
_MBOX = re.compile(rb">?From [^\n]{1,200}\n")


@dataclass(frozen=True, slots=True)
class Headers:
    """Raw field values by lower-case name, in order of appearance."""

    fields: Mapping[str, tuple[bytes, ...]]
    over_limit: str = ""
    charset: str = ""
    """What 8-bit bytes are probably in: the charset of the body beside them."""
    order: tuple[str, ...] = ()
    """The names as they follow each other, the topmost first."""
    _texts: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    """What was decoded already."""

    def raw(self, name: str) -> bytes:
        """Return the first value of a field, b"" if there is none."""
        found = self.fields.get(name)
        return found[0] if found else b""

    def text(self, name: str) -> str:
        """Return the first value of a field, decoded."""
        if name not in self.fields:
            return ""
        if (text := self._texts.get(name)) is None:
            text = self._texts[name] = decode_header(self.fields[name][0], self.charset)
        return text

    def texts(self, name: str) -> list[str]:
        """Return all values of a field, decoded."""
        return [decode_header(value, self.charset) for value in self.fields.get(name, ())]

    def only(self, names: Collection[str]) -> "Headers":
        """Return those of the fields that have one of these names."""
        kept = {name: values for name, values in self.fields.items() if name in names}
        return Headers(kept, self.over_limit, self.charset)

    def decoded(self) -> dict[str, str]:
        """Return the first value of every field, decoded."""
        return {name: self.text(name) for name in self.fields}


EMPTY = Headers({})


def read_headers(raw: bytes, start: int, end: int, *, of_part: bool = False) -> tuple[Headers, int]:
    """Read the fields that begin at ``start``; return them and where the body begins.

    A part that begins with a blank line has no fields (``of_part``), while a mail always has some.
    """
    at = _past_blanks(raw, start, end) if of_part else _past_noise(raw, start, end)
    reading = _Reading(most=PART_FIELDS if of_part else FIELDS)
    while at < end and reading.kept <= HEADER_BYTES and len(reading.order) <= reading.most:
        if (after := reading.whole_fields(raw, at, end)) > at:
            at = after
            continue
        stop = raw.find(b"\n", at, end) + 1 or end
        first = raw[at : min(stop, at + FIELD_BYTES + 250)]
        if not first.rstrip(b"\r\n"):
            return reading.headers(), stop
        if first[:1] in b" \t" and reading.name and first.strip():
            reading.go_on(first)
        elif start_of := _FIELD.match(first):
            reading.begin(start_of[1].decode("ascii").lower(), first[start_of.end() :])
        elif reading.name and _LATER_FIELD.match(raw, stop, min(end, stop + 300)):
            reading.go_on(first)  # a folded line that lost its indent
        else:  # blanks alone end some headers; anything else is text already
            return reading.headers(), at if first.strip() else stop
        at = stop
    if at < end:
        many = len(reading.order) > reading.most
        reading.over = (
            f"more than {reading.most} header fields" if many else "headers longer than 128 KiB"
        )
        return reading.headers(), _body_after(raw, max(start, at - 1), end)
    return reading.headers(), at


@dataclass(slots=True)
class _Reading:
    """The fields so far, and the one being read."""

    most: int
    found: dict[str, list[bytes]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    name: str = ""
    value: list[bytes] = field(default_factory=list)
    size: int = 0
    kept: int = 0
    over: str = ""

    def whole_fields(self, raw: bytes, at: int, end: int) -> int:
        """Take in fields that nothing is odd about; return where they end."""
        kept = self.kept
        while len(self.order) < self.most and (whole := _WHOLE_FIELD.match(raw, at, end)):
            after = whole.end()
            if after - at > FIELD_BYTES or kept + after - at > HEADER_BYTES:
                break
            self._end()
            name, value = whole.groups()
            self.name, self.value, self.size = name.decode("ascii").lower(), [value], len(value)
            kept += len(name) + 1 + len(value)
            at = after
        self.kept = kept
        return at

    def begin(self, name: str, first: bytes) -> None:
        self._end()
        self.name, self.value, self.size = name, [], 0
        self.kept += len(name) + 1
        self.go_on(first)

    def go_on(self, more: bytes) -> None:
        """Add a line, as far as the field may grow."""
        if self.size + len(more) > FIELD_BYTES:
            self.over = self.over or f"a header field longer than 16 KiB: {self.name}"
            more = more[: FIELD_BYTES - self.size]
        if not more:  # a million of nothing is something
            return
        self.value.append(more)
        self.size += len(more)
        self.kept += len(more)

    def headers(self) -> Headers:
        self._end()
        found = {name: tuple(values) for name, values in self.found.items()}
        return Headers(found, self.over, order=tuple(self.order))

    def _end(self) -> None:
        if name := self.name:
            self.found.setdefault(name, []).append(b"".join(self.value).strip())
            self.order.append(name)
        self.name = ""


def _past_noise(raw: bytes, start: int, end: int) -> int:
    """Step over a byte order mark, blank lines and the ``From `` line of a mailbox file."""
    at = start + 3 if raw.startswith(b"\xef\xbb\xbf", start) else start
    if raw.startswith((b"\r", b"\n"), at) and (blanks := _BLANKS.match(raw, at, end)):
        at = blanks.end()
    mbox = _MBOX.match(raw, at, end) if raw.startswith((b"From ", b">From "), at) else None
    return mbox.end() if mbox else at


def _past_blanks(raw: bytes, start: int, end: int) -> int:
    """Step over blank lines that some writers put before the fields of a part."""
    blanks = _BEFORE_CONTENT.match(raw, start, end)
    return blanks.end() if blanks else start


def _body_after(raw: bytes, at: int, end: int) -> int:
    """Find the blank line behind headers that were too long to read."""
    ends = [
        found + len(gap) for gap in (b"\n\n", b"\n\r\n") if (found := raw.find(gap, at, end)) >= 0
    ]
    return min(ends, default=end)

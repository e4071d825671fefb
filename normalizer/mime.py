"""The parts of a mail, found by offset and without recursion: nothing is copied until read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

from normalizer.headers import EMPTY, Headers, read_headers
from normalizer.limits import DEPTH, PARTS
from normalizer.parameters import Parametrised, read_parametrised

_LOOKS_LIKE_BOUNDARY = re.compile(
    rb"^--([^\r\n]{1,200}+)\r?\n(?=[ \t]*(?:\r?\n)?[Cc]ontent-)", re.MULTILINE
)
_ENDS_LINE = re.compile(rb"(?:--)?[ \t]*(?:\r?\n|\r|$)")
_OF_A_PART = ("content-", "mime-", "x-")
_KEPT = frozenset(
    ("content-type", "content-transfer-encoding", "content-disposition", "content-id")
)
"""Fields of a part that somebody asks for: a thousand parts may have ten thousand each."""
_DIGEST = Parametrised("message/rfc822", {})
_TEXT = Parametrised("text/plain", {})


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its fields, and where its body lies in the raw bytes."""

    headers: Headers
    content: Parametrised
    start: int
    end: int
    parent: int
    """Index of the part it is in; -1 for the mail itself."""
    depth: int

    @property
    def multipart(self) -> bool:
        return self.content.value.startswith("multipart/")


@dataclass(frozen=True, slots=True)
class Tree:
    """All parts in the order of the text. The first is the mail itself."""

    raw: bytes
    parts: tuple[Part, ...]
    over_limit: str = ""

    @property
    def top(self) -> Part:
        return self.parts[0]

    def children(self, index: int) -> Iterator[int]:
        return (i for i, part in enumerate(self.parts) if part.parent == index)


@dataclass(frozen=True, slots=True)
class _Range:
    start: int
    end: int
    parent: int
    depth: int
    default: Parametrised


def parse(raw: bytes, start: int = 0, end: int | None = None) -> Tree:
    """Find the parts of a mail. Whatever is over a limit stays inside the part around it."""
    parts: list[Part] = []
    over = ""
    waiting = [_Range(start, len(raw) if end is None else end, -1, 0, _TEXT)]
    while waiting:
        if len(parts) >= PARTS:
            over = f"more than {PARTS} parts"
            break
        span = waiting.pop()
        part = _part(raw, span)
        over = over or part.headers.over_limit
        if part.multipart and part.depth >= DEPTH:
            over = f"parts nested deeper than {DEPTH}"
        elif part.multipart:
            inner = list(_inside(raw, part, len(parts)))
            part = part if inner else _as_text(part)
            waiting += reversed(inner)
        parts.append(part)
    return Tree(raw, tuple(parts), over)


def _part(raw: bytes, span: _Range) -> Part:
    headers, body = read_headers(raw, span.start, span.end, of_part=span.depth > 0)
    if span.depth and not _describes(headers) and span.default is _TEXT:
        headers, body = EMPTY, span.start  # words that begin as ``Printer: HP``
    if span.depth:
        headers = headers.only(_KEPT)
    content = read_parametrised(headers.raw("content-type"))
    if "/" not in content.value:
        content = Parametrised(_guessed(content, span), content.parameters)
    return Part(headers, content, body, span.end, span.parent, span.depth)


def _describes(headers: Headers) -> bool:
    """Are these a part's own fields, or is there nothing that could be anything else?"""
    return not headers.fields or any(name.startswith(_OF_A_PART) for name in headers.fields)


def _guessed(content: Parametrised, span: _Range) -> str:
    """Return the type of a part that names none, or half of one such as ``text``."""
    if content.value == "multipart" or content.get("boundary"):
        return "multipart/mixed"
    return "text/html" if content.value == "html" else span.default.value


def _as_text(part: Part) -> Part:
    """A multipart without parts: what is in it is text, if anything."""
    return Part(part.headers, _TEXT, part.start, part.end, part.parent, part.depth)


def _inside(raw: bytes, part: Part, index: int) -> Iterator[_Range]:
    default = _DIGEST if part.content.value == "multipart/digest" else _TEXT
    for start, end in _sections(raw, part):
        yield _Range(start, end, index, part.depth + 1, default)


def _sections(raw: bytes, part: Part) -> list[tuple[int, int]]:
    declared = part.content.get("boundary").encode("utf-8", "replace").rstrip()
    sections = _split(raw, part.start, part.end, declared) if declared else []
    if sections:
        return sections
    found = _LOOKS_LIKE_BOUNDARY.search(raw, part.start, part.end)
    return _split(raw, part.start, part.end, found[1].rstrip()) if found else []


def _split(raw: bytes, start: int, end: int, boundary: bytes) -> list[tuple[int, int]]:
    """Return what lies between the lines ``--boundary``. A missing last one is forgiven."""
    sections: list[tuple[int, int]] = []
    marks = _marks(raw, start, end, b"--" + boundary)
    for (_, begin, closes), (until, _, _) in pairwise(chain(marks, [(end, end, True)])):
        if closes:
            continue  # an epilogue, or nothing: some writers go on after the last line
        sections.append((begin, _without_line_end(raw, begin, until)))
        if len(sections) > PARTS:
            break
    return sections


def _marks(raw: bytes, start: int, end: int, line: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield where each boundary line begins and ends, and whether it is a closing one."""
    at = raw.find(line, start, end)
    while at >= 0:
        after = at + len(line)
        rest = _ENDS_LINE.match(raw, after, end)
        if rest and (at == start or raw[at - 1 : at] in (b"\n", b"\r")):
            yield at, rest.end(), raw.startswith(b"--", after)
        at = raw.find(line, after, end)


def _without_line_end(raw: bytes, start: int, end: int) -> int:
    if raw[end - 1 : end] == b"\n" and end > start:
        end -= 1
    return end - 1 if raw[end - 1 : end] == b"\r" and end > start else end

"""The ``when:`` of a rule: a table means and, a list means or, ``any all not`` nest."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, cast

from config.findings import did_you_mean
from config.later import CONDITIONS
from config.nodes import Entry, Listing, Node, Scalar, Table
from config.reader import Reader, Unreadable
from config.scalars import Word
from inquiry.errors import Place

ALWAYS = "always"
_GROUPS = ("all", "any", "not")
_TEXTS = ("subject", "body", "text", "from", "to")
_NAMES = ("channel", "mentions", "language")
_FLAGS = ("auto_generated", "bounce")
WORDS = (*_GROUPS, *_TEXTS, *_NAMES, *_FLAGS, "attachment")


@dataclass(frozen=True, slots=True)
class Group:
    """Tests that belong together; all of none is ``always``."""

    how: Literal["all", "any", "not"]
    parts: tuple["When", ...]


@dataclass(frozen=True, slots=True)
class Test:
    """``mentions: [outage, printer]``: one of the values will do."""

    word: str
    values: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class FlagTest:
    """``bounce: yes``"""

    word: Literal["auto_generated", "bounce"]
    wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTest:
    """``attachment: {extension: [exe]}``, or yes or no."""

    extension: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    count: int = field(default=1, metadata={"least": 1})
    bigger_than: int | None = field(default=None, metadata={"unit": "size"})
    wanted: bool = field(default=True, metadata={"yaml": " "})


@dataclass(frozen=True, slots=True)
class LaterTest:
    """A condition of a later version: equal to no other, since nobody has looked inside."""

    word: str
    place: Place


When = Group | Test | FlagTest | FileTest | LaterTest
EVERYTHING = Group("all", ())


def read_when(reader: Reader, node: Node) -> When:
    """Read a condition. Raises Unreadable."""
    if isinstance(node, Scalar):
        if node.text == ALWAYS:
            return EVERYTHING
        raise reader.wrong(
            node, f"{node.text!r} is no condition", "write 'always' or a table such as {channel: …}"
        )
    if isinstance(node, Listing):
        raise reader.wrong(node, "a condition is a table", "write any: [ … ] or all: [ … ]")
    if not node.entries:
        raise reader.wrong(node, "an empty condition", "write 'always' if that is meant")
    parts = _all_or_none(reader, node.entries)
    return parts[0] if len(parts) == 1 else Group("all", parts)


def _all_or_none(reader: Reader, entries: tuple[Entry, ...]) -> tuple[When, ...]:
    parts, complete = [], True
    for entry in entries:
        try:
            parts.append(_read_entry(reader, entry))
        except Unreadable:
            complete = False
    if not complete:
        raise Unreadable
    return tuple(parts)


def _read_entry(reader: Reader, entry: Entry) -> When:
    word, value = entry.key.text, entry.value
    if word in _GROUPS:
        return _group(reader, cast("Literal['all', 'any', 'not']", word), value)
    if word in _FLAGS:
        wanted = reader.read(value, bool)
        return FlagTest(cast("Literal['auto_generated', 'bounce']", word), wanted)
    if word == "attachment":
        return _attachment(reader, value)
    if word in WORDS:
        values = reader.read(value, tuple[Word, ...])
        if not values or not all(values):
            raise reader.wrong(value, f"{word!r} needs at least one value")
        return Test(word, values)
    if word in CONDITIONS:
        text = f"{word!r} comes in a later version: no rule matches by it"
        reader.findings.warn(entry.key.place, "not-yet", text)
        return LaterTest(word, entry.key.place)
    hint = did_you_mean(word, (*WORDS, *CONDITIONS))
    reader.findings.error(entry.key.place, "unknown-key", f"unknown key {word!r}", hint)
    raise Unreadable


def _group(reader: Reader, how: Literal["all", "any", "not"], value: Node) -> When:
    items = value.items if isinstance(value, Listing) else (value,)
    if not items:
        raise reader.wrong(value, f"{how!r} needs at least one condition")
    parts, complete = [], True
    for item in items:
        try:
            parts.append(read_when(reader, item))
        except Unreadable:
            complete = False
    if not complete:
        raise Unreadable
    return Group(how, tuple(parts))


def _attachment(reader: Reader, value: Node) -> FileTest:
    if isinstance(value, Table):
        return cast("FileTest", reader.shaped(value, FileTest))
    return FileTest(wanted=reader.read(value, bool))


def tests_in(when: When) -> Iterator[Test]:
    """Return the tests by name or text inside a condition."""
    if isinstance(when, Group):
        for part in when.parts:
            yield from tests_in(part)
    elif isinstance(when, Test):
        yield when

"""The ``then:`` of a rule: which fields it decides, each with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any, Literal

from config.later import ASSIGN_BY, RECORDED
from config.nodes import Entry, Node, Scalar
from config.reader import Reader, Unreadable
from config.scalars import Word
from inquiry.words import Handle, Priority

FIELDS: Mapping[str, Any] = {
    "queue": Word,
    "category": Word,
    "priority": Priority,
    "priority_at_least": Priority,
    "sla": Word,
    "tags": tuple[Word, ...],
    "reply": Word,
    "handle": Handle,
    "reason": Word,
    "attachments": Literal["keep", "block"],
    "notify": tuple[Word, ...],
    "snooze": Word,
    "link_to_inquiry": Word,
}
ASSIGN_FIELDS: Mapping[str, Any] = {
    "to": Word,
    "by": Literal["pull", "round-robin"],
    "skills": tuple[Word, ...],
    "prefer": tuple[Word, ...],
}
TABLES: Mapping[str, Mapping[str, Any] | None] = {"assign": ASSIGN_FIELDS, "set": None}
"""Fields that are decided key by key; None where the keys are the operator's own."""
_BESIDE = ("stop", "on", "when", "name")
_TOGETHER = ("assign.skills", "assign.prefer")
"""Lists that one rule decides as a whole."""


@dataclass(frozen=True, slots=True)
class EffectEntry:
    """``queue: invoices``; both remember their place."""

    field: Word
    value: Word


def read_then(reader: Reader, node: Node) -> tuple[EffectEntry, ...]:
    """Read what a rule does. Raises Unreadable."""
    entries = reader.entries(node, "fields to decide")
    effects = reader.all_of(entries, lambda entry: tuple(_effects(reader, entry)))
    return tuple(chain.from_iterable(effects))


def _effects(reader: Reader, entry: Entry) -> Iterator[EffectEntry]:
    table = entry.key.text
    if table not in TABLES:
        yield from _one(reader, entry, FIELDS, "")
        return
    known = TABLES[table]
    plain = entry.value.text if isinstance(entry.value, Scalar) else ""
    hint = ("write {to: %s}" if known else "write {%s: …}") % plain if plain else ""
    what = ", ".join(known or ("fields of the inquiry",))
    for inner in reader.entries(entry.value, what, hint):
        yield from _one(reader, inner, known or {inner.key.text: Word}, f"{table}.")


def _one(
    reader: Reader, entry: Entry, known: Mapping[str, Any], prefix: str
) -> Iterator[EffectEntry]:
    word = entry.key.text
    if word in _BESIDE and not prefix:
        hint = f"{word!r} stands beside 'then', not in it"
        reader.findings.error(entry.key.place, "unknown-key", f"unknown key {word!r}", hint)
        raise Unreadable
    if word not in known:
        reader.unknown(entry, (*known, *(() if prefix else TABLES)), what="")
        raise Unreadable
    name = Word.at(prefix + word, entry.key.place)
    if name in RECORDED:
        text = f"{str(name)!r} is decided and shown; {RECORDED[name]} comes in a later version"
        reader.findings.warn(entry.key.place, "not-yet", text)
    for value in _values(reader, entry.value, name, known[word]):
        yield EffectEntry(name, value)


def _values(reader: Reader, node: Node, name: str, wanted: Any) -> tuple[Word, ...]:
    if name == "assign.by":
        text = reader.choice(node, ("pull", "round-robin"), later=ASSIGN_BY)
        return (Word.at(text, node.place),) if text else ()
    if name == "snooze":
        return (_snooze(reader, node),)
    value = reader.read(node, wanted)
    if isinstance(value, tuple):
        if not value or not all(value) or any(", " in each for each in value):
            raise reader.wrong(node, f"{name!r} needs at least one word, and none with a comma")
        return _together(value, node) if name in _TOGETHER else value
    if not value:
        raise reader.wrong(node, f"{name!r} needs a value")
    return (Word.at(str(value), node.place),)


def _together(values: tuple[Word, ...], node: Node) -> tuple[Word, ...]:
    return (Word.at(", ".join(values), node.place),)


def _snooze(reader: Reader, node: Node) -> Word:
    """Read a duration; any other word names a calendar."""
    text = reader.text(node)
    if is_duration(text):
        reader.read(node, timedelta)
    elif not text:
        raise reader.wrong(node, "'snooze' needs a duration such as 2h, or a calendar")
    return Word.at(text, node.place)


def is_duration(value: str) -> bool:
    """Is a ``snooze`` a duration, and not the name of a calendar?"""
    return value[:1].isdigit()

"""The ``then:`` of a rule: which fields it decides, each with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from config.findings import did_you_mean
from config.later import ASSIGN, ASSIGN_BY, EFFECTS
from config.nodes import Entry, Node
from config.reader import Reader, Unreadable
from config.scalars import Word
from inquiry.words import Handle, Priority

FIELDS: Mapping[str, Any] = {
    "queue": Word,
    "category": Word,
    "priority": Priority,
    "priority_at_least": Priority,
    "tags": tuple[Word, ...],
    "reply": Word,
    "handle": Handle,
    "reason": Word,
    "attachments": Literal["keep", "block"],
}
ASSIGN_FIELDS: Mapping[str, Any] = {"to": Word, "by": Literal["pull", "round-robin"]}


@dataclass(frozen=True, slots=True)
class EffectEntry:
    """``queue: invoices``; both remember their place."""

    field: Word
    value: Word


def read_then(reader: Reader, node: Node) -> tuple[EffectEntry, ...]:
    """Read what a rule does. Raises Unreadable."""
    effects: list[EffectEntry] = []
    complete = True
    for entry in reader.entries(node, "fields to decide"):
        try:
            effects += _effects(reader, entry)
        except Unreadable:
            complete = False
    if not complete:
        raise Unreadable
    return tuple(effects)


def _effects(reader: Reader, entry: Entry) -> Iterator[EffectEntry]:
    if entry.key.text == "assign":
        for inner in reader.entries(entry.value, "to and by"):
            yield from _one(reader, inner, ASSIGN_FIELDS, ASSIGN, "assign.")
    else:
        yield from _one(reader, entry, FIELDS, EFFECTS, "")


def _one(
    reader: Reader, entry: Entry, known: Mapping[str, Any], later: tuple[str, ...], prefix: str
) -> Iterator[EffectEntry]:
    word = entry.key.text
    if word in later:
        reader.not_yet(entry.key.place, prefix + word)
        return
    if word not in known:
        hint = did_you_mean(word, (*known, *later, *(() if prefix else ("assign",))))
        reader.findings.error(entry.key.place, "unknown-key", f"unknown key {word!r}", hint)
        raise Unreadable
    name = Word.at(prefix + word, entry.key.place)
    for value in _values(reader, entry.value, prefix + word, known[word]):
        yield EffectEntry(name, value)


def _values(reader: Reader, node: Node, name: str, wanted: Any) -> tuple[Word, ...]:
    if name == "assign.by":
        text = reader.choice(node, ("pull", "round-robin"), later=ASSIGN_BY)
        return (Word.at(text, node.place),) if text else ()
    value = reader.read(node, wanted)
    if isinstance(value, tuple):
        return value
    if not value:
        raise reader.wrong(node, f"{name!r} needs a value")
    return (Word.at(str(value), node.place),)

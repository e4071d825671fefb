"""The ``expect:`` of a test: fields of a decision, and which rule must (not) have decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from config.later import EXPECTED
from config.nodes import Entry, Node
from config.reader import Reader, Unreadable
from config.scalars import Language, Word
from config.then import FIELDS, TABLES

_KNOWN: Mapping[str, Any] = {
    **FIELDS,
    "language": Language,
    "rule": tuple[Word, ...],
    "urgency": Word,
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line of ``expect``: the field has (all of) these values, or must not have them."""

    field: str
    values: tuple[Word, ...]
    wanted: bool = True


def read_expected(reader: Reader, node: Node) -> tuple[Expectation, ...]:
    """Read what a test expects. Raises Unreadable."""
    entries = reader.entries(node, "fields of the decision")
    lines = reader.all_of(entries, lambda entry: _expectations(reader, entry, wanted=True))
    return tuple(chain.from_iterable(lines))


def _expectations(reader: Reader, entry: Entry, *, wanted: bool) -> list[Expectation]:
    word = entry.key.text
    if word == "not" and wanted:
        inner = reader.entries(entry.value, "fields of the decision")
        return [found for each in inner for found in _expectations(reader, each, wanted=False)]
    if word in TABLES:
        inner = reader.entries(entry.value, "fields")
        return [
            Expectation(
                f"{word}.{each.key.text}",
                _values(reader, each, TABLES[word] or {each.key.text: Word}),
                wanted,
            )
            for each in inner
        ]
    if word in EXPECTED:
        reader.not_yet(entry.key.place, word)
        return []
    return [Expectation(word, _values(reader, entry, _KNOWN), wanted)]


def _values(reader: Reader, entry: Entry, known: Mapping[str, Any]) -> tuple[Word, ...]:
    word = entry.key.text
    if word not in known:
        reader.unknown(entry, (*known, *EXPECTED, *TABLES, "not"), what="")
        raise Unreadable
    value = reader.read(entry.value, known[word])
    values = value if isinstance(value, tuple) else (value,)
    return tuple(Word.at(str(each), entry.value.place) for each in values)

"""YAML as a tree in which every scalar is text and knows its place: the schema decides the types.

So ``no`` is Norwegian, ``+47…`` keeps its plus and ``12:30`` is not 750.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from config.findings import Findings
from config.traps import explain_syntax, explain_value
from inquiry.errors import Place

if TYPE_CHECKING:
    from yaml._yaml import Mark

    AnyMark = yaml.Mark | Mark

DEEPEST = 50
MOST_NODES = 500_000
_ABYSS = 1_000
"""A depth that YAML's own reader, which calls itself for each level, surely comes out of alive."""
_TOO_DEEP = "too deep, too large or containing itself"
_BRACKET = re.compile(r"[\[\]{}]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_TEXT = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One piece of text."""

    text: str
    place: Place
    trap: str = ""
    """What YAML may have done to it, for the hint should it turn out wrong."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    items: tuple["Node", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a table."""

    key: Scalar
    value: "Node"

    @property
    def bare(self) -> bool:
        """Is it a word between brackets that has no colon, as after a comma in a text?"""
        if not isinstance(self.value, Scalar) or self.value.text:
            return False
        key, value = self.key.place, self.value.place
        return (value.line, value.column) == (key.line, (key.column or 0) + len(self.key.text))


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; no key stands in it twice."""

    entries: tuple[Entry, ...]
    place: Place

    def get(self, key: str) -> "Node | None":
        """Return the value under ``key``, None if there is no such key."""
        return next((entry.value for entry in self.entries if entry.key.text == key), None)


Node = Scalar | Listing | Table


def parse(text: str, file: Path, findings: Findings) -> Node | None:
    """Read YAML; None where it is none at all, which ``findings`` then says."""
    try:
        if _looks_deep(text) and (mark := _abyss(text)):
            findings.error(_where(file, mark), "yaml", _TOO_DEEP)
            return None
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark, said, hint = explain_syntax(error, text)
        findings.error(_where(file, mark), "yaml", said, hint)
        return None
    except yaml.YAMLError as error:  # a character that YAML allows nowhere
        findings.error(Place(file, 1), "yaml", str(error).splitlines()[0])
        return None
    if root is None:
        return Table((), Place(file, 1))
    return _Parser(file, text.splitlines(), findings).node(root, 0)


def _looks_deep(text: str) -> bool:
    """May it be as deep? Brackets in texts count, too; without brackets each level is indented."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest > _ABYSS or max(map(len, text.splitlines()), default=0) > _ABYSS


def _abyss(text: str) -> "AnyMark | None":
    """Return where it becomes too deep, or too large, to be read at all."""
    depth = count = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        count += isinstance(event, yaml.NodeEvent)
        if depth > _ABYSS or count > MOST_NODES:
            return event.start_mark
    return None


def _where(file: Path, mark: "AnyMark | None") -> Place:
    return Place(file, 1) if mark is None else Place(file, mark.line + 1, mark.column + 1)


class _Loader(yaml.CBaseLoader):
    """YAML's own reader, but that every scalar is text: nobody here asks what else it might be."""

    count = 0

    def resolve(self, _kind: object, _value: object, _implicit: object) -> str:
        self.count += 1
        if self.count > MOST_NODES:
            raise yaml.YAMLError(_TOO_DEEP)
        return _TEXT


class _Parser:
    def __init__(self, file: Path, lines: list[str], findings: Findings) -> None:
        self._file = file
        self._lines = lines
        self._findings = findings
        self._count = 0

    def node(self, found: yaml.Node, depth: int) -> Node:
        place = _where(self._file, found.start_mark)
        self._count += 1
        if depth > DEEPEST or self._count > MOST_NODES:
            self._findings.error(place, "yaml", _TOO_DEEP)
            return Scalar("", place)
        if isinstance(found, yaml.ScalarNode):
            return self._scalar(found, place)
        if isinstance(found, yaml.SequenceNode):
            return Listing(tuple(self.node(item, depth + 1) for item in found.value), place)
        return Table(tuple(self._entries(found, depth)), place)

    def _entries(self, found: yaml.Node, depth: int) -> Iterator[Entry]:
        seen: dict[str, Place] = {}
        for key_node, value_node in found.value:
            key = self.node(key_node, depth + 1)
            value = self.node(value_node, depth + 1)
            if not isinstance(key, Scalar):
                self._findings.error(key.place, "value", "a key must be a word")
            elif key.text in seen:
                self._findings.error(
                    key.place,
                    "duplicate-key",
                    f"{key.text!r} is written twice",
                    f"first on line {seen[key.text].line}; YAML would silently keep the last",
                )
            else:
                seen[key.text] = key.place
                yield Entry(key, value)

    def _scalar(self, found: yaml.ScalarNode, place: Place) -> Scalar:
        text = str(found.value)
        if control := _CONTROL.search(text):
            self._findings.error(
                place,
                "yaml-escape",
                f"a control character (U+{ord(control[0]):04X}) in the text",
                _escape_hint(control[0]),
            )
        line = self._lines[place.line - 1] if place.line <= len(self._lines) else ""
        return Scalar(text, place, explain_value(found, line))


def _escape_hint(control: str) -> str:
    letter, name = {"\b": (r"\b", "backspace"), "\a": (r"\a", "a bell")}.get(
        control, ("a backslash", "the start of a code")
    )
    return f'inside "double quotes" YAML reads {letter} as {name}; write patterns in single quotes'

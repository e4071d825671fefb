"""The sections of the file and the keys in them, as operators write them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from config.configuration import Desk, Portal, Web
from config.expected import Expectation, read_expected
from config.nodes import Node, Table
from config.reader import Reader
from config.scalars import Language, Word
from config.then import EffectEntry, read_then
from config.when import When, read_when
from inquiry.words import Role
from router.rules import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistEntry:
    """``kasia: {name: Kasia Nowak, …}``"""

    name: str
    email: str = ""
    languages: tuple[Language, ...] = ()
    skills: tuple[str, ...] = ()
    role: Role = Role.SPECIALIST


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignEntry:
    """How a queue gives its inquiries to people."""

    by: Literal["pull", "round-robin"] = field(
        default="pull", metadata={"later": ("least-loaded", "sticky")}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """``first-line: {line: 1, members: [ola, kasia]}``"""

    line: int = field(default=1, metadata={"least": 1, "most": 9})
    members: tuple[Word, ...]
    assign: AssignEntry = AssignEntry()
    send_from: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    """One rule as it is written."""

    name: Word
    when: When = field(metadata={"read": read_when})
    then: tuple[EffectEntry, ...] = field(default=(), metadata={"read": read_then})
    stop: bool = False
    on: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The message of a test."""

    channel: Word | None = None
    from_: str = field(default="", metadata={"yaml": "from"})
    to: str = ""
    subject: str = ""
    body: str = ""
    language: Language | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None
    at: datetime | None = None
    follow_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TestEntry:
    """One test of the rules."""

    name: Word
    given: Given
    expect: tuple[Expectation, ...] = field(metadata={"read": read_expected})


def read_table(reader: Reader, node: Node) -> Table:
    """Leave a table as it is."""
    if not isinstance(node, Table):
        raise reader.wrong(node, "here belongs a table of names")
    return node


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """The whole file, but for its channels: their kinds have shapes of their own."""

    version: int = field(metadata={"least": 1, "most": 1})
    desk: Desk
    web: Web = field(default_factory=Web)
    channels: Table = field(metadata={"read": read_table})
    specialists: Mapping[Word, SpecialistEntry] = field(default_factory=dict)
    queues: Mapping[Word, QueueEntry]
    words: Mapping[Word, Mapping[Language, tuple[Word, ...]]] = field(default_factory=dict)
    templates: Path | None = None
    portal: Portal = field(default_factory=Portal)
    rules: tuple[RuleEntry, ...]
    tests: tuple[TestEntry, ...] = ()

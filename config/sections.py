"""The sections of the file and the keys in them, as operators write them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from config.asked import When
from config.configuration import Desk, Portal, Web
from config.customers import Customers
from config.expected import Expectation, read_expected
from config.nodes import Node, Table
from config.reader import Reader
from config.scalars import Language, Word, language_version, mail_address
from config.then import EffectEntry, read_then
from config.urgency import UrgencyEntry
from config.when import read_when
from inquiry.words import Priority, Role, Trust
from router.rules import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistEntry:
    """``kasia: {name: Kasia Nowak, …}``"""

    name: str
    email: str = field(default="", metadata={"convert": mail_address})
    languages: tuple[Language, ...] = ()
    skills: tuple[str, ...] = ()
    role: Role = Role.SPECIALIST
    was: tuple[Word, ...] = ()
    """Former names; what is stored under them follows at the next start or reload."""


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
    next: Word | None = None
    send_from: Word | None = None
    was: tuple[Word, ...] = ()
    """Former names; what is stored under them follows at the next start or reload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    """One rule as it is written."""

    name: Word
    when: When = field(metadata={"read": read_when})
    then: tuple[EffectEntry, ...] = field(default=(), metadata={"read": read_then})
    stop: bool = False
    on: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was before the message of a test: ``history: {inquiries: 3, last_category: invoice}``.

    Numbers stand for all times that rules may ask about.
    """

    open_inquiries: int = field(default=0, metadata={"least": 0})
    inquiries: int = field(default=0, metadata={"least": 0})
    messages: int = field(default=0, metadata={"least": 0})
    reopened: int = field(default=0, metadata={"least": 0})
    last_category: str = ""


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
    attachments: tuple[str, ...] = ()
    form: Mapping[str, str] = field(default_factory=dict)
    trust: Trust | None = None
    customer: Mapping[Word, Word] = field(default_factory=dict)
    load: Mapping[Word, int] = field(default_factory=dict, metadata={"least": 0})
    history: Past = Past()
    follow_up: bool = False
    queue: Word | None = None
    """Where the inquiry is that a follow-up belongs to; likewise the next three."""
    category: Word | None = None
    priority: Priority = Priority.NORMAL
    tags: tuple[Word, ...] = ()


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
class Deciding:
    """The sections that a decision depends on."""

    calendars: Table | None = field(default=None, metadata={"read": read_table})
    customers: Customers = field(default_factory=Customers)
    urgency: UrgencyEntry = field(default_factory=UrgencyEntry)
    words: Mapping[Word, Mapping[Language, tuple[Word, ...]]] = field(default_factory=dict)
    rules: tuple[RuleEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections(Deciding):
    """The whole file, but for its channels: their kinds have shapes of their own."""

    version: int = field(metadata={"least": 1, "most": 1, "convert": language_version})
    desk: Desk
    web: Web = field(default_factory=Web)
    channels: Table = field(metadata={"read": read_table})
    specialists: Mapping[Word, SpecialistEntry] = field(default_factory=dict)
    queues: Mapping[Word, QueueEntry]
    templates: Path | None = None
    portal: Portal = field(default_factory=Portal)
    tests: tuple[TestEntry, ...] = ()

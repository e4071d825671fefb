"""What the pages need to know of the desk: plain arguments, put together by the program."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from prometheus_client import REGISTRY, CollectorRegistry

from channels.contract import Inlet, WebReceiver
from channels.form import FormChannel
from channels.peer import Network
from channels.webchat.channel import WebChat
from inquiry.calendar import Calendar
from inquiry.journey import ChannelName, InquiryId, QueueName, SpecialistName
from inquiry.tokens import KeyRing
from inquiry.words import Role
from router.compare import Change
from router.customers import Organizations
from router.retold import Retold
from router.why_not import Wish
from specialists.people import Queue, Specialist
from storage.database import Database
from storage.decisions import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The demo's mailbox page: what left lies in ``folder``, what is written goes to ``port``."""

    folder: Path
    port: int
    address: str
    """Whom a new customer's mail goes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """How the last attempt to load the configuration ended."""

    successful: bool
    tried_at: datetime
    in_force_since: datetime
    """When the configuration in force was loaded."""
    sentence: str
    problems: tuple[str, ...] = ()
    """Why not; each may have several lines, of which all but the first show the place."""
    remarks: tuple[str, ...] = ()
    """What is in force, but not as the file says."""
    customers: str | None = None
    """Why what the file of customers says is not in force, "" if it is; None without a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A chat in which a customer may go on."""

    contact: str
    """The sort: ``telegram``."""
    link: str = ""
    """Opens it and hands the code over; "" where it has to be typed."""


async def _nowhere(_code: str) -> Sequence[Elsewhere]:
    """There are no chats."""
    return ()


@dataclass(frozen=True, slots=True)
class Told:
    """A stored decision, and everything that can be said of it."""

    recorded: Recorded
    retold: Retold


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A message that somebody tries out: one that is stored, a pasted mail, or its parts."""

    stored: str = ""
    """A reference, a Message-ID or ``arrival 12``: its message and facts, by the rules of now."""
    mail: str = ""
    """The source of a mail, headers and all; then sender, subject and text are its own."""
    channel: ChannelName
    sender: str = ""
    subject: str = ""
    text: str = ""
    wished: Wish | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What would come of rules that somebody proposes."""

    problems: Sequence[str]
    """Each with its place in the pasted text; not errors alone."""
    wrong: bool
    """Is an error among them? Then nothing was decided by them."""
    messages: int = 0
    different: int = 0
    changes: Sequence[tuple[Change, int]] = ()
    """Each once, with how many messages it is true of; the commonest first."""
    names: Sequence[str] = ()
    """Some of those that would be decided otherwise: a reference, or ``arrival 12``."""
    all_read: bool = True
    """Was there time for all of them?"""


class CannotTell(Exception):
    """There is nothing that rules could decide about; says why."""


def _clock() -> datetime:
    return datetime.now(UTC)


def _nothing() -> None:
    """Wake nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One desk, as its pages see it."""

    db: Database
    inlet: Callable[[ChannelName], Inlet]
    keys: KeyRing
    name: str
    url: str
    languages: tuple[str, ...] = ("en",)
    """The first is the default."""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    people: Mapping[SpecialistName, Specialist] = field(default_factory=dict)
    queues: Mapping[QueueName, Queue] = field(default_factory=dict)
    channels: Mapping[ChannelName, str] = field(default_factory=dict)
    """Every channel and its sort of contact point: ``mail``, ``telegram``, ``form``."""
    forms: Sequence[FormChannel] = ()
    confirms: bool = True
    """May somebody who fills in a form be told that a confirmation comes by mail?"""
    chats: Sequence[WebChat] = ()
    elsewhere: Callable[[str], Awaitable[Sequence[Elsewhere]]] = _nowhere
    """The chats in which a customer may go on by what a link says there."""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    receivers: Sequence[WebReceiver] = ()
    undo_time: timedelta = timedelta(seconds=10)
    undo_times: Mapping[ChannelName, timedelta] = field(default_factory=dict)
    """Channels that have one of their own: a chat waits less than a mail."""
    explain: Callable[[InquiryId, Wish | None], Awaitable[Sequence[Told]]] | None = None
    """Tells the decisions about an inquiry again, each by its own rules, oldest first."""
    lab: Callable[[Asked], Awaitable[Retold]] | None = None
    """Tells what the rules in force would decide; nothing is stored, nothing is sent.

    Raises:
        CannotTell: with a sentence, where there is nothing to decide about.
    """
    propose: Callable[[str], Awaitable[Trial]] | None = None
    """Tells what rules that are pasted would change; never puts them in force.

    Raises:
        CannotTell: with a sentence, where they can't be tried.
    """
    organizations: Organizations = field(default_factory=Organizations)
    rules: Callable[[], Sequence[str]] = tuple
    """The names of the rules in force, in their order."""
    arrivals_bell: Callable[[], None] = _nothing
    """Rung when an arrival waits again; likewise the next for answers and dispatches."""
    answers_bell: Callable[[], None] = _nothing
    outbox_bell: Callable[[], None] = _nothing
    channel_up: Callable[[], Mapping[ChannelName, bool]] = dict
    """Which channels work at this moment, as far as that is known."""
    channel_trouble: Callable[[], Mapping[str, str]] = dict
    """Why those that don't are tried again."""
    operator_token: str = field(default="", repr=False)
    """Who sends it may have the configuration loaded again; "" is nobody."""
    trusted_proxies: tuple[Network, ...] = ()
    """Whose word on who calls is believed, beside that of proxies on this machine."""
    reload: Callable[[bool], Awaitable[tuple[bool, Mapping[str, Any]]]] | None = None
    """Loads it, with or without (True) its tests; returns whether it is in force now, and how."""
    loaded: Callable[[], Loaded | None] = lambda: None
    demo: Demo | None = None
    metrics: CollectorRegistry = REGISTRY
    now: Callable[[], datetime] = _clock

    def full_name(self, name: str) -> str:
        """Return what a specialist is called; who has left keeps the short name."""
        person = self.people.get(SpecialistName(name))
        return person.full_name if person else name

    def role(self, name: SpecialistName) -> Role:
        """Return what a specialist may do. Where nobody leads, everybody does."""
        if not any(person.role is Role.LEAD for person in self.people.values()):
            return Role.LEAD
        return self.people[name].role

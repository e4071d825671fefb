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
from inquiry.journey import ChannelName, InquiryId, QueueName, SpecialistName
from inquiry.tokens import KeyRing
from inquiry.words import Role
from specialists.people import Queue, Specialist
from storage.database import Database


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
    receivers: Sequence[WebReceiver] = ()
    undo_time: timedelta = timedelta(seconds=10)
    undo_times: Mapping[ChannelName, timedelta] = field(default_factory=dict)
    """Channels that have one of their own: a chat waits less than a mail."""
    explain: Callable[[InquiryId], Awaitable[str]] | None = None
    """Works out again, rule by rule, why an inquiry is where it is."""
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

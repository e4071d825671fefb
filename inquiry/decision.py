"""What the rules decided about a message, and from what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from inquiry.journey import ChannelName, QueueName, SpecialistName
from inquiry.words import Handle, Priority


class Figure(StrEnum):
    """What can be counted of a customer or a queue."""

    OPEN_INQUIRIES = "open-inquiries"
    """Other inquiries of this customer that are not resolved or closed."""
    INQUIRIES = "inquiries"
    """Inquiries that this customer has opened within a time, this one left out."""
    MESSAGES = "messages"
    """Messages of this customer within a time, this one left out."""
    REOPENED = "reopened"
    """How often this inquiry was reopened, this message included."""
    WAITING = "waiting"
    """Inquiries of a queue that wait for an answer of the desk."""
    LAST_CATEGORY = "last-category"
    """No number: the category of the customer's latest other inquiry."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A fact about the past or the moment that some rule needs, to be looked up beforehand."""

    figure: Figure
    queue: str = ""
    within: timedelta | None = None
    up_to: int = field(default=1, compare=False)
    """How far there is need to count."""

    @property
    def key(self) -> str:
        """Return its name in :class:`Facts`: ``messages 86400s``, ``waiting first-line``."""
        seconds = "" if self.within is None else f"{self.within.total_seconds():.0f}s"
        return " ".join(filter(None, (self.figure, self.queue, seconds)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was known besides the message when it was decided: stored, to explain it later."""

    now: datetime
    channel: ChannelName
    follow_up: bool = False
    customer_known: bool = False
    customer: Mapping[str, str] = field(default_factory=dict)
    """``address``, ``name`` and ``language`` of the contact point."""
    also: tuple[str, ...] = ()
    """Further mail addresses of the same person."""
    organization: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """The customer's: ``{"vip": "yes", "contract": "gold"}``."""
    recorded: Mapping[str, str] = field(default_factory=dict)
    """What of these a file says of this very customer, ``organization`` among it: the rest follows
    from the organizations of the configuration."""
    in_doubt: bool = False
    """Is it unsure who wrote? Then nothing that is known of the address holds for the writer."""
    queue: QueueName | None = None
    """Where the inquiry was before, on a follow-up; likewise the next three."""
    category: str = ""
    priority: Priority = Priority.NORMAL
    tags: tuple[str, ...] = ()
    counted: Mapping[str, int] = field(default_factory=dict)
    """By :attr:`Ask.key`; what isn't there was not looked up and can't be told."""
    at_least: tuple[str, ...] = ()
    """Keys of ``counted`` at which counting ended, as far as the rules of then needed to know."""
    last_category: str | None = None
    """"" if the customer has no earlier inquiry, None if nobody looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Winner:
    """Which rule decided a field: the one line of an explanation."""

    field: str
    """As in the YAML: ``queue``, ``priority_at_least``, ``assign.by``, ``set.order``."""
    value: str
    rule: str
    """Its name; ``urgency`` for that section, ``deskbridge`` where no rule had to say so."""
    place: str = ""
    """``deskbridge.yaml:197``"""
    because: str = ""
    """What matched: ``mentions outage: “nie działa”``."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason for urgency."""

    name: str
    points: int
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgency:
    """How urgent a message is, and why: the points of its signals add up."""

    points: int = 0
    level: Priority | None = None
    """The highest level that the points reach; None below the lowest."""
    impact: str = ""
    """Who is hit, where the configuration says how to tell."""
    at_least: Priority | None = None
    """The floor that follows: the level, or what the matrix makes of it."""
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Where a message goes, and why: what the console shows under "Why here?"."""

    queue: QueueName | None = None
    """None only where ``handle`` is not inquiry, or on a follow-up that moves nothing."""
    category: str = ""
    priority: Priority = Priority.NORMAL
    tags: tuple[str, ...] = ()
    sla: str = ""
    assign_to: SpecialistName | None = None
    assign_by: str = ""
    assign_skills: tuple[str, ...] = ()
    assign_prefer: tuple[str, ...] = ()
    reply: str = ""
    """Name of the template to answer with at once; "" = none."""
    handle: Handle = Handle.INQUIRY
    reason: str = ""
    attachments: str = "keep"
    set: Mapping[str, str] = field(default_factory=dict)
    """Fields of the inquiry: ``{"order": "10002000"}``."""
    notify: tuple[str, ...] = ()
    snooze: str = ""
    """A duration or a calendar, as it is written: ``2h``, ``office``."""
    link_to_inquiry: str = ""
    """A reference that the message names."""
    urgency: Urgency = Urgency()
    winners: tuple[Winner, ...] = ()
    matched: tuple[str, ...] = ()
    """All rules that matched, in order."""
    stopped_by: str = ""
    too_slow: tuple[str, ...] = ()
    """Patterns that were given up: whether they match can't be told."""
    configuration: str = ""
    """Hash of the configuration that decided."""

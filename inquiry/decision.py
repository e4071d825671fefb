"""What the rules decided about a message, and from what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from inquiry.journey import ChannelName, QueueName, SpecialistName
from inquiry.words import Handle, Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was known besides the message when it was decided: stored, to explain it later."""

    now: datetime
    channel: ChannelName
    follow_up: bool = False
    customer_known: bool = False
    customer: Mapping[str, str] = field(default_factory=dict)
    queue: QueueName | None = None
    """Where the inquiry was before, on a follow-up; likewise the next three."""
    category: str = ""
    priority: Priority = Priority.NORMAL
    tags: tuple[str, ...] = ()
    queue_load: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Winner:
    """Which rule decided a field: the one line of an explanation."""

    field: str
    """As in the YAML: ``queue``, ``priority_at_least``, ``assign.by``."""
    value: str
    rule: str
    place: str = ""
    """``deskbridge.yaml:197``"""
    because: str = ""
    """What matched: ``mentions outage: “nie działa”``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Where a message goes, and why: what the console shows under "Why here?"."""

    queue: QueueName | None = None
    """None only where ``handle`` is not inquiry, or on a follow-up that moves nothing."""
    category: str = ""
    priority: Priority = Priority.NORMAL
    tags: tuple[str, ...] = ()
    assign_to: SpecialistName | None = None
    assign_by: str = ""
    reply: str = ""
    """Name of the template to answer with at once; "" = none."""
    handle: Handle = Handle.INQUIRY
    reason: str = ""
    attachments: str = "keep"
    winners: tuple[Winner, ...] = ()
    matched: tuple[str, ...] = ()
    """All rules that matched, in order."""
    stopped_by: str = ""
    configuration: str = ""
    """Hash of the configuration that decided."""

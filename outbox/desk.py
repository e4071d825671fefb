"""What composing needs to know of the desk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from inquiry.journey import ChannelName, QueueName, SpecialistName
from inquiry.tokens import KeyRing
from outbox.route import Outlet
from outbox.wording import Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The desk as its customers see it."""

    name: str
    url: str
    """Base of the links to status pages."""
    key_ring: KeyRing = field(repr=False)
    outlets: tuple[Outlet, ...]
    templates: Templates
    specialists: Mapping[SpecialistName, str] = field(default_factory=dict)
    """Their full names."""
    queues_send_from: Mapping[QueueName, ChannelName] = field(default_factory=dict)
    own_addresses: frozenset[str] = frozenset()
    """In lower case."""
    link_valid_for: timedelta = timedelta(days=90)
    quiet_for: timedelta = timedelta(hours=1)
    """At most one automatic answer per contact point in this time."""

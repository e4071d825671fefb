"""What is open while a desk runs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from channels.contract import WebReceiver
from channels.mail.verify import Verifier
from config.configuration import Configuration
from deskbridge.importing import Importing
from deskbridge.in_force import InForce
from deskbridge.supervise import Bell, Pulse
from inquiry.journey import ChannelName
from inquiry.tokens import KeyRing
from normalizer.workers import Workers
from storage.database import Database
from storage.epoch_lock import EpochLock
from storage.intake import Intake

if TYPE_CHECKING:
    from deskbridge.reloaded import Reloaded


def _nothing() -> None:
    """No pages are served."""


@dataclass(frozen=True, slots=True)
class Bells:
    """Who is woken when something was committed for them."""

    arrivals: Bell = field(default_factory=Bell)
    understood: Bell = field(default_factory=Bell)
    fetches: Bell = field(default_factory=Bell)
    unassigned: Bell = field(default_factory=Bell)
    answers: Bell = field(default_factory=Bell)
    outbox: Bell = field(default_factory=Bell)
    commands: Bell = field(default_factory=Bell)
    customers: Bell = field(default_factory=Bell)
    """Rung when another configuration is in force: perhaps it names another file."""
    time: Bell = field(default_factory=Bell)
    """For those who only look now and then: it rings with all the others, in the end, too."""

    def ring_all(self) -> None:
        """Wake everybody."""
        for name in self.__slots__:
            getattr(self, name).ring()


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMailbox:
    """Where the demo desk's outgoing mail lies, and where its customers write to."""

    folder: Path
    port: int
    address: str


@dataclass(slots=True, kw_only=True)
class Bridge:
    """Everything that the parts share."""

    in_force: InForce
    """Replaced when the configuration changes: who needs it for more than a moment takes a copy."""
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while channels are exchanged and what is stored follows new names."""
    db: Database
    lock: EpochLock | None = None
    """Shows other nodes that this one lives; None where there can be no others."""
    intake: Intake
    key_ring: KeyRing
    workers: Workers
    verifier: Verifier
    """Checks senders, where a channel wants it."""
    channels: dict[ChannelName, object] = field(default_factory=dict)
    """Those that are open."""
    demo: DemoMailbox | None = None
    bells: Bells = field(default_factory=Bells)
    pulse: Pulse = field(default_factory=Pulse)
    importing: Importing = field(default_factory=Importing)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    show: Callable[[], None] = _nothing
    """Lets the pages show the configuration and the channels of the moment."""
    last_reload: "Reloaded"

    @property
    def configuration(self) -> Configuration:
        """The one in force at this moment."""
        return self.in_force.configuration

    @property
    def web_receivers(self) -> list[WebReceiver]:
        """The channels that are called over HTTP."""
        return [one for one in self.channels.values() if isinstance(one, WebReceiver)]

"""What is open while a desk runs."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from channels.contract import Receiver, Sender, WebReceiver
from channels.mail.verify import Verifier
from config.configuration import Configuration
from deskbridge.supervise import Bell, Pulse
from inquiry.journey import ChannelName
from inquiry.tokens import KeyRing
from normalizer.workers import Workers
from storage.database import Database
from storage.intake import Intake


@dataclass(frozen=True, slots=True)
class Bells:
    """Who is woken when something was committed for them."""

    arrivals: Bell = field(default_factory=Bell)
    understood: Bell = field(default_factory=Bell)
    unassigned: Bell = field(default_factory=Bell)
    answers: Bell = field(default_factory=Bell)
    outbox: Bell = field(default_factory=Bell)

    def ring_all(self) -> None:
        """Wake everybody."""
        for bell in (self.arrivals, self.understood, self.unassigned, self.answers, self.outbox):
            bell.ring()


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMailbox:
    """Where the demo desk's outgoing mail lies, and where its customers write to."""

    folder: Path
    port: int
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """Everything that the parts share."""

    configuration: Configuration
    db: Database
    intake: Intake
    key_ring: KeyRing
    workers: Workers
    channels: dict[ChannelName, object]
    verifier: Verifier | None = None
    """Checks senders, where a channel wants it."""
    demo: DemoMailbox | None = None
    bells: Bells = field(default_factory=Bells)
    pulse: Pulse = field(default_factory=Pulse)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def receivers(self) -> list[Receiver]:
        """The channels that fetch, listen or hold a connection."""
        return [one for one in self.channels.values() if isinstance(one, Receiver)]

    @property
    def web_receivers(self) -> list[WebReceiver]:
        """The channels that are called over HTTP."""
        return [one for one in self.channels.values() if isinstance(one, WebReceiver)]

    @property
    def senders(self) -> list[Sender]:
        """The channels that can answer."""
        return [one for one in self.channels.values() if isinstance(one, Sender)]

"""What the bridge promises a channel, and what a channel promises the bridge."""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never, Protocol, runtime_checkable

from inquiry.journey import Arrival, ArrivalId, ChannelName, Dispatch, DispatchId, Receipt

if TYPE_CHECKING:
    from aiohttp.web import AbstractRouteDef


class Inlet(Protocol):
    """The bridge as one channel sees it."""

    async def accept(self, arrival: Arrival) -> ArrivalId:
        """Take responsibility.

        Returns only when the arrival is on stable storage; only then may the channel confirm it
        to the outside: 250, 200, the next Telegram offset, the IMAP move. Accepting the same
        remote_id again is harmless and returns the first id.

        Raises:
            TemporaryFailure: it could not be stored; do not confirm.
        """
        ...

    async def accept_all(self, arrivals: Sequence[Arrival]) -> list[ArrivalId]:
        """The same for a batch, in one commit: all or none."""
        ...

    async def known(self, remote_ids: Collection[str]) -> set[str]:
        """Which of these are here already."""
        ...

    async def resume_from(self, source: str = "") -> str | None:
        """The cursor of the last accepted arrival of a source, or None the first time."""
        ...

    async def report(self, dispatch: DispatchId, receipt: Receipt) -> bool:
        """Late news of something sent: delivered, read, bounced.

        False where this channel has sent no such dispatch.
        """
        ...


@runtime_checkable
class Receiver(Protocol):
    """Fetches, listens, or holds a connection."""

    name: ChannelName

    async def receive(self, inlet: Inlet) -> Never:
        """Receive until cancelled.

        Raises:
            TemporaryFailure: the connection is lost; the bridge waits and calls again.
        """
        ...


@runtime_checkable
class WebReceiver(Protocol):
    """Called over HTTP."""

    name: ChannelName

    def routes(self, inlet: Inlet) -> "Iterable[AbstractRouteDef]":
        """The routes to mount; each answers 200 only after ``accept`` has returned."""
        ...


@runtime_checkable
class Sender(Protocol):
    """Every channel can answer."""

    name: ChannelName
    repeatable: bool
    """Does the other side drop a dispatch it already has? Then, in doubt, send again."""

    async def send(self, dispatch: Dispatch) -> Receipt:
        """Try once; never retry, never sleep.

        Raises:
            TemporaryFailure: nothing was sent, later may do.
            PermanentFailure: nothing was sent, and this message to this person will never go.
            OutcomeUnknown: it may have been sent.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """What the machine offers a channel."""

    spool: Path
    """A folder on the same file system as the originals; exists."""
    languages: tuple[str, ...] = ("en",)
    """The desk's, the first is the default."""
    desk: str = ""
    """The desk's name as customers know it."""
    secrets: Path | None = None
    """A folder for what a channel was given to keep, such as tokens; made when first needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a channel can carry; checked before sending."""

    text: int | None = None
    """Characters of one message; longer ones are split by the channel."""
    subject: bool = False
    files: bool = True
    file_size: int | None = None
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One row of the table ``deskbridge/kinds.py``."""

    name: str
    """The word after ``kind:`` in the YAML."""
    contact: str
    """The sort of contact point: ``mail``, ``telegram``, ``form``."""
    settings: type[Any]
    """A dataclass beside the adapter."""
    limits: Limits
    open_channel: Callable[[ChannelName, Any, Premises], AbstractAsyncContextManager[object]]
    """Opens what the channel needs, yields a Receiver or WebReceiver that is (if it can answer) a
    Sender too, and closes it at the end."""

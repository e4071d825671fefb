"""What the bridge promises a channel, and what a channel promises the bridge."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never, Protocol, TypeVar, runtime_checkable

from inquiry.journey import (
    Arrival,
    ArrivalId,
    ChannelName,
    Dispatch,
    DispatchId,
    Receipt,
    Reference,
)
from inquiry.words import State

if TYPE_CHECKING:
    from aiohttp.web import AbstractRouteDef

T = TypeVar("T")


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

    async def kept(self, since: str) -> "Sequence[Kept]":
        """The newest messages of inquiries, some thousands, with ids from ``since`` on.

        For a channel whose ids grow like words do: the newest comes first.
        """
        ...

    async def resume_from(self, source: str = "") -> str | None:
        """The cursor of the last accepted arrival of a source, or None the first time."""
        ...

    async def report(self, dispatch: DispatchId, receipt: Receipt) -> bool:
        """Late news of something sent: delivered, read, bounced.

        False where this channel has sent no such dispatch.
        """
        ...

    async def standing(self, address: str) -> "Sequence[Standing]":
        """How the latest inquiries stand of one who asks for it alone; the newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A message that came in by this channel and was not withdrawn since."""

    conversation: str
    remote_id: str
    address: str
    """Who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an inquiry stands, for the one whose it is."""

    reference: Reference
    subject: str
    state: State
    link: str
    """To its status page: for nobody else."""


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
class Asked:
    """A command that the channel answers by itself, such as ``/status``."""

    command: str
    address: str
    """Who asks."""
    conversation: str
    language: str
    """What the writer's program is set to."""
    went: tuple[str, ...] = ()
    """Ids of the first parts of the answer, where those have arrived at an earlier attempt."""


@runtime_checkable
class Attendant(Protocol):
    """Answers some commands without a specialist."""

    name: ChannelName

    async def answer(self, asked: Asked, inlet: Inlet) -> None:
        """Try once; never retry, never sleep. Raises like :meth:`Sender.send`."""
        ...


@runtime_checkable
class Fetcher(Protocol):
    """Where a message only names its files (``Attachment.remote``): gets them afterwards."""

    name: ChannelName

    def fetch(self, reference: str) -> AsyncGenerator[bytes, None]:
        """Get a file, piece by piece: never the whole in memory.

        It is asked for again after a crash. Who takes the pieces limits time and size.

        Raises:
            TemporaryFailure: later may do.
            PermanentFailure: it will never come: gone, or too large for the other side.
        """
        ...


@runtime_checkable
class DeepLinks(Protocol):
    """Where a link can open a conversation with the desk and say a word there."""

    name: ChannelName

    async def deep_link(self, word: str) -> str:
        """Return the link; "" while it can't be made. ``word``: letters, digits, hyphens."""
        ...


class Store(Protocol):
    """The desk's database, for a channel that keeps what it has to show again.

    ``work`` takes a :class:`storage.database.Transaction`; see :class:`storage.database.Database`.
    """

    async def write(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction; when this returns it is on stable storage."""
        ...

    async def read(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Run ``work`` on one consistent state, without writing."""
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
    url: str = ""
    """Where the desk's pages are for the world: ``https://help.example``."""
    secrets: Path | None = None
    """A folder for what a channel was given to keep, such as tokens; made when first needed."""
    store: Store | None = field(default=None, compare=False, repr=False)
    """Set while the desk runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a channel can carry; checked before anything is sent."""

    text: int | None = None
    """Characters of the longest text; None: any, the adapter splits where it has to."""
    subject: bool = False
    """Without one, a dispatch has none."""
    files: bool = True
    file_size: int | None = None
    """Bytes of each."""
    at_once: int = 8
    """Sends side by side; never two for one inquiry, contact point or conversation."""


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

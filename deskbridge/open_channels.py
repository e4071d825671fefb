"""The channels of a running desk: a task of its own keeps each open, and each can be exchanged."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from aiohttp import web

from channels.contract import Attendant, Fetcher, Receiver, Sender, WebReceiver
from deskbridge import stages
from deskbridge.bridge import Bridge
from deskbridge.in_force import Content
from deskbridge.kinds import OURS, kind
from inquiry.errors import BridgeError, TemporaryFailure
from inquiry.journey import ChannelName

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=1)
"""Between two attempts to open a channel that can't be opened."""
OPENING = timedelta(seconds=5)
"""How long an exchange waits for the new ones; then they go on opening by themselves."""
FETCHES = 3
"""Files that a channel fetches side by side: a large one holds up no other."""
CLOSING = timedelta(seconds=5)
"""How long it waits until the old ones have stopped. Both are short: an end may have to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What became of the channels."""

    opened: tuple[ChannelName, ...] = ()
    changed: tuple[ChannelName, ...] = ()
    closed: tuple[ChannelName, ...] = ()
    failed: Mapping[ChannelName, str] = field(default_factory=dict)
    """Of the first two: those that can't be opened, and why. They are tried again."""


@dataclass(slots=True, eq=False)
class _Line:
    """One channel, from before it is opened until it has been closed."""

    name: ChannelName
    content: Content
    opened: asyncio.Future[None]
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    channel: object = None
    receiving: asyncio.Task[None] | None = None
    task: asyncio.Task[None] | None = None

    @property
    def stuck(self) -> bool:
        """Has its receiver stopped for good, by a fault?"""
        return self.receiving is not None and self.receiving.done()

    async def stop_receiving(self) -> None:
        """Take nothing more in."""
        if self.receiving is not None:
            self.receiving.cancel()
            await asyncio.wait([self.receiving], timeout=CLOSING.total_seconds())

    async def let_go(self) -> None:
        """Take nothing more in; close, once that is sent which is being sent at this moment."""
        self.leaving.set()
        await self.stop_receiving()
        if self.channel is None and self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task], timeout=CLOSING.total_seconds())


class OpenChannels:
    """Opens, exchanges and closes the channels of ``bridge``; its ``channels`` are those open."""

    def __init__(
        self,
        bridge: Bridge,
        group: asyncio.TaskGroup,
        *,
        intake: bool = True,
        outbox: bool = True,
    ) -> None:
        """``intake`` and ``outbox``: shall they receive, shall they send?"""
        self._bridge = bridge
        self._group = group
        self._intake = intake
        self._outbox = outbox
        self._begun = asyncio.Event()
        self._lines: dict[ChannelName, _Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, contents: Mapping[ChannelName, Content]) -> None:
        """Open all, as a desk starts. Raises whatever the first that can't be opened raises.

        Kinds from outside hold up nothing: one that can't be opened is told, and tried again.
        """
        ours = {name for name, content in contents.items() if content.entry.kind in OURS}
        lines = [
            self._start(name, content, patient=name not in ours)
            for name, content in contents.items()
        ]
        if lines:
            await asyncio.wait([line.opened for line in lines], timeout=OPENING.total_seconds())
        lines = [line for line in lines if line.name in ours]
        if lines:
            await asyncio.wait([line.opened for line in lines])
        for line in lines:
            if failure := line.opened.exception():
                raise failure

    def begin(self) -> None:
        """Let them receive and send."""
        self._begun.set()

    async def exchange(
        self,
        contents: Mapping[ChannelName, Content],
        between: Callable[[], Awaitable[None]] | None = None,
    ) -> Exchange:
        """Close what is no longer wanted, open what is new; who is the same notices nothing.

        ``between`` is done when those that leave write nothing more, and before others begin.
        All that leave have stopped receiving before any begins, so that two may exchange their
        ports or mailboxes. A sender that has something in hand finishes it beside its successor.
        """
        leaving = {
            name: line
            for name, line in self._lines.items()
            if line.stuck or not line.content.same(contents.get(name))
        }
        for line in leaving.values():
            del self._lines[line.name]
        await self._let_go(leaving.values())
        closed = tuple(name for name in leaving if name not in contents)
        for name in closed:
            self._forget(name)
        if between is not None:
            await between()
        fresh = [name for name in contents if name not in self._lines]
        lines = [self._start(name, contents[name], patient=True) for name in fresh]
        if lines:
            await asyncio.wait([line.opened for line in lines], timeout=OPENING.total_seconds())
        return Exchange(
            opened=tuple(name for name in fresh if name not in leaving),
            changed=tuple(name for name in fresh if name in leaving),
            closed=closed,
            failed=dict(_failures(lines)),
        )

    async def stop(self, patience: timedelta) -> None:
        """Take nothing more in, finish what is being sent, close: as a desk ends."""
        await self._let_go(self._lines.values())
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=patience.total_seconds())
            for task in late:
                task.cancel()

    async def _let_go(self, lines: Collection[_Line]) -> None:
        if lines:
            for line in lines:
                line.leaving.set()
            self._bridge.bells.outbox.ring()  # a sender that sleeps shall see that it may go
            self._bridge.bells.commands.ring()
            await asyncio.gather(*(line.let_go() for line in lines))

    def _start(self, name: ChannelName, content: Content, *, patient: bool) -> _Line:
        line = _Line(name, content, asyncio.get_running_loop().create_future())
        task = self._group.create_task(self._keep(line, patient=patient), name=f"channel {name}")
        line.task = task
        self._lines[name] = line
        line.opened.add_done_callback(_seen)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return line

    async def _keep(self, line: _Line, *, patient: bool) -> None:
        """Hold a channel open until it is let go; try again where it can't be opened.

        Never raises, so that one broken channel leaves the others in the task group alone.
        """
        wait = FIRST_WAIT
        while not line.leaving.is_set():
            try:
                await self._hold(line)
            except Exception as failure:
                if self._failed(line, failure) and not patient:
                    return
                await asyncio.sleep(wait.total_seconds())
                wait = min(2 * wait, LONGEST_WAIT)

    def _failed(self, line: _Line, failure: Exception) -> bool:
        """Tell of it; is this the first attempt?"""
        first = not line.opened.done()
        if first:
            line.opened.set_exception(failure)
        line.channel = None
        if self._lines.get(line.name) is line:  # else another one has its name by now
            self._forget(line.name)
            self._bridge.pulse.ill(line.name, f"cannot be opened: {_told(failure)}")
        if isinstance(failure, (BridgeError, OSError)):
            log.warning("channel %s: cannot be opened: %s", line.name, failure)
        else:
            log.error("channel %s: cannot be opened", line.name, exc_info=failure)
        return first

    async def _hold(self, line: _Line) -> None:
        entry = line.content.entry
        premises = replace(line.content.premises, store=self._bridge.db)
        what = kind(entry.kind)
        opening = what.open_channel(line.name, entry.settings, premises)
        async with opening as channel:
            self._try_routes(channel)
            line.channel = channel
            self._bridge.channels[line.name] = channel
            self._bridge.show()
            self._bridge.pulse.forget(line.name)
            if not line.opened.done():
                line.opened.set_result(None)
            await self._begun.wait()
            async with asyncio.TaskGroup() as both_ways:
                if self._intake and isinstance(channel, Receiver):
                    line.receiving = both_ways.create_task(stages.taking_in(self._bridge, channel))
                if self._outbox and isinstance(channel, Sender):
                    sending = stages.sending_out(self._bridge, channel, what.limits, line.leaving)
                    both_ways.create_task(sending)
                if self._outbox and isinstance(channel, Attendant):
                    both_ways.create_task(stages.attending(self._bridge, channel, line.leaving))
                if self._intake and isinstance(channel, Fetcher):
                    for _ in range(FETCHES):
                        fetching = stages.fetching(self._bridge, channel, line.leaving)
                        both_ways.create_task(fetching)
                await line.leaving.wait()

    def _try_routes(self, channel: object) -> None:
        """Raise where it can't be called over HTTP beside those that are open."""
        if not isinstance(channel, WebReceiver):
            return
        routes = web.UrlDispatcher()
        for one in (*self._bridge.web_receivers, channel):
            try:
                routes.add_routes(one.routes(self._bridge.intake.inlet(one.name)))
            except RuntimeError as clash:
                told = "another channel is called at the same address"
                raise TemporaryFailure(told) from clash

    def _forget(self, name: ChannelName) -> None:
        """Let nobody find a channel that isn't open."""
        self._bridge.pulse.forget(name)
        self._bridge.pulse.forget(stages.sending_name(name))
        self._bridge.pulse.forget(stages.fetching_name(name))
        self._bridge.pulse.forget(stages.attending_name(name))
        if self._bridge.channels.pop(name, None) is not None:
            self._bridge.show()


def _seen(opened: asyncio.Future[None]) -> None:
    """Somebody has looked, even if nobody waits any more."""
    if not opened.cancelled():
        opened.exception()


def _failures(lines: Iterable[_Line]) -> Iterable[tuple[ChannelName, str]]:
    for line in lines:
        failure = line.opened.exception() if line.opened.done() else TimeoutError("no answer yet")
        if failure is not None:
            yield line.name, _told(failure)


def _told(failure: BaseException) -> str:
    return str(failure) or type(failure).__name__

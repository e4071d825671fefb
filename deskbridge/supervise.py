"""Keeping receivers and stages going, whatever happens to one of them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from time import monotonic
from weakref import WeakSet

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    wait_exponential_jitter,
)
from tenacity.wait import wait_base

from channels.contract import Inlet, Receiver
from inquiry.errors import TemporaryFailure

log = logging.getLogger(__name__)

WAIT = wait_exponential_jitter(initial=1, max=60, jitter=1)
HEALTHY = timedelta(minutes=1)
LONGEST_ASKED = timedelta(hours=1)
"""Who asks us to come back in years is asked again after an hour."""
POLL = timedelta(seconds=2)
"""How often a stage looks for work that nobody rang for: due times, other nodes."""


class Bell:
    """Wakes those who wait for something to do, each of them, also who is busy at that moment."""

    def __init__(self) -> None:
        self.rung = 0
        """How often. Who looked for work when it was another number has missed something."""
        self._waiting: set[asyncio.Future[None]] = set()
        self._heard = 0
        self._followers: WeakSet[Bell] = WeakSet()

    def ring(self) -> None:
        """There is something to do."""
        self.rung += 1
        for one in self._waiting:
            if not one.done():
                one.set_result(None)
        for bell in self._followers:
            bell.ring()

    def follower(self) -> "Bell":
        """Return a bell that rings with this one, and can be rung alone."""
        bell = Bell()
        self._followers.add(bell)
        return bell

    async def wait(self, at_most: timedelta, *, since: int | None = None) -> None:
        """Wait until somebody rings, at most for so long; not at all if it has rung ``since``."""
        if self.rung == (self._heard if since is None else since):
            rings: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(rings)
            try:
                async with asyncio.timeout(at_most.total_seconds()):
                    await rings
            except TimeoutError:
                pass
            finally:
                self._waiting.discard(rings)
        self._heard = self.rung


class Pulse:
    """How the parts are doing: for status, metrics and the console."""

    def __init__(self) -> None:
        self.trouble: dict[str, str] = {}
        self.up: dict[str, bool] = {}

    def well(self, name: str) -> None:
        """The part works (again)."""
        self.trouble.pop(name, None)
        self.up[name] = True

    def ill(self, name: str, reason: str) -> None:
        """The part is in trouble; it will be tried again."""
        self.trouble[name] = reason
        self.up[name] = False

    def forget(self, name: str) -> None:
        """There is no such part any more."""
        self.trouble.pop(name, None)
        self.up.pop(name, None)


async def keep_receiving(
    receiver: Receiver,
    inlet: Inlet,
    pulse: Pulse,
    *,
    wait: wait_base = WAIT,
    longest_asked: timedelta = LONGEST_ASKED,
) -> None:
    """Receive until cancelled; come back after every lost connection.

    Never raises, so that one broken channel leaves the others in the task group alone.
    """
    try:
        while True:
            retrying = AsyncRetrying(
                wait=_as_asked(wait, longest_asked),
                retry=retry_if_exception_type(TemporaryFailure),
            )
            async for attempt in retrying:
                with attempt:
                    await _one_session(receiver, inlet, pulse)
    except Exception:
        pulse.ill(receiver.name, "stopped by a fault of deskbridge; see the log")
        log.critical("channel %s has stopped; the others go on", receiver.name, exc_info=True)


def _as_asked(wait: wait_base, longest: timedelta) -> Callable[[RetryCallState], float]:
    """Wait as usual, but not shorter than the other side has asked for."""

    def waiting(state: RetryCallState) -> float:
        failure = state.outcome and state.outcome.exception()
        asked = failure.retry_after if isinstance(failure, TemporaryFailure) else timedelta(0)
        return max(wait(state), min(asked, longest).total_seconds())

    return waiting


async def _one_session(receiver: Receiver, inlet: Inlet, pulse: Pulse) -> None:
    """Receive until disconnected. A session that held for a while starts patience anew."""
    began = monotonic()
    pulse.well(receiver.name)
    try:
        await receiver.receive(inlet)
    except TemporaryFailure as failure:
        pulse.ill(receiver.name, str(failure))
        log.warning("channel %s: %s", receiver.name, failure)
        if monotonic() - began < HEALTHY.total_seconds():
            raise


async def keep_stepping(
    name: str,
    step: Callable[[], Awaitable[bool]],
    bell: Bell,
    pulse: Pulse,
    *,
    stopping: asyncio.Event,
    drains: bool = True,
    rings: Sequence[Bell] = (),
    poll: timedelta = POLL,
) -> None:
    """Move what is due one hop further, until ``stopping``; ring for those who come next.

    A stage that ``drains`` first finishes what is due. Never raises: a stage that fails waits and
    tries again, its work is leased and still there.
    """
    delay, busy = poll, True
    while (busy and drains) or not stopping.is_set():
        seen = bell.rung
        try:
            busy = await step()
        except TemporaryFailure as failure:
            busy, delay = False, min(delay * 2, 15 * poll)
            pulse.ill(name, str(failure))
            log.warning("stage %s: %s", name, failure)
        except Exception as bug:
            busy, delay = False, min(delay * 2, 15 * poll)
            pulse.ill(name, f"a fault of deskbridge: {type(bug).__name__}")
            log.exception("stage %s", name)
        else:
            delay = poll
            pulse.well(name)
        if busy:
            for bell_of_next in rings:
                bell_of_next.ring()
        elif not stopping.is_set():
            await bell.wait(delay, since=seen)

"""Does everything keep going, whatever happens to one part?"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Never

import pytest
from tenacity import wait_none

from channels.contract import Inlet
from deskbridge.supervise import Bell, Pulse, keep_receiving, keep_stepping
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from tests.fakes import MemoryInlet

SOON = timedelta(milliseconds=5)


class Falls:
    """A receiver that fails as told, then stays connected."""

    name = ChannelName("mail")

    def __init__(self, *failures: Exception) -> None:
        self._failures: Iterator[Exception] = iter(failures)
        self.sessions = 0
        self.connected = asyncio.Event()

    async def receive(self, inlet: Inlet) -> Never:  # noqa: ARG002  (it fetches nothing)
        self.sessions += 1
        for failure in self._failures:
            raise failure
        self.connected.set()
        while True:
            await asyncio.Event().wait()


async def test_a_lost_connection_is_opened_again() -> None:
    receiver, pulse = Falls(TemporaryFailure("gone"), TemporaryFailure("gone")), Pulse()
    task = asyncio.create_task(keep_receiving(receiver, MemoryInlet(), pulse, wait=wait_none()))
    await asyncio.wait_for(receiver.connected.wait(), 30)
    task.cancel()
    assert receiver.sessions == 3
    assert pulse.up == {"mail": True}


async def test_who_is_asked_to_wait_waits_that_long() -> None:
    asked = timedelta(milliseconds=40)
    receiver = Falls(TemporaryFailure("too often", retry_after=asked))
    began = asyncio.get_running_loop().time()
    task = asyncio.create_task(keep_receiving(receiver, MemoryInlet(), Pulse(), wait=wait_none()))
    await asyncio.wait_for(receiver.connected.wait(), 30)
    task.cancel()
    assert asyncio.get_running_loop().time() - began >= asked.total_seconds()


async def test_who_is_asked_to_wait_for_years_asks_again_before() -> None:
    receiver = Falls(TemporaryFailure("too often", retry_after=timedelta.max))
    keeping = keep_receiving(
        receiver, MemoryInlet(), Pulse(), wait=wait_none(), longest_asked=timedelta(milliseconds=40)
    )
    task = asyncio.create_task(keeping)
    await asyncio.wait_for(receiver.connected.wait(), 30)
    task.cancel()


async def test_trouble_is_known_while_it_lasts(caplog: pytest.LogCaptureFixture) -> None:
    pulse = Pulse()
    receiver = Falls(ZeroDivisionError())
    await keep_receiving(receiver, MemoryInlet(), pulse, wait=wait_none())
    assert pulse.trouble == {"mail": "stopped by a fault of deskbridge; see the log"}
    assert "channel mail has stopped; the others go on" in caplog.text


async def test_cancelling_ends_it_at_once() -> None:
    task = asyncio.create_task(keep_receiving(Falls(), MemoryInlet(), Pulse()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)


class Work:
    """A stage with some work, which may fail."""

    def __init__(self, *outcomes: bool | Exception) -> None:
        self._outcomes = iter(outcomes)
        self.steps = 0
        self.idle = asyncio.Event()

    async def step(self) -> bool:
        await asyncio.sleep(0)
        self.steps += 1
        for outcome in self._outcomes:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome
        self.idle.set()
        return False


async def step_until_idle(work: Work, pulse: Pulse, rings: list[Bell], *, drains: bool) -> None:
    stopping = asyncio.Event()
    keeping = asyncio.create_task(
        keep_stepping(
            "stage",
            work.step,
            Bell(),
            pulse,
            stopping=stopping,
            drains=drains,
            rings=rings,
            poll=SOON,
        )
    )
    await asyncio.wait_for(work.idle.wait(), 30)
    stopping.set()
    await asyncio.wait_for(keeping, 30)


async def test_a_stage_goes_on_while_there_is_work_and_rings_for_the_next() -> None:
    work, next_bell = Work(True, True), Bell()
    await step_until_idle(work, Pulse(), [next_bell], drains=True)
    assert work.steps >= 3
    await asyncio.wait_for(next_bell.wait(timedelta(seconds=5)), 1)


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(TemporaryFailure("disk full"), id="the database is away"),
        pytest.param(ZeroDivisionError(), id="a bug"),
    ],
)
async def test_a_stage_that_fails_tries_again(failure: Exception) -> None:
    work, pulse = Work(failure, True), Pulse()
    await step_until_idle(work, pulse, [], drains=True)
    assert work.steps >= 3
    assert pulse.trouble == {}


async def test_a_stage_that_drains_finishes_what_is_due_before_it_stops() -> None:
    work, stopping = Work(True, True, True), asyncio.Event()
    stopping.set()
    await keep_stepping("stage", work.step, Bell(), Pulse(), stopping=stopping, poll=SOON)
    assert work.steps == 4


async def test_sending_stops_after_what_it_has_in_hand() -> None:
    work, stopping = Work(True, True, True), asyncio.Event()
    stopping.set()
    await keep_stepping(
        "outbox", work.step, Bell(), Pulse(), stopping=stopping, drains=False, poll=SOON
    )
    assert work.steps == 0


async def test_a_bell_rung_before_anybody_waits_is_heard() -> None:
    bell = Bell()
    bell.ring()
    await asyncio.wait_for(bell.wait(timedelta(seconds=60)), 1)


async def test_waiting_for_a_bell_ends_by_itself() -> None:
    await asyncio.wait_for(Bell().wait(SOON), 1)


async def waits(bell: Bell, since: int | None = None) -> bool:
    """Does a waiter have to wait?"""
    try:
        await asyncio.wait_for(bell.wait(timedelta(seconds=30), since=since), 0.05)
    except TimeoutError:
        return True
    return False


async def test_a_bell_that_rang_while_nobody_waited_is_heard_once() -> None:
    bell = Bell()
    bell.ring()
    assert not await waits(bell)
    assert await waits(bell)


async def test_who_was_busy_hears_the_bell_though_another_heard_it_before() -> None:
    bell = Bell()
    busy_since = bell.rung
    bell.ring()
    assert not await waits(bell)
    assert not await waits(bell, busy_since)
    assert await waits(bell, bell.rung)


async def test_all_who_wait_are_woken() -> None:
    bell = Bell()
    waiting = [asyncio.create_task(waits(bell)) for _ in range(3)]
    await asyncio.sleep(0.005)
    bell.ring()
    assert await asyncio.gather(*waiting) == [False, False, False]


async def test_a_follower_rings_with_its_bell_and_can_ring_alone() -> None:
    bell = Bell()
    one, other = bell.follower(), bell.follower()
    bell.ring()
    assert not await waits(one)
    assert not await waits(other)
    one.ring()
    assert not await waits(one)
    assert await waits(other)

"""Questions that every channel has to answer alike.

An adapter under test brings its world: the people and the servers on the other side. Its test
module derives from ``Receiving``, ``Sending`` or both and gives the fixture ``world``:

    class TestTelegram(Receiving, Sending):
        @pytest.fixture
        async def world(self) -> AsyncIterator[World]: ...
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from typing import Protocol

import pytest

from channels.contract import Inlet, Receiver, Sender
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import Arrival, Dispatch, digest_of
from inquiry.words import Delivery
from tests.fakes import MemoryInlet

PATIENCE = timedelta(seconds=30)
A_SECOND = 1.0


class ReceivingWorld(Protocol):
    """The outside as a receiving channel meets it."""

    secrets: Sequence[str]
    """What may never stand in a log: tokens and passwords of the channel."""

    def running(self, inlet: Inlet) -> AbstractAsyncContextManager[None]:
        """The channel, opened anew and receiving into ``inlet``; ended on the way out."""
        ...

    async def say(self, text: str) -> None:
        """A person says something; the outside offers it until it is confirmed."""
        ...

    async def repeat(self) -> None:
        """The confirmation of all that was said got lost: the outside offers it once more."""
        ...

    async def confirmed(self) -> list[str]:
        """Which texts the outside believes to be taken over."""
        ...


class SendingWorld(Protocol):
    """The outside as a sending channel meets it."""

    secrets: Sequence[str]
    delay: timedelta
    """How long the outside asks to wait when it is busy; 0 where a protocol can't say."""

    def opened(self) -> AbstractAsyncContextManager[Sender]:
        """The channel, opened anew."""
        ...

    def dispatch(self, text: str) -> Dispatch:
        """An answer to a person of this world."""
        ...

    async def heard(self) -> list[str]:
        """Which texts have reached the person."""
        ...

    def refuse(self) -> None:
        """From now on the person can't be reached, and the outside says so."""
        ...

    def busy(self) -> None:
        """From now on the outside asks us to come later."""
        ...

    def hang_up(self, *, after_sending: bool) -> None:
        """From now on the line breaks before anything was sent, or after it and unanswered."""
        ...

    def fall_silent(self) -> None:
        """From now on the line holds and nothing is ever answered."""
        ...


class World(ReceivingWorld, SendingWorld, Protocol):
    """Both ways."""


@asynccontextmanager
async def receiving(receiver: Receiver, inlet: Inlet) -> AsyncIterator[None]:
    """Let a channel receive as the bridge would: called again after every lost connection."""
    task = asyncio.create_task(_keep_receiving(receiver, inlet))
    try:
        yield
    finally:
        began = time.monotonic()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert time.monotonic() - began < A_SECOND, "cancelling took too long"


async def _keep_receiving(receiver: Receiver, inlet: Inlet) -> None:
    while True:
        with suppress(TemporaryFailure):
            await receiver.receive(inlet)
        await asyncio.sleep(0.02)


async def eventually(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until something of the outside is true."""
    deadline = time.monotonic() + PATIENCE.total_seconds()
    while not await holds():
        assert time.monotonic() < deadline, f"never came true: {what}"
        await asyncio.sleep(0.02)


async def a_while(seconds: float) -> None:
    """Let all tasks of this process go on for so long, however long the machine stood still."""
    for _ in range(round(seconds * 100)):
        await asyncio.sleep(0.01)


def raw_bytes(arrival: Arrival) -> bytes:
    """Return the whole original, wherever it lies."""
    return arrival.raw if isinstance(arrival.raw, bytes) else arrival.raw.path.read_bytes()


class Receiving:
    """What a channel owes to those who write to us."""

    async def test_what_is_said_is_accepted_once_and_then_confirmed(
        self, world: ReceivingWorld
    ) -> None:
        inlet = MemoryInlet()
        async with world.running(inlet):
            await world.say("my printer is on fire")
            (arrival,) = await inlet.holds(1)
            await _until_confirmed(world, "my printer is on fire")
        assert "my printer is on fire" in raw_bytes(arrival).decode()
        assert digest_of(arrival.raw) == digest_of(raw_bytes(arrival))
        assert len(inlet.arrivals) == 1

    async def test_nothing_is_confirmed_while_the_inlet_is_full_and_it_comes_again_after(
        self, world: ReceivingWorld
    ) -> None:
        inlet = MemoryInlet(trouble=TemporaryFailure("the inlet is full"))
        async with world.running(inlet):
            await world.say("nobody listens")
            await inlet.until(lambda inlet: inlet.refused > 0)
            assert await world.confirmed() == []
            inlet.trouble = None
            await inlet.holds(1)
            await _until_confirmed(world, "nobody listens")
        assert len(inlet.arrivals) == 1

    async def test_what_is_offered_again_stays_one(self, world: ReceivingWorld) -> None:
        inlet = MemoryInlet()
        async with world.running(inlet):
            await world.say("once is enough")
            await _until_confirmed(world, "once is enough")
        async with world.running(inlet):
            await world.repeat()
            await world.say("and this is another")
            await _until_confirmed(world, "and this is another")
        texts = [raw_bytes(arrival).decode() for arrival in inlet.arrivals]
        assert [text.count("once is enough") for text in texts] == [1, 0]
        assert [text.count("and this is another") for text in texts] == [0, 1]

    async def test_a_restart_goes_on_where_it_ended(self, world: ReceivingWorld) -> None:
        inlet = MemoryInlet()
        async with world.running(inlet):
            await world.say("before")
            await _until_confirmed(world, "before")
        await world.say("meanwhile")
        async with world.running(inlet):
            await world.say("after")
            await _until_confirmed(world, "after")
            await _until_confirmed(world, "meanwhile")
        texts = [raw_bytes(arrival).decode() for arrival in inlet.arrivals]
        assert sum("before" in text for text in texts) == 1
        assert sum("meanwhile" in text for text in texts) == 1
        assert sum("after" in text for text in texts) == 1

    async def test_receiving_puts_no_secret_in_the_log(
        self, world: ReceivingWorld, caplog: pytest.LogCaptureFixture
    ) -> None:
        inlet = MemoryInlet(trouble=TemporaryFailure("the inlet is full"))
        with caplog.at_level(logging.DEBUG):
            async with world.running(inlet):
                await world.say("keep it to yourself")
                await inlet.until(lambda inlet: inlet.refused > 0)
                inlet.trouble = None
                await inlet.holds(1)
        _assert_no_secret(world.secrets, caplog.text)


class Sending:
    """What a channel owes to those who answer."""

    async def test_an_answer_reaches_the_person(self, world: SendingWorld) -> None:
        async with world.opened() as channel:
            receipt = await channel.send(world.dispatch("try turning it off"))
        assert receipt.delivery is Delivery.ACCEPTED
        assert await world.heard() == ["try turning it off"]

    async def test_a_refusal_is_permanent(self, world: SendingWorld) -> None:
        async with world.opened() as channel:
            world.refuse()
            with pytest.raises(PermanentFailure):
                await channel.send(world.dispatch("are you there?"))
        assert await world.heard() == []

    async def test_busy_is_temporary_and_says_how_long(self, world: SendingWorld) -> None:
        async with world.opened() as channel:
            world.busy()
            with pytest.raises(TemporaryFailure) as failure:
                await channel.send(world.dispatch("are you busy?"))
        assert failure.value.retry_after == world.delay
        assert await world.heard() == []

    async def test_a_line_that_breaks_before_sending_is_temporary(
        self, world: SendingWorld
    ) -> None:
        async with world.opened() as channel:
            world.hang_up(after_sending=False)
            with pytest.raises(TemporaryFailure):
                await channel.send(world.dispatch("hello?"))
        assert await world.heard() == []

    async def test_a_line_that_breaks_after_sending_leaves_the_outcome_unknown(
        self, world: SendingWorld
    ) -> None:
        async with world.opened() as channel:
            world.hang_up(after_sending=True)
            with pytest.raises(OutcomeUnknown):
                await channel.send(world.dispatch("did you get it?"))

    async def test_sending_can_be_cancelled_within_a_second(self, world: SendingWorld) -> None:
        async with world.opened() as channel:
            world.fall_silent()
            task = asyncio.create_task(_send(channel, world.dispatch("so quiet here")))
            await asyncio.sleep(0.05)
            began = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - began < A_SECOND

    async def test_sending_puts_no_secret_in_the_log_or_the_reason(
        self, world: SendingWorld, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            async with world.opened() as channel:
                await channel.send(world.dispatch("between us"))
                world.refuse()
                with pytest.raises(PermanentFailure) as failure:
                    await channel.send(world.dispatch("between us, again"))
        _assert_no_secret(world.secrets, caplog.text + str(failure.value) + repr(channel))


async def _send(channel: Sender, dispatch: Dispatch) -> None:
    await channel.send(dispatch)


async def _until_confirmed(world: ReceivingWorld, text: str) -> None:
    async def confirmed() -> bool:
        return text in await world.confirmed()

    await eventually(confirmed, f"{text!r} is confirmed")


def _assert_no_secret(secrets: Sequence[str], text: str) -> None:
    assert [secret for secret in secrets if secret in text] == []

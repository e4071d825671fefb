"""Does the channel say, in a sentence, why Slack gives it nothing?"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from inquiry.errors import TemporaryFailure
from tests.channels.slack_world import World, opened
from tests.channels.suite import a_while, eventually
from tests.fakes import MemoryInlet
from tests.servers.http_troubles import Trouble, cut_before, page
from tests.servers.slack.server import FakeSlack, slack
from tests.servers.slack.troubles import refuses, too_many

HOUR = timedelta(hours=1)


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with slack() as started:
        yield started


async def failing(fake: FakeSlack, mode: str = "socket") -> TemporaryFailure:
    async with opened(fake, mode) as channel:
        with pytest.raises(TemporaryFailure) as failure:
            await asyncio.wait_for(channel.receive(MemoryInlet()), 30)
    return failure.value


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize(
    ("method", "trouble", "told"),
    [
        ("auth.test", refuses("token_revoked"), "Slack rejects the token: token_revoked"),
        ("auth.test", refuses("account_inactive"), "Slack rejects the token: account_inactive"),
        (
            "users.conversations",
            refuses("missing_scope", needed="groups:read"),
            "the app lacks a scope: groups:read",
        ),
        ("users.conversations", too_many("30"), "Slack asks us to slow down"),
        ("auth.test", page(503), "cannot ask Slack: status 503"),
        ("auth.test", page(200, "text/plain"), "cannot ask Slack: what it says can't be read"),
        ("auth.test", cut_before, "cannot ask Slack: ServerDisconnectedError"),
    ],
)
async def test_why_it_receives_nothing(
    fake: FakeSlack, mode: str, method: str, trouble: Trouble, told: str
) -> None:
    fake.from_now_on(method, trouble)
    assert str(await failing(fake, mode)) == told


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (refuses("invalid_auth"), "Slack rejects the token: invalid_auth"),
        (page(500), "cannot ask Slack: status 500"),
        (too_many("9"), "Slack asks us to slow down"),
    ],
)
async def test_why_there_is_no_connection(fake: FakeSlack, trouble: Trouble, told: str) -> None:
    fake.from_now_on("apps.connections.open", trouble)
    assert str(await failing(fake)) == told


async def test_it_waits_as_long_as_slack_asks(fake: FakeSlack) -> None:
    fake.from_now_on("apps.connections.open", too_many("9"))
    assert (await failing(fake)).retry_after == timedelta(seconds=9)


async def test_socket_mode_that_is_switched_off_is_told(fake: FakeSlack) -> None:
    async with opened(fake) as channel:
        receiving = asyncio.create_task(channel.receive(MemoryInlet()))
        await eventually(lambda: _connected(fake), "connected")
        await a_while(0.1)
        await fake.disconnect("link_disabled")
        with pytest.raises(TemporaryFailure) as failure:
            await asyncio.wait_for(receiving, 30)
    assert str(failure.value) == "Socket Mode is switched off in the settings of the Slack app"


async def _began(fake: FakeSlack) -> bool:
    return "users.conversations" in [method for method, _ in fake.asked]


async def _connected(fake: FakeSlack) -> bool:
    return fake.opened > 0


@pytest.mark.parametrize("event", ["app_uninstalled", "tokens_revoked"])
async def test_an_app_that_is_thrown_out_is_told_at_once(fake: FakeSlack, event: str) -> None:
    async with opened(fake, check=HOUR) as channel:
        receiving = asyncio.create_task(channel.receive(MemoryInlet()))
        await eventually(lambda: _connected(fake), "connected")
        await a_while(0.1)
        fake.from_now_on("auth.test", refuses("account_inactive"))
        fake.tell({"type": event})
        with pytest.raises(TemporaryFailure) as failure:
            await asyncio.wait_for(receiving, 30)
    assert str(failure.value) == "Slack rejects the token: account_inactive"


async def test_events_that_are_switched_off_are_told_until_they_come_again(
    fake: FakeSlack,
) -> None:
    inlet = MemoryInlet()
    world = World(fake, "http")
    async with world.running(inlet):
        await eventually(lambda: _began(fake), "it has begun")
        fake.say("before", ts=fake.stamp(ago=3 * HOUR))
        await inlet.holds(1)
    async with opened(fake, "http") as channel:
        receiving = asyncio.create_task(channel.receive(inlet))
        await a_while(0.2)
        fake.say("nobody tells", ts=fake.stamp(ago=HOUR), told=False)
        for _ in range(2):  # it does not become well by itself
            with pytest.raises(TemporaryFailure, match="Slack tells us nothing") as failure:
                await asyncio.wait_for(receiving, 30)
            assert failure.value.retry_after > timedelta(0)
            receiving = asyncio.create_task(channel.receive(inlet))
        receiving.cancel()
    assert len(inlet.arrivals) == 2


async def test_a_line_that_breaks_before_a_word_is_told_soon(fake: FakeSlack) -> None:
    fake.greets = False
    async with opened(fake) as channel:
        receiving = asyncio.create_task(channel.receive(MemoryInlet()))
        await eventually(lambda: _connected(fake), "connected")
        await a_while(0.1)
        fake.cut()
        with pytest.raises(TemporaryFailure) as failure:
            await asyncio.wait_for(receiving, 30)
    assert str(failure.value) == "the connection to Slack broke"

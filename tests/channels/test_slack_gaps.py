"""Is what was said while nobody told us found again, and nothing else?"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.channels.slack_world import World
from tests.channels.suite import a_while, eventually, raw_bytes
from tests.fakes import MemoryInlet
from tests.servers.slack.names import ACME, DIRECT, KARI, OTHER, OURS
from tests.servers.slack.server import FakeSlack, slack
from tests.servers.slack.troubles import too_many

MODES = pytest.mark.parametrize("mode", ["socket", "http"])
HOUR = timedelta(hours=1)


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with slack() as started:
        yield started


def texts(inlet: MemoryInlet) -> list[str]:
    events = [json.loads(raw_bytes(one)) for one in inlet.arrivals]
    told = [event.get("payload", event)["event"] for event in events]
    return [event.get("message", event)["text"] for event in told]


async def begun(world: World, inlet: MemoryInlet) -> None:
    """Let somebody have written once, so that gaps have a beginning."""
    async with world.running(inlet):
        await eventually(lambda: asked(world.fake, "users.conversations"), "it has begun")
        world.fake.say("before", channel=OTHER, ts=world.fake.stamp(ago=5 * HOUR))
        await inlet.holds(1)
        await a_while(0.1)


@MODES
async def test_the_history_fills_what_nobody_told(fake: FakeSlack, mode: str) -> None:
    world, inlet = World(fake, mode), MemoryInlet()
    await begun(world, inlet)
    root = fake.say("root", channel=ACME, ts=fake.stamp(ago=4 * HOUR), told=False)
    fake.say("alone", ts=fake.stamp(ago=3 * HOUR), told=False)
    thread: dict[str, Any] = {"thread_ts": root["ts"], "channel": ACME, "told": False}
    fake.say("reply", ts=fake.stamp(ago=2 * HOUR), **thread)
    fake.say("bot", channel=ACME, bot_id="B1", ts=fake.stamp(ago=HOUR), told=False)
    async with world.running(inlet):
        await inlet.holds(4)
        await a_while(0.2)
    assert texts(inlet)[0] == "before"
    assert sorted(texts(inlet)[1:]) == ["alone", "reply", "root"]
    assert texts(inlet).index("root") < texts(inlet).index("reply")
    assert {one.source for one in inlet.arrivals[1:]} == {ACME, DIRECT}


@MODES
async def test_what_is_filled_and_told_later_stays_one(fake: FakeSlack, mode: str) -> None:
    world, inlet = World(fake, mode), MemoryInlet()
    await begun(world, inlet)
    fake.pushing = False
    fake.say("meanwhile")
    async with world.running(inlet):
        await inlet.holds(2)
        fake.pushing = True
        await fake.until_confirmed(fake.events[-1])
    assert texts(inlet) == ["before", "meanwhile"]


async def test_new_words_in_an_old_thread_and_edits_of_old_words_are_found(
    fake: FakeSlack,
) -> None:
    world, inlet = World(fake), MemoryInlet()
    old = fake.say("old", channel=ACME, ts=fake.stamp(ago=20 * HOUR), told=False)
    await begun(world, inlet)
    fake.say("new", channel=ACME, thread_ts=old["ts"], told=False)
    edit = fake.edit(ACME, old, "old, corrected", told=False)
    async with world.running(inlet):
        await inlet.holds(3)
    assert texts(inlet)[1:] == ["new", "old, corrected"]
    assert inlet.arrivals[2].remote_id == f"{ACME}:{old['ts']}:edited:{edit['ts']}"


async def test_what_was_said_before_the_app_came_in_is_not_for_it(fake: FakeSlack) -> None:
    world, inlet = World(fake), MemoryInlet()
    await begun(world, inlet)
    fake.say("among ourselves", channel=ACME, ts=fake.stamp(ago=3 * HOUR), told=False)
    joined: dict[str, Any] = {
        "subtype": "channel_join",
        "user": OURS,
        "channel": ACME,
        "told": False,
    }
    fake.say("joined", ts=fake.stamp(ago=2 * HOUR), **joined)
    fake.say("to the desk", channel=ACME, ts=fake.stamp(ago=HOUR), told=False)
    async with world.running(inlet):
        await inlet.holds(2)
        await a_while(0.2)
    assert texts(inlet) == ["before", "to the desk"]


async def test_a_desk_that_has_just_begun_reads_no_history(fake: FakeSlack) -> None:
    world, inlet = World(fake), MemoryInlet()
    fake.say("long ago", ts=fake.stamp(ago=HOUR), told=False)
    async with world.running(inlet):
        await a_while(0.5)
        fake.say("now")
        await inlet.holds(1)
    assert texts(inlet) == ["now"]


@pytest.mark.parametrize("kept", [0, 1, 3])
async def test_a_crash_while_a_gap_is_filled_loses_nothing(fake: FakeSlack, kept: int) -> None:
    """Only who has read the history moves the cursor: not what is told meanwhile."""
    world, inlet = World(fake), MemoryInlet()
    await begun(world, inlet)
    for hours in (4, 3, 2, 1):
        fake.say(f"{hours}", ts=fake.stamp(ago=hours * HOUR), told=False)
    crashed = MemoryInlet(
        arrivals=list(inlet.arrivals), cursors=dict(inlet.cursors), delay=timedelta(0)
    )
    fake.from_now_on("conversations.history", too_many("60"))
    async with world.running(crashed):
        for number in range(kept):
            fake.say(f"told {number}")
        await crashed.holds(1 + kept)
    fake.behave()
    async with world.running(crashed):
        await crashed.holds(5 + kept)
    assert {"4", "3", "2", "1"} <= set(texts(crashed))
    assert len(crashed.arrivals) == 5 + kept


async def test_long_gaps_come_page_by_page_and_in_order(fake: FakeSlack) -> None:
    world, inlet = World(fake), MemoryInlet()
    await begun(world, inlet)
    fake.page = 7
    for number in range(60):
        fake.say(f"{number:02}", ts=fake.stamp(ago=HOUR), told=False)
    async with world.running(inlet):
        await inlet.holds(61)
    assert texts(inlet)[1:] == [f"{number:02}" for number in range(60)]
    assert inlet.cursors[DIRECT] == fake.said[DIRECT][-1]["ts"]


async def test_slack_may_ask_to_read_the_history_slowly(fake: FakeSlack) -> None:
    world, inlet = World(fake), MemoryInlet()
    await begun(world, inlet)
    fake.say("meanwhile", told=False)
    fake.next_time("conversations.history", too_many("1"), too_many("1"))
    async with world.running(inlet):
        await inlet.holds(2)
    assert texts(inlet) == ["before", "meanwhile"]


@pytest.mark.parametrize("how", ["warning", "refresh_requested", "cut"])
async def test_one_new_connection_follows_and_the_gap_is_filled(fake: FakeSlack, how: str) -> None:
    world, inlet = World(fake), MemoryInlet()
    await begun(world, inlet)
    before = len(fake.asked)
    async with world.running(inlet):
        await eventually(lambda: read(fake, ACME, before), "connected, and the history is read")
        fake.pushing = False
        fake.say("meanwhile", told=False)
        await asyncio.sleep(0) if how == "cut" else await fake.disconnect(how)
        if how == "cut":
            fake.cut()
        await inlet.holds(2)
        await eventually(lambda: opened(fake, 3), "connected anew")
        fake.pushing = True
        fake.say("after")
        await inlet.holds(3)
        await a_while(0.3)
        assert fake.opened == 3
    assert texts(inlet) == ["before", "meanwhile", "after"]


async def asked(fake: FakeSlack, method: str) -> bool:
    return method in [one for one, _ in fake.asked]


async def read(fake: FakeSlack, channel: str, before: int = 0) -> bool:
    return any(
        method == "conversations.history" and form["channel"] == channel
        for method, form in fake.asked[before:]
    )


async def opened(fake: FakeSlack, count: int) -> bool:
    return fake.opened >= count


@MODES
async def test_events_that_slack_gave_up_are_found(fake: FakeSlack, mode: str) -> None:
    world, inlet = World(fake, mode), MemoryInlet()
    fake.attempts = 2
    await begun(world, inlet)
    async with world.running(inlet):
        await a_while(0.3)
        inlet.trouble = None
        fake.pushing = False
        fake.say("given up")
        fake.tell({"type": "app_uninstalled"})
        fake.events[-1].offered = 0
        fake.pushing = True
        fake.events[-2].offered = 2
        await inlet.holds(2)
    assert texts(inlet) == ["before", "given up"]
    assert inlet.arrivals[1].remote_id == f"{DIRECT}:{fake.said[DIRECT][0]['ts']}"
    assert fake.said[DIRECT][0]["user"] == KARI

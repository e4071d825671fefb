"""Is what was edited or deleted while nobody told us found out, and nothing else taken for it?"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from channels.contract import Kept
from channels.slack.changes import MISSING
from tests.channels.slack_world import World, opened
from tests.channels.suite import a_while, eventually, raw_bytes, receiving
from tests.channels.test_slack_gaps import asked, begun
from tests.fakes import MemoryInlet
from tests.servers.http_troubles import cut_after
from tests.servers.slack.names import ACME, DIRECT, KARI, OTHER
from tests.servers.slack.server import FakeSlack, slack
from tests.servers.slack.troubles import only_for, refuses

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with slack() as started:
        yield started


@pytest.fixture
async def inlet(fake: FakeSlack) -> MemoryInlet:
    """One that has heard something five hours ago."""
    inlet = MemoryInlet()
    await begun(World(fake), inlet)
    return inlet


def keep(inlet: MemoryInlet, channel: str, message: dict[str, Any]) -> None:
    """A message of some time ago is one of an inquiry."""
    thread = message.get("thread_ts", message["ts"])
    where = channel if channel == DIRECT else f"{channel}/{thread}"
    one = Kept(conversation=where, remote_id=message["ts"], address=message["user"])
    inlet.messages = sorted([*inlet.messages, one], key=lambda kept: kept.remote_id, reverse=True)


def said(
    fake: FakeSlack,
    inlet: MemoryInlet,
    text: str,
    ago: timedelta,
    channel: str = ACME,
    **more: Any,
) -> dict[str, Any]:
    message = fake.say(text, channel=channel, ts=fake.stamp(ago=ago), told=False, **more)
    keep(inlet, channel, message)
    return message


async def after_a_gap(fake: FakeSlack, inlet: MemoryInlet) -> list[str]:
    """Connect, and return what was found besides messages, in the words of remote ids."""
    before = len(fake.asked)
    async with World(fake).running(inlet):
        await eventually(lambda: settled(fake, before), "all is compared")
    found = [one.remote_id for one in inlet.arrivals]
    return [one for one in found if ":edited:" in one or one.endswith(":deleted")]


async def settled(fake: FakeSlack, before: int) -> bool:
    count = len(fake.asked)
    await a_while(0.2)
    begun = "conversations.history" in [method for method, _ in fake.asked[before:]]
    return begun and count == len(fake.asked)


async def test_an_edited_reply_of_an_old_thread(fake: FakeSlack, inlet: MemoryInlet) -> None:
    root = said(fake, inlet, "root", 20 * HOUR)
    reply = said(fake, inlet, "reply", 19 * HOUR, thread_ts=root["ts"])
    said(fake, inlet, "untouched", 18 * HOUR, thread_ts=root["ts"])
    event = fake.edit(ACME, reply, "reply, corrected", told=False)
    assert await after_a_gap(fake, inlet) == [f"{ACME}:{reply['ts']}:edited:{event['ts']}"]
    told = json.loads(raw_bytes(inlet.arrivals[-1]))["event"]
    assert told["message"]["text"] == "reply, corrected"
    assert told["message"]["thread_ts"] == root["ts"]
    cursors = dict(inlet.cursors)
    assert len(await after_a_gap(fake, inlet)) == 1
    assert inlet.cursors == cursors


@pytest.mark.parametrize("channel", [ACME, DIRECT])
async def test_a_deleted_message(fake: FakeSlack, inlet: MemoryInlet, channel: str) -> None:
    said(fake, inlet, "stays", 4 * HOUR, channel)
    gone = said(fake, inlet, "goes", 3 * HOUR, channel)
    fake.delete(channel, gone, told=False)
    assert await after_a_gap(fake, inlet) == [f"{channel}:{gone['ts']}:deleted"]
    told = json.loads(raw_bytes(inlet.arrivals[-1]))["event"]
    assert told["subtype"] == "message_deleted"
    assert told["deleted_ts"] == gone["ts"]
    assert told["previous_message"]["user"] == KARI


async def test_a_deleted_reply_and_a_root_with_replies(fake: FakeSlack, inlet: MemoryInlet) -> None:
    root = said(fake, inlet, "root", 4 * HOUR)
    reply = said(fake, inlet, "goes", 3 * HOUR, thread_ts=root["ts"])
    said(fake, inlet, "stays", 2 * HOUR, thread_ts=root["ts"])
    fake.delete(ACME, reply, told=False)
    fake.delete(ACME, root, told=False)
    found = await after_a_gap(fake, inlet)
    assert sorted(found) == [f"{ACME}:{root['ts']}:deleted", f"{ACME}:{reply['ts']}:deleted"]
    events = [json.loads(raw_bytes(one))["event"] for one in inlet.arrivals[-2:]]
    assert {event["previous_message"]["thread_ts"] for event in events} == {root["ts"]}


async def test_a_thread_of_which_nothing_is_left(fake: FakeSlack, inlet: MemoryInlet) -> None:
    root = said(fake, inlet, "root", 4 * HOUR)
    reply = said(fake, inlet, "reply", 3 * HOUR, thread_ts=root["ts"])
    for message in (reply, root):
        fake.delete(ACME, message, told=False)
    assert len(await after_a_gap(fake, inlet)) == 2


async def test_a_reply_among_direct_messages_stands_in_no_list_and_still_stands(
    fake: FakeSlack, inlet: MemoryInlet
) -> None:
    root = fake.say("root", ts=fake.stamp(ago=90 * HOUR), told=False)
    said(fake, inlet, "reply", 3 * HOUR, DIRECT, thread_ts=root["ts"])
    near = said(fake, inlet, "near", 4 * HOUR, DIRECT)
    edited = said(fake, inlet, "reply too", 2 * HOUR, DIRECT, thread_ts=near["ts"])
    event = fake.edit(DIRECT, edited, "reply, too", told=False)
    assert await after_a_gap(fake, inlet) == [f"{DIRECT}:{edited['ts']}:edited:{event['ts']}"]


async def test_what_a_workspace_lets_go_by_itself_was_withdrawn_by_nobody(
    fake: FakeSlack, inlet: MemoryInlet
) -> None:
    old = [said(fake, inlet, f"{hours}", hours * HOUR) for hours in (50, 40, 30)]
    said(fake, inlet, "young", 2 * HOUR)
    for message in old:
        fake.delete(ACME, message, told=False)
    assert await after_a_gap(fake, inlet) == []


async def test_an_old_one_that_is_gone_while_older_ones_stand_was_withdrawn(
    fake: FakeSlack, inlet: MemoryInlet
) -> None:
    said(fake, inlet, "older", 50 * HOUR)
    gone = said(fake, inlet, "old", 40 * HOUR)
    fake.delete(ACME, gone, told=False)
    assert await after_a_gap(fake, inlet) == [f"{ACME}:{gone['ts']}:deleted"]


async def test_what_is_not_for_us_any_more_is_not_taken_for_deleted(
    fake: FakeSlack, inlet: MemoryInlet
) -> None:
    gone = said(fake, inlet, "there", 2 * HOUR)
    del fake.channels[ACME]
    fake.said[ACME].remove(gone)
    assert await after_a_gap(fake, inlet) == []


async def test_a_channel_that_slack_does_not_tell_of_holds_up_no_other(
    fake: FakeSlack, inlet: MemoryInlet
) -> None:
    fake.from_now_on("conversations.history", only_for(ACME, refuses("channel_not_found")))
    fake.say("in another", channel=OTHER, ts=fake.stamp(ago=HOUR), told=False)
    fake.say("alone", ts=fake.stamp(ago=HOUR), told=False)
    said(fake, inlet, "not told", 2 * HOUR)
    async with World(fake).running(inlet):
        await inlet.holds(3)
        fake.say("and now")
        await inlet.holds(4)


async def test_what_breaks_while_comparing_is_compared_again(
    fake: FakeSlack, inlet: MemoryInlet
) -> None:
    root = said(fake, inlet, "root", 20 * HOUR)
    reply = said(fake, inlet, "reply", 19 * HOUR, thread_ts=root["ts"])
    fake.edit(ACME, reply, "corrected", told=False)
    fake.say("newer than the edit", channel=ACME, told=False)
    fake.next_time("conversations.replies", cut_after)
    async with opened(fake) as channel:
        with pytest.raises(Exception, match="cannot ask Slack"):
            await asyncio.wait_for(channel.receive(inlet), 30)
        async with receiving(channel, inlet):
            await inlet.holds(3)
    assert ":edited:" in inlet.arrivals[2].remote_id


async def test_looking_whether_all_is_well_compares_nothing(
    fake: FakeSlack, inlet: MemoryInlet
) -> None:
    """It is done every quarter of an hour, and Slack counts each question."""
    said(fake, inlet, "there", 2 * HOUR)
    async with World(fake, check=timedelta(milliseconds=50)).running(inlet):
        await eventually(lambda: asked(fake, "conversations.history"), "it has begun")
        await a_while(0.3)
        before = len(fake.asked)
        gone = fake.said[ACME][-1]
        fake.delete(ACME, gone, told=False)
        await a_while(0.4)
        later = [method for method, _ in fake.asked[before:]]
    assert "conversations.history" in later
    assert "conversations.replies" not in later


async def test_there_is_an_end_to_comparing(fake: FakeSlack, inlet: MemoryInlet) -> None:
    said(fake, inlet, "stays", 4 * HOUR)
    for _ in range(MISSING + 20):
        fake.delete(ACME, said(fake, inlet, "goes", 3 * HOUR), told=False)
    assert len(await after_a_gap(fake, inlet)) == MISSING


async def test_where_nothing_was_read_yet_is_read_first(
    fake: FakeSlack, inlet: MemoryInlet
) -> None:
    """It begins where others have come to: a death in between must not let that go on."""
    fake.say("first words", channel=ACME, ts=fake.stamp(ago=2 * HOUR), told=False)
    async with World(fake).running(inlet):
        await inlet.holds(2)
    fake.asked.clear()
    async with World(fake).running(inlet):
        await eventually(lambda: settled(fake, 0), "all is read")
    order = [form["channel"] for method, form in fake.asked if method == "conversations.history"]
    assert order[:3] == [DIRECT, OTHER, ACME] or order[:3] == [OTHER, DIRECT, ACME]

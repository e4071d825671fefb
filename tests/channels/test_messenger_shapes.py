"""Do answers and events of odd shapes go through Telegram and Slack as they should?"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels.telegram.parts import CAPTION
from channels.telegram.pieces import units
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import Dispatch, File
from tests.channels import slack_world, test_telegram
from tests.channels.slack_world import to_kari
from tests.channels.suite import eventually, raw_bytes, receiving
from tests.channels.test_telegram import JAN, to_jan
from tests.fakes import MemoryInlet
from tests.servers.http_troubles import Trouble
from tests.servers.slack.names import ACME, DIRECT
from tests.servers.slack.server import FakeSlack, slack
from tests.servers.telegram import FakeTelegram, refuses, telegram

LEAFLET = File(filename="ulotka.txt", content_type="text/plain", content=b"read me")
FAMILY = "👨‍👩‍👧‍👦"
GROUP = "-5"


@pytest.fixture
async def bots() -> AsyncIterator[FakeTelegram]:
    async with telegram() as started:
        yield started


@pytest.fixture
async def workspace() -> AsyncIterator[FakeSlack]:
    async with slack() as started:
        yield started


def to_group(text: str, name: str, *files: File) -> Dispatch:
    return replace(to_jan(text, *files), conversation=GROUP, recipient_name=name)


async def test_a_novel_of_emoji_arrives_whole(bots: FakeTelegram, workspace: FakeSlack) -> None:
    """Ten thousand families without a single blank, eleven units each."""
    novel = FAMILY * 10_000
    workspace.pushing = False
    async with test_telegram.opened(bots) as channel:
        await channel.send(to_jan(novel))
    async with slack_world.opened(workspace) as app:
        await app.send(to_kari(novel, conversation=DIRECT))
    for heard in ([one["text"] for one in bots.sent], [one["text"] for one in workspace.sent]):
        assert "".join(heard) == novel
        assert all(len(text) % len(FAMILY) == 0 for text in heard)
    assert max(units(one["text"]) for one in bots.sent) <= 4096
    assert max(len(one["text"]) for one in workspace.sent) <= 4000


@pytest.mark.parametrize("name", ["Jan 👨‍👩‍👧‍👦 Kowalski", "عمر", "Ż" * 100, "\ud83d"])
async def test_a_name_is_marked_in_the_first_piece_alone(bots: FakeTelegram, name: str) -> None:
    async with test_telegram.opened(bots) as channel:
        await channel.send(to_group("🔥" * 5000, name))
    first, *others = bots.sent
    (entity,) = json.loads(first["entities"])
    marked = first["text"].encode("utf-16-le")[: 2 * entity["length"]].decode("utf-16-le")
    assert (entity["offset"], marked) == (0, name.encode(errors="replace").decode())
    assert first["text"][len(marked)] == "\n"
    assert len(others) == 2
    assert not any("entities" in one for one in others)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("🔥" * (CAPTION // 2), ["caption"]),
        ("🔥" * (CAPTION // 2) + "x", ["text", "file"]),
        ("🔥" * 4096, ["text", "text", "file"]),
        (" \n\u2003", ["file"]),
    ],
)
async def test_what_is_too_long_for_a_caption_goes_before_its_file(
    bots: FakeTelegram, text: str, messages: list[str]
) -> None:
    async with test_telegram.opened(bots) as channel:
        await channel.send(to_jan(text, LEAFLET))
    shapes = ["caption" if "caption" in s else "text" if "text" in s else "file" for s in bots.sent]
    assert shapes == messages


async def test_a_name_counts_where_a_caption_is_just_long_enough(bots: FakeTelegram) -> None:
    async with test_telegram.opened(bots) as channel:
        await channel.send(to_group("x" * (CAPTION - 3), "Jan", LEAFLET))
    assert ["caption" in one for one in bots.sent] == [False, False]


async def test_a_text_that_telegram_sees_as_empty_never_goes(bots: FakeTelegram) -> None:
    bots.from_now_on("sendMessage", refuses(400, "Bad Request: message text is empty"))
    async with test_telegram.opened(bots) as channel:
        with pytest.raises(PermanentFailure, match="text is empty"):
            await channel.send(to_jan("\u200b"))


async def test_a_group_that_moves_between_two_parts(bots: FakeTelegram) -> None:
    """The first part is in the old group, the rest in the new one, and nothing is said twice."""

    async def moves(request: Any, usual: Any) -> Any:
        bots.moved[GROUP] = -1005
        return await usual(request)

    async def as_usual(request: Any, usual: Any) -> Any:
        return await usual(request)

    bots.next_time("sendMessage", as_usual, moves)
    async with test_telegram.opened(bots) as channel:
        receipt = await channel.send(to_group("word " * 1500, "Jan"))
        assert [one["chat_id"] for one in bots.sent] == [GROUP, "-1005"]
        assert receipt.conversation == "-1005"
        later = await channel.send(to_group("at once", "Jan"))
    assert (bots.sent[-1]["chat_id"], later.conversation) == ("-1005", "-1005")


async def test_a_group_that_moves_while_nobody_knows_if_it_was_said(bots: FakeTelegram) -> None:
    async def cut(request: Any, usual: Any) -> Any:
        await usual(request)
        request.transport.abort()

    bots.next_time("sendMessage", cut)
    async with test_telegram.opened(bots) as channel:
        with pytest.raises(OutcomeUnknown):
            await channel.send(to_group("hello", "Jan"))
        bots.moved[GROUP] = -1005
        again = replace(to_group("hello", "Jan"), possible_repeat=True)
        receipt = await channel.send(again)
    assert [one["chat_id"] for one in bots.sent] == [GROUP, "-1005"]
    assert receipt.conversation == "-1005"


@pytest.mark.parametrize(
    "trouble",
    [
        refuses(403, "Forbidden: bot was kicked from the supergroup chat"),
        refuses(403, "Forbidden: bot is not a member of the channel chat"),
        refuses(403, "Forbidden: bot can't initiate conversation with a user"),
        refuses(400, "Bad Request: not enough rights to send text messages to the chat"),
        refuses(400, "Bad Request: TOPIC_CLOSED"),
        refuses(400, "Bad Request: message thread not found"),
    ],
)
async def test_a_bot_that_was_removed_says_so_and_speaks_again_when_it_is_back(
    bots: FakeTelegram, trouble: Trouble
) -> None:
    bots.next_time("sendMessage", trouble)
    async with test_telegram.opened(bots) as channel:
        with pytest.raises(PermanentFailure):
            await channel.send(to_group("hello", "Jan"))
        await channel.send(to_group("hello again", "Jan"))
    assert [one["text"] for one in bots.sent] == ["Jan\nhello again"]


async def test_nobody_is_asked_what_it_means_that_the_bot_comes_and_goes(
    bots: FakeTelegram,
) -> None:
    """Of a private chat and of a group alike; what is said afterwards is heard."""
    inlet = MemoryInlet()
    member = {"user": {"id": 7654321, "is_bot": True, "first_name": "Desk"}, "status": "kicked"}
    bots.push({"my_chat_member": {"chat": {"id": -5, "type": "group"}, "new_chat_member": member}})
    group = {"id": -5, "type": "group", "title": "Home"}
    for gone in ({"left_chat_member": member["user"]}, {"new_chat_members": [member["user"]]}):
        bots.push({"message": {**bots.message(), "chat": group, **gone}})
    bots.say("hello again")
    async with test_telegram.opened(bots) as channel, receiving(channel, inlet):
        await eventually(lambda: _none_wait(bots), "all is confirmed")
    said = [json.loads(raw_bytes(one)) for one in inlet.arrivals]
    assert [one["message"]["text"] for one in said if "message" in one] == ["hello again"]


async def _none_wait(bots: FakeTelegram) -> bool:
    return not bots.updates


@pytest.mark.parametrize(
    "reason", ["warning", "refresh_requested", "too_many_websockets", "", "something new"]
)
async def test_whatever_slack_calls_a_farewell_one_new_connection_follows(
    workspace: FakeSlack, reason: str
) -> None:
    inlet, world = MemoryInlet(), slack_world.World(workspace)
    async with world.running(inlet):
        workspace.say("before")
        await inlet.holds(1)
        await workspace.disconnect(reason)
        workspace.say("meanwhile")
        await inlet.holds(2)
        for event in list(workspace.events):
            await workspace.until_confirmed(event)
        await asyncio.sleep(0.2)
        assert workspace.opened == 2
    assert len(inlet.arrivals) == 2


async def test_a_retry_is_the_same_event_whatever_its_header_says(workspace: FakeSlack) -> None:
    inlet, world = MemoryInlet(), slack_world.World(workspace, "http")
    workspace.pushing = False
    event = workspace.event_of(ACME, workspace.say("once", channel=ACME, told=False))
    raw = workspace.tell(event).raw
    async with world.running(inlet):
        for number in (0, 1, 3, 2, 1):
            assert (await workspace.push(raw, repeat=number))[0] == 200
        odd = {"X-Slack-Retry-Num": "many", "X-Slack-Retry-Reason": "http_timeout"}
        assert (await workspace.push(raw, **odd))[0] == 200  # type: ignore[arg-type]
    assert len(inlet.arrivals) == 1


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(0, 200), (-240, 200), (240, 200), (-360, 401), (360, 401), (10**9, 401), (-(10**9), 401)],
)
async def test_a_clock_that_is_wrong_is_a_signature_that_is_wrong(
    workspace: FakeSlack, seconds: int, status: int
) -> None:
    inlet, world = MemoryInlet(), slack_world.World(workspace, "http")
    workspace.pushing = False
    raw = workspace.tell(workspace.event_of(DIRECT, workspace.say("hei", told=False))).raw
    async with world.running(inlet):
        answered, _ = await workspace.push(raw, stamp=str(int(time.time()) + seconds))
    assert answered == status
    assert len(inlet.arrivals) == (status == 200)


async def test_while_the_token_is_revoked_nothing_is_dead(
    bots: FakeTelegram, workspace: FakeSlack
) -> None:
    workspace.pushing = False
    bots.from_now_on("sendMessage", refuses(401, "Unauthorized"))
    async with test_telegram.opened(bots) as channel:
        with pytest.raises(TemporaryFailure, match="token"):
            await channel.send(to_jan("hello"))
        bots.behave()
        await channel.send(to_jan("hello"))
    assert [(one["chat_id"], one["text"]) for one in bots.sent] == [(str(JAN), "hello")]


async def test_a_photo_too_large_to_be_fetched_holds_up_nobody(bots: FakeTelegram) -> None:
    bots.send_file("film.mp4", b"x" * 20_000_001)
    (update,) = bots.updates
    reference = json.loads(update[1])["message"]["document"]["file_id"]
    async with test_telegram.opened(bots) as channel:
        with pytest.raises(PermanentFailure, match="20 MB"):
            async with asyncio.timeout(timedelta(seconds=10).total_seconds()):
                [piece async for piece in channel.fetch(reference)]

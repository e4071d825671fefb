"""In a group: is only taken what is said to the bot, and does the answer say whom it is for?"""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from channels.telegram.addressed import Fate, Me, command, fate
from inquiry.errors import TemporaryFailure
from inquiry.journey import Dispatch
from tests.channels.suite import raw_bytes, receiving
from tests.channels.test_telegram import opened, to_jan
from tests.fakes import MemoryInlet
from tests.servers.telegram import BOT, USERNAME, FakeTelegram, refuses, telegram

ME = Me(BOT, USERNAME)
GROUP, NEW_GROUP = -5, -1005


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with telegram() as started:
        yield started


def said(text: str = "Hei", *, kind: str = "supergroup", **more: Any) -> dict[str, Any]:
    """A message in a group, with its marks where they are found by eye."""
    marks = [
        {"type": mark, "offset": len(text[: text.index(word)].encode("utf-16-le")) // 2}
        | {"length": len(word)}
        for mark, word in (
            ("mention", f"@{USERNAME}"),
            ("mention", "@kari"),
            ("bot_command", "/human"),
            ("bot_command", "/ban"),
        )
        if word in text
    ]
    return {
        "message_id": 3,
        "from": {"id": 7, "is_bot": False, "first_name": "Kari", "language_code": "nb"},
        "chat": {"id": GROUP, "type": kind, "title": "Users"},
        "date": 1_791_790_000,
        "text": text,
        "entities": marks,
        **more,
    }


OURS = {"message_id": 2, "from": {"id": BOT, "is_bot": True}}


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        pytest.param({"message": said("Hei alle")}, Fate.LEAVE, id="to others"),
        pytest.param({"message": said(f"🔥🔥 @{USERNAME} help")}, Fate.TAKE, id="a mention"),
        pytest.param({"message": said("@kari help")}, Fate.LEAVE, id="somebody else's mention"),
        pytest.param({"message": said("/human help")}, Fate.TAKE, id="a command of ours"),
        pytest.param({"message": said("/ban ola")}, Fate.LEAVE, id="another bot's command"),
        pytest.param({"message": said(reply_to_message=OURS)}, Fate.TAKE, id="a reply to us"),
        pytest.param(
            {"message": said(reply_to_message=OURS, message_thread_id=2, is_topic_message=True)},
            Fate.LEAVE,
            id="in a topic that we have opened",
        ),
        pytest.param(
            {"message": said(reply_to_message=OURS, message_thread_id=2)},
            Fate.TAKE,
            id="a reply to us where a thread has our message's number",
        ),
        pytest.param(
            {"message": said(f"@{USERNAME} is new", is_automatic_forward=True)},
            Fate.LEAVE,
            id="a channel's post in its group",
        ),
        pytest.param(
            {"message": said(reply_to_message={**OURS, "from": {"id": 9}})},
            Fate.LEAVE,
            id="a reply to somebody else",
        ),
        pytest.param(
            {
                "message": said(
                    entities=[
                        {"type": "text_mention", "offset": 0, "length": 3, "user": {"id": BOT}}
                    ]
                )
            },
            Fate.TAKE,
            id="a mention without a name",
        ),
        pytest.param(
            {
                "message": {
                    **said(),
                    "text": None,
                    "caption": f"@{USERNAME}",
                    "caption_entities": [
                        {"type": "mention", "offset": 0, "length": len(USERNAME) + 1}
                    ],
                }
            },
            Fate.TAKE,
            id="in a caption",
        ),
        pytest.param(
            {"message": said(entities=[{"type": "mention", "offset": "x"}, 5])},
            Fate.LEAVE,
            id="marks that are none",
        ),
        pytest.param({"edited_message": said("Hei")}, Fate.FOLLOW, id="an edit may be of ours"),
        pytest.param({"message": said(media_group_id="1")}, Fate.FOLLOW, id="a piece of an album"),
        pytest.param({"message": said(migrate_to_chat_id=-9)}, Fate.TAKE, id="the group moves"),
        pytest.param(
            {"message": {**said(), "from": {"id": BOT, "is_bot": True}}}, Fate.LEAVE, id="ourselves"
        ),
        pytest.param({"message": said(kind="private")}, Fate.TAKE, id="alone with us"),
        pytest.param({"message": said(kind="private", pinned_message={})}, Fate.LEAVE, id="a pin"),
        pytest.param(
            {"edited_message": said(kind="private", location={"latitude": 1})},
            Fate.LEAVE,
            id="somebody walks about",
        ),
        pytest.param({"callback_query": {"id": "1"}}, Fate.TAKE, id="a button"),
        pytest.param({"something_new": {}}, Fate.TAKE, id="what we do not know"),
    ],
)
def test_whom_an_update_is_for(update: dict[str, Any], expected: Fate) -> None:
    assert fate(update, ME) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("/start", "start", id="alone"),
        pytest.param("/Status now", "status", id="with words"),
        pytest.param(f"/status@{USERNAME.upper()}", "status", id="to us by name"),
        pytest.param("/status@another_bot", "", id="to another bot"),
        pytest.param("see /status", "", id="in the middle"),
        pytest.param("/", "", id="a slash"),
    ],
)
def test_commands(text: str, expected: str) -> None:
    assert command({"message": said(text)}, ME) == expected


def test_a_command_that_somebody_else_gave_is_none() -> None:
    assert command({"message": said("/status", forward_origin={"type": "user"})}, ME) == ""


async def test_what_is_not_for_us_is_not_even_kept(fake: FakeTelegram) -> None:
    inlet = MemoryInlet()
    fake.push({"message": said("gossip")})
    fake.push({"message": said(f"@{USERNAME} help")})
    fake.push({"edited_message": said("more gossip")})
    async with opened(fake) as channel, receiving(channel, inlet):
        arrivals = await inlet.holds(2)
        fake.say("last", chat=7)
        await inlet.holds(3)
    assert [arrival.remote_id for arrival in arrivals] == ["1001", "1002", "1003"]
    assert [arrival.envelope.headers for arrival in arrivals] == [{}, {"addressed": "no"}, {}]
    assert not any(b"gossip" in raw_bytes(one) for one in arrivals[:1])


async def test_while_nobody_says_who_we_are_nothing_is_confirmed(fake: FakeTelegram) -> None:
    inlet = MemoryInlet()
    fake.next_time("getMe", refuses(500, "Internal Server Error"))
    fake.push({"message": said(f"@{USERNAME} help")})
    async with opened(fake) as channel:
        with pytest.raises(TemporaryFailure, match="cannot ask Telegram"):
            await channel.receive(inlet)
        assert len(fake.updates) == 1
        async with receiving(channel, inlet):
            await inlet.holds(1)


def to_kari(text: str, **changes: Any) -> Dispatch:
    dispatch = replace(
        to_jan(text), recipient="7", recipient_name="Kari 🔥", conversation=str(GROUP)
    )
    return replace(dispatch, **changes)


async def test_an_answer_says_whom_it_is_for(fake: FakeTelegram) -> None:
    async with opened(fake) as channel:
        await channel.send(to_kari("Slå av og på."))
    (sent,) = fake.sent
    assert (sent["chat_id"], sent["text"]) == (str(GROUP), "Kari 🔥\nSlå av og på.")
    (mention,) = json.loads(sent["entities"])
    assert (mention["type"], mention["offset"], mention["length"]) == ("text_mention", 0, 7)
    assert mention["user"]["id"] == 7
    assert "reply_markup" not in sent


async def test_who_writes_in_the_group_s_own_name_gets_no_buttons(fake: FakeTelegram) -> None:
    """An anonymous admin has the group's number: all would see them, and press."""
    async with opened(fake) as channel:
        await channel.send(to_kari("Her.", recipient=str(GROUP), recipient_name="Users"))
    (sent,) = fake.sent
    assert sent["text"] == "Her."
    assert "reply_markup" not in sent


async def test_an_answer_goes_to_its_topic(fake: FakeTelegram) -> None:
    async with opened(fake) as channel:
        await channel.send(to_kari("Her.", conversation=f"{GROUP}/9"))
    assert (fake.sent[0]["chat_id"], fake.sent[0]["message_thread_id"]) == (str(GROUP), "9")


async def test_an_answer_follows_a_group_that_has_moved(fake: FakeTelegram) -> None:
    fake.moved[str(GROUP)] = NEW_GROUP
    async with opened(fake) as channel:
        first = await channel.send(to_kari("Her.", conversation=f"{GROUP}/9"))
        fake.from_now_on("sendMessage", only_to(NEW_GROUP))
        second = await channel.send(to_kari("Og her."))
    assert first.conversation == f"{NEW_GROUP}/9"
    assert second.conversation == str(NEW_GROUP)
    assert [sent["chat_id"] for sent in fake.sent] == [str(NEW_GROUP)] * 2


def only_to(chat: int) -> Any:
    async def trouble(request: Any, usual: Any) -> Any:
        assert (await request.post())["chat_id"] == str(chat)
        return await usual(request)

    return trouble

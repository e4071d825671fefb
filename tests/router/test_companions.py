"""Who may write in another's inquiry, and do they get nothing for it?"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from inquiry.journey import ChannelName, ContactPointId
from inquiry.understood import Deletion, Message, Party
from inquiry.words import Audience
from router.logic import All
from router.rules import Effect, Rule, Turn, compile_rules
from router.stage import BATCH, step
from storage import portal
from storage.database import Database, Transaction
from storage.intake import Intake
from tests.router.chat import EVA, GROUP, JAN, NOW, OLA, TELEGRAM, Chat, close, edit, says
from tests.router.test_stage import DESK, EVERYTHING, HASH
from tests.rows import rows


@pytest.fixture
def chat(database: Database) -> Chat:
    return Chat(database)


def in_thread(text: str, remote_id: str, sender: Party = JAN, **changes: Any) -> Message:
    where = {"conversation": "C1/100.1", "audience": Audience.THREAD}
    return says(text, remote_id, sender=sender, **{**where, **changes})


async def test_a_thread_is_one_inquiry_whoever_writes_in_it(chat: Chat) -> None:
    await chat.comes(in_thread("the printer bangs", "100.1"))
    await chat.comes(in_thread("here too", "100.2", OLA))
    await chat.answers("turn it off", "100.3")
    await chat.comes(in_thread("I did", "100.4", OLA))
    await chat.comes(in_thread("so did I", "100.5"))
    assert [row["inquiry"] for row in await chat.rows("messages")] == [1] * 5
    writers = [row["contact_point"] for row in await chat.rows("messages")]
    assert writers == [1, 2, 1, 2, 1]
    assert (await chat.kinds()).count("joined-in") == 1
    assert (await chat.kinds()).count("followed-up") == 3


async def test_who_only_reads_along_takes_no_part(chat: Chat) -> None:
    """No answer, no link, no list of requests names a companion."""
    await chat.comes(in_thread("the printer bangs", "100.1"))
    await chat.comes(in_thread("here too", "100.2", OLA))
    people = await rows(chat.db, "SELECT inquiry, contact_point FROM participants")
    assert people == [{"inquiry": 1, "contact_point": 1}]
    answers = await rows(chat.db, "SELECT contact_point FROM answers")
    assert {row["contact_point"] for row in answers} <= {1}

    async def look(tx: Transaction) -> tuple[object, ...]:
        theirs = await portal.latest(tx, ContactPointId(2), limit=5)
        last = await tx.one("transitions.last_writer", inquiry=1)
        return theirs, last and last["contact_point"]

    assert await chat.db.read(look) == ([], 1)


async def test_no_program_answers_a_companion(chat: Chat) -> None:
    """What a rule replies to a follow-up is for those who take part."""
    reply = Rule(
        name="thanks",
        when=All(()),
        on=frozenset({Turn.FOLLOW_UP}),
        then=(Effect("reply", "ack"),),
    )
    chat.desk = replace(DESK, rules=compile_rules([reply, EVERYTHING], configuration=HASH))
    await chat.comes(in_thread("the printer bangs", "100.1"))
    await chat.comes(in_thread("here too", "100.2", OLA))
    await chat.comes(in_thread("still", "100.3"))
    assert await chat.states() == {"done"}
    answers = await rows(chat.db, "SELECT arrival, contact_point FROM answers")
    assert {row["contact_point"] for row in answers} == {1}
    assert 2 not in {row["arrival"] for row in answers}
    assert len(answers) == 2


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param({"conversation": "C1/200.1"}, id="another thread of the channel"),
        pytest.param({"conversation": "C2/100.1"}, id="the same number in another channel"),
        pytest.param({"conversation": "C1/100.10"}, id="a number that begins alike"),
        pytest.param(
            {"conversation": "D2", "audience": Audience.ALONE, "in_reply_to": "100.1"},
            id="alone with us",
        ),
        pytest.param({"audience": Audience.ALONE}, id="where nobody attests that others read"),
        pytest.param({"audience": Audience.GROUP}, id="where many things are talked about"),
    ],
)
async def test_nobody_joins_from_another_place(chat: Chat, elsewhere: dict[str, Any]) -> None:
    await chat.comes(in_thread("the printer bangs", "100.1"))
    await chat.comes(in_thread("mine too", "300.1", OLA, **elsewhere))
    assert [row["inquiry"] for row in await chat.rows("messages")] == [1, 2]


async def test_an_empty_conversation_is_no_place(chat: Chat) -> None:
    await chat.comes(in_thread("by mail", "1", conversation=""))
    await chat.comes(in_thread("by mail too", "2", OLA, conversation=""))
    assert len(await chat.rows("inquiries")) == 2


async def test_a_closed_thread_begins_anew_and_a_resolved_one_is_open_again(chat: Chat) -> None:
    await chat.comes(in_thread("the printer bangs", "100.1"))
    await close(chat, 1, "resolved")
    await chat.comes(in_thread("it does again", "100.2", OLA))
    assert (await chat.rows("inquiries"))[0]["state"] == "open"
    await close(chat, 1)
    await chat.comes(in_thread("and again", "100.3", OLA))
    await chat.comes(in_thread("indeed", "100.4"))
    assert [row["inquiry"] for row in await chat.rows("messages")] == [1, 1, 2, 2]
    people = await rows(chat.db, "SELECT contact_point FROM participants WHERE inquiry = 2")
    assert people == [{"contact_point": 2}]
    assert (await chat.rows("inquiries"))[1]["continues"] is None


async def test_a_companion_s_words_can_be_changed_and_withdrawn(chat: Chat) -> None:
    await chat.comes(in_thread("the printer bangs", "100.1"))
    await chat.comes(in_thread("her too", "100.2", OLA))
    later = {"sent_at": NOW + timedelta(minutes=1)}
    await chat.comes(edit(in_thread("here too", "100.2", OLA, **later)))
    await chat.comes(Deletion(remote_id="100.2", conversation="C1/100.1"))
    assert await chat.texts() == ["the printer bangs", "here too"]
    assert [bool(row["deleted_at"]) for row in await chat.rows("messages")] == [False, True]


def in_group(text: str, remote_id: str, sender: Party = JAN, **changes: Any) -> Message:
    where = {"conversation": GROUP, "audience": Audience.GROUP}
    return says(text, remote_id, sender=sender, **{**where, **changes})


async def test_in_a_group_a_reply_joins_what_it_replies_to(chat: Chat) -> None:
    await chat.comes(in_group("the printer bangs", "1"))
    await chat.answers("turn it off", "2 3")
    await chat.comes(in_group("I did", "4", OLA, in_reply_to="3"))
    await chat.comes(in_group("me too", "5", EVA, in_reply_to="1"))
    await chat.comes(in_group("my screen is dark", "6", OLA))
    await chat.comes(in_group("the printer, still", "7", OLA, in_reply_to="2"))
    assert [row["inquiry"] for row in await chat.rows("messages")] == [1, 1, 1, 1, 2, 1]
    people = await rows(chat.db, "SELECT contact_point FROM participants WHERE inquiry = 1")
    assert people == [{"contact_point": 1}]


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param({"in_reply_to": "99"}, id="to what is nobody's inquiry"),
        pytest.param({"in_reply_to": "2", "conversation": f"{GROUP}/9"}, id="in another topic"),
        pytest.param({"in_reply_to": "2", "conversation": "-6"}, id="in another group"),
        pytest.param({"in_reply_to": "2", "audience": Audience.ALONE}, id="alone with us"),
    ],
)
async def test_a_reply_from_elsewhere_joins_nothing(chat: Chat, reply: dict[str, Any]) -> None:
    await chat.comes(in_group("the printer bangs", "1"))
    await chat.answers("turn it off", "2")
    await chat.comes(in_group("mine too", "5", OLA, **reply))
    assert [row["inquiry"] for row in await chat.rows("messages")] == [1, 1, 2]


async def test_what_is_talked_about_in_private_is_not_joined_from_a_group(chat: Chat) -> None:
    """An inquiry that was merged may hold messages of a group; its answers go elsewhere."""
    await chat.comes(in_group("the printer bangs", "1"))
    await rows(chat.db, "UPDATE inquiries SET conversation = '501' WHERE id = 1")
    await chat.comes(in_group("mine too", "2", OLA, in_reply_to="1"))
    assert [row["inquiry"] for row in await chat.rows("messages")] == [1, 2]


async def test_what_is_kept_can_be_compared_with_what_the_other_side_has(chat: Chat) -> None:
    await chat.comes(in_thread("old", "099.1", conversation="C1/099.1"))
    await chat.comes(in_thread("root", "100.1"))
    await chat.comes(in_thread("reply", "100.2", OLA))
    await chat.comes(in_thread("withdrawn", "100.3"))
    await chat.comes(Deletion(remote_id="100.3", conversation="C1/100.1"))
    await chat.answers("ours", "100.4", inquiry=2)
    found = await Intake(chat.db).inlet(TELEGRAM).kept("100")
    assert [(one.conversation, one.remote_id, one.address) for one in found] == [
        ("C1/100.1", "100.2", "502"),
        ("C1/100.1", "100.1", "501"),
    ]
    assert await Intake(chat.db).inlet(ChannelName("another")).kept("100") == []


async def test_a_thread_stays_one_where_two_place_its_messages_at_once(chat: Chat) -> None:
    """Two nodes take a batch each: the beginnings of twenty threads, and the replies to them."""
    for number in range(BATCH):
        where, at = f"C1/{number}.1", NOW + timedelta(hours=number)
        first = in_thread("the printer bangs", f"{number}.1", conversation=where, sent_at=at)
        await chat.waits(first)
    for number in range(BATCH):
        where = f"C1/{number}.1"
        await chat.waits(in_thread("here too", f"{number}.2", OLA, conversation=where))
    await asyncio.gather(*(step(chat.db, chat.desk, now=NOW) for _ in range(2)))
    assert await chat.states() == {"done"}
    assert len(await chat.rows("messages")) == 2 * BATCH
    assert len(await chat.rows("inquiries")) == BATCH

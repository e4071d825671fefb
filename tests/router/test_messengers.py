"""Do edits, replies, buttons and moved groups find what they belong to?"""

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from inquiry.understood import Message, Moved, Party, Press
from router.messengers.albums import ALBUM
from router.stage.step import step
from storage import fetches
from storage.database import Database, Transaction
from tests.router.chat import GROUP, JAN, NOW, OLA, TELEGRAM, Chat, close, edit, picture, says
from tests.router.test_stage import DESK
from tests.rows import rows


@pytest.fixture
def chat(database: Database) -> Chat:
    return Chat(database)


async def test_a_change_may_bring_another_file(chat: Chat) -> None:
    await chat.comes(says("look", "1", attachments=(picture("old"),)))
    both = says("look!", "1", attachments=(picture("new"),))
    await chat.comes(edit(both))
    assert [(row["content_id"], row["message"]) for row in await chat.rows("fetches")] == [
        *(("old", 1), ("new", 1)),
    ]


async def test_an_edit_that_overtakes_its_message_is_the_message(chat: Chat) -> None:
    await chat.comes(edit(says("the newer", "1", sent_at=NOW + timedelta(seconds=5))))
    await chat.comes(says("the older", "1"))
    assert await chat.texts() == ["the newer"]
    assert len(await chat.rows("inquiries")) == 1
    assert await chat.states() == {"done"}


async def test_edits_out_of_order_leave_the_newest(chat: Chat) -> None:
    await chat.comes(says("one", "1"))
    await chat.comes(edit(says("three", "1", sent_at=NOW + timedelta(seconds=9))))
    await chat.comes(edit(says("two", "1", sent_at=NOW + timedelta(seconds=5))))
    assert await chat.texts() == ["three"]


async def test_what_tells_no_time_is_as_old_as_its_arrival(chat: Chat) -> None:
    """Other systems need not say when something was written, and it may be placed in any order."""
    before, after = (says(text, "1", sent_at=None) for text in ("Drukarka pali", "Drukarka pali!"))
    await chat.comes(edit(after), at=NOW + timedelta(seconds=1))
    await chat.comes(before)
    await chat.comes(edit(before))
    (message,) = await chat.rows("messages")
    assert message["text"] == "Drukarka pali!"
    await chat.comes(says("Inna sprawa", "1", sent_at=None), at=NOW + timedelta(days=1))
    assert len(await chat.rows("messages")) == 2


async def test_a_number_that_is_used_anew_is_a_new_message(chat: Chat) -> None:
    """Another bot on the same channel counts its chats from the beginning."""
    await chat.comes(says("last year", "1"))
    await chat.comes(says("this year", "1", sent_at=NOW + timedelta(days=300)))
    await chat.comes(edit(says("this year!", "1", sent_at=NOW + timedelta(days=301))))
    assert await chat.texts() == ["last year", "this year!"]


async def test_a_reply_continues_what_it_replies_to(chat: Chat) -> None:
    await chat.comes(says("printer", "1"))
    await close(chat, 1)
    await chat.comes(says("screen", "2"))
    await rows(chat.db, "UPDATE inquiries SET state = 'open', closed_at = NULL WHERE id = 1")
    await chat.answers("turn it off", "10 11")
    await chat.comes(says("I did", "12", in_reply_to="11"))
    await chat.comes(says("and now?", "13"))
    await chat.comes(says("it was this", "14", in_reply_to="1"))
    assert [row["inquiry"] for row in await chat.rows("messages")] == [1, 2, 1, 1, 2, 1]


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(says("me too", "12", in_reply_to="10", sender=OLA), id="somebody else's"),
        pytest.param(says("hm", "12", in_reply_to="1"), id="half a number"),
        pytest.param(says("hm", "12", in_reply_to="99"), id="nothing that is known"),
    ],
)
async def test_a_reply_to_something_else_proves_nothing(chat: Chat, reply: Message) -> None:
    await chat.comes(says("printer", "5"))
    await chat.answers("turn it off", "10")
    await close(chat, 1, "resolved" if reply.sender == OLA else "closed")
    await chat.comes(reply)
    assert [row["inquiry"] for row in await chat.rows("messages")] == [1, 1, 2]


def press(value: str, sender: Party = JAN, reference: str = "NL-2026-00001") -> Press:
    said = f"{value}:{reference}"
    return Press(remote_id="q", conversation="501", sender=sender, value=said)


@pytest.mark.parametrize(
    ("pressed", "before", "state", "kind"),
    [
        pytest.param(press("solved"), "open", "resolved", "works", id="solved"),
        pytest.param(press("solved"), "resolved", "resolved", "", id="solved already"),
        pytest.param(press("not-yet"), "resolved", "open", "not-yet", id="not yet"),
        pytest.param(press("not-yet"), "waiting-for-customer", "open", "not-yet", id="waiting"),
        pytest.param(press("not-yet"), "researching", "researching", "not-yet", id="at work"),
        pytest.param(press("not-yet"), "closed", "closed", "", id="closed"),
        pytest.param(press("delete"), "open", "open", "", id="a word that is none of ours"),
        pytest.param(press("solved", OLA), "open", "open", "", id="somebody else"),
        pytest.param(
            press("solved", reference="NL-2026-00002"), "open", "open", "", id="another's"
        ),
        pytest.param(press("solved", reference=""), "open", "open", "", id="nobody's"),
    ],
)
async def test_a_button_is_for_whose_inquiry_it_is(
    chat: Chat, pressed: Press, before: str, state: str, kind: str
) -> None:
    await chat.comes(says("printer", "5"))
    await chat.comes(says("other", "6", sender=OLA, conversation="502"))
    await chat.answers("turn it off", "10 11")
    await close(chat, 1, before)
    kinds = await chat.kinds()
    await chat.comes(pressed)
    assert (await chat.rows("inquiries"))[0]["state"] == state
    assert (await chat.kinds())[len(kinds) :] == ([kind] if kind else [])
    assert await chat.states() == {"done"}


async def test_a_group_that_moves_takes_all_along(chat: Chat) -> None:
    await chat.comes(says("printer", "1", conversation=GROUP))
    await chat.comes(says("screen", "2", conversation=f"{GROUP}/9", sender=OLA))
    await chat.comes(says("not this", "3", conversation="-55"))
    await chat.comes(says("as the group", "4", conversation=GROUP, sender=Party(GROUP, "Users")))
    moved = Moved(conversation=GROUP, to="-1005")
    await chat.comes(moved)
    await chat.comes(moved)
    found = [row["conversation"] for row in await chat.rows("inquiries")]
    assert found == ["-1005", "-1005/9", "-55", "-1005"]
    await chat.comes(says("still broken", "1", conversation="-1005", sent_at=NOW))
    await chat.comes(says("too", "2", conversation="-1005", sender=Party("-1005", "Users")))
    assert [row["inquiry"] for row in await chat.rows("messages")] == [1, 2, 3, 4, 1, 4]


async def test_a_file_and_its_message_that_come_at_once_find_each_other(chat: Chat) -> None:
    for number in range(8):
        name = str(number)
        sent_at = NOW + timedelta(minutes=number)
        await chat.waits(says("look", name, sent_at=sent_at, attachments=(picture(name),)))

        async def arrive(tx: Transaction, content: bytes) -> None:
            wanted = await fetches.claim(tx, TELEGRAM, lease=ALBUM, now=NOW)
            assert wanted
            assert await fetches.keep(tx, wanted, content, now=NOW)

        await asyncio.gather(
            chat.db.write(partial(arrive, content=name.encode())),
            step(chat.db, DESK, now=NOW + ALBUM),
        )
    messages = {row["arrival"]: row["id"] for row in await chat.rows("messages")}
    found = await chat.rows("attachments")
    assert len(found) == 8
    assert all(row["message"] == messages[row["arrival"]] for row in found)

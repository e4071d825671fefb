"""Is an album one message, opened by the piece with the words?"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from inquiry.understood import Message, Moved, Understood
from router.messengers.albums import ALBUM, LONGEST
from router.stage.step import step
from storage import fetches
from storage.database import Database, Transaction
from tests.router.chat import GROUP, NOW, OLA, TELEGRAM, Chat, edit, picture, says
from tests.router.test_stage import DESK
from tests.rows import rows


@pytest.fixture
def chat(database: Database) -> Chat:
    return Chat(database)


def piece(number: str, text: str = "[photo]", **changes: Any) -> Message:
    return says(text, number, album="77", attachments=(picture(number),), **changes)


async def test_an_album_is_one_message_with_all_its_files(chat: Chat) -> None:
    for message in (piece("1", "[photo]\n\nsee here"), piece("2"), piece("3", "and here")):
        await chat.waits(message)
    while await step(chat.db, DESK, now=NOW + ALBUM):
        pass
    assert await chat.texts() == ["[photo]\n\nsee here\n\nand here"]
    assert [row["message"] for row in await chat.rows("fetches")] == [1, 1, 1]
    assert [row["remote_id"] for row in await chat.rows("message_parts")] == ["2", "3"]
    assert len(await chat.rows("inquiries")) == 1
    assert len(await chat.rows("decisions")) == 1
    assert await chat.states() == {"done"}


async def test_a_file_that_was_faster_is_the_album_s_too(chat: Chat) -> None:
    await chat.comes(piece("1"))
    await chat.waits(piece("2"))

    async def arrive(tx: Transaction) -> None:
        for _ in range(2):
            wanted = await fetches.claim(tx, TELEGRAM, lease=ALBUM, now=NOW)
            assert wanted
            assert await fetches.keep(tx, wanted, b"pixels", now=NOW)

    await chat.db.write(arrive)
    assert await step(chat.db, DESK, now=NOW + ALBUM)
    assert [row["message"] for row in await chat.rows("attachments")] == [1, 1]


async def test_pieces_wait_a_moment_for_the_first(chat: Chat) -> None:
    await chat.comes(piece("1"), after=timedelta(0))
    assert await chat.rows("messages") == []
    (row,) = await chat.rows("arrivals")
    assert (row["state"], row["attempts"]) == ("understood", 0)
    assert await step(chat.db, DESK, now=NOW + ALBUM / 2)
    assert await chat.rows("messages") == []
    assert await step(chat.db, DESK, now=NOW + ALBUM)
    assert await chat.texts() == ["[photo]"]


async def placed(chat: Chat, *, at: datetime = NOW + ALBUM) -> None:
    """Let everything be placed, each when its turn has come."""
    for turn in range(20):
        await rows(chat.db, "UPDATE arrivals SET due_at = 0 WHERE state = 'understood'")
        if not await step(chat.db, chat.desk, now=at + turn * ALBUM):
            return


@pytest.mark.parametrize("place", range(4))
async def test_rules_see_the_words_of_an_album_wherever_they_stand(chat: Chat, place: int) -> None:
    for number in range(4):
        text = "[photo]\n\nthe invoice is wrong" if number == place else "[photo]"
        await chat.waits(piece(str(number), text))
    await placed(chat)
    (inquiry,) = await chat.rows("inquiries")
    assert inquiry["subject"] == "the invoice is wrong"
    (message,) = await chat.rows("messages")
    assert message["text"] == "[photo]\n\nthe invoice is wrong"
    assert message["remote_id"] == str(place)
    (decision,) = await chat.rows("decisions")
    assert decision["arrival"] == place + 1
    assert len(await chat.rows("message_parts")) == 3
    assert {row["message"] for row in await chat.rows("fetches")} == {1}
    assert await chat.states() == {"done"}


async def test_a_piece_waits_for_one_that_is_not_understood_yet(chat: Chat) -> None:
    await chat.waits(piece("1"))
    await chat.waits(piece("2", "[photo]\n\nthe words"))
    hidden = "UPDATE arrivals SET state = '{}' WHERE id = 2"
    await rows(chat.db, hidden.format("waiting"))
    assert await step(chat.db, chat.desk, now=NOW + ALBUM)
    assert await chat.rows("messages") == []
    await rows(chat.db, hidden.format("understood"))
    await placed(chat)
    assert [row["remote_id"] for row in await chat.rows("messages")] == ["2"]


async def test_it_does_not_wait_for_ever(chat: Chat) -> None:
    await chat.waits(piece("1"))
    await chat.waits(piece("2", "[photo]\n\nthe words"))
    await rows(chat.db, "UPDATE arrivals SET state = 'waiting' WHERE id = 2")
    assert await step(chat.db, chat.desk, now=NOW + LONGEST)
    assert [row["remote_id"] for row in await chat.rows("messages")] == ["1"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(piece("2", "words", sender=OLA), id="somebody else's"),
        pytest.param(piece("2", "words", conversation="999"), id="in another chat"),
        pytest.param(says("words", "2", album="78"), id="of another album"),
        pytest.param(says("words", "2"), id="of none"),
        pytest.param(piece("2", "[forwarded from Eva]\n\n[photo]"), id="without words"),
        pytest.param(Moved(conversation="1", to="2"), id="no message"),
    ],
)
async def test_it_waits_for_nothing_else(chat: Chat, other: Understood) -> None:
    await chat.waits(piece("1"))
    await chat.waits(other)
    assert await step(chat.db, chat.desk, now=NOW + ALBUM)
    assert "1" in [row["remote_id"] for row in await chat.rows("messages")]


async def test_in_a_group_the_pieces_wait_for_the_one_that_names_us(chat: Chat) -> None:
    await chat.waits(piece("1", conversation=GROUP, opens=False))
    await chat.waits(piece("2", "[photo]\n\n@desk look", conversation=GROUP))
    await chat.waits(piece("3", conversation=GROUP, opens=False))
    await placed(chat)
    assert [row["remote_id"] for row in await chat.rows("messages")] == ["2"]
    assert len(await chat.rows("message_parts")) == 2


async def test_nobody_s_album_is_another_s(chat: Chat) -> None:
    await chat.comes(piece("1"))
    await chat.comes(piece("2", sender=OLA))
    await chat.comes(piece("3", conversation="999"))
    assert len(await chat.rows("inquiries")) == 3


async def test_the_words_of_a_piece_can_be_changed(chat: Chat) -> None:
    await chat.comes(piece("1", "first"))
    await chat.comes(piece("2", "second"))
    later = {"sent_at": NOW + timedelta(minutes=1)}
    await chat.comes(edit(piece("2", "the second", **later)))
    assert await chat.texts() == ["first\n\nthe second"]
    await chat.comes(edit(piece("1", "the first", **later)))
    assert await chat.texts() == ["the first\n\nthe second"]
    assert len(await chat.rows("fetches")) == 2
    assert (await chat.kinds()).count("edited") == 2


async def test_what_was_not_said_to_us_opens_nothing(chat: Chat) -> None:
    await chat.comes(edit(says("gossip", "1", conversation=GROUP, opens=False)))
    await chat.comes(piece("2", conversation=GROUP, opens=False))
    assert await chat.rows("messages") == []
    assert await chat.states() == {"done"}
    await chat.comes(piece("3", "@desk look", conversation=GROUP))
    await chat.comes(piece("4", conversation=GROUP, opens=False))
    assert len(await chat.rows("message_parts")) == 1

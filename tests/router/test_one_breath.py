"""Is what somebody writes line by line into a channel one request, and never another's?"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from inquiry.understood import Deletion, Message, Party
from inquiry.words import Audience
from router.messengers.stage import BREATH
from storage.database import Database
from tests.router.chat import EVA, JAN, NOW, OLA, Chat, close, edit, says

PLACE = "C1"


@pytest.fixture
def chat(database: Database) -> Chat:
    return Chat(database)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def begins(
    text: str, ts: str, seconds: float = 0, sender: Party = JAN, place: str = PLACE
) -> Message:
    """A message in a channel itself."""
    return says(
        text,
        ts,
        sender=sender,
        conversation=f"{place}/{ts}",
        audience=Audience.THREAD,
        sent_at=later(seconds),
        begun_at=later(seconds),
    )


def below(text: str, ts: str, first: str, seconds: float = 0, sender: Party = JAN) -> Message:
    """A message in the thread below another."""
    said = begins(text, ts, seconds, sender)
    return replace(said, conversation=f"{PLACE}/{first}", thread=first, begun_at=None)


async def placed(chat: Chat) -> list[int]:
    return [row["inquiry"] for row in await chat.rows("messages")]


async def test_lines_that_follow_one_another_are_one_request(chat: Chat) -> None:
    for number in range(4):
        await chat.comes(begins(f"line {number}", f"10{number}.1", 100 * number))
    assert await placed(chat) == [1, 1, 1, 1]
    assert (await chat.rows("inquiries"))[0]["conversation"] == "C1/100.1"
    assert (await chat.kinds()).count("followed-up") == 3
    assert (await chat.kinds()).count("in-one-breath") == 3
    assert "joined-in" not in await chat.kinds()


async def test_an_earlier_line_that_comes_later_belongs_to_it(chat: Chat) -> None:
    await chat.comes(begins("is on fire", "101.1", 5))
    await chat.comes(begins("our printer", "100.1"))
    assert await placed(chat) == [1, 1]


async def test_after_a_while_it_is_another_request(chat: Chat) -> None:
    await chat.comes(begins("the printer", "100.1"))
    await chat.comes(begins("the coffee", "101.1", BREATH.total_seconds() + 1))
    assert await placed(chat) == [1, 2]
    assert "in-one-breath" not in await chat.kinds()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(begins("mine too", "101.1", 5, OLA), id="somebody else"),
        pytest.param(begins("mine too", "101.1", 5, place="C2"), id="another channel"),
        pytest.param(begins("mine too", "101.1", 5, place="C1/100.1"), id="a channel called so"),
        pytest.param(
            replace(begins("mine too", "101.1", 5), audience=Audience.GROUP), id="no threads"
        ),
        pytest.param(below("mine too", "101.1", "102.1", 5), id="in a thread"),
        pytest.param(replace(begins("mine too", "101.1", 5), conversation="101.1"), id="no place"),
    ],
)
async def test_nothing_else_joins(chat: Chat, other: Message) -> None:
    await chat.comes(begins("the printer bangs", "100.1"))
    await chat.comes(other)
    assert await placed(chat) == [1, 2]


async def test_two_people_in_turns_have_each_their_own(chat: Chat) -> None:
    for number, sender in enumerate((JAN, OLA, JAN, EVA, OLA, JAN)):
        await chat.comes(begins(f"line {number}", f"10{number}.1", number, sender))
    assert await placed(chat) == [1, 2, 1, 3, 2, 1]


async def test_who_read_along_begins_a_request_of_their_own(chat: Chat) -> None:
    await chat.comes(begins("the printer bangs", "100.1"))
    await chat.comes(below("here too", "101.1", "100.1", 2, OLA))
    await chat.comes(begins("and the coffee is cold", "102.1", 4, OLA))
    assert await placed(chat) == [1, 1, 2]


@pytest.mark.parametrize("writer", [JAN, OLA])
async def test_a_reply_to_oneself_that_is_faster_than_its_line_belongs_to_it(
    chat: Chat, writer: Party
) -> None:
    """After a gap Slack tells of what is new at once; what was missed is read from the history."""
    await chat.comes(begins("the printer bangs", "100.1"))
    reply = replace(below("very loud", "102.1", "101.1", 9, writer), begun_at=later(5))
    await chat.comes(reply)
    await chat.comes(begins("and it smells", "101.1", 5, writer))
    assert await placed(chat) == ([1, 1, 1] if writer is JAN else [1, 2, 2])


async def test_a_reply_to_oneself_in_an_old_thread_is_another_request(chat: Chat) -> None:
    await chat.comes(begins("the printer bangs", "100.1"))
    reply = below("still cold", "102.1", "90.1", 9)
    await chat.comes(replace(reply, begun_at=later(-BREATH.total_seconds() - 1)))
    assert await placed(chat) == [1, 2]


async def test_a_change_of_what_never_came_counts_from_when_it_was_said(chat: Chat) -> None:
    await chat.comes(begins("the printer bangs", "100.1"))
    much_later = BREATH.total_seconds() + 60
    await chat.comes(begins("the coffee", "300.1", much_later))
    said = replace(begins("and it smells", "101.1", 5), sent_at=later(much_later))
    await chat.comes(edit(said))
    assert await placed(chat) == [1, 2, 1]


async def test_what_is_closed_takes_nothing_more(chat: Chat) -> None:
    await chat.comes(begins("the printer bangs", "100.1"))
    await close(chat, 1)
    await chat.comes(begins("and it smells", "101.1", 5))
    assert await placed(chat) == [1, 2]


async def test_what_was_taken_back_begins_nothing(chat: Chat) -> None:
    await chat.comes(begins("the printre", "100.1"))
    gone = Deletion(remote_id="100.1", conversation="C1/100.1", sender=JAN)
    await chat.comes(gone)
    await chat.comes(begins("the coffee", "101.1", 5))
    assert await placed(chat) == [1, 2]


@pytest.mark.parametrize("sender", [JAN, OLA])
async def test_a_thread_below_any_of_the_lines_belongs_to_the_request(
    chat: Chat, sender: Party
) -> None:
    await chat.comes(begins("hello", "100.1"))
    await chat.comes(begins("the printer bangs", "101.1", 5))
    await chat.comes(below("which one?", "102.1", "101.1", 3000, sender))
    await chat.comes(below("hello to you", "103.1", "100.1", 3001, sender))
    assert await placed(chat) == [1, 1, 1, 1]
    assert (await chat.kinds()).count("joined-in") == (sender is OLA)


async def test_the_thread_of_a_closed_request_begins_anew_and_stays_together(chat: Chat) -> None:
    await chat.comes(begins("hello", "100.1"))
    await chat.comes(begins("the printer bangs", "101.1", 5))
    await close(chat, 1)
    await chat.comes(below("it does again", "102.1", "101.1", 3000))
    await chat.comes(below("indeed", "103.1", "101.1", 3001, OLA))
    assert await placed(chat) == [1, 1, 2, 2]


async def test_an_edit_finds_its_line(chat: Chat) -> None:
    await chat.comes(begins("hello", "100.1"))
    second = begins("the printre", "101.1", 5)
    await chat.comes(second)
    better = replace(second, text="the printer", new_text="the printer", sent_at=later(60))
    await chat.comes(edit(better))
    assert await chat.texts() == ["hello", "the printer"]

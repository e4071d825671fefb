"""Do transcripts keep their order, and everybody their own, on both databases?"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from inquiry.journey import ChannelName, Dispatch, DispatchId, File, MessageId, Reference
from inquiry.understood import Party
from inquiry.words import OutboxState, Purpose
from specialists.acts import joining
from storage import answers, chat_mail, chats, fallbacks, outbox
from storage.chats import Visitor
from storage.database import Database, Transaction
from storage.renames import Rename, follow
from tests.inquiries import NOW, Inquiries, Opened, a_message
from tests.rows import rows

CHAT, MAIL = ChannelName("shop"), ChannelName("support-mail")
MINUTE = timedelta(minutes=1)
A_FILE = File(filename="hull.txt", content_type="text/plain", content=b"et hull")


async def a_visitor(db: Database, secret: str = "s", **changes: str) -> Visitor:
    return await db.write(
        lambda tx: chats.add_visitor(
            tx, channel=CHAT, key=f"visitor-{secret}", secret=secret, now=NOW, **changes
        )
    )


async def say(db: Database, visitor: Visitor, text: str, *files: File) -> int:
    return await db.write(
        lambda tx: chats.add(tx, visitor.id, f"id-{text}", text, files=files, now=NOW)
    )


async def texts(db: Database, visitor: Visitor, after: int = 0) -> list[str]:
    found = await db.read(lambda tx: chats.entries(tx, visitor.id, after=after))
    assert [one.seq for one in found] == list(range(after + 1, after + 1 + len(found)))
    return [one.text for one in found]


async def test_entries_are_numbered_without_a_gap_and_repeats_are_one(database: Database) -> None:
    jan, kari = await a_visitor(database, "jan"), await a_visitor(database, "kari")
    assert [await say(database, jan, text) for text in ("a", "b", "a", "c")] == [1, 2, 1, 3]
    assert await say(database, kari, "a") == 1
    assert await texts(database, jan) == ["a", "b", "c"]
    assert await texts(database, jan, after=2) == ["c"]
    assert await texts(database, kari) == ["a"]


async def test_many_at_once_get_numbers_of_their_own(database: Database) -> None:
    jan = await a_visitor(database)
    numbers = await asyncio.gather(*(say(database, jan, f"{n}") for n in range(20)))
    assert sorted(numbers) == list(range(1, 21))
    assert len(await texts(database, jan)) == 20


async def test_files_are_their_visitor_s(database: Database) -> None:
    jan, kari = await a_visitor(database, "jan"), await a_visitor(database, "kari")
    await say(database, jan, "se", A_FILE)
    (entry,) = await database.read(lambda tx: chats.entries(tx, jan.id, after=0))
    (file,) = entry.files
    found = await database.read(lambda tx: chats.file(tx, jan.id, file.id))
    assert found == ("hull.txt", b"et hull")
    assert await database.read(lambda tx: chats.file(tx, kari.id, file.id)) is None


async def test_a_user_is_one_visitor_however_often_they_come(database: Database) -> None:
    first = await a_visitor(database, "one", user_id="42")
    again = await a_visitor(database, "two", user_id="42")
    assert again.id == first.id
    found = await database.read(lambda tx: chats.by_secret(tx, CHAT, "one"))
    assert found is None  # a user is known by a signature, and by nothing that can be kept


async def test_visitors_follow_the_new_name_of_their_chat(database: Database) -> None:
    guest = await a_visitor(database, "guest")
    user = await a_visitor(database, "user", user_id="42")
    new = ChannelName("store")
    await follow(database, [Rename(thing="channel", old=CHAT, new=new)], now=NOW)
    found = await database.read(lambda tx: chats.by_secret(tx, new, "guest"))
    assert found is not None
    assert found.id == guest.id
    known = await database.read(lambda tx: chats.by_user(tx, new, "42"))
    assert known is not None
    assert known.id == user.id


async def an_answer(db: Database, opened: Opened, visitor: Visitor, text: str) -> DispatchId:
    """Let an answer of an inquiry stand in the outbox and in the transcript."""

    async def work(tx: Transaction) -> DispatchId:
        said = await answers.add_message(
            tx,
            inquiry=opened.id,
            contact_point=opened.contact_point,
            channel=CHAT,
            specialist="kasia",
            subject="Namiot",
            text=text,
            language="pl",
            now=NOW,
        )
        await answers.add(
            tx,
            inquiry=opened.id,
            contact_point=opened.contact_point,
            purpose=Purpose.ANSWER,
            channel=CHAT,
            message=said,
            fallbacks=await fallbacks.others(tx, opened.contact_point),
            now=NOW,
        )
        (waiting,) = await answers.waiting(tx, limit=5)
        dispatch = Dispatch(
            id=DispatchId(0),
            channel=CHAT,
            recipient=visitor.key,
            reference=Reference(opened.reference),
            text=text,
            language="pl",
        )
        message = await answers.compose(tx, waiting, dispatch, now=NOW)
        assert message
        added = await outbox.add(tx, waiting, message, dispatch, now=NOW)
        (claimed,) = await outbox.claim(tx, CHAT, repeatable=True, now=NOW)
        await chats.say(tx, visitor.id, claimed.dispatch, mail_at=NOW + MINUTE, now=NOW)
        return added

    return await db.write(work)


@pytest.fixture
async def jan(database: Database) -> Visitor:
    return await a_visitor(database, email="jan@kunde.example", name="Jan")


@pytest.fixture
async def opened(database: Database) -> Opened:
    return await Inquiries(database).opened(a_message(), channel=CHAT, contact="web-chat")


async def test_what_was_read_before_it_was_settled_is_told_after(
    database: Database, jan: Visitor, opened: Opened
) -> None:
    number = await an_answer(database, opened, jan, "Tak")
    await database.write(lambda tx: chats.read(tx, jan.id, 1, now=NOW))
    state = "SELECT state FROM outbox"
    assert [row["state"] for row in await rows(database, state)] == [OutboxState.SENDING]
    await database.script(
        f"UPDATE outbox SET state = 'sent', leased_until = NULL WHERE id = {number}"
    )
    await database.write(lambda tx: chats.tell_read(tx, CHAT, since=MINUTE, now=NOW))
    await database.write(lambda tx: chats.tell_read(tx, CHAT, since=MINUTE, now=NOW))
    assert [row["state"] for row in await rows(database, state)] == [OutboxState.READ]
    told = await rows(database, "SELECT kind FROM history WHERE kind = 'read'")
    assert len(told) == 1


async def test_what_nobody_has_seen_in_time_goes_by_mail_once(
    database: Database, jan: Visitor, opened: Opened
) -> None:
    await an_answer(database, opened, jan, "Tak, mamy dwa.")

    async def go_on(minutes: int) -> int:
        return await database.write(
            lambda tx: chat_mail.go_on(tx, CHAT, MAIL, now=NOW + minutes * MINUTE)
        )

    assert await go_on(0) == 0
    assert [await go_on(1), await go_on(2)] == [1, 0]
    (waiting,) = await database.read(lambda tx: answers.waiting(tx, limit=5))
    assert (waiting.contact, waiting.address) == ("mail", "jan@kunde.example")
    assert (waiting.text, waiting.channel) == ("Tak, mamy dwa.", MAIL)
    assert await texts(database, jan) == ["Tak, mamy dwa."]


@pytest.mark.parametrize("before", [True, False], ids=["before it was written", "only after"])
@pytest.mark.parametrize("given", ["", "other@kunde.example"])
async def test_a_proved_address_comes_before_the_given_one(
    database: Database, before: bool, given: str
) -> None:
    """The visitor is known to be Jan, who writes by mail; what is joined later changes nothing."""
    visitor = await a_visitor(database, "jan", email=given)
    inquiries = Inquiries(database)
    writer = a_message(sender=Party(visitor.key), message_id="")
    opened = await inquiries.opened(writer, channel=CHAT, contact="web-chat")
    mail = await inquiries.opened()

    async def join() -> None:
        both = (opened.contact_point, mail.contact_point)
        await joining.join(database, *both, inquiry=None, specialist="ola", now=NOW)

    if before:
        await join()
    await an_answer(database, opened, visitor, "Tak.")
    if not before:
        await join()
    done = await database.write(lambda tx: chat_mail.go_on(tx, CHAT, MAIL, now=NOW + 2 * MINUTE))
    waiting = await database.read(lambda tx: answers.waiting(tx, limit=5))
    expected = ["jan@kunde.example"] if before else [given] * bool(given)
    assert ([one.address for one in waiting], done) == (expected, len(expected))


async def test_what_was_seen_or_is_too_old_or_nobody_s_does_not(
    database: Database, jan: Visitor, opened: Opened
) -> None:
    await an_answer(database, opened, jan, "Tak")
    late = NOW + chat_mail.TOO_LATE + 2 * MINUTE
    assert await database.write(lambda tx: chat_mail.go_on(tx, CHAT, MAIL, now=late)) == 0
    await database.write(lambda tx: chats.read(tx, jan.id, 1, now=NOW))
    soon = NOW + 2 * MINUTE
    assert await database.write(lambda tx: chat_mail.go_on(tx, CHAT, MAIL, now=soon)) == 0


async def test_pages_of_what_came_before_are_as_long_as_asked_for(database: Database) -> None:
    jan = await a_visitor(database)
    for number in range(1, 8):
        await say(database, jan, f"{number}", *([A_FILE] if number == 3 else []))

    async def page(before: int) -> list[str]:
        found = await database.read(
            lambda tx: chats.entries_before(tx, jan.id, before=before, limit=3)
        )
        assert [[file.filename for file in one.files] for one in found if one.text == "3"] in (
            [],
            [["hull.txt"]],
        )
        return [one.text for one in found]

    assert [await page(before) for before in (8, 5, 2, 1)] == [
        ["5", "6", "7"],
        ["2", "3", "4"],
        ["1"],
        [],
    ]


async def chatted(inquiries: Inquiries, visitor: Visitor, *texts: str) -> tuple[Opened, list[int]]:
    """Let a visitor open an inquiry; return the numbers of its messages."""
    messages = [
        a_message(
            sender=Party(visitor.key),
            conversation=visitor.key,
            remote_id=f"id-{text}",
            message_id="",
            text=text,
        )
        for text in texts
    ]
    where: Mapping[str, Any] = {"channel": CHAT, "contact": "web-chat", "media_type": "chat"}
    opened = await inquiries.opened(messages[0], **where)
    for message in messages[1:]:
        await inquiries.followed_up(opened, message, **where)
    found = await rows(inquiries.db, f"SELECT id FROM messages WHERE inquiry = {opened.id}")
    return opened, sorted(row["id"] for row in found)


async def test_what_a_specialist_has_seen_is_seen_and_nothing_after_it(database: Database) -> None:
    inquiries = Inquiries(database)
    jan, kari = await a_visitor(database, "jan"), await a_visitor(database, "kari")
    for text in ("a", "b", "c"):
        await say(database, jan, text)
    await say(database, kari, "a")
    opened, (first, second, third) = await chatted(inquiries, jan, "a", "b", "c")
    (chatting,) = await database.read(lambda tx: chats.visitors_of(tx, opened.reference))
    assert (chatting.id, chatting.channel, chatting.key) == (jan.id, CHAT, jan.key)

    async def seen(message: int) -> tuple[bool, int]:
        number = MessageId(message)
        new = await database.write(lambda tx: chats.seen(tx, opened.reference, chatting, number))
        visitor = await database.read(lambda tx: chats.by_id(tx, jan.id))
        assert visitor
        return new, visitor.seen_seq

    assert [await seen(n) for n in (0, second, first, third, third + 99)] == [
        (False, 0),
        (True, 2),
        (False, 2),
        (True, 3),
        (False, 3),
    ]
    other = await database.read(lambda tx: chats.by_id(tx, kari.id))
    assert other
    assert other.seen_seq == 0

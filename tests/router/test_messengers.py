"""Do albums, edits, replies, buttons and moved groups find what they belong to?"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from inquiry.data import understood_as_text
from inquiry.journey import TELEGRAM as UPDATE
from inquiry.journey import Arrival, ArrivalId, ChannelName, ContactPointId, Envelope
from inquiry.understood import Attachment, Deletion, Edit, Message, Moved, Party, Press, Understood
from inquiry.words import ArrivalState, Audience
from router.logic import All
from router.messengers.albums import ALBUM, LONGEST
from router.rules import Effect, Rule, Turn, compile_rules
from router.stage import step
from storage import arrivals, decisions, fetches, portal
from storage.database import Database, Transaction
from storage.intake import Intake
from tests.router.test_stage import DESK, EVERYTHING, HASH
from tests.rows import rows

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TELEGRAM = ChannelName("telegram")
JAN, OLA, EVA = Party("501", "Jan"), Party("502", "Ola"), Party("503", "Eva")
GROUP = "-5"


def says(text: str, remote_id: str, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "sender": JAN,
        "text": text,
        "new_text": text,
        "language": "pl",
        "conversation": "501",
        "remote_id": remote_id,
        "sent_at": NOW,
    }
    return Message(**{**values, **changes})


def edit(message: Message) -> Edit:
    return Edit(remote_id=message.remote_id, conversation=message.conversation, message=message)


def picture(name: str) -> Attachment:
    return Attachment(
        filename=f"{name}.jpg",
        content_type="image/jpeg",
        size=0,
        sha256="",
        remote=f"remote-{name}",
        content_id=name,
    )


class Chat:
    """A desk's database, and what comes in by a messenger."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.desk = DESK
        self._intake = Intake(db)
        self._count = 0

    async def comes(
        self, understood: Understood, *, after: timedelta = ALBUM, at: datetime = NOW
    ) -> ArrivalId:
        """Let something arrive and be placed, so long after it came."""
        arrival = await self.waits(understood, at=at)
        assert await step(self.db, self.desk, now=at + after)
        return arrival

    async def waits(self, understood: Understood, *, at: datetime = NOW) -> ArrivalId:
        self._count += 1
        arrival = Arrival(
            channel=TELEGRAM,
            remote_id=str(self._count),
            media_type=UPDATE,
            raw=f"raw {self._count}".encode(),
            envelope=Envelope(),
            received_at=at,
        )
        accepted = await self._intake.inlet(TELEGRAM).accept(arrival)
        await self.db.write(partial(self._understand, understood))
        return accepted

    async def _understand(self, understood: Understood, tx: Transaction) -> None:
        await decisions.remember_configuration(tx, HASH, "rules: []", NOW)
        (one,) = await arrivals.claim(tx, ArrivalState.WAITING, limit=1, lease=timedelta(minutes=1))
        assert await arrivals.understood(tx, one, understood_as_text(understood), "1")
        if isinstance(understood, Message | Edit):
            said = understood.message if isinstance(understood, Edit) else understood
            for file in said.attachments:
                await arrivals.add_attachment(tx, one.id, file)

    async def answers(self, text: str, remote_id: str, inquiry: int = 1) -> None:
        """A specialist has answered, and Telegram has given it numbers."""
        await rows(
            self.db,
            "INSERT INTO messages (inquiry, direction, purpose, channel, contact_point, subject,"
            " text, new_text, quoted_text, signature, html, language, message_id, conversation,"
            " remote_id, automated, trust, too_complex, created_at)"
            f" SELECT {inquiry}, 'out', 'answer', 'telegram', contact_point, '', '{text}', '', '',"
            f" '', '', 'pl', '', conversation, '{remote_id}', 'none', 'verified', '', 1"
            f" FROM inquiries WHERE id = {inquiry}",
        )

    async def rows(self, table: str) -> list[dict[str, Any]]:
        return await rows(self.db, f"SELECT * FROM {table} ORDER BY id")

    async def texts(self) -> list[str]:
        return [row["text"] for row in await self.rows("messages")]

    async def states(self) -> set[str]:
        return {row["state"] for row in await self.rows("arrivals")}

    async def kinds(self) -> list[str]:
        return [row["kind"] for row in await self.rows("history")]


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


async def test_what_was_not_said_to_us_opens_nothing(chat: Chat) -> None:
    await chat.comes(edit(says("gossip", "1", conversation=GROUP, opens=False)))
    await chat.comes(piece("2", conversation=GROUP, opens=False))
    assert await chat.rows("messages") == []
    assert await chat.states() == {"done"}
    await chat.comes(piece("3", "@desk look", conversation=GROUP))
    await chat.comes(piece("4", conversation=GROUP, opens=False))
    assert len(await chat.rows("message_parts")) == 1


async def close(chat: Chat, inquiry: int, state: str = "closed") -> None:
    closed = ", closed_at = 1" if state == "closed" else ""
    await rows(
        chat.db,
        f"UPDATE inquiries SET state = '{state}', resolved_at = 1 {closed} WHERE id = {inquiry}",
    )


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

"""What does each act of a specialist do, and what does it refuse?"""

from datetime import timedelta
from typing import Any

import pytest

from inquiry.errors import Conflict, NotFound
from inquiry.journey import AnswerId, ContactPointId, InquiryId
from inquiry.retry import RetryPolicy
from inquiry.understood import Party
from inquiry.words import Priority, State
from outbox.stage import compose_step
from specialists.acts import answering, asides, handover, marks, notes, progress
from specialists.acts.answering import Overtaken
from specialists.acts.words import NoWords
from storage.database import Database
from tests.inquiries import (
    INVOICES,
    KASIA,
    MINUTE,
    NOW,
    OLA,
    TELEGRAM,
    Inquiries,
    Opened,
    a_message,
)
from tests.outbox.senders import DESK, Says
from tests.outbox.steps import send_step

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


@pytest.fixture
async def opened(inquiries: Inquiries) -> Opened:
    return await inquiries.opened()


async def answer(inquiries: Inquiries, opened: Opened, **changes: Any) -> AnswerId:
    values = {"text": "Proszę ją wyłączyć.", "specialist": KASIA, "now": LATER, **changes}
    return await answering.answer(inquiries.db, inquiry=opened.id, **values)


async def event(inquiries: Inquiries, opened: Opened) -> int:
    return int((await inquiries.inquiry(opened))["event"])


async def test_an_answer_waits_for_its_form(inquiries: Inquiries, opened: Opened) -> None:
    await answer(inquiries, opened)
    row = await inquiries.inquiry(opened)
    assert (row["state"], row["assignee"], row["unanswered"]) == (
        "waiting-for-customer",
        "kasia",
        0,
    )
    assert await inquiries.kinds(opened) == ["opened", "answered", "assigned"]
    (waiting,) = await inquiries.rows("answers")
    assert (waiting["state"], waiting["contact_point"], waiting["channel"]) == (
        "waiting",
        opened.contact_point,
        "support-mail",
    )


async def test_an_answer_does_not_take_it_from_a_colleague(
    inquiries: Inquiries, opened: Opened
) -> None:
    await handover.assign(inquiries.db, inquiry=opened.id, specialist=OLA, to=OLA, now=NOW)
    await answer(inquiries, opened)
    assert (await inquiries.inquiry(opened))["assignee"] == "ola"


async def test_an_answer_may_be_the_last_word(inquiries: Inquiries, opened: Opened) -> None:
    await answer(inquiries, opened, then=State.RESOLVED)
    row = await inquiries.inquiry(opened)
    assert row["state"] == "resolved"
    assert row["resolved_at"] is not None
    assert "resolved" in await inquiries.kinds(opened)


async def test_it_goes_to_whoever_wrote_last_by_their_channel(
    inquiries: Inquiries, opened: Opened
) -> None:
    await inquiries.followed_up(opened, a_message(message_id="<2@kunde.example>"), channel=TELEGRAM)
    await answer(inquiries, opened)
    await answer(inquiries, opened, contact_point=opened.contact_point)
    for waiting in await inquiries.rows("answers"):
        assert waiting["channel"] == "telegram"


@pytest.mark.parametrize("text", ["", "  \n\t "])
async def test_an_answer_needs_words(inquiries: Inquiries, opened: Opened, text: str) -> None:
    with pytest.raises(NoWords, match=r"^an answer needs words$"):
        await answer(inquiries, opened, text=text)
    with pytest.raises(NoWords, match=r"^a note needs words$"):
        await notes.note(inquiries.db, inquiry=opened.id, specialist=OLA, text=text, now=NOW)
    assert await inquiries.rows("answers") == []


async def test_nobody_answers_an_inquiry_that_is_not_there(inquiries: Inquiries) -> None:
    with pytest.raises(NotFound, match=r"^there is no inquiry 77$"):
        await answering.answer(
            inquiries.db, inquiry=InquiryId(77), specialist=KASIA, text="Hei", now=NOW
        )


async def test_nobody_else_can_be_written_to(inquiries: Inquiries, opened: Opened) -> None:
    other = await inquiries.opened(a_message(sender=Party("eve@other.example")))
    with pytest.raises(Conflict, match=r"^this contact point takes no part in NL-2026-00001$"):
        await answer(inquiries, opened, contact_point=ContactPointId(other.contact_point))


async def test_a_closed_inquiry_is_not_answered(inquiries: Inquiries, opened: Opened) -> None:
    await progress.close(inquiries.db, inquiry=opened.id, specialist=OLA, now=NOW)
    with pytest.raises(Conflict, match=r"^NL-2026-00001 is closed: reopen it first$"):
        await answer(inquiries, opened)


class TestTheSendGuard:
    """Nothing is sent past something that its writer has not read."""

    async def test_a_newer_message_stops_it(self, inquiries: Inquiries, opened: Opened) -> None:
        seen = await event(inquiries, opened)
        await inquiries.followed_up(opened, a_message(message_id="<2@kunde.example>"))
        with pytest.raises(Overtaken) as overtaken:
            await answer(inquiries, opened, seen_event=seen)
        assert [found.kind for found in overtaken.value.events] == ["followed-up"]
        assert str(overtaken.value) == (
            "something newer has happened to this inquiry: read it first"
        )
        assert await inquiries.rows("answers") == []

    async def test_a_colleagues_note_stops_it(self, inquiries: Inquiries, opened: Opened) -> None:
        seen = await event(inquiries, opened)
        await notes.note(inquiries.db, inquiry=opened.id, specialist=OLA, text="Wait", now=NOW)
        with pytest.raises(Overtaken):
            await answer(inquiries, opened, seen_event=seen)

    async def test_an_assignment_stops_it(self, inquiries: Inquiries, opened: Opened) -> None:
        seen = await event(inquiries, opened)
        await handover.assign(inquiries.db, inquiry=opened.id, specialist=OLA, to=OLA, now=NOW)
        with pytest.raises(Overtaken):
            await answer(inquiries, opened, seen_event=seen)

    async def test_a_double_click_answers_once(self, inquiries: Inquiries, opened: Opened) -> None:
        seen = await event(inquiries, opened)
        await answer(inquiries, opened, seen_event=seen)
        with pytest.raises(Overtaken):
            await answer(inquiries, opened, seen_event=seen)
        assert len(await inquiries.rows("answers")) == 1

    async def test_what_the_program_does_meanwhile_does_not(
        self, inquiries: Inquiries, opened: Opened
    ) -> None:
        seen = await event(inquiries, opened)
        await inquiries.acknowledged(opened)
        await compose_step(inquiries.db, DESK, now=NOW)
        await send_step(inquiries.db, Says(), RetryPolicy(), now=NOW)
        assert await event(inquiries, opened) > seen
        await answer(inquiries, opened, seen_event=seen)

    async def test_whoever_has_read_it_may_answer(
        self, inquiries: Inquiries, opened: Opened
    ) -> None:
        await inquiries.followed_up(opened, a_message(message_id="<2@kunde.example>"))
        await answer(inquiries, opened, seen_event=await event(inquiries, opened))


class TestUndo:
    """An answer can be taken back until it leaves."""

    async def test_before_it_has_a_form(self, inquiries: Inquiries, opened: Opened) -> None:
        written = await answer(inquiries, opened, undo=MINUTE)
        text = await answering.undo(inquiries.db, answer=written, specialist=KASIA, now=LATER)
        assert text == "Proszę ją wyłączyć."
        assert not await compose_step(inquiries.db, DESK, now=LATER)
        row = await inquiries.inquiry(opened)
        assert (row["state"], row["unanswered"]) == ("new", 1)
        assert (await inquiries.rows("messages"))[-1]["deleted_at"] is not None

    async def test_before_its_time(self, inquiries: Inquiries, opened: Opened) -> None:
        written = await answer(inquiries, opened, undo=MINUTE)
        await compose_step(inquiries.db, DESK, now=LATER)
        await answering.undo(inquiries.db, answer=written, specialist=KASIA, now=LATER)
        (dispatch,) = await inquiries.rows("outbox")
        assert dispatch["state"] == "cancelled"
        assert not await send_step(inquiries.db, Says(), RetryPolicy(), now=LATER + MINUTE)
        assert (await inquiries.kinds(opened))[-1] == "withdrawn"

    async def test_not_after_it_has_left(self, inquiries: Inquiries, opened: Opened) -> None:
        written = await answer(inquiries, opened)
        await compose_step(inquiries.db, DESK, now=LATER)
        await send_step(inquiries.db, Says(), RetryPolicy(), now=LATER)
        with pytest.raises(Conflict, match=r"^dispatch 1 is sent: it can't be undone$"):
            await answering.undo(inquiries.db, answer=written, specialist=KASIA, now=LATER)
        assert (await inquiries.rows("messages"))[-1]["deleted_at"] is None

    async def test_not_twice(self, inquiries: Inquiries, opened: Opened) -> None:
        written = await answer(inquiries, opened, undo=MINUTE)
        await answering.undo(inquiries.db, answer=written, specialist=KASIA, now=LATER)
        with pytest.raises(Conflict, match=r"^the answer was taken back already$"):
            await answering.undo(inquiries.db, answer=written, specialist=KASIA, now=LATER)

    async def test_what_happened_since_stays(self, inquiries: Inquiries, opened: Opened) -> None:
        written = await answer(inquiries, opened, undo=MINUTE)
        await inquiries.followed_up(opened, a_message(message_id="<2@kunde.example>"))
        await answering.undo(inquiries.db, answer=written, specialist=KASIA, now=LATER)
        row = await inquiries.inquiry(opened)
        assert (row["state"], row["unanswered"]) == ("open", 1)

    async def test_only_what_is_there(self, inquiries: Inquiries, opened: Opened) -> None:
        acknowledgement = await inquiries.acknowledged(opened)
        with pytest.raises(NotFound, match=rf"^there is no answer {acknowledgement}$"):
            await answering.undo(inquiries.db, answer=acknowledgement, specialist=KASIA, now=NOW)


async def test_a_note_is_not_a_message(inquiries: Inquiries, opened: Opened) -> None:
    number = await notes.note(
        inquiries.db, inquiry=opened.id, specialist=OLA, text="Same as last week", now=NOW
    )
    (note,) = await inquiries.rows("notes")
    assert (note["id"], note["specialist"], note["text"]) == (number, "ola", "Same as last week")
    assert len(await inquiries.rows("messages")) == 1
    assert (await inquiries.inquiry(opened))["state"] == "open"
    assert await inquiries.kinds(opened) == ["opened", "state", "noted"]


async def test_taking_giving_back_and_giving_away(inquiries: Inquiries, opened: Opened) -> None:
    for to in (KASIA, KASIA, None, OLA):
        await handover.assign(inquiries.db, inquiry=opened.id, specialist=KASIA, to=to, now=NOW)
    assert (await inquiries.inquiry(opened))["assignee"] == "ola"
    told = [(e.kind, e.data.get("to")) for e in await inquiries.events(opened)][1:]
    assert told == [
        ("assigned", "kasia"),
        ("state", "open"),
        ("unassigned", ""),
        ("assigned", "ola"),
    ]


async def test_a_handover_leaves_it_to_the_other_queue(
    inquiries: Inquiries, opened: Opened
) -> None:
    await handover.assign(inquiries.db, inquiry=opened.id, specialist=OLA, to=OLA, now=NOW)
    for _ in range(2):
        await handover.move(
            inquiries.db, inquiry=opened.id, specialist=OLA, queue=INVOICES, now=NOW
        )
    row = await inquiries.inquiry(opened)
    assert (row["queue"], row["assignee"], row["assignment"]) == ("invoices", None, "waiting")
    assert (await inquiries.kinds(opened)).count("moved") == 1


async def test_priority_and_tags_are_told_once(inquiries: Inquiries, opened: Opened) -> None:
    for _ in range(2):
        await marks.prioritise(
            inquiries.db, inquiry=opened.id, specialist=OLA, priority=Priority.HIGH, now=NOW
        )
        await marks.tag(
            inquiries.db, inquiry=opened.id, specialist=OLA, tags=["vip", " vip", ""], now=NOW
        )
    row = await inquiries.inquiry(opened)
    assert (row["priority"], row["tags"]) == ("high", '["vip"]')
    assert await inquiries.kinds(opened) == ["opened", "priority", "tagged"]


async def test_resolved_and_taken_up_again(inquiries: Inquiries, opened: Opened) -> None:
    await progress.resolve(inquiries.db, inquiry=opened.id, specialist=OLA, now=NOW)
    await progress.reopen(inquiries.db, inquiry=opened.id, specialist=OLA, now=NOW)
    row = await inquiries.inquiry(opened)
    assert (row["state"], row["resolved_at"]) == ("open", None)
    with pytest.raises(Conflict, match=r"^NL-2026-00001 is open: there is nothing to reopen$"):
        await progress.reopen(inquiries.db, inquiry=opened.id, specialist=OLA, now=NOW)
    assert await inquiries.kinds(opened) == ["opened", "resolved", "reopened"]


async def test_closing_remembers_when_it_was_resolved(inquiries: Inquiries, opened: Opened) -> None:
    await progress.resolve(inquiries.db, inquiry=opened.id, specialist=OLA, now=NOW)
    await progress.close(inquiries.db, inquiry=opened.id, specialist=OLA, now=LATER)
    row = await inquiries.inquiry(opened)
    assert row["resolved_at"] < row["closed_at"]


async def test_the_customer_may_say_that_it_works(inquiries: Inquiries, opened: Opened) -> None:
    for _ in range(2):
        await progress.works(inquiries.db, inquiry=opened.id, now=NOW)
    assert (await inquiries.inquiry(opened))["state"] == "resolved"
    assert await inquiries.kinds(opened) == ["opened", "works"]


class TestAsides:
    """A message with proof from another address is let in only by a person."""

    eve = a_message(sender=Party("eve@other.example", "Eve"), message_id="<3@other.example>")

    async def test_let_in_its_writer_takes_part(self, inquiries: Inquiries, opened: Opened) -> None:
        aside = await inquiries.kept_aside(opened, self.eve)
        assert len(await inquiries.rows("messages")) == 1
        await asides.confirm(inquiries.db, aside=aside, specialist=OLA, now=NOW)
        message = (await inquiries.rows("messages"))[-1]
        assert message["text"] == "nie działa"
        assert await inquiries.kinds(opened) == [
            "opened",
            "kept-aside",
            "confirmed",
            "followed-up",
        ]
        await answer(inquiries, opened)
        (waiting,) = await inquiries.rows("answers")
        assert waiting["contact_point"] == message["contact_point"] != opened.contact_point

    async def test_left_out_it_stays_out(self, inquiries: Inquiries, opened: Opened) -> None:
        aside = await inquiries.kept_aside(opened, self.eve)
        await asides.refuse(inquiries.db, aside=aside, specialist=OLA, now=NOW)
        with pytest.raises(Conflict, match=rf"^message {aside} kept aside is refused already$"):
            await asides.confirm(inquiries.db, aside=aside, specialist=OLA, now=NOW)
        assert len(await inquiries.rows("messages")) == 1

    async def test_a_closed_inquiry_takes_nothing_in(
        self, inquiries: Inquiries, opened: Opened
    ) -> None:
        aside = await inquiries.kept_aside(opened, self.eve)
        await progress.close(inquiries.db, inquiry=opened.id, specialist=OLA, now=NOW)
        with pytest.raises(Conflict, match=r"^NL-2026-00001 is closed: reopen it first$"):
            await asides.confirm(inquiries.db, aside=aside, specialist=OLA, now=NOW)

    async def test_what_is_not_there_can_not_be_let_in(self, inquiries: Inquiries) -> None:
        with pytest.raises(NotFound, match=r"^there is no message 9 kept aside$"):
            await asides.confirm(inquiries.db, aside=9, specialist=OLA, now=NOW)

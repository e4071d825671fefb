"""Does every answer end in exactly one place, and every attempt lead somewhere?"""

from datetime import timedelta
from typing import Any

import pytest

from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import File
from inquiry.retry import RetryPolicy
from inquiry.understood import Party
from outbox.stage import compose_step
from specialists.acts import answering
from storage import outbox
from storage.database import Database
from tests.inquiries import KASIA, MINUTE, NOW, TELEGRAM, Inquiries, Opened, a_message
from tests.outbox.senders import DESK, Says
from tests.outbox.steps import send_step
from tests.rows import rows

POLICY = RetryPolicy()
HOUR = timedelta(hours=1)


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


async def answered(inquiries: Inquiries, opened: Opened, text: str, **more: Any) -> None:
    """Let Kasia answer, and the answer take form."""
    await answering.answer(
        inquiries.db, inquiry=opened.id, specialist=KASIA, text=text, now=NOW, **more
    )
    assert await compose_step(inquiries.db, DESK, now=NOW)


@pytest.mark.parametrize(
    ("channel", "state"),
    [
        pytest.param(Says(), "sent", id="accepted"),
        pytest.param(Says(TemporaryFailure("busy")), "waiting", id="busy"),
        pytest.param(Says(PermanentFailure("no such user")), "dead", id="refused"),
        pytest.param(Says(OutcomeUnknown("reset")), "doubtful", id="who knows"),
        pytest.param(Says(TimeoutError()), "doubtful", id="no answer"),
        pytest.param(Says(OutcomeUnknown("reset"), repeatable=True), "waiting", id="no harm in it"),
        pytest.param(Says(ZeroDivisionError()), "doubtful", id="a bug in the channel"),
    ],
)
async def test_every_answer_leads_somewhere(
    inquiries: Inquiries, channel: Says, state: str
) -> None:
    opened = await inquiries.opened()
    await answered(inquiries, opened, "Proszę ją wyłączyć.")
    assert await send_step(inquiries.db, channel, POLICY, now=NOW)
    (row,) = await inquiries.rows("outbox")
    assert (row["state"], row["leased_until"], row["attempts"]) == (state, None, 1)


async def test_an_empty_outbox_lets_the_caller_rest(database: Database) -> None:
    assert not await compose_step(database, DESK, now=NOW)
    assert not await send_step(database, Says(), POLICY, now=NOW)


async def test_the_reason_is_kept_and_never_the_text_of_a_bug(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    await answered(inquiries, opened, "Hei")
    await send_step(inquiries.db, Says(ValueError("password: 123")), POLICY, now=NOW)
    (row,) = await inquiries.rows("outbox")
    assert row["last_error"] == "a fault of the channel: ValueError"


async def test_what_is_sent_is_written_into_the_history(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    await answered(inquiries, opened, "Hei")
    await send_step(inquiries.db, Says(), POLICY, now=NOW)
    assert (await inquiries.kinds(opened))[-1] == "sent"
    message = (await inquiries.rows("messages"))[-1]
    assert message["remote_id"] == "remote-1"


@pytest.mark.parametrize(
    ("failure", "wait"),
    [
        pytest.param(TemporaryFailure("busy", went=["7", "8"]), HOUR, id="busy in the middle"),
        pytest.param(OutcomeUnknown("reset", went=["7", "8"]), HOUR, id="cut in the middle"),
    ],
)
async def test_the_next_attempt_knows_which_parts_went(
    inquiries: Inquiries, failure: Exception, wait: timedelta
) -> None:
    opened = await inquiries.opened()
    await answered(inquiries, opened, "a long answer")
    channel = Says(failure)
    assert await send_step(inquiries.db, channel, POLICY, now=NOW)
    channel.failure = TemporaryFailure("nobody listens there")
    assert await send_step(inquiries.db, channel, POLICY, now=NOW + wait)
    channel.failure = None
    assert await send_step(inquiries.db, channel, POLICY, now=NOW + 2 * wait)
    assert [dispatch.went for dispatch in channel.tried] == [(), ("7", "8"), ("7", "8")]


async def test_a_conversation_that_has_moved_goes_on_there(inquiries: Inquiries) -> None:
    message = a_message(conversation="-5/9", remote_id="3")
    opened = await inquiries.opened(message, channel=TELEGRAM, contact="telegram")
    await answered(inquiries, opened, "Hei")
    moved = Says(name=TELEGRAM, conversation="-1005/9")
    assert await send_step(inquiries.db, moved, POLICY, now=NOW)
    assert moved.tried[0].conversation == "-5/9"
    assert (await inquiries.inquiry(opened))["conversation"] == "-1005/9"


async def test_the_undo_time_passes_before_it_leaves(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    await answered(inquiries, opened, "Hei", undo=timedelta(seconds=10))
    channel = Says()
    assert not await send_step(inquiries.db, channel, POLICY, now=NOW)
    assert await send_step(inquiries.db, channel, POLICY, now=NOW + timedelta(seconds=10))


async def test_answers_of_one_inquiry_leave_in_order(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    for text in ("one", "two", "three"):
        await answered(inquiries, opened, text)
    channel = Says(TemporaryFailure("busy"))
    assert await send_step(inquiries.db, channel, POLICY, now=NOW)
    assert not await send_step(inquiries.db, channel, POLICY, now=NOW)
    channel.failure = None
    later = NOW + HOUR
    while await send_step(inquiries.db, channel, POLICY, now=later):
        pass
    assert [dispatch.text for dispatch in channel.tried] == ["one", "one", "two", "three"]


@pytest.mark.parametrize(
    ("failure", "tries"),
    [
        pytest.param(PermanentFailure("no such user"), 1, id="dead"),
        pytest.param(OutcomeUnknown("reset"), 2, id="doubtful to the end"),
    ],
)
async def test_what_failed_does_not_hold_up_the_next(
    inquiries: Inquiries, failure: Exception, tries: int
) -> None:
    opened = await inquiries.opened()
    await answered(inquiries, opened, "one")
    await answered(inquiries, opened, "two")
    channel = Says(failure)
    for count in range(tries):
        assert await send_step(inquiries.db, channel, POLICY, now=NOW + count * outbox.DOUBT)
    channel.failure = None
    assert await send_step(inquiries.db, channel, POLICY, now=NOW + HOUR)
    assert channel.tried[-1].text == "two"


async def test_doubt_holds_up_the_next_until_it_is_settled(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    await answered(inquiries, opened, "one")
    await answered(inquiries, opened, "two")
    channel = Says(OutcomeUnknown("reset"))
    await send_step(inquiries.db, channel, POLICY, now=NOW)
    assert not await send_step(inquiries.db, channel, POLICY, now=NOW + MINUTE)


async def test_what_is_in_doubt_is_sent_once_more_and_marked(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    await answered(inquiries, opened, "Hei")
    channel = Says(OutcomeUnknown("reset"))
    await send_step(inquiries.db, channel, POLICY, now=NOW)
    assert not await send_step(inquiries.db, channel, POLICY, now=NOW + outbox.DOUBT - MINUTE)
    assert await send_step(inquiries.db, channel, POLICY, now=NOW + outbox.DOUBT)
    assert not await send_step(inquiries.db, channel, POLICY, now=NOW + 100 * outbox.DOUBT)
    assert [dispatch.possible_repeat for dispatch in channel.tried] == [False, True]
    first, second = channel.tried
    assert (first.message_id, first.envelope_id) == (second.message_id, second.envelope_id)


async def test_other_customers_do_not_wait(inquiries: Inquiries) -> None:
    kari = a_message(sender=Party("kari@fjell.example"), message_id="")
    held_up, free = await inquiries.opened(), await inquiries.opened(kari)
    await answered(inquiries, held_up, "one")
    channel = Says(TemporaryFailure("busy"))
    await send_step(inquiries.db, channel, POLICY, now=NOW)
    await answered(inquiries, free, "two")
    channel.failure = None
    assert await send_step(inquiries.db, channel, POLICY, now=NOW)
    assert channel.tried[-1].text == "two"


async def test_a_channel_takes_only_its_own(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    await answered(inquiries, opened, "Hei")
    assert not await send_step(inquiries.db, Says(name=TELEGRAM), POLICY, now=NOW)


async def test_after_two_days_it_is_given_up_in_sight(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    await answered(inquiries, opened, "Hei")
    channel = Says(TemporaryFailure("connection refused"))
    await send_step(inquiries.db, channel, POLICY, now=NOW)
    await send_step(inquiries.db, channel, POLICY, now=NOW + POLICY.patience)
    (row,) = await inquiries.rows("outbox")
    assert (row["state"], row["last_error"]) == ("dead", "connection refused")
    assert (await inquiries.kinds(opened))[-1] == "dead"


async def test_a_busy_channel_is_left_alone_as_long_as_it_asks(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    await answered(inquiries, opened, "Hei")
    channel = Says(TemporaryFailure("slow down", retry_after=timedelta(minutes=20)))
    await send_step(inquiries.db, channel, POLICY, now=NOW)
    assert not await send_step(inquiries.db, channel, POLICY, now=NOW + 19 * MINUTE)
    assert await send_step(inquiries.db, channel, POLICY, now=NOW + 20 * MINUTE)


async def test_files_travel_with_their_answer(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    file = File(filename="plan.pdf", content_type="application/pdf", content=b"%PDF-1.7 plan")
    await answered(inquiries, opened, "Proszę", files=[file])
    channel = Says()
    await send_step(inquiries.db, channel, POLICY, now=NOW)
    assert channel.tried[0].files == (file,)


async def test_a_file_that_is_gone_is_no_reason_to_stop(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    file = File(filename="plan.pdf", content_type="application/pdf", content=b"%PDF-1.7 plan")
    await answered(inquiries, opened, "Proszę", files=[file])
    await answered(inquiries, opened, "two")
    await rows(inquiries.db, "UPDATE originals SET content = NULL WHERE content IS NOT NULL")
    channel = Says()
    assert await send_step(inquiries.db, channel, POLICY, now=NOW)
    dead, _ = await inquiries.rows("outbox")
    assert dead["state"] == "dead"
    assert "original" in dead["last_error"]
    assert await send_step(inquiries.db, channel, POLICY, now=NOW)
    assert [dispatch.text for dispatch in channel.tried] == ["two"]


async def test_the_customer_answers_what_was_sent(inquiries: Inquiries) -> None:
    opened = await inquiries.opened(a_message(message_id="<first@kunde.example>"))
    await inquiries.acknowledged(opened)
    await compose_step(inquiries.db, DESK, now=NOW)
    await answered(inquiries, opened, "Proszę ją wyłączyć.")
    channel = Says()
    while await send_step(inquiries.db, channel, POLICY, now=NOW):
        pass
    acknowledgement, answer = channel.tried
    assert acknowledgement.automatic
    assert not answer.automatic
    assert acknowledgement.references == ("<first@kunde.example>",)
    assert answer.in_reply_to == "<first@kunde.example>"
    assert answer.references == ("<first@kunde.example>",)
    assert answer.from_name == "Kasia Nowak, Nordlys Support"
    assert answer.subject == "Re: Drukarka [NL-2026-00001]"

"""Does an outage of Telegram, however long it lasts, leave answers to people, or repeat them?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.retry import RetryPolicy
from inquiry.words import OutboxState
from outbox.stage import compose_step
from specialists.acts import answering
from storage.sqlite import Sqlite
from tests.channels.mishaps import Telegram, spoken
from tests.channels.test_telegram import JAN, opened, to_jan
from tests.inquiries import KASIA, NOW, Inquiries
from tests.outbox.senders import a_desk
from tests.outbox.steps import send_step
from tests.servers.http_troubles import Trouble, cut_before, page
from tests.servers.telegram import FakeTelegram, refuses, telegram, too_many


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with telegram() as started:
        yield started


def outage(fake: FakeTelegram, trouble: Trouble) -> None:
    for method in ("sendMessage", "sendDocument", "sendChatAction"):
        fake.from_now_on(method, trouble)


@pytest.mark.parametrize("trouble", [page(502), page(503), cut_before])
async def test_what_may_have_arrived_is_not_sent_while_telegram_does_not_answer(
    fake: FakeTelegram, trouble: Trouble
) -> None:
    outage(fake, trouble)
    async with opened(fake) as channel:
        for _ in range(3):
            with pytest.raises(TemporaryFailure) as failure:
                await channel.send(replace(to_jan("hello"), possible_repeat=True))
            assert failure.value.whole_channel
        fake.behave()
        await channel.send(replace(to_jan("hello"), possible_repeat=True))
    assert [sent["text"] for sent in fake.sent] == ["hello"]


async def test_after_one_without_an_answer_the_others_are_in_no_doubt(fake: FakeTelegram) -> None:
    outage(fake, page(502))
    async with opened(fake) as channel:
        with pytest.raises(OutcomeUnknown):
            await channel.send(to_jan("one"))
        for text in ("two", "three"):
            with pytest.raises(TemporaryFailure):
                await channel.send(to_jan(text))
        fake.behave()
        await channel.send(to_jan("two"))
        await channel.send(to_jan("three"))
    assert [sent["text"] for sent in fake.sent] == ["two", "three"]
    assert fake.typed == [str(JAN)]


async def test_in_good_times_nobody_is_seen_typing(fake: FakeTelegram) -> None:
    async with opened(fake) as channel:
        await channel.send(to_jan("hello"))
    assert fake.typed == []


async def test_what_has_begun_meanwhile_does_not_hide_the_trouble(fake: FakeTelegram) -> None:
    """Several sends are under way at once; a refusal in between is no sign of health."""
    fake.next_time("sendMessage", page(502), refuses(403, "Forbidden: user is deactivated"))
    outage(fake, page(502))
    async with opened(fake) as channel:
        first, second = await asyncio.gather(
            channel.send(to_jan("one")), channel.send(to_jan("two")), return_exceptions=True
        )
        assert sum(isinstance(one, OutcomeUnknown) for one in (first, second)) == 1
        assert sum(isinstance(one, PermanentFailure) for one in (first, second)) == 1
        with pytest.raises(TemporaryFailure):
            await channel.send(to_jan("three"))


@pytest.mark.parametrize(
    ("trouble", "failure"),
    [
        (refuses(403, "Forbidden: bot was blocked by the user"), PermanentFailure),
        (refuses(400, "Bad Request: chat not found"), PermanentFailure),
        (refuses(401, "Unauthorized"), TemporaryFailure),
        (too_many(40), TemporaryFailure),
    ],
)
async def test_a_refusal_is_an_answer(
    fake: FakeTelegram, trouble: Trouble, failure: type[Exception]
) -> None:
    outage(fake, trouble)
    async with opened(fake) as channel:
        with pytest.raises(failure):
            await channel.send(replace(to_jan("hello"), possible_repeat=True))


async def test_a_chat_that_wants_to_be_left_alone_is_not_told_of_typing(
    fake: FakeTelegram,
) -> None:
    fake.from_now_on("sendChatAction", too_many(40))
    async with opened(fake) as channel:
        with pytest.raises(TemporaryFailure) as failure:
            await channel.send(replace(to_jan("hello"), possible_repeat=True))
        assert failure.value.retry_after == timedelta(seconds=40)
        fake.behave()
        with pytest.raises(TemporaryFailure):
            await channel.send(replace(to_jan("hello"), possible_repeat=True))
    assert fake.typed == []
    assert fake.sent == []


@pytest.mark.parametrize("hours", [1, 24])
async def test_an_outage_of_hours_leaves_no_answer_to_a_person(
    sqlite: Sqlite, fake: FakeTelegram, hours: int
) -> None:
    inquiries, there = Inquiries(sqlite), Telegram(fake)
    for person in ("501", "502", "503"):
        opened_ = await inquiries.opened(
            spoken(person, person),
            channel=there.outlet.name,
            contact="telegram",
            media_type=there.media_type,
        )
        await answering.answer(
            sqlite, inquiry=opened_.id, specialist=KASIA, text=f"to {person}", now=NOW
        )
    while await compose_step(sqlite, a_desk(outlets=(there.outlet,)), now=NOW):
        pass
    outage(fake, page(502))
    async with there.opened() as sender:
        for minute in range(hours * 60):
            now = NOW + timedelta(minutes=minute)
            while await send_step(sqlite, sender, RetryPolicy(), now=now):
                pass
        fake.behave()
        later = NOW + timedelta(hours=hours + 1, minutes=1)
        while await send_step(sqlite, sender, RetryPolicy(), now=later):
            pass
    rows = await inquiries.rows("outbox")
    assert [row["state"] for row in rows] == [OutboxState.SENT] * 3
    assert sorted(sent["text"] for sent in fake.sent) == ["to 501", "to 502", "to 503"]

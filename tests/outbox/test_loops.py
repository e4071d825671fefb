"""Does a program write to one address at most once an hour, and say when it does not?"""

from datetime import timedelta

import pytest

from inquiry.understood import Party
from inquiry.words import Automated
from outbox.stage import compose_step
from specialists.acts import answering
from storage.database import Database
from tests.inquiries import KASIA, MINUTE, NOW, Inquiries, a_message
from tests.outbox.senders import DESK

HOUR = timedelta(hours=1)


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


async def test_a_second_one_within_the_hour_is_dropped_aloud(inquiries: Inquiries) -> None:
    first, second = await inquiries.opened(), await inquiries.opened()
    for opened in (first, second):
        await inquiries.acknowledged(opened)
    assert await compose_step(inquiries.db, DESK, now=NOW)
    assert len(await inquiries.rows("outbox")) == 1
    assert "acknowledged" in await inquiries.kinds(first)
    told = (await inquiries.events(second))[-1]
    assert (told.kind, told.data["reason"]) == (
        "not-acknowledged",
        "this address had an automatic answer less than an hour ago",
    )


@pytest.mark.parametrize(
    ("after", "sent"),
    [
        pytest.param(HOUR - MINUTE, 1, id="within the hour"),
        pytest.param(HOUR, 2, id="an hour later"),
    ],
)
async def test_the_hour_passes(inquiries: Inquiries, after: timedelta, sent: int) -> None:
    for now in (NOW, NOW + after):
        await inquiries.acknowledged(await inquiries.opened())
        await compose_step(inquiries.db, DESK, now=now)
    assert len(await inquiries.rows("outbox")) == sent


async def test_another_address_has_an_hour_of_its_own(inquiries: Inquiries) -> None:
    for address in ("jan@kunde.example", "eva@kunde.example"):
        opened = await inquiries.opened(a_message(sender=Party(address), message_id=""))
        await inquiries.acknowledged(opened)
    await compose_step(inquiries.db, DESK, now=NOW)
    assert len(await inquiries.rows("outbox")) == 2


async def test_a_person_is_not_counted(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    await inquiries.acknowledged(opened)
    for _ in range(2):
        await answering.answer(
            inquiries.db, inquiry=opened.id, specialist=KASIA, text="Hei", now=NOW
        )
    while await compose_step(inquiries.db, DESK, now=NOW):
        pass
    assert len(await inquiries.rows("outbox")) == 3


async def test_the_same_acknowledgement_is_decided_once(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    assert await inquiries.acknowledged(opened) == await inquiries.acknowledged(opened)
    assert len(await inquiries.rows("answers")) == 1


async def test_two_bridges_do_not_talk_to_each_other(inquiries: Inquiries) -> None:
    opened = await inquiries.opened(a_message(automated=Automated.AUTO_REPLY))
    await inquiries.acknowledged(opened)
    await compose_step(inquiries.db, DESK, now=NOW)
    assert await inquiries.rows("outbox") == []
    (answer,) = await inquiries.rows("answers")
    assert (answer["state"], answer["reason"]) == (
        "dropped",
        "it answers automatic mail (auto-reply)",
    )


async def test_the_null_sender_is_read_from_the_envelope(inquiries: Inquiries) -> None:
    opened = await inquiries.opened(mail_from="")
    await inquiries.acknowledged(opened)
    await compose_step(inquiries.db, DESK, now=NOW)
    assert (await inquiries.rows("answers"))[0]["reason"] == "the sender is the null sender"

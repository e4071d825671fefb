"""What if the database refuses, goes away or dies in the middle of an answer's journey?"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from inquiry.errors import TemporaryFailure
from inquiry.retry import RetryPolicy
from outbox.stage import compose_step
from specialists.acts import answering
from storage.database import Database, StorageUnavailable, Transaction
from tests.inquiries import KASIA, NOW, Inquiries
from tests.outbox.senders import DESK, Says
from tests.outbox.steps import send_step
from tests.rows import rows

T = TypeVar("T")


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


class Stumbling:
    """A database that can't write at the times named, counted from 1."""

    broken = ""

    def __init__(self, db: Database, *times: int) -> None:
        self._db = db
        self._times = times
        self._writes = 0

    @property
    def dialect(self) -> str:
        return self._db.dialect

    @property
    def files(self) -> Path:
        return self._db.files

    async def has_room(self) -> bool:
        return await self._db.has_room()

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        self._writes += 1
        if self._writes in self._times:
            raise StorageUnavailable("the disk is full")
        return await self._db.write(work)

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._db.read(work)

    async def script(self, text: str) -> None:
        await self._db.script(text)

    async def close(self) -> None:
        await self._db.close()


async def answered(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    await answering.answer(inquiries.db, inquiry=opened.id, specialist=KASIA, text="Hei", now=NOW)


async def test_success_is_worth_a_second_try_to_write_down(inquiries: Inquiries) -> None:
    await answered(inquiries)
    await compose_step(inquiries.db, DESK, now=NOW)
    channel = Says()
    assert await send_step(Stumbling(inquiries.db, 2), channel, RetryPolicy(), now=NOW)
    (row,) = await inquiries.rows("outbox")
    assert row["state"] == "sent"
    assert len(channel.tried) == 1


async def test_nothing_is_sent_that_could_not_be_leased(inquiries: Inquiries) -> None:
    await answered(inquiries)
    await compose_step(inquiries.db, DESK, now=NOW)
    channel = Says()
    with pytest.raises(StorageUnavailable):
        await send_step(Stumbling(inquiries.db, 1), channel, RetryPolicy(), now=NOW)
    assert channel.tried == []


async def test_an_answer_waits_until_the_database_is_back(inquiries: Inquiries) -> None:
    await answered(inquiries)
    with pytest.raises(StorageUnavailable):
        await compose_step(Stumbling(inquiries.db, 1), DESK, now=NOW)
    assert await compose_step(inquiries.db, DESK, now=NOW)
    assert len(await inquiries.rows("outbox")) == 1


async def test_one_that_the_tables_refuse_does_not_hold_up_the_others(
    inquiries: Inquiries,
) -> None:
    broken, _fine = await inquiries.opened(), await inquiries.opened()
    for opened in (broken, _fine):
        await answering.answer(
            inquiries.db, inquiry=opened.id, specialist=KASIA, text="Hei", now=NOW
        )
    await rows(
        inquiries.db,
        "INSERT INTO outbox (answer, inquiry, contact_point, message, channel, purpose, dispatch,"
        " state, due_at, created_at) SELECT id, inquiry, contact_point, message, channel, purpose,"
        " '{\"text\": \"\"}', 'cancelled', 0, 0 FROM answers ORDER BY id LIMIT 1",
    )
    assert await compose_step(inquiries.db, DESK, now=NOW)
    states = [row["state"] for row in await inquiries.rows("answers")]
    assert states == ["dropped", "composed"]
    told = (await inquiries.events(broken))[-1]
    assert (told.kind, told.data["reason"]) == (
        "not-answered",
        "a fault of deskbridge: the tables refuse it",
    )


async def test_a_failure_that_can_not_be_written_down_is_found_by_the_lease(
    inquiries: Inquiries,
) -> None:
    await answered(inquiries)
    await compose_step(inquiries.db, DESK, now=NOW)
    channel = Says(TemporaryFailure("busy"))
    with pytest.raises(StorageUnavailable):
        await send_step(Stumbling(inquiries.db, 2, 3), channel, RetryPolicy(), now=NOW)
    (row,) = await inquiries.rows("outbox")
    assert row["state"] == "sending"
    assert row["leased_until"] is not None

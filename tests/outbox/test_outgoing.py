"""Do many answers leave side by side, and none before its turn, with few commits?"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from channels.contract import Limits
from inquiry.errors import OutcomeUnknown, TemporaryFailure
from inquiry.journey import Dispatch, File, Receipt
from inquiry.retry import RetryPolicy
from inquiry.understood import Party
from inquiry.words import Delivery
from outbox.outgoing import Outgoing
from outbox.stage import compose_step
from specialists.acts import answering
from storage.database import Database, StorageUnavailable, Transaction
from tests.inquiries import KASIA, MINUTE, NOW, SUPPORT, Inquiries, Opened, a_message
from tests.outbox.senders import DESK

T = TypeVar("T")


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


class Counting:
    """A database that counts what is written, and may be away."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.writes = 0
        self.away = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        if self.away:
            raise StorageUnavailable("the disk is full")
        self.writes += 1
        return await self._db.write(work)


class Line:
    """A channel whose other side answers when a test wants it to."""

    name = SUPPORT
    repeatable = False

    def __init__(self) -> None:
        self.began: list[str] = []
        self.most = 0
        """Sends that were under way side by side."""
        self._open: dict[str, asyncio.Future[None]] = {}

    async def send(self, dispatch: Dispatch) -> Receipt:
        self.began.append(dispatch.text)
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._open[dispatch.text] = answered
        self.most = max(self.most, len(self._open))
        try:
            await answered
        finally:
            del self._open[dispatch.text]
        return Receipt(delivery=Delivery.ACCEPTED, remote_id="1", at=NOW)

    async def takes(self, *texts: str) -> None:
        for text in texts:
            self._open[text].set_result(None)
        await asyncio.sleep(0.01)

    async def fails(self, failure: Exception, *texts: str) -> None:
        for text in texts:
            self._open[text].set_exception(failure)
        await asyncio.sleep(0.01)

    def takes_all(self) -> None:
        for answered in self._open.values():
            if not answered.done():
                answered.set_result(None)


class Desk:
    """Sends by one line, a step at a time."""

    def __init__(
        self, inquiries: Inquiries, line: Line, outgoing: Outgoing, db: Counting, ended: list[None]
    ) -> None:
        self.inquiries = inquiries
        self.line = line
        self.outgoing = outgoing
        self.db = db
        self.ended = ended

    async def step(self, after: timedelta = timedelta(0)) -> bool:
        """Do a step, and let what it begins begin."""
        busy = await self.outgoing.step(NOW + after)
        for _ in range(20):
            await asyncio.sleep(0.002)
        return busy

    async def drain(self) -> None:
        while self.line._open or await self.step():
            self.line.takes_all()
            await asyncio.sleep(0)

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.inquiries.rows("outbox")]


@asynccontextmanager
async def sending(inquiries: Inquiries, *, at_once: int = 8, **limits: Any) -> AsyncIterator[Desk]:
    line, db, ended = Line(), Counting(inquiries.db), list[None]()
    async with asyncio.TaskGroup() as attempts:
        outgoing = Outgoing(
            db,
            line,
            RetryPolicy(),
            attempts,
            limits=Limits(at_once=at_once, **limits),
            on_end=lambda: ended.append(None),
        )
        yield Desk(inquiries, line, outgoing, db, ended)
        line.takes_all()
    await outgoing.write_down(NOW)


async def customer(inquiries: Inquiries, number: int) -> Opened:
    who = Party(f"customer{number}@kunde.example")
    return await inquiries.opened(a_message(sender=who, message_id=f"<{number}@kunde.example>"))


async def says(inquiries: Inquiries, opened: Opened, text: str, *files: File) -> None:
    await answering.answer(
        inquiries.db, inquiry=opened.id, specialist=KASIA, text=text, files=files, now=NOW
    )
    assert await compose_step(inquiries.db, DESK, now=NOW)


async def said_to(inquiries: Inquiries, count: int) -> None:
    """Let so many customers be told one thing each."""
    for number in range(count):
        await says(inquiries, await customer(inquiries, number), f"answer {number}")


async def test_a_slow_one_holds_up_nobody(inquiries: Inquiries) -> None:
    await said_to(inquiries, 2)
    async with sending(inquiries) as desk:
        assert await desk.step()
        assert desk.line.began == ["answer 0", "answer 1"]
        await says(inquiries, await customer(inquiries, 2), "later")
        await desk.line.takes("answer 1")
        await desk.step()
        assert desk.line.began[-1] == "later"
        assert await desk.states() == ["sending", "sent", "sending"]


async def test_what_follows_in_one_inquiry_waits_for_the_slow_one(inquiries: Inquiries) -> None:
    opened = await customer(inquiries, 0)
    await says(inquiries, opened, "one")
    await says(inquiries, opened, "two")
    async with sending(inquiries) as desk:
        for _ in range(3):
            await desk.step()
        assert desk.line.began == ["one"]
        await desk.line.takes("one")
        await desk.step()
        await desk.step()
        assert desk.line.began == ["one", "two"]


async def test_no_more_at_once_than_the_kind_bears(inquiries: Inquiries) -> None:
    await said_to(inquiries, 7)
    async with sending(inquiries, at_once=3) as desk:
        await desk.drain()
        assert desk.line.most == 3
        assert await desk.states() == ["sent"] * 7


async def test_what_ends_together_is_written_down_with_what_begins(inquiries: Inquiries) -> None:
    await said_to(inquiries, 8)
    async with sending(inquiries, at_once=4) as desk:
        await desk.drain()
        assert await desk.states() == ["sent"] * 8
        assert desk.db.writes == 3  # begin four; end them and begin four; end them
        assert len(desk.ended) == 8


async def test_a_channel_with_nothing_to_do_writes_nothing(inquiries: Inquiries) -> None:
    async with sending(inquiries) as desk:
        assert not await desk.step()
        assert desk.db.writes == 0


async def test_an_end_is_written_down_when_the_database_is_back(inquiries: Inquiries) -> None:
    await said_to(inquiries, 1)
    async with sending(inquiries) as desk:
        await desk.step()
        await desk.line.takes("answer 0")
        desk.db.away = True
        with pytest.raises(StorageUnavailable):
            await desk.step()
        assert await desk.states() == ["sending"]
        desk.db.away = False
        assert await desk.step()
        assert await desk.states() == ["sent"]
        assert desk.line.began == ["answer 0"]


async def test_a_chat_that_is_slowed_down_delays_itself_alone(inquiries: Inquiries) -> None:
    await said_to(inquiries, 3)
    async with sending(inquiries, at_once=2) as desk:
        await desk.step()
        slow = TemporaryFailure("429", retry_after=timedelta(minutes=20))
        await desk.line.fails(slow, "answer 0")
        await desk.line.takes("answer 1")
        await desk.step()
        assert desk.line.began[2:] == ["answer 2"]
        await desk.line.takes("answer 2")
        await desk.step(19 * MINUTE)
        assert desk.line.began[3:] == []
        await desk.step(20 * MINUTE)
        assert desk.line.began[3:] == ["answer 0"]


async def test_a_server_that_is_down_is_asked_by_one_alone(inquiries: Inquiries) -> None:
    await said_to(inquiries, 6)
    down = TemporaryFailure("connection refused", whole_channel=True)
    async with sending(inquiries, at_once=2) as desk:
        await desk.step()
        await desk.line.fails(down, "answer 0", "answer 1")
        await desk.step()
        await desk.step(timedelta(seconds=1))
        assert len(desk.line.began) == 2
        await desk.step(timedelta(seconds=9))
        assert desk.line.began[2:] == ["answer 2"]
        await desk.line.takes("answer 2")
        await desk.step(timedelta(seconds=9))
        await desk.step(timedelta(seconds=9))
        assert desk.line.began[3:] == ["answer 3", "answer 4"]


async def test_one_in_doubt_holds_up_its_own_conversation_alone(inquiries: Inquiries) -> None:
    opened = await customer(inquiries, 9)
    await says(inquiries, opened, "doubtful")
    await says(inquiries, opened, "behind it")
    await said_to(inquiries, 1)
    async with sending(inquiries) as desk:
        await desk.step()
        await desk.line.fails(OutcomeUnknown("reset"), "doubtful")
        await desk.line.takes("answer 0")
        await desk.step()
        await desk.step()
        assert desk.line.began == ["doubtful", "answer 0"]
        assert await desk.states() == ["doubtful", "waiting", "sent"]


async def test_what_the_channel_can_not_carry_never_gets_there(inquiries: Inquiries) -> None:
    opened = await customer(inquiries, 0)
    film = File(filename="film.mp4", content_type="video/mp4", content=b"x" * 101)
    await says(inquiries, opened, "look", film)
    async with sending(inquiries, file_size=100) as desk:
        await desk.step()
        await desk.step()
        assert desk.line.began == []
        (row,) = await inquiries.rows("outbox")
        told = "film.mp4 has 101 bytes, the channel carries 100 bytes"
        assert (row["state"], row["last_error"]) == ("dead", told)
        event = (await inquiries.events(opened))[-1]
        assert (event.kind, event.data["code"]) == ("dead", "file-too-large")


async def test_one_end_that_can_not_be_kept_spoils_no_other(inquiries: Inquiries) -> None:
    await said_to(inquiries, 2)
    async with sending(inquiries) as desk:
        await desk.step()
        await desk.line.takes("answer 1")
        await desk.line.fails(TemporaryFailure("busy", went=[object()]), "answer 0")  # type: ignore[list-item]
        assert await desk.step()
        assert await desk.states() == ["sending", "sent"]  # the first will be found by its lease
        assert not await desk.step()

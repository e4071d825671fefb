"""Does a desk on PostgreSQL keep what it confirms, and give up in time when it can't?"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from storage import history
from storage.database import Row, StorageUnavailable, Transaction
from storage.intake import Intake
from storage.migrate import migrate
from storage.postgres import Postgres, open_postgres
from tests.inquiries import Inquiries
from tests.rows import rows
from tests.servers.postgres import Postgres as Server
from tests.servers.postgres import installed, postgres
from tests.storage.arrivals import MONDAY, an_arrival

pytestmark = pytest.mark.server
SOON = timedelta(seconds=1)
MAIL = ChannelName("support-mail")


@pytest.fixture(scope="module")
def durable() -> Iterator[Server]:
    assert installed()
    with postgres(durable=True) as server:
        yield server


@pytest.fixture
async def desk(durable: Server, tmp_path: Path) -> AsyncIterator[Postgres]:
    dsn = await asyncio.to_thread(durable.create)
    async with open_postgres(dsn, tmp_path, connections=2, patience=SOON) as database:
        await migrate(database, MONDAY)
        yield database


async def take_turn(tx: Transaction) -> None:
    await tx.run("keys.take_turn")


async def test_who_waits_too_long_for_a_connection_is_told_so(desk: Postgres) -> None:
    go_on = asyncio.Event()

    async def hold(_tx: Transaction) -> None:
        await go_on.wait()

    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(desk.read(hold))
        await asyncio.sleep(0.02)
        began = monotonic()
        with pytest.raises(StorageUnavailable):
            await desk.write(take_turn)
        assert monotonic() - began < 4
        go_on.set()
    await desk.write(take_turn)


async def test_of_two_that_block_each_other_both_get_through(desk: Postgres) -> None:
    met = asyncio.Barrier(2)
    tries = []

    async def work(tx: Transaction, names: tuple[str, str]) -> None:
        tries.append(names)
        await tx.run("turns.take", queue=names[0], last="x")
        if len(tries) <= 2:
            await met.wait()
        await tx.run("turns.take", queue=names[1], last="x")

    desk._texts["turns.take"] = (
        "INSERT INTO turns VALUES ($1, $2) ON CONFLICT (queue) DO UPDATE SET last = $2",
        ("queue", "last"),
    )
    await asyncio.gather(
        desk.write(lambda tx: work(tx, ("a", "b"))), desk.write(lambda tx: work(tx, ("b", "a")))
    )
    assert len(tries) > 2


async def test_a_slow_statement_is_given_up(desk: Postgres) -> None:
    desk._texts["test.sleep"] = ("SELECT pg_sleep(60)", ())

    async def work(tx: Transaction) -> None:
        await tx.run("test.hurry")
        await tx.run("test.sleep")

    desk._texts["test.hurry"] = ("SET LOCAL statement_timeout = '50ms'", ())
    with pytest.raises(StorageUnavailable, match="statement timeout"):
        await desk.write(work)
    (row,) = await rows(desk, "SHOW statement_timeout")
    assert row["statement_timeout"] == "30s"


async def test_every_connection_waits_for_the_disk(durable: Server, tmp_path: Path) -> None:
    dsn = await asyncio.to_thread(durable.create, "hasty")
    await asyncio.to_thread(durable.sql, "ALTER DATABASE hasty SET synchronous_commit = off")
    async with open_postgres(dsn, tmp_path, connections=1) as database:
        for _ in range(2):
            (row,) = await rows(database, "SHOW synchronous_commit")
            assert row["synchronous_commit"] == "on"


async def test_another_encoding_is_refused(durable: Server, tmp_path: Path) -> None:
    await asyncio.to_thread(
        durable.sql, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0"
    )
    with pytest.raises(StorageUnavailable, match=r"^the database's encoding must be UTF8$"):
        async with open_postgres(durable.dsn("latin"), tmp_path):
            pass


async def test_after_crashes_of_the_server_all_that_was_accepted_is_there(
    desk: Postgres, durable: Server
) -> None:
    """Eight write all the time; the server dies three times; whoever was refused says it again."""
    accepted: dict[str, int] = {}
    stop = asyncio.Event()
    inlet = Intake(desk).inlet(MAIL)

    async def deliver(who: int) -> None:
        number = 0
        while not stop.is_set():
            name = f"{who}/{number}"
            try:
                accepted[name] = await inlet.accept(an_arrival(remote_id=name))
                number += 1
            except TemporaryFailure:
                await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as group:
        for who in range(8):
            group.create_task(deliver(who))
        for _ in range(3):
            before = len(accepted)
            async with asyncio.timeout(30):
                while len(accepted) < before + 100:
                    await asyncio.sleep(0.01)
            durable.crash()
            durable.start()  # not in a thread: the server would end with that thread
        stop.set()
    kept = await rows(desk, "SELECT id, remote_id FROM arrivals")
    assert len({row["remote_id"] for row in kept}) == len(kept)
    assert {row["remote_id"]: row["id"] for row in kept}.items() >= accepted.items()


async def test_while_the_server_is_away_nothing_is_accepted(
    durable: Server, tmp_path: Path
) -> None:
    dsn = await asyncio.to_thread(durable.create)
    async with open_postgres(dsn, tmp_path, patience=SOON) as database:
        await migrate(database, MONDAY)
        inlet = Intake(database).inlet(MAIL)
        await asyncio.to_thread(durable.stop)
        try:
            for _ in range(3):
                with pytest.raises(TemporaryFailure):
                    await inlet.accept(an_arrival())
            with pytest.raises(StorageUnavailable):
                await inlet.known(["1"])
        finally:
            durable.start()
        assert await inlet.accept(an_arrival())


class Late:
    """A transaction that lets others go first before it says which event is the newest."""

    def __init__(self, tx: Transaction, go_on: asyncio.Event) -> None:
        self._tx = tx
        self._go_on = go_on

    async def one(self, query: str, /, **values: object) -> Row | None:
        return await self._tx.one(query, **values)

    async def run(self, query: str, /, **values: object) -> None:
        await self._go_on.wait()
        await self._tx.run(query, **values)

    async def each(self, query: str, rows: Sequence[Mapping[str, object]], /) -> list[Row]:
        if query == "history.advance_all":
            await self._go_on.wait()
        return await self._tx.each(query, rows)


@pytest.mark.parametrize("many", [False, True])
async def test_the_newest_event_of_an_inquiry_never_goes_back(desk: Postgres, many: bool) -> None:
    """Else whoever answers has never seen the newest, and is stopped for ever."""
    inquiry = (await Inquiries(desk).opened()).id
    go_on = asyncio.Event()

    async def late(tx: Transaction) -> int:
        slow: Any = Late(tx, go_on)
        if many:
            await history.add_all(slow, "sent", history.DESK, [(inquiry, 1, {})], now=MONDAY)
        else:
            await history.add(slow, inquiry, "sent", history.DESK, now=MONDAY)
        return await history.add(tx, inquiry, "delivered", history.DESK, now=MONDAY)

    async def soon(tx: Transaction) -> int:
        return await history.add(tx, inquiry, "edited", history.CUSTOMER, now=MONDAY)

    first = asyncio.create_task(desk.write(late))
    await asyncio.sleep(0.2)
    second = asyncio.create_task(desk.write(soon))
    await asyncio.wait([second], timeout=0.2)
    go_on.set()
    numbers = [await first, await second]
    assert numbers == sorted(numbers)
    assert await rows(desk, "SELECT event FROM inquiries") == [{"event": numbers[1]}]

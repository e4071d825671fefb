"""Are the leases of the dead free at once, and those of the living never?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from inquiry.understood import Attachment, Command, Party
from inquiry.words import ArrivalState
from storage import arrivals, commands, fetches, outbox
from storage.arrivals import Claimed
from storage.database import StorageUnavailable, Transaction
from storage.epoch_lock import CERTAIN, EpochLock
from storage.intake import Intake
from storage.migrate import migrate
from storage.outbox import Claim
from storage.postgres import Postgres, open_postgres
from tests.inquiries import MINUTE, NOW, SUPPORT, Inquiries
from tests.rows import rows
from tests.servers.pooler import pooler
from tests.servers.postgres import Postgres as Server
from tests.storage.arrivals import an_arrival
from tests.storage.box import RECEIPT, Outbox

pytestmark = pytest.mark.server
HOUR = timedelta(hours=1)
LATER = CERTAIN.total_seconds() + 0.1


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Node:
    """One of several processes that share a server."""

    db: Postgres
    lock: EpochLock
    clock: Clock

    async def look(self) -> int:
        """Look for the dead as often as it takes to be certain."""
        await self.lock.step(NOW)
        self.clock.now += LATER
        return await self.lock.step(NOW)

    async def dies(self) -> None:
        """Let go of the lock without a word, as the kernel does for the dead."""
        connection = self.lock._connection
        connection.remove_termination_listener(self.lock._lost)
        seen = f"SELECT 1 FROM pg_stat_activity WHERE pid = {connection.get_server_pid()}"
        connection.terminate()
        async with asyncio.timeout(30):
            while await rows(self.db, seen):
                await asyncio.sleep(0.01)


@pytest.fixture
async def dsn(postgres_server: Server, tmp_path: Path) -> str:
    dsn = await asyncio.to_thread(postgres_server.create)
    async with open_postgres(dsn, tmp_path, connections=1) as db:
        await migrate(db, NOW)
    return dsn


@asynccontextmanager
async def node(dsn: str, folder: Path, *, by: str = "") -> AsyncIterator[Node]:
    async with open_postgres(dsn, folder, connections=2) as db:
        clock = Clock()
        lock = EpochLock(db, by or dsn, "node", clock)
        await lock.step(NOW)
        try:
            yield Node(db, lock, clock)
        finally:
            await lock.close()


@pytest.fixture
async def two(dsn: str, tmp_path: Path) -> AsyncIterator[tuple[Node, Node]]:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(node(dsn, tmp_path))
        other = await stack.enter_async_context(node(dsn, tmp_path))
        yield one, other


async def an_arrival_in_hand(who: Node) -> Claimed:
    await Intake(who.db).inlet(SUPPORT).accept(an_arrival())

    async def claim(tx: Transaction) -> list[Claimed]:
        return await arrivals.claim(tx, ArrivalState.WAITING, limit=9, lease=HOUR)

    (claimed,) = await who.db.write(claim)
    return claimed


async def can_be_claimed(who: Node) -> bool:
    async def claim(tx: Transaction) -> list[Claimed]:
        return await arrivals.claim(tx, ArrivalState.WAITING, limit=9, lease=HOUR)

    return bool(await who.db.write(claim))


async def a_dispatch_under_way(who: Node) -> Claim:
    inquiries = Inquiries(who.db)
    box = Outbox(inquiries)
    await box.add(await inquiries.opened())
    claim = await box.claim(HOUR)
    assert claim
    return claim


async def test_what_a_dead_process_had_in_hand_is_free_at_once(two: tuple[Node, Node]) -> None:
    dead, other = two
    lost = await an_arrival_in_hand(dead)
    assert not await can_be_claimed(other)
    await dead.dies()
    assert await other.look() == 1
    assert await can_be_claimed(other)
    settled = await dead.db.write(lambda tx: arrivals.done(tx, lost, now=NOW))
    assert not settled  # whoever wakes up late has no say


async def test_what_was_being_sent_is_doubtful(two: tuple[Node, Node]) -> None:
    dead, other = two
    await a_dispatch_under_way(dead)
    box = Outbox(Inquiries(other.db))
    assert await box.claim() is None
    await dead.dies()
    assert await other.look() == 1
    assert await box.claim() is None
    (row,) = await rows(other.db, "SELECT state, deaths FROM outbox")
    assert row == {"state": "doubtful", "deaths": 1}
    assert await box.claim(now=outbox.DOUBT)


async def test_a_death_counts_only_for_what_was_tried_again_alone(two: tuple[Node, Node]) -> None:
    dead, other = two
    await an_arrival_in_hand(dead)
    await rows(other.db, "UPDATE arrivals SET attempts = 2")  # it was in hand at a death before
    await dead.dies()
    assert await other.look() == 1
    assert await rows(other.db, "SELECT deaths FROM arrivals") == [{"deaths": 1}]


async def test_a_death_with_two_in_hand_counts_for_neither(two: tuple[Node, Node]) -> None:
    dead, other = two
    await an_arrival_in_hand(dead)
    await Intake(dead.db).inlet(SUPPORT).accept(an_arrival(remote_id="another"))
    assert await can_be_claimed(dead)
    await rows(other.db, "UPDATE arrivals SET attempts = 2")
    await dead.dies()
    assert await other.look() == 2
    assert await rows(other.db, "SELECT DISTINCT deaths FROM arrivals") == [{"deaths": 0}]


async def test_commands_that_were_being_answered_are_free(two: tuple[Node, Node]) -> None:
    dead, other = two
    arrival = await Intake(dead.db).inlet(SUPPORT).accept(an_arrival())
    command = Command(remote_id="1", conversation="7", sender=Party("7"), name="status")
    await dead.db.write(lambda tx: commands.add(tx, arrival, SUPPORT, command, now=NOW))

    async def claim(tx: Transaction) -> object:
        return await commands.claim(tx, SUPPORT, lease=HOUR, now=NOW)

    assert await dead.db.write(claim)
    assert await other.db.write(claim) is None
    await dead.dies()
    assert await other.look() == 1
    assert await other.db.write(claim)


async def test_files_that_were_being_fetched_are_free(two: tuple[Node, Node]) -> None:
    dead, other = two
    arrival = await Intake(dead.db).inlet(SUPPORT).accept(an_arrival())
    file = Attachment(
        filename="a", content_type="b", size=1, sha256="", content=b"", remote="file 1"
    )
    await dead.db.write(lambda tx: arrivals.add_attachment(tx, arrival, file))

    async def claim(tx: Transaction) -> object:
        return await fetches.claim(tx, SUPPORT, lease=HOUR, now=NOW)

    assert await dead.db.write(claim)
    assert await other.db.write(claim) is None
    await dead.dies()
    assert await other.look() == 1
    assert await other.db.write(claim)


async def test_the_living_keep_theirs(two: tuple[Node, Node]) -> None:
    one, other = two
    claim = await a_dispatch_under_way(one)
    await an_arrival_in_hand(one)
    assert await other.look() == 0
    assert await one.look() == 0
    assert not await can_be_claimed(other)
    assert await one.db.write(lambda tx: outbox.settle_sent(tx, claim, RECEIPT, now=NOW))


async def test_one_look_is_not_enough(two: tuple[Node, Node]) -> None:
    dead, other = two
    await an_arrival_in_hand(dead)
    await dead.dies()
    assert await other.lock.step(NOW) == 0
    assert await other.lock.step(NOW) == 0
    other.clock.now += LATER
    assert await other.lock.step(NOW) == 1


async def test_who_comes_back_meanwhile_is_not_taken_for_dead(two: tuple[Node, Node]) -> None:
    one, other = two
    await an_arrival_in_hand(one)
    await cut(one)
    await other.lock.step(NOW)
    assert await one.lock.step(NOW) == 0  # connects anew, and locks its former number, too
    other.clock.now += LATER
    assert await other.lock.step(NOW) == 0
    assert not await can_be_claimed(other)


async def cut(who: Node) -> None:
    """Let the server end the connection that holds the lock; the process lives on."""
    pid = who.lock._connection.get_server_pid()
    await rows(who.db, f"SELECT pg_terminate_backend({pid})")
    async with asyncio.timeout(30):
        while who.db.epoch is not None:
            await asyncio.sleep(0.01)


async def test_who_loses_the_lock_claims_nothing_more_under_its_number(
    two: tuple[Node, Node],
) -> None:
    one, other = two
    first = one.db.epoch
    await cut(one)
    await an_arrival_in_hand(one)  # without a number: it ends by its time alone
    assert await other.look() == 0
    assert await one.look() == 0
    assert one.db.epoch is not None
    assert one.db.epoch != first
    assert not await can_be_claimed(other)


async def test_nobody_takes_itself_for_dead(dsn: str, tmp_path: Path) -> None:
    async with node(dsn, tmp_path) as alone:
        await an_arrival_in_hand(alone)
        await cut(alone)
        for _ in range(3):
            assert await alone.look() == 0
        assert not await can_be_claimed(alone)


async def test_a_process_that_ended_in_order_leaves_nothing_to_wait_for(
    dsn: str, tmp_path: Path
) -> None:
    async with node(dsn, tmp_path) as first:
        await an_arrival_in_hand(first)
        epoch = first.db.epoch
    async with node(dsn, tmp_path) as second:
        assert second.db.epoch != epoch
        assert await second.look() == 1
        assert await second.look() == 0
        (row,) = await rows(second.db, f"SELECT ended_at FROM epochs WHERE id = {epoch}")
        assert row["ended_at"] is not None


async def test_while_the_server_is_away_leases_end_by_time(dsn: str, tmp_path: Path) -> None:
    async with open_postgres(dsn, tmp_path, connections=1) as db:
        lock = EpochLock(db, "postgresql://postgres@127.0.0.1:1/nothing", "node")
        with pytest.raises(StorageUnavailable, match=r"^cannot hold the lock of this process: "):
            await lock.step(NOW)
        assert db.epoch is None


async def test_behind_a_pooler_nobody_is_taken_for_dead(
    postgres_server: Server, dsn: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with pooler(postgres_server.port) as port, node(dsn, tmp_path) as direct:
        by = dsn.replace(f":{postgres_server.port}/", f":{port}/")
        async with node(dsn, tmp_path, by=by) as pooled:
            assert pooled.db.epoch is None
            assert "a connection pooler stands before PostgreSQL" in caplog.text
            await an_arrival_in_hand(pooled)
            assert await pooled.look() == 0
            assert await direct.look() == 0
            assert not await can_be_claimed(direct)


async def test_a_lease_that_ran_out_needs_no_lock(two: tuple[Node, Node]) -> None:
    one, other = two
    inquiries = Inquiries(one.db)
    box = Outbox(inquiries)
    await box.add(await inquiries.opened())
    assert await box.claim(timedelta(0), repeatable=True)
    elsewhere = Outbox(Inquiries(other.db))
    assert await elsewhere.claim(MINUTE, repeatable=True)

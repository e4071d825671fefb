"""Does SQLite keep what it confirms, and say so when it can't?"""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from inquiry.errors import TemporaryFailure
from inquiry.words import ArrivalState
from storage import arrivals
from storage.ballast import Ballast
from storage.database import Database, StorageUnavailable, Transaction
from storage.intake import Intake
from storage.migrate import migrate
from storage.opening import open_database, prepare
from storage.sqlite import Sqlite
from tests.rows import rows
from tests.servers.disk import fill, small_disk
from tests.storage.arrivals import MONDAY, an_arrival

WAITING = ArrivalState.WAITING
COMMITS = 20
WRITER = """
import asyncio, sys
from pathlib import Path
from storage.migrate import migrate
from storage.opening import open_database
from storage.intake import Intake
from tests.storage.arrivals import MONDAY, an_arrival

async def main(folder, count):
    async with open_database("sqlite", folder) as database:
        await migrate(database, MONDAY)
        print("ready", flush=True)
        for number in range(count):
            try:
                await Intake(database).accept_all([an_arrival(remote_id=str(number))])
            except Exception as error:
                print("refused", type(error).__name__, flush=True)
                break
        print("broken" if database.broken else "whole", flush=True)

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


def traced(folder: Path, count: int, *options: str) -> tuple[list[str], list[str]]:
    """Accept arrivals in a traced process; return what it says and its syncs of the database."""
    log = folder / "trace"
    strace: list[str | Path] = [
        "strace",
        "-f",
        "-y",
        "-o",
        log,
        "-e",
        "trace=fdatasync,fsync,write",
        *options,
    ]
    done = subprocess.run(
        [*strace, sys.executable, "-c", WRITER, folder / "data", str(count)],
        capture_output=True,
        check=False,
        timeout=60,
    )
    calls = log.read_text(errors="replace").partition('"ready')[2].splitlines()
    syncs = [call for call in calls if re.search(r"fdatasync|fsync", call)]
    return done.stdout.decode().split(), [call for call in syncs if "deskbridge.db-wal" in call]


@pytest.mark.server
def test_every_commit_is_synced(tmp_path: Path) -> None:
    said, syncs = traced(tmp_path, COMMITS)
    assert said == ["ready", "whole"]
    assert len(syncs) >= COMMITS


@pytest.mark.server
def test_after_a_failed_sync_nothing_is_trusted(tmp_path: Path) -> None:
    traced(tmp_path, 0)  # makes the tables
    wal = str(tmp_path / "data" / "deskbridge.db-wal")
    said, _ = traced(tmp_path, COMMITS, "-P", wal, "-e", "inject=fdatasync,fsync:error=EIO:when=3+")
    assert said == ["ready", "refused", "TemporaryFailure", "broken"]


async def none(_tx: Transaction) -> None:
    pass


async def test_a_cancelled_caller_does_not_stop_what_has_begun(sqlite: Sqlite) -> None:
    begun, go_on = asyncio.Event(), os.pipe()
    loop = asyncio.get_running_loop()

    async def slow(tx: Transaction) -> None:
        loop.call_soon_threadsafe(begun.set)
        os.read(go_on[0], 1)
        await tx.run("keys.add", secret=b"1", now=MONDAY)

    task = asyncio.create_task(sqlite.write(slow))
    await begun.wait()
    task.cancel()
    os.write(go_on[1], b"!")
    await sqlite.write(none)
    assert await rows(sqlite, "SELECT secret FROM signing_keys") == [{"secret": b"1"}]
    for end in go_on:
        os.close(end)


async def test_a_transaction_waits_for_nothing_but_the_database(sqlite: Sqlite) -> None:
    async def sleepy(_tx: Transaction) -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="waited for something besides the database"):
        await sqlite.write(sleepy)
    await sqlite.write(none)


async def test_readers_see_one_state_while_somebody_writes(sqlite: Sqlite) -> None:
    inlet = Intake(sqlite)
    await inlet.accept_all([an_arrival(remote_id="1")])

    async def count_twice(tx: Transaction) -> tuple[int, int]:
        first = len(await tx.all("quarantine.listed", limit=9, before=99))
        written = asyncio.run_coroutine_threadsafe(
            sqlite.write(lambda tx: tx.run("epochs.begin", node="n", now=MONDAY)), loop
        )
        written.result(timeout=10)
        return first, len(await tx.all("quarantine.listed", limit=9, before=99))

    loop = asyncio.get_running_loop()
    assert await sqlite.read(count_twice) == (0, 0)


def small(folder: Path) -> Sqlite:
    prepare(folder)
    return Sqlite(folder / "deskbridge.db", Ballast(folder / "ballast", 256 * 1024))


async def accept_until_full(db: Database) -> int:
    intake = Intake(db)
    for number in range(10_000):
        try:
            await intake.accept_all([an_arrival(remote_id=str(number), raw=os.urandom(8000))])
        except TemporaryFailure:
            return number
    raise AssertionError("it never became full")


async def test_a_full_database_refuses_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    database = small(tmp_path / "data")
    await migrate(database, MONDAY)
    await database.script("PRAGMA max_page_count = 300")
    accepted = await accept_until_full(database)
    assert accepted
    assert not database.broken
    found = await database.read(partial(arrivals.counts))
    assert sum(found.values()) == accepted
    await database.script("PRAGMA max_page_count = 100000")
    await Intake(database).accept_all([an_arrival(remote_id="more")])
    await database.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@pytest.mark.server
async def test_on_a_full_disk_the_ballast_makes_room_to_tidy_up(disk: Path) -> None:
    database = small(disk / "data")
    await migrate(database, MONDAY)
    filler = fill(disk)
    accepted = await accept_until_full(database)
    assert not (disk / "data" / "ballast").exists()
    assert not await database.has_room()
    assert len(await rows(database, "SELECT id FROM arrivals")) == accepted
    await database.write(partial(arrivals.claim, state=WAITING, limit=1, lease=timedelta(0)))
    with pytest.raises(TemporaryFailure):
        await Intake(database).accept_all([an_arrival(remote_id="more")])
    filler.unlink()
    await Intake(database).accept_all([an_arrival(remote_id="more")])
    assert (disk / "data" / "ballast").exists()
    await database.close()


@pytest.mark.server
async def test_a_large_original_on_a_full_disk_is_refused_too(disk: Path) -> None:
    database = small(disk / "data")
    await migrate(database, MONDAY)
    filler = fill(disk)
    with pytest.raises(TemporaryFailure):
        await Intake(database).accept_all([an_arrival(raw=bytes(200_000))])
    filler.unlink()
    await Intake(database).accept_all([an_arrival(raw=bytes(200_000))])
    await database.close()


@pytest.mark.server
async def test_a_start_on_a_full_disk_accepts_nothing_but_shows_what_is_there(disk: Path) -> None:
    database = small(disk / "data")
    await migrate(database, MONDAY)
    await database.close()
    fill(disk)
    database = small(disk / "data")
    assert not await database.has_room()
    assert await database.read(partial(arrivals.counts)) == {ArrivalState.QUARANTINED: 0}
    await database.close()
    (disk / "data" / "ballast").unlink(missing_ok=True)
    fill(disk)
    with pytest.raises(StorageUnavailable, match="cannot open"):
        small(disk / "data")


async def test_two_processes_take_turns_at_writing(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as one, open_database("sqlite", tmp_path) as two:
        await migrate(one, MONDAY)
        acceptances: list[Awaitable[object]] = [
            Intake(db).accept_all([an_arrival(remote_id=f"{number}")])
            for db in (one, two)
            for number in range(20)
        ]
        await asyncio.gather(*acceptances)
        assert len(await rows(one, "SELECT id FROM arrivals")) == 20


async def test_a_broken_database_takes_nothing_more(sqlite: Sqlite) -> None:
    sqlite.broken = "the disk failed to keep the database: I/O error"
    with pytest.raises(StorageUnavailable, match="the disk failed"):
        await sqlite.write(none)
    await sqlite.read(none)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("fullfsync", 1), ("foreign_keys", 1)],
)
async def test_every_setting_is_in_force(sqlite: Sqlite, setting: str, value: object) -> None:
    found = await asyncio.wrap_future(sqlite._writing.submit(sqlite._writer.pragma, setting))
    assert found == value

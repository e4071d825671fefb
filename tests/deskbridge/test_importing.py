"""Does an import count as a whole or not at all, on both databases, while others write?"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.customers import Attribute, Customers, Import
from deskbridge.importing import Imported, Importing, Stopped, Wanted, tidy
from inquiry.errors import ConfigError, TemporaryFailure
from storage import imports, records
from storage.database import Database, Transaction
from storage.records import Line, Record
from tests.rows import rows

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MANY = 2_500
"""More than one batch."""


class Desk:
    """A database and a file of customers."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db = db
        self.file = folder / "customers.csv"
        self.importing = Importing()
        self.customers = Customers(
            attributes={"vip": Attribute("boolean")},
            import_=Import(file=self.file, match_on=("email", "domain")),
        )

    async def run(self, text: str, *, allow_errors: bool = False) -> Imported:
        self.file.write_text(text)
        wanted = Wanted(file=self.file, customers=self.customers, allow_errors=allow_errors)
        return await self.importing.run(self.db, wanted)

    async def of(self, address: str) -> dict[str, str]:
        return await self.db.read(lambda tx: records.of(tx, "mail", address))

    async def stored(self) -> int:
        return len(await rows(self.db, "SELECT line FROM customer_records"))


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


def lines(count: int, *more: str) -> str:
    people = [f"kari{number}@kunde.example,,yes\n" for number in range(count)]
    return "".join(("email,domain,vip\n", *people, *more))


async def test_the_newest_import_is_in_force_and_earlier_ones_leave_nothing(desk: Desk) -> None:
    await desk.run(lines(MANY, "ola@fjell.example,fjell.example,no\n"))
    imported = await desk.run(lines(3))
    assert (imported.lines, imported.wrong, imported.nameless) == (3, 0, 0)
    assert await desk.of("kari2@kunde.example") == {"vip": "yes"}
    assert await desk.of("kari3@kunde.example") == {}
    assert await desk.of("ola@fjell.example") == {}
    assert await desk.stored() == 3


async def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    for _ in range(2):
        await desk.run(lines(MANY))
        assert await desk.stored() == MANY
        assert await desk.of("kari2499@kunde.example") == {"vip": "yes"}


async def test_a_wrong_line_at_the_end_leaves_all_as_it_was(desk: Desk) -> None:
    await desk.run(lines(1))
    with pytest.raises(ConfigError) as wrong:
        await desk.run(lines(MANY, "somebody,,yes\n"))
    (problem,) = wrong.value.problems
    assert (problem.place.line, problem.text) == (MANY + 2, "this is no mail address")
    assert await desk.of("kari0@kunde.example") == {"vip": "yes"}
    assert await desk.of("kari1@kunde.example") == {}
    assert await desk.stored() == 1


async def test_wrong_lines_may_be_left_out(desk: Desk) -> None:
    text = lines(2, "somebody,,yes\n", ",,no\n")
    imported = await desk.run(text, allow_errors=True)
    assert imported.sentence.startswith("imported 4 lines of customers.csv in ")
    assert imported.sentence.endswith(
        "s, 1 of them wrong and left out, 1 without address, number or domain"
    )
    assert [problem.place.line for problem in imported.problems] == [4]
    assert await desk.stored() == 2


@pytest.mark.parametrize("apart", [0, MANY], ids=["in one batch", "in two"])
async def test_two_lines_that_contradict_each_other_are_told(desk: Desk, apart: int) -> None:
    between = (f"ola{n}@fjell.example,,no\n" for n in range(apart))
    text = lines(1, "Kari0@kunde.example,,yes\n", *between, "kari0@Kunde.example,,no\n")
    with pytest.raises(ConfigError) as wrong:
        await desk.run(text)
    (problem,) = wrong.value.problems
    assert problem.place.line == apart + 4
    assert problem.text == "another line says something else of the same email"
    assert problem.hint == "first on line 2"
    imported = await desk.run(text, allow_errors=True)
    assert imported.wrong == 1
    assert await desk.of("kari0@kunde.example") == {"vip": "yes"}


async def test_an_import_that_died_counts_for_nothing_and_is_cleared_away(desk: Desk) -> None:
    await desk.run(lines(2))
    file = desk.file.absolute()
    long_ago = NOW - timedelta(days=1)
    dead = await desk.db.write(lambda tx: imports.begin(tx, file, alone=True, now=long_ago))
    line = Line("email", "kari0@kunde.example", Record("", {"vip": "no"}), 1)
    await desk.db.write(lambda tx: records.put(tx, dead, [line]))
    assert await desk.of("kari0@kunde.example") == {"vip": "yes"}
    await desk.run(lines(2))
    assert await desk.of("kari0@kunde.example") == {"vip": "yes"}
    assert await desk.stored() == 2


async def test_of_two_at_once_the_one_that_began_later_counts(desk: Desk) -> None:
    early, late = Path("/early.csv"), Path("/late.csv")
    first = await desk.db.write(lambda tx: imports.begin(tx, early, alone=False, now=NOW))
    second = await desk.db.write(lambda tx: imports.begin(tx, late, alone=False, now=NOW))
    for number, vip in ((first, "no"), (second, "yes")):
        await desk.db.write(_putting(number, vip))
    await desk.db.write(_finishing(second))
    with pytest.raises(imports.Overtaken):
        await desk.db.write(lambda tx: imports.go_on(tx, first, NOW))
    with pytest.raises(imports.Overtaken):
        await desk.db.write(_finishing(first))
    await tidy(desk.db)
    assert await desk.of("kari@kunde.example") == {"vip": "yes"}
    assert await desk.stored() == 1


def _putting(number: int, vip: str) -> Callable[[Transaction], Awaitable[object]]:
    line = Line("email", "kari@kunde.example", Record("", {"vip": vip}), 1)
    return lambda tx: records.put(tx, number, [line])


def _finishing(number: int) -> Callable[[Transaction], Awaitable[None]]:
    async def finish(tx: Transaction) -> None:
        await imports.finish(
            tx,
            number,
            fingerprint="x",
            configured=True,
            lines=1,
            left_out=0,
            now=NOW,
        )

    return finish


async def test_one_file_is_imported_by_one_process_at_a_time(desk: Desk) -> None:
    file, soon = Path("/customers.csv"), NOW + timedelta(seconds=30)
    await desk.db.write(lambda tx: imports.begin(tx, file, alone=False, now=NOW))
    with pytest.raises(TemporaryFailure, match="another process"):
        await desk.db.write(lambda tx: imports.begin(tx, file, alone=False, now=soon))
    later = NOW + timedelta(minutes=2)
    assert await desk.db.write(lambda tx: imports.begin(tx, file, alone=False, now=later))


async def test_a_desk_that_stops_breaks_off(desk: Desk) -> None:
    await desk.run(lines(1))
    going = iter([True, False])
    desk.importing.going_on = lambda: next(going)
    with pytest.raises(Stopped):
        await desk.run(lines(MANY))
    assert await desk.stored() == 1


async def test_others_write_meanwhile_and_progress_is_told(desk: Desk) -> None:
    written = 0
    told: list[tuple[int, int]] = []

    async def others() -> None:
        nonlocal written
        while True:
            await desk.db.write(lambda tx: tx.run("credentials.forget_old_links", now=NOW))
            written += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    desk.file.write_text(lines(MANY * 4))
    wanted = Wanted(file=desk.file, customers=desk.customers)
    await desk.importing.run(desk.db, wanted, lambda done, whole: told.append((done, whole)))
    task.cancel()
    size = desk.file.stat().st_size
    assert written >= 10
    assert len(told) == 11
    assert told[-1] == (size, size)
    assert told == sorted(told)

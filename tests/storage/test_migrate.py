"""Does every database come to this version's tables, and no other version's?"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.database import Database
from storage.migrate import MIGRATIONS, Migration, SchemaMismatch, migrate, migrations, pending
from storage.opening import open_database
from tests.rows import rows
from tests.servers.postgres import Postgres
from tests.storage.arrivals import MONDAY

COLUMNS = {
    "sqlite": """
        SELECT m.name AS "table", c.name AS "column", max(c."notnull", c.pk > 0) AS required
          FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'""",
    "postgres": """
        SELECT table_name AS "table", column_name AS "column",
               CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END AS required
          FROM information_schema.columns WHERE table_schema = 'public'""",
}
INDEXES = {
    "sqlite": "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
    "postgres": """
        SELECT indexname AS name FROM pg_indexes
         WHERE schemaname = 'public' AND indexname !~ '_(key|pkey)$'""",
}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
async def bare(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database without any tables."""
    url = "sqlite"
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres_server")
        url = await asyncio.to_thread(server.create)
    async with open_database(url, tmp_path) as database:
        yield database


def steps_of(database: Database, *texts: str) -> list[Migration]:
    return [
        Migration(number=number, name=f"step{number}", sql=text)
        for number, text in enumerate(texts, start=1)
    ]


async def test_an_empty_database_gets_everything_once(bare: Database) -> None:
    names = [step.name for step in migrations(bare.dialect)]
    assert await migrate(bare, MONDAY) == names
    assert await migrate(bare, MONDAY) == []
    assert await pending(bare, migrations(bare.dialect)) == []


async def test_a_later_version_brings_only_its_own_steps(bare: Database) -> None:
    first, second = steps_of(bare, "CREATE TABLE a (id INTEGER);", "CREATE TABLE b (id INTEGER);")
    assert await migrate(bare, MONDAY, [first]) == ["step1"]
    assert await migrate(bare, MONDAY, [first, second]) == ["step2"]


async def test_a_database_newer_than_the_program_is_refused(bare: Database) -> None:
    first, second = steps_of(bare, "CREATE TABLE a (id INTEGER);", "CREATE TABLE b (id INTEGER);")
    await migrate(bare, MONDAY, [first, second])
    sentence = (
        "the database has migration 2, which this program does not know: "
        "install the version that made it, or a later one"
    )
    with pytest.raises(SchemaMismatch, match=f"^{re.escape(sentence)}$"):
        await migrate(bare, MONDAY, [first])


async def test_a_step_that_was_changed_afterwards_is_refused(bare: Database) -> None:
    (step,) = steps_of(bare, "CREATE TABLE a (id INTEGER);")
    await migrate(bare, MONDAY, [step])
    changed = replace(step, sql="CREATE TABLE a (id INTEGER, name TEXT);")
    with pytest.raises(SchemaMismatch, match=r"^migration 1 was applied with another text$"):
        await migrate(bare, MONDAY, [changed])


async def test_a_step_that_fails_leaves_nothing_behind(bare: Database) -> None:
    good, bad = steps_of(
        bare,
        "CREATE TABLE a (id INTEGER);",
        "CREATE TABLE b (id INTEGER); INSERT INTO c VALUES (1);",
    )
    with pytest.raises(Exception, match=r"\bc\b"):
        await migrate(bare, MONDAY, [good, bad])
    mended = replace(bad, sql="CREATE TABLE b (id INTEGER);")
    assert await migrate(bare, MONDAY, [good, mended]) == ["step2"]


async def test_processes_that_start_together_migrate_once(bare: Database, tmp_path: Path) -> None:
    done = await asyncio.gather(*(migrate(bare, MONDAY) for _ in range(8)))
    assert sum(map(len, done)) == len(migrations(bare.dialect))


@pytest.mark.server
async def test_both_databases_have_the_same_tables_and_indexes(
    tmp_path: Path, postgres_server: Postgres
) -> None:
    async def shape(url: str) -> list[set[tuple[object, ...]]]:
        async with open_database(url, tmp_path) as database:
            await migrate(database, MONDAY)
            queries = (COLUMNS[database.dialect], INDEXES[database.dialect])
            return [{tuple(row.values()) for row in await rows(database, q)} for q in queries]

    sqlite = await shape("sqlite")
    assert len(sqlite[0]) > 100
    assert sqlite == await shape(await asyncio.to_thread(postgres_server.create))


def test_no_two_steps_have_one_number() -> None:
    numbers = [step.number for step in migrations("sqlite")]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 1
    assert [step.number for step in migrations("postgres")] == numbers


def test_types_are_written_in_the_database_own_words(tmp_path: Path) -> None:
    (tmp_path / "0001-one.sql").write_text("CREATE TABLE a (id @ID@, raw @BYTES@) @STRICT@;\n")
    (tmp_path / "0001-one.sqlite.sql").write_text("-- only here\n")
    (sqlite,) = migrations("sqlite", tmp_path)
    (postgres,) = migrations("postgres", tmp_path)
    assert sqlite.sql == (
        "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, raw BLOB) STRICT;\n-- only here\n"
    )
    assert postgres.sql == (
        "CREATE TABLE a (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, raw BYTEA) ;\n"
    )
    assert sqlite.checksum != postgres.checksum
    assert MIGRATIONS.is_dir()

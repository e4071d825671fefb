"""What holds for all tests: a fresh desk on either database; a test that can't run fails in CI."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from storage.database import Database
from storage.migrate import migrate
from storage.opening import prepare
from storage.postgres import open_postgres
from storage.sqlite import Sqlite
from tests.servers.postgres import Postgres, installed, postgres

BOTH = ("sqlite", pytest.param("postgres", marks=pytest.mark.server))
EMPTY = """
    DO $$ DECLARE name text; BEGIN
        SET LOCAL session_replication_role = replica;  -- no foreign keys meanwhile
        FOR name IN SELECT tablename FROM pg_tables
                     WHERE schemaname = 'public' AND tablename <> 'migrations' LOOP
            EXECUTE format('DELETE FROM %I', name);
        END LOOP;
        FOR name IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
            EXECUTE format('ALTER SEQUENCE %I RESTART', name);
        END LOOP;
    END $$;
"""


settings.register_profile(
    "any machine", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")  # CI's or the usual, but a busy machine is no failure


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/mails/*.expected.json"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files: at the end no worker shall wait for the last story of another."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Shall what was found become what is expected? To be reviewed in the diff."""
    return bool(request.config.getoption("--update-golden"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure: a green run that has tested nothing is the worst result."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped in CI: {_reason(call)}"
    return report


def _reason(call: pytest.CallInfo[None]) -> object:
    return call.excinfo.value if call.excinfo else "no reason given"


@pytest.fixture(params=BOTH)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty desk with all its tables; every test that asks for it runs on both databases."""
    template = request.getfixturevalue(f"{request.param}_template")
    fresh = _fresh_sqlite if request.param == "sqlite" else _fresh_postgres
    async with fresh(template, tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def sqlite(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Sqlite]:
    """An empty desk on SQLite alone, for tests that ask nothing of the database itself."""
    async with _fresh_sqlite(sqlite_template, tmp_path / "data") as opened:
        yield opened


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("template") / "deskbridge.db"

    async def make() -> None:
        database = Sqlite(path)
        await migrate(database, datetime.now(UTC))
        await database.close()

    _run_aside(make())
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A server for all tests of this worker."""
    if not installed():
        pytest.skip("PostgreSQL 15 is not installed")
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated database, to be emptied for every test: that takes a tenth of copying it."""
    dsn = postgres_server.create()

    async def make() -> None:
        async with open_postgres(dsn, tmp_path_factory.mktemp("files")) as database:
            await migrate(database, datetime.now(UTC))

    _run_aside(make())
    return dsn


@asynccontextmanager
async def _fresh_sqlite(template: Path, folder: Path) -> AsyncIterator[Sqlite]:
    prepare(folder)
    shutil.copy(template, folder / "deskbridge.db")
    database = Sqlite(folder / "deskbridge.db")
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def _fresh_postgres(dsn: str, folder: Path) -> AsyncIterator[Database]:
    prepare(folder)
    async with open_postgres(dsn, folder / "originals", connections=4) as database:
        await database.script(EMPTY)
        yield database


def _run_aside(work: Coroutine[None, None, None]) -> None:
    """Run it on a loop of its own: a session's fixture may be set up while another loop runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()

"""Does ``deskbridge migrate`` say what it did, and refuse what it must not touch?"""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deskbridge.cli.migrate import migrate
from storage.migrate import Migration, migrations
from storage.migrate import migrate as apply
from storage.opening import open_database
from tests.deskbridge.command_desk import CommandDesk
from tests.servers.ports import free_port
from tests.storage.arrivals import MONDAY


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return CommandDesk(tmp_path).file


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(migrate, ["-c", *map(str, arguments)])


def test_what_is_missing_is_named_and_then_applied(config: Path) -> None:
    checked = call(config, "--check")
    names = [step.name for step in migrations("sqlite")]
    assert names[0] == "first"
    assert not (config.parent / "data").exists()  # to look makes nothing
    told = "".join(f"missing: {name}\n" for name in names)
    assert (checked.exit_code, checked.stdout) == (1, told)
    done = call(config)
    assert (done.exit_code, done.stdout) == (0, told.replace("missing", "applied"))
    for options in ([], ["--check"]):
        again = call(config, *options)
        assert (again.exit_code, again.stdout) == (0, "the database is up to date\n")


def test_a_newer_database_is_left_alone(config: Path, tmp_path: Path) -> None:
    async def age() -> None:
        async with open_database("sqlite", tmp_path / "data") as database:
            later = Migration(number=99, name="later", sql="CREATE TABLE later (id INTEGER);")
            await apply(database, MONDAY, [later])

    asyncio.run(age())
    refused = call(config)
    assert refused.exit_code == 5
    assert refused.stderr.splitlines()[-1] == (
        "the database has migration 99, which this program does not know: "
        "install the version that made it, or a later one"
    )


def test_a_database_that_is_away_may_be_tried_again(config: Path) -> None:
    address = f"postgresql://desk@127.0.0.1:{free_port()}/desk"
    config.write_text(config.read_text().replace("data_dir:", f'storage: "{address}", data_dir:'))
    away = call(config)
    assert away.exit_code == 5
    assert "cannot reach PostgreSQL" in away.stderr

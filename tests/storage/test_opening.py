"""Is the database opened that the configuration names, by one bridge at a time?"""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from storage.database import StorageUnavailable
from storage.opening import DeskInUse, alone, open_database
from tests.servers.ports import free_port
from tests.servers.postgres import Postgres

HOLD = """
import sys
from pathlib import Path
from storage.opening import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


async def test_sqlite_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    async with open_database("sqlite", data) as database:
        assert database.dialect == "sqlite"
        assert await database.has_room()
    assert (data / "deskbridge.db").exists()
    assert (data / "spool").is_dir()
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


@pytest.mark.server
async def test_postgresql_is_a_url(postgres_server: Postgres, tmp_path: Path) -> None:
    async with open_database(postgres_server.dsn(), tmp_path) as database:
        assert database.dialect == "postgres"


async def test_anything_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must be 'sqlite' or begin with 'postgresql://'$"):
        async with open_database("mysql://localhost", tmp_path):
            pass


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/desk"
    with pytest.raises(StorageUnavailable, match="cannot reach PostgreSQL"):
        async with open_database(url, tmp_path):
            pass


@pytest.mark.server
async def test_a_database_that_is_not_there_is_unavailable(
    postgres_server: Postgres, tmp_path: Path
) -> None:
    with pytest.raises(StorageUnavailable, match='database "nowhere" does not exist'):
        async with open_database(postgres_server.dsn("nowhere"), tmp_path):
            pass


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "deskbridge.db").write_bytes(b"this is a shopping list, not a database" * 100)
    with pytest.raises(StorageUnavailable, match=r"cannot open .*: file is not a database"):
        async with open_database("sqlite", tmp_path):
            pass


def test_a_second_bridge_is_told_who_holds_the_desk(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin
    assert holder.stdout
    try:
        assert holder.stdout.readline() == b"held\n"
        sentence = re.escape(
            f"another deskbridge (process {holder.pid}) is using {tmp_path}: stop it first"
        )
        with pytest.raises(DeskInUse, match=f"^{sentence}$"), alone(tmp_path):
            pass
        holder.kill()  # the lock goes with its process, whatever the file says
        holder.wait(timeout=10)
        with alone(tmp_path):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    finally:
        holder.kill()
        holder.communicate(timeout=10)

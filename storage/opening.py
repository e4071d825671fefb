"""Opening the database that the configuration names, and keeping a data folder for one bridge."""

import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from inquiry.errors import BridgeError
from storage.ballast import Ballast
from storage.database import Database
from storage.originals import sync_folder
from storage.postgres import open_postgres
from storage.sqlite import Sqlite

POSTGRES = ("postgresql://", "postgres://")


class DeskInUse(BridgeError):
    """Another process runs this desk."""


@asynccontextmanager
async def open_database(url: str, data_dir: Path) -> AsyncIterator[Database]:
    """Open ``sqlite`` (a file in ``data_dir``) or a ``postgresql://`` URL; its tables may be old.

    Raises:
        StorageUnavailable: the database can't be opened or reached.
        ValueError: ``url`` is neither.
    """
    prepare(data_dir)
    if url == "sqlite":
        database = Sqlite(data_dir / "deskbridge.db", Ballast(data_dir / "ballast"))
        try:
            yield database
        finally:
            await database.close()
    elif url.startswith(POSTGRES):
        async with open_postgres(url, data_dir / "originals") as server:
            yield server
    else:
        raise ValueError("database must be 'sqlite' or begin with 'postgresql://'")


def prepare(data_dir: Path) -> None:
    """Make the folders that a desk needs, for its own user only."""
    for folder in (data_dir, data_dir / "originals", data_dir / "spool"):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(folder.parent)


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Be the only bridge on this data folder. Single commands beside it need no such right.

    Raises:
        DeskInUse: another one is running; the sentence names its process.
    """
    prepare(data_dir)
    lock = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(lock, 20).decode("ascii", "replace").strip() or "unknown"
            raise DeskInUse(
                f"another deskbridge (process {holder}) is using {data_dir}: stop it first"
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, b"%d\n" % os.getpid(), 0)
        yield
    finally:
        os.close(lock)

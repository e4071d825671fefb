"""SQLite: one thread with the only writing and checkpointing connection, others that only read.

``synchronous=FULL``: with a WAL, ``NORMAL`` may lose the last commits in a power cut, that is, mail
we have said 250 to.
"""

import asyncio
import errno
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import apsw

from storage.ballast import Ballast
from storage.database import ConstraintViolated, StorageUnavailable, Transaction
from storage.inside_sqlite import Inside, finish
from storage.queries import queries
from storage.turns import Turn, Turns

T = TypeVar("T")
READERS = 2
PATIENCE = 10_000  # milliseconds to wait for a lock of another process
SETTINGS = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = 1;
    PRAGMA foreign_keys = ON;
    PRAGMA wal_autocheckpoint = 2000;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -16000;
"""
UNAVAILABLE = (
    apsw.FullError,
    apsw.IOError,
    apsw.BusyError,
    apsw.LockedError,
    apsw.CantOpenError,
    apsw.ReadOnlyError,
    apsw.CorruptError,
    apsw.NotADBError,
)
FULL = {apsw.SQLITE_FULL, apsw.SQLITE_IOERR_WRITE}
NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
UNSYNCED = {apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC}


class Sqlite:
    """A desk's database in one file."""

    dialect = "sqlite"

    def __init__(self, path: Path, ballast: Ballast | None = None) -> None:
        self.path = path
        self.files = path.parent / "originals"
        self.broken = ""
        self._ballast = ballast
        self._texts = queries("sqlite")
        self._writing = Turns("sqlite-write")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-read")
        self._readers: list[apsw.Connection] = []
        self._own = threading.local()
        self._room = True
        try:
            self._writer = self._writing.submit(self._open_writer).result()
        except BaseException:
            self._writing.shutdown()
            raise

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction on the writing thread; see Database."""
        return await self.write_at(Turn.SOON, work)

    async def write_at(self, turn: Turn, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """The same, before or behind others that wait for the thread."""
        return await asyncio.wrap_future(self._writing.submit(self._write, work, turn=turn))

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` on one snapshot; see Database."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._read, work)

    async def script(self, text: str) -> None:
        """Carry out the statements of a migration; see Database."""

        async def work(_tx: Transaction) -> None:
            self._writer.execute(text).fetchall()

        await self.write(work)

    async def has_room(self) -> bool:
        """See Database. After a full disk: as soon as the ballast fits again."""
        if self._room:
            return True
        await asyncio.wrap_future(self._writing.submit(self._take_ballast))
        return self._room

    async def close(self) -> None:
        """Finish what has begun, checkpoint, and let go."""
        await asyncio.to_thread(self._reading.shutdown)
        for reader in self._readers:
            reader.close()
        await asyncio.wrap_future(self._writing.submit(self._close_writer, turn=Turn.LATER))
        self._writing.shutdown()

    def _open_writer(self) -> apsw.Connection:
        try:
            connection = self._connect()
        except UNAVAILABLE as error:
            if self._ballast and self._ballast.drop():  # on a full disk this is room to open it
                return self._open_writer()
            raise StorageUnavailable(f"cannot open {self.path}: {error}") from error
        self._take_ballast()
        return connection

    def _connect(self) -> apsw.Connection:
        connection = apsw.Connection(str(self.path))
        connection.set_busy_timeout(PATIENCE)
        connection.execute(SETTINGS).fetchall()  # else it stops at the first that returns a row
        return connection

    def _close_writer(self) -> None:
        try:
            self._writer.close()
        except UNAVAILABLE:  # no room or no disk to checkpoint: the WAL stays, nothing is lost
            self._writer.close(force=True)

    def _reader(self) -> apsw.Connection:
        connection: apsw.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READONLY)
            connection.set_busy_timeout(PATIENCE)
            self._own.connection = connection
            self._readers.append(connection)
        return connection

    def _write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        if self.broken:
            raise StorageUnavailable(self.broken)
        try:
            return self._in_transaction(self._writer, "BEGIN IMMEDIATE", work)
        except apsw.ConstraintError as error:
            raise ConstraintViolated(str(error)) from error
        except (*UNAVAILABLE, OSError) as error:  # OSError: the file of a large original
            self._take_note(error)
            raise StorageUnavailable(f"cannot write to {self.path}: {error}") from error

    def _read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        try:
            return self._in_transaction(self._reader(), "BEGIN", work)
        except UNAVAILABLE as error:
            raise StorageUnavailable(f"cannot read {self.path}: {error}") from error

    def _in_transaction(
        self, connection: apsw.Connection, begin: str, work: Callable[[Transaction], Awaitable[T]]
    ) -> T:
        connection.execute(begin)
        try:
            result = finish(work(Inside(connection, self._texts, self.files)))
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return result

    def _take_note(self, error: Exception) -> None:
        code = getattr(error, "extendedresult", 0)
        if code in UNSYNCED:
            # What the kernel threw away after a failed sync can't be known: never try again.
            self.broken = f"the disk failed to keep the database: {error}"
        elif self._ballast and (code in FULL or getattr(error, "errno", 0) in NO_SPACE):
            self._ballast.drop()
            self._room = False

    def _take_ballast(self) -> None:
        if self._ballast:
            self._room = self._ballast.fill()

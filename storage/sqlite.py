"""SQLite: one thread with the only writing and checkpointing connection, others that only read.

``synchronous=FULL``: with a WAL, ``NORMAL`` may lose the last commits in a power cut, that is, mail
we have said 250 to.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import apsw

from storage.database import Row, StorageUnavailable, Transaction, storable
from storage.queries import queries

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
UNSYNCED = {apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC}


class Sqlite:
    """A desk's database in one file."""

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.broken = ""
        self._texts = queries("sqlite")
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="sqlite-write")
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-read")
        self._readers: list[apsw.Connection] = []
        self._own = threading.local()
        self._writer = self._writing.submit(self._open_writer).result()

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction on the writing thread; see Database."""
        return await asyncio.get_running_loop().run_in_executor(self._writing, self._write, work)

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` on one snapshot; see Database."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._read, work)

    async def script(self, text: str) -> None:
        """Carry out the statements of a migration; see Database."""

        async def work(_tx: Transaction) -> None:
            self._writer.execute(text)

        await self.write(work)

    async def close(self) -> None:
        """Finish what has begun, checkpoint, and let go."""
        await asyncio.to_thread(self._reading.shutdown)
        for reader in self._readers:
            reader.close()
        await asyncio.get_running_loop().run_in_executor(self._writing, self._writer.close)
        self._writing.shutdown()

    def _open_writer(self) -> apsw.Connection:
        connection = apsw.Connection(str(self.path))
        connection.set_busy_timeout(PATIENCE)
        connection.execute(SETTINGS)
        return connection

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
        except UNAVAILABLE as error:
            if getattr(error, "extendedresult", 0) in UNSYNCED:
                # What the kernel threw away after a failed sync can't be known: never try again.
                self.broken = f"the disk failed to keep the database: {error}"
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
            result = _finish(work(_Inside(connection, self._texts)))
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return result


class _Inside:
    """One transaction; its coroutines never suspend."""

    def __init__(self, connection: apsw.Connection, texts: Mapping[str, str]) -> None:
        self._connection = connection
        self._texts = texts

    async def all(self, query: str, /, **values: object) -> list[Row]:
        cursor = self._connection.execute(self._texts[query], _storable(values))
        try:
            names = [column[0] for column in cursor.description]
        except apsw.ExecutionCompleteError:  # it has returned nothing
            return []
        return [dict(zip(names, row, strict=True)) for row in cursor]

    async def one(self, query: str, /, **values: object) -> Row | None:
        rows = await self.all(query, **values)
        return rows[0] if rows else None

    async def run(self, query: str, /, **values: object) -> None:
        self._connection.execute(self._texts[query], _storable(values))

    async def many(self, query: str, rows: Sequence[Mapping[str, object]], /) -> None:
        self._connection.executemany(self._texts[query], [_storable(row) for row in rows])

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        return _savepoint(self._connection)


@asynccontextmanager
async def _savepoint(connection: apsw.Connection) -> AsyncIterator[None]:
    with connection:
        yield


def _storable(values: Mapping[str, object]) -> dict[str, Any]:
    return {name: storable(value) for name, value in values.items()}


def _finish(work: Awaitable[T]) -> T:
    """Drive a coroutine that waits for nothing to its end."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as end:
        result: T = end.value
        return result
    raise RuntimeError("a transaction waited for something besides the database")

"""PostgreSQL, by asyncpg: the same transactions on a pool of connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from storage.database import (
    ConstraintViolated,
    Row,
    StorageUnavailable,
    Transaction,
    storable,
)
from storage.queries import numbered, queries, with_blanks
from storage.turns import Turn

T = TypeVar("T")
CONNECTIONS = 8
PATIENCE = timedelta(seconds=5)
"""How long to wait for a connection, new or free."""
TRIES = 5
"""How often a transaction begins anew that PostgreSQL rolled back for the sake of another."""
SETTINGS = {
    "application_name": "deskbridge",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
    "lock_timeout": "10s",
    "jit": "off",
}
ONE_AT_A_TIME = f"""
    SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
    SELECT pg_advisory_xact_lock({0x6D696772});
    SET LOCAL lock_timeout TO DEFAULT
"""
"""Before a script: even CREATE TABLE IF NOT EXISTS fails when two processes start together, and
a node waits for another's long migration. PostgreSQL takes single keys and pairs for different
locks: this one is not an epoch's."""
UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.LockNotAvailableError,
    asyncpg.InternalServerError,
    OSError,
    TimeoutError,
)


ROLLED_BACK = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
REFUSED = (asyncpg.InvalidCatalogNameError, asyncpg.InvalidAuthorizationSpecificationError)
FORBIDDEN = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.RaiseError,
    asyncpg.DuplicateTableError,  # CREATE IF NOT EXISTS by two at once ends in either
)


@asynccontextmanager
async def open_postgres(
    dsn: str, files: Path, *, connections: int = CONNECTIONS, patience: timedelta = PATIENCE
) -> AsyncIterator["Postgres"]:
    """Connect, and let go at the end. ``files`` is the folder for large originals.

    Raises:
        StorageUnavailable: nobody answers at ``dsn``, or lets us in.
    """
    try:
        pool = await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=connections,
            timeout=patience.total_seconds(),
            server_settings=SETTINGS,
            init=_prepare,
            reset=_leave,
        )
    except (*UNAVAILABLE, *REFUSED) as error:
        raise StorageUnavailable(f"cannot reach PostgreSQL: {error}") from error
    database = Postgres(pool, files, patience)
    try:
        yield database
    finally:
        await database.close()


class Postgres:
    """A desk's database on a PostgreSQL server."""

    dialect = "postgres"
    broken = ""

    def __init__(self, pool: Any, files: Path, patience: timedelta = PATIENCE) -> None:
        self.files = files
        self.epoch: int | None = None
        """Under which leases are taken: set while this process provably lives (EpochLock)."""
        self._pool = pool
        self._backlog = asyncio.Semaphore(max(1, pool.get_max_size() // 2))
        self._patience = patience.total_seconds()
        self._texts = {name: numbered(sql) for name, sql in queries("postgres").items()}

    async def has_room(self) -> bool:
        """The server minds its own disk; see Database."""
        return True

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction; see Database."""
        for _ in range(TRIES - 1):
            with suppress(*ROLLED_BACK):
                return await self._run(work)
        try:
            return await self._run(work)
        except ROLLED_BACK as error:
            raise StorageUnavailable(f"cannot write to PostgreSQL: {error}") from error

    async def write_at(self, turn: Turn, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """The same; those who come last leave half of the connections to the others."""
        if turn is not Turn.LATER:
            return await self.write(work)
        async with self._backlog:
            return await self.write(work)

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` on one snapshot; see Database."""
        return await self._run(work, isolation="repeatable_read", readonly=True)

    async def script(self, text: str) -> None:
        """Carry out the statements of a migration; see Database."""
        async with self._transaction() as connection:
            await connection.execute(ONE_AT_A_TIME)
            await connection.execute(text)

    async def close(self) -> None:
        """Finish what has begun and let go."""
        try:
            async with asyncio.timeout(self._patience):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def _run(self, work: Callable[[Transaction], Awaitable[T]], **options: Any) -> T:
        async with self._transaction(**options) as connection:
            return await work(_Inside(connection, self._texts, self.files, self.epoch))

    @asynccontextmanager
    async def _transaction(
        self, isolation: str = "read_committed", *, readonly: bool = False
    ) -> AsyncIterator[Any]:
        """Open a transaction on a free connection; its errors in our words."""
        try:
            async with (
                self._pool.acquire(timeout=self._patience) as connection,
                connection.transaction(isolation=isolation, readonly=readonly),
            ):
                yield connection
        except FORBIDDEN as error:
            raise ConstraintViolated(str(error)) from error
        except ROLLED_BACK:
            raise
        except UNAVAILABLE as error:
            if isinstance(error, ValueError):  # asyncpg's word for a wrong argument: a bug of ours
                raise
            raise StorageUnavailable(f"PostgreSQL is not available: {error!r}") from error


async def _prepare(connection: Any) -> None:
    """Make a new connection keep what it confirms, whatever the server's default is."""
    if await connection.fetchval("SHOW server_encoding") != "UTF8":
        raise StorageUnavailable("the database's encoding must be UTF8")
    if await connection.fetchval("SHOW synchronous_commit") == "off":
        await connection.execute("SET synchronous_commit = on")


async def _leave(_connection: Any) -> None:
    """Save a round trip: a transaction of ours leaves nothing behind that has to be reset."""


class _Inside:
    """One transaction on one connection."""

    def __init__(
        self,
        connection: Any,
        texts: Mapping[str, tuple[str, tuple[str, ...]]],
        files: Path,
        epoch: int | None,
    ) -> None:
        self.files = files
        self.epoch = epoch
        self._connection = connection
        self._texts = texts

    async def all(self, query: str, /, **values: object) -> list[Row]:
        sql, names = self._texts[query]
        rows = await self._connection.fetch(sql, *(storable(values[name]) for name in names))
        return [dict(row) for row in rows]

    async def one(self, query: str, /, **values: object) -> Row | None:
        rows = await self.all(query, **values)
        return rows[0] if rows else None

    async def filled(self, query: str, blanks: Mapping[str, str], /, **values: object) -> list[Row]:
        sql, names = numbered(with_blanks(queries("postgres")[query], blanks))
        rows = await self._connection.fetch(sql, *(storable(values[name]) for name in names))
        return [dict(row) for row in rows]

    async def run(self, query: str, /, **values: object) -> None:
        sql, names = self._texts[query]
        await self._connection.execute(sql, *(storable(values[name]) for name in names))

    async def many(self, query: str, rows: Sequence[Mapping[str, object]], /) -> None:
        sql, names = self._texts[query]
        await self._connection.executemany(
            sql, [tuple(storable(row[name]) for name in names) for row in rows]
        )

    async def each(self, query: str, rows: Sequence[Mapping[str, object]], /) -> list[Row]:
        sql, names = self._texts[query]
        columns = ([storable(row[name]) for row in rows] for name in names)
        return [dict(row) for row in await self._connection.fetch(sql, *columns)]

    async def blocking(self, work: Callable[[], T]) -> T:
        return await asyncio.to_thread(work)

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        return _savepoint(self._connection)


@asynccontextmanager
async def _savepoint(connection: Any) -> AsyncIterator[None]:
    try:
        async with connection.transaction():
            yield
    except FORBIDDEN as error:
        raise ConstraintViolated(str(error)) from error

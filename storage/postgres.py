"""PostgreSQL, by asyncpg: the same transactions on a pool of connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

import asyncpg

from storage.database import Row, StorageUnavailable, Transaction, storable
from storage.queries import numbered, queries

T = TypeVar("T")
CONNECTIONS = 8
PATIENCE = 10.0  # seconds to wait for a connection
SETTINGS = {
    "application_name": "deskbridge",
    "idle_in_transaction_session_timeout": "30s",
    "lock_timeout": "10s",
    "jit": "off",
}
UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.InternalServerError,
    OSError,
    TimeoutError,
)


@asynccontextmanager
async def open_postgres(dsn: str, connections: int = CONNECTIONS) -> AsyncIterator["Postgres"]:
    """Connect, and let go at the end.

    Raises:
        StorageUnavailable: nobody answers at ``dsn``.
    """
    try:
        pool = await asyncpg.create_pool(
            dsn, min_size=1, max_size=connections, timeout=PATIENCE, server_settings=SETTINGS
        )
    except UNAVAILABLE as error:
        raise StorageUnavailable(f"cannot reach PostgreSQL: {error}") from error
    database = Postgres(pool)
    try:
        yield database
    finally:
        await database.close()


class Postgres:
    """A desk's database on a PostgreSQL server."""

    dialect = "postgres"
    broken = ""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._texts = {name: numbered(sql) for name, sql in queries("postgres").items()}

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction; see Database."""
        try:
            async with (
                self._pool.acquire(timeout=PATIENCE) as connection,
                connection.transaction(),
            ):
                return await work(_Inside(connection, self._texts))
        except UNAVAILABLE as error:
            raise StorageUnavailable(f"cannot write to PostgreSQL: {error}") from error

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` on one snapshot; see Database."""
        try:
            async with (
                self._pool.acquire(timeout=PATIENCE) as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                return await work(_Inside(connection, self._texts))
        except UNAVAILABLE as error:
            raise StorageUnavailable(f"cannot read PostgreSQL: {error}") from error

    async def script(self, text: str) -> None:
        """Carry out the statements of a migration; see Database."""
        async with self._pool.acquire(timeout=PATIENCE) as connection, connection.transaction():
            await connection.execute(text)

    async def close(self) -> None:
        """Finish what has begun and let go."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


class _Inside:
    """One transaction on one connection."""

    def __init__(self, connection: Any, texts: Mapping[str, tuple[str, tuple[str, ...]]]) -> None:
        self._connection = connection
        self._texts = texts

    async def all(self, query: str, /, **values: object) -> list[Row]:
        sql, names = self._texts[query]
        rows = await self._connection.fetch(sql, *(storable(values[name]) for name in names))
        return [dict(row) for row in rows]

    async def one(self, query: str, /, **values: object) -> Row | None:
        rows = await self.all(query, **values)
        return rows[0] if rows else None

    async def run(self, query: str, /, **values: object) -> None:
        sql, names = self._texts[query]
        await self._connection.execute(sql, *(storable(values[name]) for name in names))

    async def many(self, query: str, rows: Sequence[Mapping[str, object]], /) -> None:
        sql, names = self._texts[query]
        await self._connection.executemany(
            sql, [tuple(storable(row[name]) for name in names) for row in rows]
        )

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        inner: AbstractAsyncContextManager[None] = self._connection.transaction()
        return inner

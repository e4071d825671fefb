"""PostgreSQL, by asyncpg: the same transactions on a pool of connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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


FORBIDDEN = (asyncpg.IntegrityConstraintViolationError, asyncpg.RaiseError)


@asynccontextmanager
async def open_postgres(
    dsn: str, files: Path, connections: int = CONNECTIONS
) -> AsyncIterator["Postgres"]:
    """Connect, and let go at the end. ``files`` is the folder for large originals.

    Raises:
        StorageUnavailable: nobody answers at ``dsn``.
    """
    try:
        pool = await asyncpg.create_pool(
            dsn, min_size=1, max_size=connections, timeout=PATIENCE, server_settings=SETTINGS
        )
    except UNAVAILABLE as error:
        raise StorageUnavailable(f"cannot reach PostgreSQL: {error}") from error
    database = Postgres(pool, files)
    try:
        yield database
    finally:
        await database.close()


class Postgres:
    """A desk's database on a PostgreSQL server."""

    dialect = "postgres"
    broken = ""

    def __init__(self, pool: Any, files: Path) -> None:
        self.files = files
        self._pool = pool
        self._texts = {name: numbered(sql) for name, sql in queries("postgres").items()}

    async def has_room(self) -> bool:
        """The server minds its own disk; see Database."""
        return True

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction; see Database."""
        try:
            async with (
                self._pool.acquire(timeout=PATIENCE) as connection,
                connection.transaction(),
            ):
                return await work(_Inside(connection, self._texts, self.files))
        except FORBIDDEN as error:
            raise ConstraintViolated(str(error)) from error
        except UNAVAILABLE as error:
            raise StorageUnavailable(f"cannot write to PostgreSQL: {error}") from error

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` on one snapshot; see Database."""
        try:
            async with (
                self._pool.acquire(timeout=PATIENCE) as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                return await work(_Inside(connection, self._texts, self.files))
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

    def __init__(
        self, connection: Any, texts: Mapping[str, tuple[str, tuple[str, ...]]], files: Path
    ) -> None:
        self.files = files
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
        inner: AbstractAsyncContextManager[None] = self._connection.transaction()
        return inner

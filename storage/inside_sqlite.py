"""The inside of a SQLite transaction: coroutines that never suspend, driven by one thread."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import apsw

from storage.bunches import MARK, bunch, bunches
from storage.database import ConstraintViolated, Row, storable
from storage.queries import with_blanks

T = TypeVar("T")


class Inside:
    """One transaction on one connection; see Transaction."""

    epoch = None
    """There is one process: who starts abandons all leases."""

    def __init__(self, connection: apsw.Connection, texts: Mapping[str, str], files: Path) -> None:
        self.files = files
        self._connection = connection
        self._texts = texts

    async def all(self, query: str, /, **values: object) -> list[Row]:
        return _rows(self._connection.execute(self._texts[query], _storable(values)))

    async def one(self, query: str, /, **values: object) -> Row | None:
        rows = await self.all(query, **values)
        return rows[0] if rows else None

    async def filled(self, query: str, blanks: Mapping[str, str], /, **values: object) -> list[Row]:
        sql = with_blanks(self._texts[query], blanks)
        return _rows(self._connection.execute(sql, _storable(values)))

    async def run(self, query: str, /, **values: object) -> None:
        self._connection.execute(self._texts[query], _storable(values)).fetchall()

    async def many(self, query: str, rows: Sequence[Mapping[str, object]], /) -> None:
        self._connection.executemany(self._texts[query], map(_storable, rows)).fetchall()

    async def each(self, query: str, rows: Sequence[Mapping[str, object]], /) -> list[Row]:
        text = self._texts[query]
        if MARK in text:
            return self._bunched(text, rows)
        return _rows(self._connection.executemany(text, map(_storable, rows)))

    def _bunched(self, text: str, rows: Sequence[Mapping[str, object]]) -> list[Row]:
        found: list[Row] = []
        for piece in bunches(len(rows)):
            some = rows[piece]
            sql, names = bunch(text, len(some))
            values = [storable(row[name]) for row in some for name in names]
            found += _rows(self._connection.execute(sql, values))
        return found

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        return _savepoint(self._connection)

    async def blocking(self, work: Callable[[], T]) -> T:
        return work()


def finish(work: Awaitable[T]) -> T:
    """Drive a coroutine that waits for nothing to its end."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as end:
        result: T = end.value
        return result
    steps.close()
    raise RuntimeError("a transaction waited for something besides the database")


def _rows(cursor: apsw.Cursor) -> list[Row]:
    found: list[Row] = []
    names: list[str] = []
    for row in cursor:
        names = names or [column[0] for column in cursor.description]
        found.append(dict(zip(names, row, strict=True)))
    return found


def _storable(values: Mapping[str, object]) -> dict[str, Any]:
    return {name: storable(value) for name, value in values.items()}


@asynccontextmanager
async def _savepoint(connection: apsw.Connection) -> AsyncIterator[None]:
    try:
        with connection:
            yield
    except apsw.ConstraintError as error:
        raise ConstraintViolated(str(error)) from error

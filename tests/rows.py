"""Looking into the tables from outside, and changing them as nobody else may."""

import asyncio
from typing import Any

import apsw

from storage.database import Database
from storage.postgres import Postgres
from storage.sqlite import Sqlite


async def rows(db: Database, sql: str) -> list[dict[str, Any]]:
    """Run any SQL, committed at once; return its rows."""
    if isinstance(db, Sqlite):
        return await asyncio.to_thread(_rows, db, sql)
    assert isinstance(db, Postgres)
    async with db._pool.acquire() as connection:
        return [dict(row) for row in await connection.fetch(sql)]


def _rows(db: Sqlite, sql: str) -> list[dict[str, Any]]:
    connection = apsw.Connection(str(db.path))
    try:
        connection.set_busy_timeout(5000)
        cursor = connection.execute(sql)
        try:
            names = [column[0] for column in cursor.description]
        except apsw.ExecutionCompleteError:
            return []
        return [dict(zip(names, row, strict=True)) for row in cursor]
    finally:
        connection.close()

"""A database that can be made to wait or to fail, for tests of who stands before it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from storage.database import Database, Transaction

T = TypeVar("T")


class Gate:
    """Passes everything on to a real database, while it is open and not in trouble."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.dialect = database.dialect
        self.broken = ""
        self.writes = 0
        self.room = True
        self.trouble: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    @property
    def files(self) -> Path:
        return self._database.files

    async def has_room(self) -> bool:
        return self.room

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        self.writes += 1
        await self.open.wait()
        if self.trouble is not None:
            raise self.trouble
        return await self._database.write(work)

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._database.read(work)

    async def script(self, text: str) -> None:
        await self._database.script(text)

    async def close(self) -> None:
        await self._database.close()

"""Who writes next: into SQLite, where one thread writes for all, and into PostgreSQL.

Accepting goes first, since somebody outside waits for our yes; then people and what is sent; the
stages that work off a backlog come last. Yet nobody is overtaken for ever.
"""

import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from enum import IntEnum
from functools import partial
from typing import Any, Protocol, TypeVar, runtime_checkable

from storage.database import Database, Transaction

T = TypeVar("T")
OVERTAKEN = 8
"""How often in a row others may go before one that waits."""


class Turn(IntEnum):
    """How soon one who wants to write gets to do so."""

    FIRST = 0
    SOON = 1
    LATER = 2


class Turns:
    """One thread, and who waits for it."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: tuple[deque[tuple[Future[Any], Callable[[], Any]]], ...] = tuple(
            deque() for _ in Turn
        )
        self._overtaken = [0 for _ in Turn]
        self._lock = threading.Lock()

    def submit(self, work: Callable[..., T], *arguments: Any, turn: Turn = Turn.SOON) -> Future[T]:
        """Have ``work`` done on the thread when it is its turn."""
        future: Future[T] = Future()
        with self._lock:
            self._waiting[turn].append((future, partial(work, *arguments)))
        self._thread.submit(self._one)
        return future

    def shutdown(self) -> None:
        """Finish all that waits, and end the thread."""
        self._thread.shutdown()

    def _one(self) -> None:
        with self._lock:
            future, work = self._next()
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = work()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    def _next(self) -> tuple[Future[Any], Callable[[], Any]]:
        waiting = [turn for turn in Turn if self._waiting[turn]]
        patient = [turn for turn in waiting if self._overtaken[turn] >= OVERTAKEN]
        chosen = patient[-1] if patient else waiting[0]
        for turn in Turn:
            overtaken = turn in waiting and turn is not chosen
            self._overtaken[turn] = self._overtaken[turn] + 1 if overtaken else 0
        return self._waiting[chosen].popleft()


@runtime_checkable
class InTurns(Database, Protocol):
    """A database whose writers wait for one another."""

    async def write_at(self, turn: Turn, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """As ``write``, at a turn of one's own."""
        ...


class AtTurn:
    """A database of which one writes at another turn than usual; see Database."""

    def __init__(self, db: InTurns, turn: Turn) -> None:
        self._db = db
        self._turn = turn
        self.dialect = db.dialect
        self.files = db.files

    @property
    def broken(self) -> str:
        """See Database."""
        return self._db.broken

    async def has_room(self) -> bool:
        """See Database."""
        return await self._db.has_room()

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """See Database."""
        return await self._db.write_at(self._turn, work)

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """See Database."""
        return await self._db.read(work)

    async def script(self, text: str) -> None:
        """See Database."""
        await self._db.script(text)

    async def close(self) -> None:
        """It belongs to others, too."""


def at(turn: Turn, db: Database) -> Database:
    """Return ``db`` for one who writes at this turn."""
    return AtTurn(db, turn) if isinstance(db, InTurns) else db

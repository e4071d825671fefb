"""Small writes of many callers in one transaction, and nobody waits for a timer.

Whatever has come in while the last COMMIT ran goes into the next: one fsync for all of them.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from inquiry.errors import TemporaryFailure
from storage.database import Transaction

Item = TypeVar("Item")
Result = TypeVar("Result")
Write = Callable[[Callable[[Transaction], Awaitable[list[Result]]]], Awaitable[list[Result]]]
MOST = 100
"""Writes of one transaction: others wait for the database meanwhile."""


class Together(Generic[Item, Result]):
    """Does one sort of write for whoever calls, several at a time."""

    def __init__(
        self,
        write: Write[Result],
        do: Callable[[Transaction, Item], Awaitable[Result]],
        *,
        order: Callable[[Item], int],
    ) -> None:
        """``order``: of the rows that are held, so that two nodes can't lock each other out."""
        self._write = write
        self._do = do
        self._order = order
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, item: Item) -> Result:
        """Return once it is on stable storage.

        Raises:
            TemporaryFailure: nobody knows whether it is.
        """
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="writing together")
        return await done

    async def close(self) -> None:
        """Finish what is waiting."""
        if self._writing is not None:
            await self._writing

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                count = min(MOST, len(self._waiting))
                batch = [self._waiting.popleft() for _ in range(count)]
                await self._write_some(sorted(batch, key=lambda one: self._order(one[0])))
        finally:
            self._writing = None

    async def _write_some(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        """Write a batch and tell its callers, whatever happens."""

        async def work(tx: Transaction) -> list[Result]:
            return [await self._do(tx, item) for item, _ in batch]

        try:
            results = await self._write(work)
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, TemporaryFailure):
                for one in batch:  # one of them is at fault: it shall not take the others along
                    await self._write_some([one])
                return
            for _, done in batch:
                if not done.done():
                    done.set_exception(_failure(error))
        else:
            for (_, done), result in zip(batch, results, strict=True):
                if not done.done():  # else its caller has gone away
                    done.set_result(result)


def _failure(error: Exception) -> Exception:
    """Return what one caller is told: each needs an exception of their own."""
    if not isinstance(error, TemporaryFailure):
        return error
    failure = TemporaryFailure(str(error), retry_after=error.retry_after)
    failure.__cause__ = error
    return failure

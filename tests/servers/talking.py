"""Servers of our own: each connection has a task, and none outlives its server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def each_talks(talk: Talk, **how: Any) -> AsyncIterator[int]:
    """Let ``talk`` have each connection to a free port of 127.0.0.1; yield the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def whole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await talk(reader, writer)
        finally:
            tasks.discard(task)

    server = await asyncio.start_server(whole, "127.0.0.1", 0, **how)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await _end(tasks)


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    """End what still talks, and let the loop close what it left."""
    for task in (ending := list(tasks)):
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
    for _ in range(3):
        await asyncio.sleep(0)

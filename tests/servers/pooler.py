"""What a connection pooler shows of itself: the number of its server is not told to the client.

PgBouncer answers a client with a key for cancelling that is its own, before any server is chosen.
This one passes all else on, so that only the key tells.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.servers.talking import each_talks

KEY = re.compile(rb"(K\x00\x00\x00\x0c)....(....Z)", re.DOTALL)
"""BackendKeyData: the process, the secret; behind it ReadyForQuery."""


def _another(found: re.Match[bytes]) -> bytes:
    return found[1] + bytes((0, 0, 0, 1)) + found[2]


@asynccontextmanager
async def pooler(target: int) -> AsyncIterator[int]:
    """Stand before the server on a port of 127.0.0.1; the port to connect to."""

    async def pass_on(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, hide: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(KEY.sub(_another, data) if hide else data)
                await writer.drain()
        writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(
            pass_on(reader, to_server, hide=False), pass_on(from_server, writer, hide=True)
        )

    async with each_talks(relay) as port:
        yield port

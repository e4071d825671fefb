"""A line between a client and a server that can be slow, noisy, cut, half open or a black hole."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from tests.servers.talking import each_talks


@dataclass(slots=True)
class FaultProxy:
    """How the line behaves from now on; also for connections that are open already."""

    target: int
    port: int = 0
    delay: timedelta = timedelta(0)
    """Before each piece is passed on, either way."""
    chunk: int = 65536
    """Pieces are at most so long."""
    cut_to_server: int | None = None
    """Pass so many bytes of a connection to the server, then cut."""
    cut_to_client: int | None = None
    reset: bool = False
    """Cut with RST, not with an orderly end."""
    black_hole: bool = False
    """Take bytes and pass nothing on."""
    half_open: bool = False
    """Forget to tell one side that the other has gone."""
    connections: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut_now(self) -> None:
        """Cut every open connection."""
        for writer in list(self._writers):
            cut(writer, reset=self.reset)


@asynccontextmanager
async def fault_proxy(target: int) -> AsyncIterator[FaultProxy]:
    """Run a proxy on a free port of 127.0.0.1 in front of another port there."""
    proxy = FaultProxy(target)
    async with each_talks(partial(_relay, proxy)) as proxy.port:
        yield proxy


async def _relay(
    proxy: FaultProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    proxy.connections += 1
    up_reader, up_writer = await asyncio.open_connection("127.0.0.1", proxy.target)
    proxy._writers |= {writer, up_writer}
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_pump(proxy, reader, up_writer, up=True))
            group.create_task(_pump(proxy, up_reader, writer, up=False))
    finally:
        proxy._writers -= {writer, up_writer}
        for each in (writer, up_writer):
            each.close()


async def _pump(
    proxy: FaultProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool
) -> None:
    passed = 0
    with suppress(ConnectionError):
        while piece := await reader.read(proxy.chunk):
            if proxy.black_hole:
                continue
            await asyncio.sleep(proxy.delay.total_seconds())
            most = proxy.cut_to_server if up else proxy.cut_to_client
            if most is not None:
                piece = piece[: max(0, most - passed)]
            writer.write(piece)
            await writer.drain()
            passed += len(piece)
            if most is not None and passed >= most:
                proxy.cut_now()
                return
    if not proxy.half_open and writer.can_write_eof():
        with suppress(OSError):
            writer.write_eof()


def cut(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    """End a connection, by RST or in order."""
    sock = writer.get_extra_info("socket")
    if reset and sock is not None:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    else:
        writer.close()

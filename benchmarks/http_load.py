"""Makes HTTP traffic for the benchmarks: connections that each send one request after the other.

``python -m benchmarks.http_load PORT FILE CONNECTIONS`` sends the requests of a file, which are
whole and ready, and prints when it began and ended. Anything but a 2xx ends it.
"""

import asyncio
import pickle
import sys
import time
from collections import deque
from pathlib import Path


class Client(asyncio.Protocol):
    """One connection. ``left`` holds what is still to be sent, for all of them."""

    def __init__(self, left: deque[bytes], refused: list[bytes]) -> None:
        self._left = left
        self._refused = refused
        self._heard = b""
        self.done = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def go(self) -> None:
        """Send the next request, or hang up."""
        assert self._transport
        if self._left:
            self._transport.write(self._left.popleft())
        else:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        if head[9:10] != b"2":
            self._refused.append(self._heard)
            self._left.clear()
        self._heard = b""
        self.go()

    def connection_lost(self, _error: Exception | None) -> None:
        if self._left:
            self._refused.append(b"the server has hung up")
        self.done.set_result(None)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def send(port: int, requests: list[bytes], connections: int) -> tuple[float, float]:
    """Send all requests; return when the first went out and the last answer had come."""
    loop, refused = asyncio.get_running_loop(), list[bytes]()
    left = deque(requests)
    clients = [
        (await loop.create_connection(lambda: Client(left, refused), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    began = time.monotonic()
    for client in clients:
        client.go()
    await asyncio.gather(*(client.done for client in clients))
    if refused:
        sys.exit(f"refused: {refused[0].decode('utf-8', 'replace')}")
    return began, time.monotonic()


def main() -> None:
    """Send what the arguments say."""
    port, file, connections = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    requests: list[bytes] = pickle.loads(file.read_bytes())
    print(*asyncio.run(send(port, requests, connections)))


if __name__ == "__main__":
    main()

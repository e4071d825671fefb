"""Makes mail traffic for the benchmarks: connections that each send one mail after the other."""

import asyncio
import sys
import time
import uuid

SIZE = 4096
RECIPIENT = "help@desk.nordlys.example"
TALK = (
    b"EHLO load.example\r\n",
    b"MAIL FROM:<kari@fjell.example>\r\n",
    f"RCPT TO:<{RECIPIENT}>\r\n".encode(),
    b"DATA\r\n",
)
"""What is said before a mail; the server waits for nothing and is waited for at each step."""


class Sender(asyncio.Protocol):
    """One connection. ``left`` holds the bytes of the mails still to be sent, for all of them."""

    def __init__(self, left: list[bytes], refused: list[str]) -> None:
        self._left = left
        self._refused = refused
        self._step = 0
        self._heard = b""
        self.done = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if not self._heard.endswith(b"\r\n") or self._heard.splitlines()[-1][3:4] == b"-":
            return
        reply, self._heard = self._heard, b""
        if reply[:1] not in b"23":
            self._refused.append(reply.decode("ascii", "replace").strip())
        assert self._transport
        if self._step < len(TALK):
            self._transport.write(TALK[self._step])
            self._step += 1
        elif self._step == len(TALK) and self._left:
            self._transport.write(self._left.pop())
            self._step += 1
        elif self._left:
            self._transport.write(TALK[1])
            self._step = 2
        else:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        self.done.set_result(None)


def mails(count: int, size: int) -> list[bytes]:
    """Make mails that are all different, each with the end that SMTP needs."""
    run = uuid.uuid4().hex
    line = b"The printer in the hall prints everything twice since this morning.\r\n"
    found = []
    for number in range(count):
        head = (
            f"From: Kari Nordmann <kari.{run[:8]}.{number}@fjell.example>\r\n"
            f"To: {RECIPIENT}\r\nSubject: Printer\r\n"
            f"Date: Mon, 05 Jan 2026 10:00:00 +0100\r\nMessage-ID: <{run}.{number}@fjell.example>"
            "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        ).encode()
        found.append(head + line * ((size - len(head)) // len(line)) + b".\r\n")
    return found


async def load(port: int, connections: int, count: int, size: int) -> float:
    """Send ``count`` mails; return the seconds it took.

    Raises:
        SystemExit: a mail was refused.
    """
    left, refused = mails(count, size), list[str]()
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: Sender(left, refused), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(sender.done for _, sender in opened))
    if refused or left:
        raise SystemExit(f"{len(refused)} refused, {len(left)} unsent: {refused[:1]}")
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(load(*map(int, sys.argv[1:])))}\n")

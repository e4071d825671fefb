"""A mail server in front of the desk: a client that speaks SMTP or LMTP line by line."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

PATIENCE = 10.0


class Conversation:
    """One connection; says what a test says, and nothing by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def say(self, raw: str | bytes) -> None:
        """Send bytes, or a line that gets its CRLF."""
        self.writer.write(f"{raw}\r\n".encode() if isinstance(raw, str) else raw)
        await self.writer.drain()

    async def reply(self) -> str:
        """Read one reply, which may have several lines; "" when the connection has ended."""
        lines = []
        async with asyncio.timeout(PATIENCE):
            while line := (await self._reader.readline()).decode():
                lines.append(line.rstrip("\r\n"))
                if line[3:4] != "-":
                    break
        return "\n".join(lines)

    async def ask(self, raw: str | bytes) -> str:
        await self.say(raw)
        return await self.reply()

    async def greet(self, verb: str = "EHLO") -> str:
        """Read the banner and introduce ourselves."""
        assert (await self.reply()).startswith("220 ")
        return await self.ask(f"{verb} mta.example")

    async def address(self, sender: str, recipients: Sequence[str]) -> list[str]:
        """Say who writes to whom; return the replies about the recipients."""
        assert (await self.ask(f"MAIL FROM:<{sender}>")).startswith("250 ")
        return [await self.ask(f"RCPT TO:<{recipient}>") for recipient in recipients]

    async def deliver(self, sender: str, recipients: Sequence[str], raw: bytes) -> str:
        """Send one whole mail; return the first bad reply, or the last."""
        for reply in await self.address(sender, recipients):
            if not reply.startswith("250 "):
                return reply
        reply = await self.ask("DATA")
        return await self.ask(raw + b".\r\n") if reply.startswith("354 ") else reply

    async def deliver_after_reset(self, raw: bytes) -> str:
        """Forget what was begun, and send a mail that is in order."""
        await self.ask("RSET")
        return await self.deliver("kari@fjell.example", ["help@nordlys.example"], raw)

    async def start_tls(self, context: ssl.SSLContext) -> None:
        assert (await self.ask("STARTTLS")).startswith("220 ")
        await self.writer.start_tls(context, server_hostname="localhost")

    async def ended(self) -> bool:
        """Has the other side hung up?"""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self._reader.read() == b""
            except ConnectionError:
                return True


@asynccontextmanager
async def conversation(port: int | str) -> AsyncIterator[Conversation]:
    """Open a connection to a port of 127.0.0.1, or to a socket in the file system."""
    if isinstance(port, str):
        reader, writer = await asyncio.open_unix_connection(port)
    else:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Conversation(reader, writer)
    finally:
        writer.close()

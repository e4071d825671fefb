"""A mail server that keeps what it is sent, and misbehaves on request at any step."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.servers.proxy import cut
from tests.servers.talking import each_talks


class Act(Enum):
    """What a server may do instead of answering."""

    CLOSE = auto()
    RESET = auto()
    SILENCE = auto()


Reply = str | bytes | Act
"""A line to say, bytes to write as they are, or something worse."""


@dataclass(frozen=True, slots=True)
class SunkMail:
    """One mail that the sink has taken."""

    mail_from: str
    mail_options: tuple[str, ...]
    rcpt_to: tuple[str, ...]
    rcpt_options: tuple[str, ...]
    raw: bytes
    tls: bool


@dataclass(slots=True)
class Sink:
    """What it has taken, and what it is going to do.

    ``plan`` names a step: BANNER EHLO STARTTLS AUTH MAIL RCPT DATA END QUIT. At END the mail is
    kept if the plan says 2xx or has a worse act than a refusal: then it has taken it silently.
    """

    port: int = 0
    plan: dict[str, Reply] = field(default_factory=dict)
    mails: list[SunkMail] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    extensions: tuple[str, ...] = ("SIZE 50000000", "8BITMIME", "DSN", "SMTPUTF8")
    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False


_DEFAULTS: dict[str, str] = {
    "BANNER": "220 sink.example ESMTP",
    "STARTTLS": "220 2.0.0 Go on",
    "AUTH": "235 2.7.0 Welcome",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 Go on",
    "END": "250 2.0.0 Ok: queued as S1NK",
    "QUIT": "221 2.0.0 Bye",
    "RSET": "250 2.0.0 Ok",
}


@asynccontextmanager
async def smtp_sink(sink: Sink | None = None) -> AsyncIterator[Sink]:
    """Run a sink on a free port."""
    sink = sink or Sink()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ssl.SSLError, _OverError):
                await _Talk(sink, reader, writer).run()
        finally:
            writer.close()

    tls = sink.tls if sink.implicit_tls else None
    async with each_talks(talk, ssl=tls, limit=2**24) as sink.port:
        yield sink


class _OverError(Exception):
    """The plan says that this connection is over."""


class _Talk:
    def __init__(
        self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._sink = sink
        self._reader = reader
        self._writer = writer
        self._mail: tuple[str, tuple[str, ...]] = ("", ())
        self._recipients: list[tuple[str, tuple[str, ...]]] = []

    @property
    def _encrypted(self) -> bool:
        return self._writer.get_extra_info("ssl_object") is not None

    async def run(self) -> None:
        await self._answer("BANNER")
        while line := await self._reader.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            self._sink.commands.append(text)
            verb = text.split(" ", 1)[0].upper()
            await self._command(verb, text)
            if verb == "QUIT":
                return

    async def _command(self, verb: str, text: str) -> None:
        if verb in ("EHLO", "HELO"):
            await self._greet()
        elif verb == "STARTTLS":
            await self._answer(verb)
            assert self._sink.tls
            await self._writer.start_tls(self._sink.tls)
        elif verb == "DATA":
            if (await self._answer("DATA")).startswith("354"):
                await self._data()
        elif (await self._answer(verb)).startswith("250"):
            self._note(verb, text)

    def _note(self, verb: str, text: str) -> None:
        address, _, options = text.partition(":")[2].partition(" ")
        found = (address.strip("<>"), tuple(options.split()))
        if verb == "MAIL":
            self._mail, self._recipients = found, []
        elif verb == "RCPT":
            self._recipients.append(found)

    async def _greet(self) -> None:
        if "EHLO" in self._sink.plan:
            await self._answer("EHLO")
            return
        offers = ["sink.example", *self._sink.extensions]
        if self._sink.tls and not self._encrypted:
            offers.append("STARTTLS")
        if "AUTH" in self._sink.plan:
            offers.append("AUTH PLAIN LOGIN")
        lines = [f"250-{offer}\r\n" for offer in offers[:-1]] + [f"250 {offers[-1]}\r\n"]
        self._writer.write("".join(lines).encode())

    async def _data(self) -> None:
        raw = await self._reader.readuntil(b"\r\n.\r\n")
        planned = self._sink.plan.get("END", _DEFAULTS["END"])
        if not isinstance(planned, str) or planned.startswith("250"):
            self._sink.mails.append(self._sunk(raw))
        await self._answer("END")

    def _sunk(self, raw: bytes) -> SunkMail:
        return SunkMail(
            mail_from=self._mail[0],
            mail_options=self._mail[1],
            rcpt_to=tuple(address for address, _ in self._recipients),
            rcpt_options=tuple(option for _, options in self._recipients for option in options),
            raw=(b"\r\n" + raw[:-3]).replace(b"\r\n.", b"\r\n")[2:],
            tls=self._encrypted,
        )

    async def _answer(self, step: str) -> str:
        reply = self._sink.plan.get(step, _DEFAULTS.get(step, "500 5.5.2 What?"))
        if reply is Act.SILENCE:
            await asyncio.Event().wait()
        if isinstance(reply, Act):
            cut(self._writer, reset=reply is Act.RESET)
            raise _OverError
        self._writer.write(f"{reply}\r\n".encode() if isinstance(reply, str) else reply)
        await self._writer.drain()
        return reply if isinstance(reply, str) else ""

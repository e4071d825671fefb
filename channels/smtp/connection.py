"""One client's conversation: aiosmtpd's commands, with our own way to read DATA and to fail.

What aiosmtpd 1.4.6 does and we must not: it keeps a message in memory as lines (a bomb of memory
and time), answers 500 to faults of ours and to long lines, cancels the handler when the client
closes its sending half, and answers LMTP once for all recipients. It also looks up its host name
and collects its methods anew for every connection, which costs more than the rest together.
"""

import asyncio
import logging
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from aiosmtpd.smtp import MISSING, SMTP, Envelope, Session, TLSSetupException

from channels.mail.addresses import LONGEST, is_plain
from channels.mail.collected import Collected
from channels.smtp.at_once import DATA, answered_at_once
from channels.smtp.delivery import (
    OUR_TROUBLE,
    TOO_BIG,
    Letter,
    Route,
    deliver,
    discard,
    refusal_of,
    worst,
)
from channels.smtp.incoming import EndlessMessageError, read_message

if TYPE_CHECKING:
    from channels.smtp.listener import SharedListener

log = logging.getLogger(__name__)

INVITATION = "354 End data with <CR><LF>.<CR><LF>"
LONGEST_LINE = 64 * 1024
LONGEST_COMMAND = 2048
MOST_RECIPIENTS = 100
MOST_COMMANDS = 1000
MOST_BOGUS = 5
OVERRUN = 1024 * 1024

COMMAND_PATIENCE = timedelta(minutes=5).total_seconds()
MAIL_PATIENCE = timedelta(minutes=10).total_seconds()
DATA_PATIENCE = timedelta(minutes=3).total_seconds()
STORING_PATIENCE = timedelta(minutes=2).total_seconds()  # later we would store what comes again
SLOWEST = 1024  # bytes a second, beyond which patience does not grow

Method = Callable[[Any, str | None], Awaitable[None]]
_PATH = re.compile(r"\s*<([^<>\s]*)>\s*(.*)", re.DOTALL)
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class Connection(SMTP):
    """SMTP as our clients meet it."""

    lmtp = False
    methods: ClassVar[Mapping[bytes, Method]]
    transport: asyncio.Transport | None
    session: Session
    envelope: Envelope
    _reader: Any

    def __init__(self, listener: "SharedListener") -> None:
        loop = asyncio.get_running_loop()
        self.__dict__.update(listener.fresh)
        reader = asyncio.StreamReader(limit=LONGEST_LINE, loop=loop)
        asyncio.StreamReaderProtocol.__init__(self, reader, self._cb_client_connected, loop=loop)
        self.loop = loop
        self.listener = listener
        self.deadline = math.inf
        self.delivering = False
        self._open = True
        self._waiting = False
        self._invited = False
        self._impatient = False
        self._mail_deadline = loop.time() + MAIL_PATIENCE
        self._routes: list[tuple[str, Route]] = []
        self._declared = 0
        self._largest = self.data_size_limit or 0
        self._began = 0.0
        self._bogus = 0
        self._commands = 0

    @property
    def handler(self) -> "asyncio.Task[None] | None":
        """The task that holds the conversation."""
        task: asyncio.Task[None] | None = self._handler_coroutine
        return task

    # Called by the event loop -----------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        if self.transport is None and not self.listener.admit(self):
            transport.write(b"421 4.3.2 Too many connections, please try again later\r\n")
            transport.close()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        # The conversation is not cancelled: it finds out by itself, after the commit it may be in.
        self.listener.forget(self)
        self.transport = None
        if self._original_transport is not None:
            self._original_transport.close()
        asyncio.StreamReaderProtocol.connection_lost(self, error)

    def data_received(self, data: bytes) -> None:
        if self._invited:
            self._waiting = False
            super().data_received(DATA + data)
        elif not (self._waiting and answered_at_once(self, data)):
            self._waiting = False
            super().data_received(data)

    def eof_received(self) -> bool:
        # A client may close its sending half behind the final dot and still wait for our word.
        self._reader.feed_eof()
        return self._tls_protocol is None

    def _reset_timeout(self, _duration: float | None = None) -> None:
        """Do nothing: the listener looks at all deadlines once a second, not a timer for each."""

    # The conversation -------------------------------------------------------------------------

    def hang_up(self, farewell: str) -> None:
        """End it from outside, unless a message is just being stored: then right after."""
        self._open = False
        if self.delivering or self.transport is None or self.transport.is_closing():
            return
        self.transport.write(farewell.encode("ascii") + b"\r\n")
        self.transport.close()

    def give_up(self) -> None:
        """Stop waiting for the message to be stored; its sender will come again."""
        self._impatient = True
        if self.handler is not None:
            self.handler.cancel()

    def abort(self) -> None:
        """End it without waiting for a client that does not read."""
        self._open = False
        if self.transport is not None:
            self.transport.abort()

    async def push(self, status: Any) -> None:
        if self.transport is None or self.transport.is_closing():
            raise ConnectionResetError
        self.transport.write(status.encode() + b"\r\n")
        if self.transport.get_write_buffer_size():
            await self._writer.drain()

    async def _handle_client(self) -> None:
        try:
            await self.push(f"220 {self.hostname} {'LMTP' if self.lmtp else 'ESMTP'} deskbridge")
            while self._open and self.transport is not None:
                await self._command()
        except TLSSetupException:
            self.listener.forget(self)  # nobody tells us when such a connection ends
        except (OSError, EOFError) as gone:
            log.debug("%s: a client went away: %r", self.listener, gone)
        finally:
            self._open = False
            self.deadline = self.loop.time()  # for those who do not read our last word
            for transport in (self.transport, self._original_transport):
                if transport is not None:
                    transport.close()

    async def _command(self) -> None:
        self.deadline = min(self.loop.time() + COMMAND_PATIENCE, self._mail_deadline)
        self._waiting = not self._reader._buffer
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            return await self._end("500 5.5.2 Command line too long")
        if not line.endswith(b"\r\n") or len(line) > LONGEST_COMMAND:
            return await self._end("500 5.5.2 Not a command line that ends in CRLF")
        verb, _, rest = line[:-2].partition(b" ")
        method = self.methods.get(verb.upper())
        arg = rest.strip().decode("utf-8", "surrogateescape")
        self._commands += 1
        if method is None or _CONTROL.search(arg):
            return await self._refuse_bogus()
        if self._commands > MOST_COMMANDS:
            return await self._end("421 4.7.0 Too many commands")
        try:
            await method(self, arg or None)
        except (OSError, EOFError, TLSSetupException):
            raise
        except Exception:
            log.exception("%s: a command failed", self.listener)
            await self.push(OUR_TROUBLE)

    async def _refuse_bogus(self) -> None:
        self._bogus += 1
        if self._bogus > MOST_BOGUS:
            return await self._end("421 4.7.0 Too many unrecognized commands")
        return await self.push("500 5.5.2 Command not recognized")

    async def _end(self, status: str) -> None:
        self._open = False
        await self.push(status)

    # Ordinary commands, answered at once ------------------------------------------------------

    def begin_mail(self, sender: str, size: int) -> bool:
        """Carry out MAIL, if nothing speaks against it."""
        if not self.session.extended_smtp or self.envelope.mail_from or size > self._largest:
            return False
        self.envelope.mail_from, self._declared = sender, size
        return self._at_once("250 OK")

    def add_recipient(self, address: str) -> bool:
        """Carry out RCPT, if nothing speaks against it."""
        route = self.listener.route_for(address)
        orderly = self.envelope.mail_from and len(self._routes) < MOST_RECIPIENTS
        if not orderly or route is None or self._declared > route.max_size:
            return False
        self.envelope.rcpt_tos.append(address)
        self._routes.append((address, route))
        return self._at_once("250 OK")

    def invite(self) -> bool:
        """Carry out the first half of DATA; the second begins with the message's first bytes."""
        if not self._routes:
            return False
        self._invited = True
        return self._at_once(INVITATION)

    def _at_once(self, status: str) -> bool:
        transport = self.transport
        if transport is None or transport.is_closing() or self._commands >= MOST_COMMANDS:
            return False
        transport.write(status.encode("ascii") + b"\r\n")
        self._commands += 1
        self.deadline = min(self.loop.time() + COMMAND_PATIENCE, self._mail_deadline)
        return True

    # Commands that we answer ourselves --------------------------------------------------------

    async def smtp_EHLO(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if not arg:
            return await self.push("501 5.5.4 Who are you?")
        self._set_rset_state()
        self.session.extended_smtp = True
        self.session.host_name = arg
        lines = [self.hostname, f"SIZE {self.data_size_limit}", "8BITMIME", "SMTPUTF8"]
        lines.append("PIPELINING")
        if self.tls_context and self._tls_protocol is None:
            lines.append("STARTTLS")
        return await self.push(
            "".join(f"250-{line}\r\n" for line in lines[:-1]) + f"250 {lines[-1]}"
        )

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        if self._reader._buffer:  # somebody slipped commands in before the encryption
            return await self._end("554 5.5.1 Nothing may follow STARTTLS")
        await super().smtp_STARTTLS(arg)
        return None

    async def smtp_QUIT(self, _arg: str | None) -> None:  # noqa: N802
        await self._end("221 2.0.0 Bye")

    async def smtp_VRFY(self, _arg: str | None) -> None:  # noqa: N802
        await self.push("252 2.1.5 Send some mail, we will see")

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        if not self.envelope.rcpt_tos:
            return await self.push("503 5.5.1 No valid recipients")
        if arg:
            return await self.push("501 5.5.4 DATA has no parameters")
        letter = self._letter()
        collected = Collected(self._routes[0][1].spool, letter.max_size)
        self._set_rset_state()
        if not self._invited:
            await self.push(INVITATION)
        self._invited = False
        replies = await self._receive(letter, collected)
        self._mail_deadline = self.loop.time() + MAIL_PATIENCE
        self._commands = 0
        return await self.push("\r\n".join(replies if self.lmtp else [worst(replies)]))

    # Parts of commands ------------------------------------------------------------------------

    def _set_rset_state(self) -> None:
        self.envelope = Envelope()
        self._routes = []
        self._declared = 0

    async def _call_handler_hook(self, command: str, *args: Any) -> Any:
        """Aiosmtpd asks here what we think of a command; a text is our reply."""
        if command == "MAIL":
            return self._judge_sender(*args)
        if command == "RCPT":
            return self._judge_recipient(*args)
        return MISSING

    def _judge_sender(self, address: str, options: list[str]) -> Any:
        if not address.isascii() and not self.envelope.smtp_utf8:
            return "553 5.6.7 An address beyond ASCII needs SMTPUTF8"
        sizes = [option[5:] for option in options if option.startswith("SIZE=")]
        self._declared = int(sizes[0]) if sizes else 0
        return MISSING

    def _judge_recipient(self, address: str, _options: list[str]) -> Any:
        if len(self._routes) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        if not address.isascii() and not self.envelope.smtp_utf8:
            return "553 5.6.7 An address beyond ASCII needs SMTPUTF8"
        route = self.listener.route_for(address)
        if route is None:
            return "550 5.1.1 No such mailbox here"
        if self._declared > route.max_size:
            return TOO_BIG
        self._routes.append((address, route))
        return MISSING

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Take the quick way for ordinary addresses; the standard parser raises on odd ones."""
        if (found := _PATH.fullmatch(arg)) and is_plain(found[1]):
            return found[1], found[2]
        if len(arg) > LONGEST * 2:
            return None, None
        try:
            address, rest = super()._getaddr(arg)
        except (LookupError, ValueError, AttributeError, RecursionError):
            return None, None
        return address, rest

    def _letter(self) -> Letter:
        sender: str = self.envelope.mail_from or ""
        peer: Any = self.session.peer
        return Letter(
            mail_from="" if sender == "<>" else sender,
            recipients=tuple(self._routes),
            helo=self.session.host_name or "",
            peer=str(peer[0]) if isinstance(peer, tuple) else "unix",
            tls=self._tls_protocol is not None,
        )

    async def _receive(self, letter: Letter, collected: Collected) -> list[str]:
        """Read a message to its end, and say for each recipient what became of it."""
        everybody = len(letter.recipients)
        most = letter.max_size + OVERRUN
        self._began = self.loop.time()
        try:
            body = await read_message(self._reader, collected, most=most, progress=self._allow)
            if refusal := refusal_of(body, collected):
                return [refusal] * everybody
            self.delivering, self.deadline = True, self.loop.time() + STORING_PATIENCE
            return await deliver(letter, collected)
        except asyncio.CancelledError:
            if not self._impatient or self.handler is None:
                raise
            self._impatient = False
            self.handler.uncancel()
            return [OUR_TROUBLE] * everybody
        except EndlessMessageError:
            self._open = False
            return [TOO_BIG] * everybody
        finally:
            self.delivering = False
            await discard(collected)

    def _allow(self, size: int) -> None:
        """Whoever sends quickly enough may take long."""
        self.deadline = self._began + DATA_PATIENCE + size / SLOWEST


class LmtpConnection(Connection):
    """The same by RFC 2033: another greeting, and a reply for each recipient."""

    lmtp = True


_SHARED: Mapping[bytes, Method] = {
    b"MAIL": Connection.smtp_MAIL,
    b"RCPT": Connection.smtp_RCPT,
    b"DATA": Connection.smtp_DATA,
    b"RSET": Connection.smtp_RSET,
    b"NOOP": Connection.smtp_NOOP,
    b"QUIT": Connection.smtp_QUIT,
    b"VRFY": Connection.smtp_VRFY,
    b"STARTTLS": Connection.smtp_STARTTLS,
}
Connection.methods = {b"HELO": SMTP.smtp_HELO, b"EHLO": Connection.smtp_EHLO, **_SHARED}
LmtpConnection.methods = {b"LHLO": Connection.smtp_EHLO, **_SHARED}

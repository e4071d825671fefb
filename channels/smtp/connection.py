"""One client's conversation, on aiosmtpd's protocol, with our own way to listen and to fail.

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
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from aiosmtpd.smtp import MISSING, SMTP, Envelope, Session, TLSSetupException

from channels.smtp.announced import LONGEST_PATH, Announced, plain_path
from channels.smtp.at_once import DATA, answered_at_once
from channels.smtp.delivery import OUR_TROUBLE, Route

log = logging.getLogger(__name__)

INVITATION = "354 End data with <CR><LF>.<CR><LF>"
LONGEST_LINE = 64 * 1024
LONGEST_COMMAND = 2048
MOST_COMMANDS = 1000
MOST_BOGUS = 5

COMMAND_PATIENCE = timedelta(minutes=5).total_seconds()
MAIL_PATIENCE = timedelta(minutes=10).total_seconds()

Method = Callable[[Any, str | None], Awaitable[None]]
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Dialect:
    """SMTP or LMTP: how we greet, and which commands there are."""

    name: str
    methods: Mapping[bytes, Method]
    reply_to_each: bool = False
    """Has every recipient of a message a reply of its own?"""


class Door(Protocol):
    """What a connection needs of the listener that it came in by."""

    fresh: Mapping[str, Any]
    """The attributes that aiosmtpd gives a connection."""

    def admit(self, connection: "Connection") -> bool: ...
    def forget(self, connection: "Connection") -> None: ...
    def route_for(self, address: str) -> Route | None: ...


class Connection(SMTP):
    """SMTP as our clients meet it."""

    transport: asyncio.Transport | None
    session: Session
    envelope: Envelope
    _reader: Any

    def __init__(self, door: Door, dialect: Dialect) -> None:
        loop = asyncio.get_running_loop()
        self.__dict__.update(door.fresh)
        reader = asyncio.StreamReader(limit=LONGEST_LINE, loop=loop)
        asyncio.StreamReaderProtocol.__init__(self, reader, self._cb_client_connected, loop=loop)
        self.loop = loop
        self.dialect = dialect
        self.deadline = math.inf
        self.delivering = False
        self.invited = False
        """Was the message asked for already?"""
        self.mail = Announced()
        self._door = door
        self._open = True
        self._waiting = False
        self._impatient = False
        self._mail_deadline = loop.time() + MAIL_PATIENCE
        self._largest = self.data_size_limit or 0
        self._bogus = 0
        self._commands = 0

    @property
    def handler(self) -> "asyncio.Task[None] | None":
        """The task that holds the conversation."""
        task: asyncio.Task[None] | None = self._handler_coroutine
        return task

    # What the commands look at ----------------------------------------------------------------

    @property
    def reader(self) -> Any:
        return self._reader

    @property
    def has_more(self) -> bool:
        """Has the client sent more than the command that is carried out?"""
        return bool(self._reader._buffer)

    @property
    def encrypted(self) -> bool:
        return self._tls_protocol is not None

    # Called by the event loop -----------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        if self.transport is None and not self._door.admit(self):
            transport.write(b"421 4.3.2 Too many connections, please try again later\r\n")
            transport.close()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        # The conversation is not cancelled: it finds out by itself, after the commit it may be in.
        self._door.forget(self)
        self.transport = None
        if self._original_transport is not None:
            self._original_transport.close()
        asyncio.StreamReaderProtocol.connection_lost(self, error)

    def data_received(self, data: bytes) -> None:
        if self.invited:
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

    async def _handle_client(self) -> None:
        try:
            await self.push(f"220 {self.hostname} {self.dialect.name} deskbridge")
            while self._open and self.transport is not None:
                await self._command()
        except TLSSetupException:
            self._door.forget(self)  # nobody tells us when such a connection ends
        except (OSError, EOFError) as gone:
            log.debug("%s: a client went away: %r", self._door, gone)
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
            return await self.end("500 5.5.2 Command line too long")
        if not line.endswith(b"\r\n") or len(line) > LONGEST_COMMAND:
            return await self.end("500 5.5.2 Not a command line that ends in CRLF")
        verb, _, rest = line[:-2].partition(b" ")
        method = self.dialect.methods.get(verb.upper())
        arg = rest.strip().decode("utf-8", "surrogateescape")
        self._commands += 1
        if method is None or _CONTROL.search(arg):
            return await self._refuse_bogus()
        if self._commands > MOST_COMMANDS:
            return await self.end("421 4.7.0 Too many commands")
        try:
            await method(self, arg or None)
        except (OSError, EOFError, TLSSetupException):
            raise
        except Exception:
            log.exception("%s: a command failed", self._door)
            await self.push(OUR_TROUBLE)

    async def _refuse_bogus(self) -> None:
        self._bogus += 1
        if self._bogus > MOST_BOGUS:
            return await self.end("421 4.7.0 Too many unrecognized commands")
        return await self.push("500 5.5.2 Command not recognized")

    async def push(self, status: Any) -> None:
        if self.transport is None or self.transport.is_closing():
            raise ConnectionResetError
        self.transport.write(status.encode() + b"\r\n")
        if self.transport.get_write_buffer_size():
            await self._writer.drain()

    async def end(self, status: str) -> None:
        """Say a last word."""
        self.last_word()
        await self.push(status)

    def last_word(self) -> None:
        """Let what is said next be the last."""
        self._open = False

    def be_patient_again(self) -> None:
        """Give the client as much time, and as many commands, as at the beginning."""
        self._mail_deadline = self.loop.time() + MAIL_PATIENCE
        self._commands = 0

    # Ended from outside -----------------------------------------------------------------------

    def hang_up(self, farewell: str) -> None:
        """End it, unless a message is just being stored: then right after."""
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

    def given_up(self) -> bool:
        """Was it ``give_up`` that cancelled? Then the conversation goes on, and may say so."""
        if not self._impatient or self.handler is None:
            return False
        self._impatient = False
        self.handler.uncancel()
        return True

    def abort(self) -> None:
        """End it without waiting for a client that does not read."""
        self._open = False
        if self.transport is not None:
            self.transport.abort()

    # Ordinary commands, answered at once ------------------------------------------------------

    def begin_mail(self, sender: str, size: int) -> bool:
        """Carry out MAIL, if nothing speaks against it."""
        if not self.session.extended_smtp or self.envelope.mail_from or size > self._largest:
            return False
        self.envelope.mail_from, self.mail.size = sender, size
        return self._at_once("250 OK")

    def add_recipient(self, address: str) -> bool:
        """Carry out RCPT, if nothing speaks against it."""
        route_for = self._door.route_for
        if not self.envelope.mail_from or self.mail.recipient(address, route_for, utf8=False):
            return False
        self.envelope.rcpt_tos.append(address)
        return self._at_once("250 OK")

    def invite(self) -> bool:
        """Carry out the first half of DATA; the second begins with the message's first bytes."""
        if not self.mail.recipients:
            return False
        self.invited = True
        return self._at_once(INVITATION)

    def _at_once(self, status: str) -> bool:
        transport = self.transport
        if transport is None or transport.is_closing() or self._commands >= MOST_COMMANDS:
            return False
        transport.write(status.encode("ascii") + b"\r\n")
        self._commands += 1
        self.deadline = min(self.loop.time() + COMMAND_PATIENCE, self._mail_deadline)
        return True

    # What aiosmtpd's commands ask -------------------------------------------------------------

    def forget_mail(self) -> None:
        """Begin a new mail."""
        self.envelope = Envelope()
        self.mail = Announced()

    def _set_rset_state(self) -> None:
        self.forget_mail()

    async def _call_handler_hook(self, command: str, *args: Any) -> Any:
        """Aiosmtpd asks here what we think of a command; a text is our reply."""
        utf8 = bool(self.envelope.smtp_utf8)
        if command == "MAIL":
            return self.mail.sender(*args, utf8=utf8) or MISSING
        if command == "RCPT":
            return self.mail.recipient(args[0], self._door.route_for, utf8=utf8) or MISSING
        return MISSING

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Take the quick way for ordinary addresses; the standard parser raises on odd ones."""
        if plain := plain_path(arg):
            return plain
        if len(arg) > LONGEST_PATH:
            return None, None
        try:
            address, rest = super()._getaddr(arg)
        except (LookupError, ValueError, AttributeError, RecursionError):
            return None, None
        return address, rest

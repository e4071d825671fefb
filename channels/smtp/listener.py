"""One listening address and the channels behind it: the recipient decides which gets a mail."""

import asyncio
import logging
import math
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from channels.smtp.commands import ESMTP, LMTP
from channels.smtp.connection import Connection
from channels.smtp.delivery import Route
from inquiry.errors import TemporaryFailure

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells it everybody's address

MOST_CONNECTIONS = 400
REMEMBERED = 1000
SWEEP = timedelta(seconds=1)
GRACE = timedelta(seconds=0.6)
SLOW = "421 4.4.2 Too slow, please try again later"
CLOSING = "421 4.3.2 We are closing, please try again later"


@dataclass(frozen=True, slots=True)
class Listen:
    """``host:port``, or ``unix:PATH`` for a socket in the file system."""

    host: str = ""
    port: int = 0
    path: Path | None = None

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path else f"{self.host}:{self.port}"


def parse_listen(text: str) -> Listen:
    """Read what stands behind ``listen:``.

    Raises:
        ValueError: it is neither ``host:port`` nor ``unix:PATH``.
    """
    if text.startswith("unix:"):
        return Listen(path=Path(text.removeprefix("unix:")))
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        meant = f"; did you mean '127.0.0.1:{text}'?" if text.isdecimal() else ""
        raise ValueError(f"{text!r} is not host:port or unix:PATH{meant}")
    return Listen(host.strip("[]"), int(port))


def checked_listen(text: str) -> str:
    """Return the text if it can be parsed. Raises ValueError."""
    parse_listen(text)
    return text


class SharedListener:
    """Serves while at least one route is attached. Get it by :func:`shared_listener`."""

    def __init__(self, listen: Listen, *, lmtp: bool, tls: ssl.SSLContext | None = None) -> None:
        self._listen = listen
        self._lmtp = lmtp
        self._tls = tls
        self._routes: list[Route] = []
        self._found: dict[str, Route | None] = {}
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._changing = asyncio.Lock()
        self._sweeper: asyncio.TimerHandle | None = None
        self.most_connections = MOST_CONNECTIONS
        self.fresh = self._fresh()

    def __str__(self) -> str:
        return f"{'lmtp' if self._lmtp else 'smtp'} {self._listen}"

    def route_for(self, address: str) -> Route | None:
        """Find the channel of a recipient; None means that it is no business of ours.

        Who names the address comes before who takes a whole domain.
        """
        if address not in self._found:
            if len(self._found) >= REMEMBERED:
                self._found.clear()
            self._found[address] = max(
                (route for route in self._routes if address in route.addresses),
                key=lambda route: route.addresses.closeness(address),
                default=None,
            )
        return self._found[address]

    @property
    def idle(self) -> bool:
        return not self._routes

    @property
    def serving(self) -> bool:
        return self._server is not None

    def admit(self, connection: Connection) -> bool:
        if len(self.connections) >= self.most_connections or self._server is None:
            return False
        self.connections.add(connection)
        return True

    def forget(self, connection: Connection) -> None:
        self.connections.discard(connection)

    @asynccontextmanager
    async def attached(self, route: Route) -> AsyncIterator[None]:
        """Serve a route until the block ends; the first opens the address, the last closes it."""
        self._routes.append(route)
        self._found.clear()
        self.fresh = self._fresh()
        try:
            async with self._changing:
                if self._server is None:
                    await self._open()
            yield
        finally:
            self._routes.remove(route)
            self._found.clear()
            if not self._routes:
                await self._close()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        dialect = LMTP if self._lmtp else ESMTP
        try:
            if self._listen.path is not None:
                path = self._listen.path
                self._server = await loop.create_unix_server(
                    lambda: Connection(self, dialect), path
                )
                path.chmod(0o666)  # whoever may reach it may deliver, as on a loopback port
            else:
                self._server = await loop.create_server(
                    lambda: Connection(self, dialect),
                    self._listen.host or None,
                    self._listen.port,
                    backlog=1024,
                )
        except OSError as error:
            raise TemporaryFailure(f"cannot listen on {self}: {error.strerror}") from error
        self._sweeper = loop.call_later(SWEEP.total_seconds(), self._sweep)

    async def _close(self) -> None:
        """Stop taking, finish what is being stored, and be gone within a second."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        if self._sweeper is not None:
            self._sweeper.cancel()
        tasks = [c.handler for c in self.connections if c.handler is not None]
        for connection in list(self.connections):
            connection.hang_up(CLOSING)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=GRACE.total_seconds())
            for task in late:
                task.cancel()
        for connection in list(self.connections):
            connection.abort()
        if self._listen.path is not None:
            with suppress(OSError):
                self._listen.path.unlink()

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in list(self.connections):
            if now < connection.deadline:
                continue
            if connection.delivering:
                connection.give_up()
            elif connection.deadline == -math.inf:
                connection.abort()
            else:
                connection.deadline = -math.inf
                connection.hang_up(SLOW)
        self._sweeper = loop.call_later(SWEEP.total_seconds(), self._sweep)

    def _fresh(self) -> Mapping[str, Any]:
        """Prepare what a new connection begins with: aiosmtpd's own attributes, made once."""
        limits = [route.max_size for route in self._routes]
        pattern = SMTP(
            None,
            hostname=socket.gethostname(),
            ident="deskbridge",
            data_size_limit=max(limits, default=1),
            enable_SMTPUTF8=True,
            tls_context=self._tls,
            loop=asyncio.get_running_loop(),
        )
        return vars(pattern)


_open: dict[tuple[asyncio.AbstractEventLoop, str], SharedListener] = {}


@asynccontextmanager
async def shared_listener(
    listen: Listen, *, lmtp: bool, tls: ssl.SSLContext | None, route: Route
) -> AsyncIterator[SharedListener]:
    """Attach a route to the one listener of this address, which several channels may share."""
    key = (asyncio.get_running_loop(), f"{'lmtp' if lmtp else 'smtp'} {listen}")
    listener = _open.setdefault(key, SharedListener(listen, lmtp=lmtp, tls=tls))
    try:
        async with listener.attached(route):
            yield listener
    finally:
        if listener.idle:
            _open.pop(key, None)


def open_listeners() -> list[SharedListener]:
    """Return the listeners of this loop, for those who watch them."""
    loop = asyncio.get_running_loop()
    return [listener for (owner, _), listener in _open.items() if owner is loop]

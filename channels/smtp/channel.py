"""The kinds ``smtp`` and ``lmtp``: a channel that listens for mail."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Never

from channels.contract import Inlet, Limits, Premises, Receiver
from channels.mail.addresses import Addresses
from channels.mail.sending import opened_both_ways
from channels.mail.settings import ReplyToken, Send
from channels.mail.verify import demand_libraries
from channels.smtp.delivery import Route
from channels.smtp.listener import Listen, checked_listen, parse_listen, shared_listener
from inquiry.journey import ChannelName

LIMITS = Limits(subject=True, at_once=3)  # providers take few connections of one account
MAX_SIZE = 30 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What stands in the YAML of both kinds."""

    listen: str = field(metadata={"convert": checked_listen})
    addresses: tuple[str, ...]
    max_size: int = field(default=MAX_SIZE, metadata={"unit": "size"})
    send: Send | None = None
    trust_authentication_results: tuple[str, ...] = ()
    reply_token: ReplyToken = ReplyToken.MESSAGE_ID
    certificate: Path | None = None
    """With ``key``: offer STARTTLS."""
    key: Path | None = None
    check_senders: bool = False
    """Find out by SPF, DKIM and DMARC who sent a mail: for mail that nobody has checked before."""


@asynccontextmanager
async def open_channel(
    name: ChannelName, settings: Settings, premises: Premises
) -> AsyncIterator[Receiver]:
    """Open an SMTP server."""
    server = MailServer(name, settings, premises.spool, lmtp=False)
    async with opened_both_ways(server, settings.send, premises) as both:
        yield both


@asynccontextmanager
async def open_lmtp_channel(
    name: ChannelName, settings: Settings, premises: Premises
) -> AsyncIterator[Receiver]:
    """Open an LMTP server."""
    server = MailServer(name, settings, premises.spool, lmtp=True)
    async with opened_both_ways(server, settings.send, premises) as both:
        yield both


class MailServer:
    """Takes mail for the addresses of one channel."""

    def __init__(self, name: ChannelName, settings: Settings, spool: Path, *, lmtp: bool) -> None:
        if settings.check_senders:
            demand_libraries(name)
        self.name = name
        self._settings = settings
        self._spool = spool
        self._lmtp = lmtp
        self._listen: Listen = parse_listen(settings.listen)
        self._tls = _tls_context(settings)

    async def receive(self, inlet: Inlet) -> Never:
        route = Route(
            channel=self.name,
            addresses=Addresses(self._settings.addresses),
            inlet=inlet,
            spool=self._spool,
            max_size=self._settings.max_size,
        )
        async with shared_listener(self._listen, lmtp=self._lmtp, tls=self._tls, route=route):
            while True:
                await asyncio.Event().wait()


def _tls_context(settings: Settings) -> ssl.SSLContext | None:
    if settings.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.certificate, settings.key)
    return context

"""From a received message to arrivals, and to the reply for each of its recipients."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from channels.contract import Inlet
from channels.mail.addresses import Addresses
from channels.mail.collected import Collected
from channels.smtp.body import Body
from inquiry.errors import TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import MAIL, Arrival, ChannelName, Envelope, Raw

log = logging.getLogger(__name__)
T = TypeVar("T")

ANONYMOUS_REPEAT = timedelta(minutes=10)

OUR_TROUBLE = "451 4.3.0 Cannot store your message now, please try again later"
FULL = "452 4.3.1 Cannot take more messages now, please try again later"
BARE = "550 5.5.2 A bare CR or LF is not allowed, lines must end in CRLF"
TOO_BIG = "552 5.3.4 The message is too big"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where the mail for some addresses goes."""

    channel: ChannelName
    addresses: Addresses
    inlet: Inlet
    spool: Path
    max_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Everything said about one message before its bytes came."""

    mail_from: str
    recipients: Sequence[tuple[str, Route]]
    helo: str
    peer: str
    tls: bool

    @property
    def routes(self) -> Mapping[ChannelName, Route]:
        return {route.channel: route for _, route in self.recipients}

    @property
    def max_size(self) -> int:
        return min(route.max_size for _, route in self.recipients)

    def to(self, channel: ChannelName) -> tuple[str, ...]:
        return tuple(address for address, route in self.recipients if route.channel == channel)


async def deliver(letter: Letter, collected: Collected) -> list[str]:
    """Hand a complete message to every channel that it is for; return one reply per recipient."""
    try:
        raw = await _off_the_loop(collected, collected.finish)
        failpoint("smtp.spooled")
    except (OSError, TemporaryFailure) as failure:
        log.warning("a message from %s was not stored: %s", letter.peer, failure)
        return [OUR_TROUBLE] * len(letter.recipients)
    replies = {
        channel: await _accept(route, _arrival(letter, channel, collected, raw))
        for channel, route in letter.routes.items()
    }
    return [replies[route.channel] for _, route in letter.recipients]


async def _accept(route: Route, arrival: Arrival) -> str:
    try:
        arrival_id = await route.inlet.accept(arrival)
        failpoint("smtp.accepted")
    except TemporaryFailure as failure:
        log.warning("channel %s: not accepted: %s", route.channel, failure)
        return FULL
    except Exception as failure:  # whatever it is, it is our trouble: the sender keeps the mail
        log.error("channel %s: not accepted: %r", route.channel, failure)  # noqa: TRY400 - no bytes
        return OUR_TROUBLE
    return f"250 2.6.0 Accepted as {arrival_id}"


def _arrival(letter: Letter, channel: ChannelName, collected: Collected, raw: Raw) -> Arrival:
    recipients = letter.to(channel)
    beside = sorted({address.lower() for address in recipients})
    identified = collected.says_who_it_is()
    return Arrival(
        channel=channel,
        remote_id=collected.identity(*beside, *([] if identified else [f"peer {letter.peer}"])),
        media_type=MAIL,
        raw=raw,
        envelope=Envelope(
            mail_from=letter.mail_from,
            rcpt_to=recipients,
            helo=letter.helo,
            peer=letter.peer,
            tls=letter.tls,
        ),
        received_at=datetime.now(UTC),
        repeat_within=None if identified else ANONYMOUS_REPEAT,
    )


async def discard(collected: Collected) -> None:
    """Leave nothing of it behind."""
    await _off_the_loop(collected, collected.discard)


async def _off_the_loop(collected: Collected, act: Callable[[], T]) -> T:
    return act() if collected.path is None else await asyncio.to_thread(act)


def refusal_of(body: Body, collected: Collected) -> str:
    """Say why a message that has come to its end is not taken, "" if it is."""
    if collected.failed:
        return OUR_TROUBLE
    if collected.too_big:
        return TOO_BIG
    return BARE if body.bare else ""


def worst(replies: Sequence[str]) -> str:
    """In SMTP one word stands for all: whoever was not served makes the sender come again."""
    return next((reply for reply in replies if not reply.startswith("2")), replies[0])

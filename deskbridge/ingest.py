"""A mail from another program on this machine: taken by the running service, or in its place."""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from channels.contract import Inlet
from inquiry.errors import TemporaryFailure
from inquiry.journey import MAIL, Arrival, ArrivalId, ChannelName, Envelope
from storage.intake import Intake
from storage.migrate import check_tables
from storage.opening import alone, open_database

if TYPE_CHECKING:
    from aiohttp import web

log = logging.getLogger(__name__)
MAIL_KINDS = frozenset({"imap", "smtp", "lmtp"})
ANONYMOUS_REPEAT = timedelta(minutes=10)
_IDENTIFIED = re.compile(rb"^(?:message-id|date)[ \t]*:", re.IGNORECASE | re.MULTILINE)


def letter(
    channel: ChannelName,
    raw: bytes,
    *,
    sender: str | None = None,
    recipients: Sequence[str] = (),
    now: datetime,
) -> Arrival:
    """Make an arrival of a mail; the same bytes for the same people are the same arrival."""
    digest = hashlib.sha256(raw)
    for recipient in sorted({recipient.lower() for recipient in recipients}):
        digest.update(b"\0" + recipient.encode("utf-8", "surrogateescape"))
    return Arrival(
        channel=channel,
        remote_id=f"sha256:{digest.hexdigest()}",
        media_type=MAIL,
        raw=raw,
        envelope=Envelope(mail_from=sender, rcpt_to=tuple(recipients), peer="local"),
        received_at=now,
        repeat_within=None if _says_who_it_is(raw) else ANONYMOUS_REPEAT,
    )


def path_for(channel: ChannelName, sender: str | None, recipients: Sequence[str]) -> str:
    """Return what to POST the bytes to."""
    words = [("channel", channel), *(("recipient", recipient) for recipient in recipients)]
    return "/ingest?" + urlencode(words if sender is None else [*words, ("sender", sender)])


def routes(inlet_of: Callable[[ChannelName], Inlet | None]) -> "list[web.AbstractRouteDef]":
    """Return what the running service answers; ``inlet_of`` is None where there is no mail."""
    from aiohttp import web  # only the service needs it, and it takes long

    async def ingest(request: web.Request) -> web.Response:
        channel = ChannelName(request.query.get("channel", ""))
        inlet = inlet_of(channel)
        if inlet is None:
            return _says(404, f"there is no mail channel {channel!r}")
        arrival = letter(
            channel,
            await request.read(),
            sender=request.query.get("sender"),
            recipients=request.query.getall("recipient", []),
            now=datetime.now(UTC),
        )
        try:
            accepted = await inlet.accept(arrival)
        except TemporaryFailure as failure:
            log.warning("channel %s: not accepted: %s", channel, failure)
            return _says(503, "the message could not be stored")
        return web.json_response({"arrival": accepted})

    return [web.post("/ingest", ingest)]


async def accept_directly(database: str, data_dir: Path, arrival: Arrival) -> ArrivalId:
    """Accept while no service runs; on SQLite, with one writer, it can't start meanwhile.

    Raises:
        TemporaryFailure: it could not be stored.
        DeskInUse: a service has just started.
    """
    with alone(data_dir) if database == "sqlite" else nullcontext():
        async with open_database(database, data_dir) as db:
            await check_tables(db)
            intake = Intake(db)
            accepted = await intake.inlet(arrival.channel).accept(arrival)
            await intake.close()
            return accepted


def _says_who_it_is(raw: bytes) -> bool:
    """Has it a Message-ID or a Date, so that equal bytes are the same message?"""
    header = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    return _IDENTIFIED.search(header) is not None


def _says(status: int, problem: str) -> "web.Response":
    from aiohttp import web

    return web.Response(
        status=status, text=json.dumps({"problem": problem}), content_type="application/json"
    )

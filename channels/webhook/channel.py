"""A channel for any other system: it posts signed JSON to us, and we post our answers to it."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import ClientSession, web

from channels.contract import Inlet, Limits, Premises, Store
from channels.peer import peer_of
from channels.webhook import posting, signing
from channels.webhook.shape import REPORTING, Malformed, read
from inquiry.errors import TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import (
    WEBHOOK,
    Arrival,
    ChannelName,
    Dispatch,
    DispatchId,
    Envelope,
    Receipt,
    digest_of,
)
from inquiry.words import Delivery, OutboxState
from storage import arrivals, dispatches, originals
from storage.database import Transaction

log = logging.getLogger(__name__)

LIMITS = Limits(subject=True, files=True, file_size=25_000_000)
LARGEST = 40_000_000
"""Bytes of one event."""
READING = timedelta(minutes=2)
"""How long the body of one event may take."""
LATER = timedelta(seconds=5)
ON_ITS_WAY = (OutboxState.HELD, OutboxState.WAITING, OutboxState.SENDING)
_DELIVERIES = {
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "failed": Delivery.BOUNCED,
}


def _path(text: str) -> str:
    if not re.fullmatch(r"/[A-Za-z0-9/._~-]+", text):
        raise ValueError(f"{text!r} is not a path such as /hooks/sms")
    return text


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s#]*)?", text):
        raise ValueError(f"{text!r} is not an address such as https://sms.example/send")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``webhook{path secret answer_url}``."""

    secret: tuple[str, ...] = field(
        repr=False, metadata={"secret": True, "convert": signing.secret}
    )
    """Any of them may have signed what comes; we sign with all, so that either side may begin."""
    answer_url: str = field(metadata={"convert": _url})
    path: str = field(default="", metadata={"convert": _path})
    """Where the other system posts to; ``/hooks/`` and the channel's name unless said."""

    @property
    def lacking(self) -> str:
        """What has to be corrected before this can work, in one sentence; "" if nothing."""
        return "" if self.secret else "'secret' is empty: anybody could write in anybody's name"


@asynccontextmanager
async def open_channel(
    name: ChannelName, settings: Settings, premises: Premises
) -> AsyncIterator["WebhookChannel"]:
    """Open what is needed to answer; the other system need not be there yet."""
    async with posting.session() as session:
        yield WebhookChannel(name, settings, session, premises.store)


class WebhookChannel:
    """Takes signed events in, and posts answers that are signed alike."""

    repeatable = True
    """Whoever gets our events drops those whose ``webhook-id`` it has: the page says so."""

    def __init__(
        self, name: ChannelName, settings: Settings, session: ClientSession, store: Store | None
    ) -> None:
        self.name = name
        self._settings = settings
        self._session = session
        self._store = store

    def routes(self, inlet: Inlet) -> Iterable[web.AbstractRouteDef]:
        async def take(request: web.Request) -> web.Response:
            return await self._take(request, inlet)

        return [web.post(self._settings.path or f"/hooks/{self.name}", take)]

    async def send(self, dispatch: Dispatch) -> Receipt:
        now = datetime.now(UTC)
        body = posting.event(dispatch, now)
        # With its nonce: a desk that was restored counts its dispatches from an older number on.
        key = dispatch.envelope_id or f"deskbridge-{self.name}-{dispatch.id}"
        headers = signing.headers(self._settings.secret, key, body, now)
        failpoint("outbox.connected")
        return await posting.post(self._session, self._settings.answer_url, body, headers, now)

    async def _take(self, request: web.Request, inlet: Inlet) -> web.Response:
        now = datetime.now(UTC)
        try:
            signing.announced(request.headers, now)  # before anybody sends us megabytes
            async with asyncio.timeout(READING.total_seconds()):
                body = await _body(request)
            if body is None:
                return _refusal(413, f"an event is at most {LARGEST // 1_000_000} MB")
            message = signing.check(self._settings.secret, request.headers, body, now)
        except signing.NotSigned as wrong:
            log.warning("channel %s: refused an event: %s", self.name, wrong)
            return _refusal(401, str(wrong))
        except TimeoutError:
            return _refusal(408, "the body took too long: send it again")
        try:
            kind, data = read(body)
        except Malformed as wrong:
            log.warning("channel %s: an event can't be taken: %s", self.name, wrong)
            return _refusal(422, *wrong.mistakes)
        failpoint("webhook.received")
        try:
            if kind in REPORTING:
                return await self._report(inlet, kind, data["dispatch"], now)
            return await self._accept(inlet, self._arrival(message, body, request, now), body)
        except TemporaryFailure:
            later = {"Retry-After": str(LATER.seconds)}
            return _refusal(503, "it could not be written down: send it again", headers=later)

    async def _accept(self, inlet: Inlet, arrival: Arrival, body: bytes) -> web.Response:
        accepted = await inlet.accept(arrival)
        failpoint("webhook.accepted")
        if await self._is_another(arrival.remote_id, body):
            log.warning("channel %s: a webhook-id comes with two contents", self.name)
            return _refusal(
                409,
                "this webhook-id stands for another event, which is here; this one is not: "
                "every edit and deletion needs a webhook-id of its own",
            )
        return web.json_response({"accepted": accepted}, status=202)

    async def _is_another(self, key: str, body: bytes) -> bool:
        """Was something else accepted under this key? Looked up after: only one can be first."""
        if self._store is None:
            return False

        async def look(tx: Transaction) -> bytes | None:
            first = await arrivals.accepted_as(tx, self.name, key)
            if first is None or first.original == digest_of(body):
                return None
            return await originals.read(tx, first.original)

        raw = await self._store.read(look)
        return raw is not None and _said(raw) != _said(body)

    async def _is_on_its_way(self, number: int) -> bool:
        """Is it not settled yet? News that overtake our own answer would be forgotten over it."""
        if self._store is None:
            return False
        one = await self._store.read(lambda tx: dispatches.find(tx, DispatchId(number)))
        return one is not None and one.channel == self.name and one.state in ON_ITS_WAY

    async def _report(self, inlet: Inlet, kind: str, number: int, now: datetime) -> web.Response:
        receipt = Receipt(delivery=_DELIVERIES[REPORTING[kind]], at=now)
        if await self._is_on_its_way(number):
            raise TemporaryFailure("the answer to our own call is still to come")
        if not await inlet.report(DispatchId(number), receipt):
            return _refusal(404, f"this channel has sent no dispatch {number}")
        failpoint("webhook.reported")
        return web.Response(status=204)

    def _arrival(self, message: str, body: bytes, request: web.Request, now: datetime) -> Arrival:
        return Arrival(
            channel=self.name,
            remote_id=message,
            media_type=WEBHOOK,
            raw=body,
            # Two systems may call different people by one number: the channel tells them apart.
            envelope=Envelope(peer=peer_of(request), authenticated_as=self.name),
            received_at=now,
        )


def _said(body: bytes) -> tuple[object, object]:
    """Return what counts of an event: its own time may be that of the attempt."""
    event = json.loads(body)
    return event["type"], event["data"]


async def _body(request: web.Request) -> bytes | None:
    """Read what is posted, however the pages limit theirs; None if it is too much."""
    parts, size = [], 0
    async for part in request.content.iter_chunked(65_536):
        size += len(part)
        if size > LARGEST:
            return None
        parts.append(part)
    return b"".join(parts)


def _refusal(status: int, *told: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"errors": list(told)}, status=status, headers=headers)

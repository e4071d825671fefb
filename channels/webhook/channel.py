"""A channel for any other system: it posts signed JSON to us, and we post our answers to it."""

import base64
import json
import logging
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    web,
)

from channels.contract import Inlet, Limits, Premises
from channels.webhook import signing
from channels.webhook.shape import REPORTING, Malformed, read
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import WEBHOOK, Arrival, ChannelName, Dispatch, DispatchId, Envelope, Receipt
from inquiry.words import Delivery

log = logging.getLogger(__name__)

LIMITS = Limits(subject=True, files=True, file_size=25_000_000)
LARGEST = 40_000_000
"""Bytes of one event."""
PATIENCE = timedelta(seconds=30)
LATER = timedelta(seconds=5)
NEVER = frozenset({400, 406, 409, 413, 415, 422})
"""Statuses by which the other side says that this very message will never go."""
TOO_MUCH = frozenset({429, 503})
"""Statuses that speak of the other system, not of one message."""
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
    """Any of them may have signed what comes; we sign with the first."""
    answer_url: str = field(metadata={"convert": _url})
    path: str = field(default="", metadata={"convert": _path})
    """Where the other system posts to; ``/hooks/`` and the channel's name unless said."""


@asynccontextmanager
async def open_channel(
    name: ChannelName,
    settings: Settings,
    premises: Premises,  # noqa: ARG001  (all kinds are opened alike)
) -> AsyncIterator["WebhookChannel"]:
    """Open what is needed to answer; the other system need not be there yet."""
    timeout = ClientTimeout(total=PATIENCE.total_seconds())
    async with ClientSession(timeout=timeout, auto_decompress=False) as session:
        yield WebhookChannel(name, settings, session)


class WebhookChannel:
    """Takes signed events in, and posts answers that are signed alike."""

    repeatable = True
    """Whoever gets our events drops those whose ``webhook-id`` it has: the page says so."""

    def __init__(self, name: ChannelName, settings: Settings, session: ClientSession) -> None:
        self.name = name
        self._settings = settings
        self._session = session

    def routes(self, inlet: Inlet) -> Iterable[web.AbstractRouteDef]:
        async def take(request: web.Request) -> web.Response:
            return await self._take(request, inlet)

        return [web.post(self._settings.path or f"/hooks/{self.name}", take)]

    async def send(self, dispatch: Dispatch) -> Receipt:
        now = datetime.now(UTC)
        body = json.dumps(_answer(self.name, dispatch, now), ensure_ascii=False).encode()
        key = f"deskbridge-{self.name}-{dispatch.id}"
        headers = signing.headers(self._settings.secret[0], key, body, now)
        headers["content-type"] = "application/json"
        failpoint("outbox.connected")
        try:
            async with self._session.post(
                self._settings.answer_url, data=body, headers=headers, allow_redirects=False
            ) as response:
                return _receipt(response, await _said(response), now)
        except ClientConnectorError as error:
            told = "the other system can't be reached"
            raise TemporaryFailure(told, whole_channel=True) from error
        except (ClientConnectionError, TimeoutError) as error:
            raise OutcomeUnknown("the other system did not answer") from error
        except ClientError as error:
            raise OutcomeUnknown("the other system did not answer in HTTP") from error

    async def _take(self, request: web.Request, inlet: Inlet) -> web.Response:
        body = await _body(request)
        if body is None:
            return _refusal(413, f"an event is at most {LARGEST // 1_000_000} MB")
        now = datetime.now(UTC)
        try:
            message = signing.check(self._settings.secret, request.headers, body, now)
        except signing.NotSigned as wrong:
            log.warning("channel %s: refused an event: %s", self.name, wrong)
            return _refusal(401, str(wrong))
        try:
            kind, data = read(body)
        except Malformed as wrong:
            return _refusal(422, *wrong.mistakes)
        try:
            if kind in REPORTING:
                return await self._report(inlet, kind, data["dispatch"], now)
            accepted = await inlet.accept(self._arrival(message, body, request, now))
        except TemporaryFailure:
            later = {"Retry-After": str(LATER.seconds)}
            return _refusal(503, "it could not be stored: send it again", headers=later)
        return web.json_response({"accepted": accepted}, status=202)

    async def _report(self, inlet: Inlet, kind: str, number: int, now: datetime) -> web.Response:
        receipt = Receipt(delivery=_DELIVERIES[REPORTING[kind]], at=now)
        if not await inlet.report(DispatchId(number), receipt):
            return _refusal(404, f"this channel has sent no dispatch {number}")
        return web.Response(status=204)

    def _arrival(self, message: str, body: bytes, request: web.Request, now: datetime) -> Arrival:
        return Arrival(
            channel=self.name,
            remote_id=message,
            media_type=WEBHOOK,
            raw=body,
            # Two systems may call different people by one number: the channel tells them apart.
            envelope=Envelope(peer=request.remote or "", authenticated_as=self.name),
            received_at=now,
        )


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


def _answer(name: ChannelName, dispatch: Dispatch, now: datetime) -> dict[str, Any]:
    return {
        "type": "message.send",
        "timestamp": now.isoformat(),
        "data": {
            "dispatch": dispatch.id,
            "to": {
                "id": dispatch.recipient.removeprefix(f"{name}:"),
                "name": dispatch.recipient_name,
            },
            "conversation": dispatch.conversation,
            "reference": dispatch.reference,
            "automatic": dispatch.automatic,
            "subject": dispatch.subject,
            "text": dispatch.text,
            "language": dispatch.language,
            "attachments": [
                {
                    "filename": file.filename,
                    "content_type": file.content_type,
                    "content": base64.b64encode(file.content).decode("ascii"),
                }
                for file in dispatch.files
            ],
        },
    }


async def _said(response: ClientResponse) -> str:
    """Return the number that the other side gives the message, if it says one."""
    try:
        said = json.loads(await response.content.read(65_536))
    except (ValueError, RecursionError):
        return ""
    found = said.get("id") if isinstance(said, dict) else None
    return str(found)[:200] if isinstance(found, (str, int)) else ""


def _receipt(response: ClientResponse, remote_id: str, now: datetime) -> Receipt:
    status = response.status
    if 200 <= status < 300:
        return Receipt(delivery=Delivery.ACCEPTED, remote_id=remote_id, at=now)
    if status in NEVER:
        raise PermanentFailure(f"the other system refuses it: status {status}")
    asked = response.headers.get("Retry-After", "")
    wait = timedelta(seconds=min(int(asked), 86_400)) if asked.isdecimal() else timedelta(0)
    told = f"the other system answers with status {status}"
    raise TemporaryFailure(told, retry_after=wait, whole_channel=status in TOO_MUCH)

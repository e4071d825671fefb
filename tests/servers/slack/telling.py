"""Events are told, pushed or over sockets, again and again until somebody confirms them."""

import asyncio
import json
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, ClientTimeout, WSCloseCode, WSMsgType, web

from tests.servers.slack.events import Event, signed
from tests.servers.slack.names import TICKET

if TYPE_CHECKING:
    from tests.servers.slack.server import FakeSlack

OFFERS = timedelta(milliseconds=50)
"""Between two attempts to have an event confirmed; the real one takes minutes."""
ANSWERED_WITHIN = timedelta(seconds=3)


async def push(url: str, raw: bytes, *, repeat: int = 0, **changed: str) -> tuple[int, str]:
    """Call the other side once, signed as Slack does; ``changed`` headers stand in the way."""
    stamp = changed.pop("stamp", str(int(time.time())))
    signature = changed.pop("signature", signed(raw, stamp))
    headers = {"Content-Type": "application/json", **changed}
    headers |= {"X-Slack-Request-Timestamp": stamp} if stamp else {}
    headers |= {"X-Slack-Signature": signature} if signature else {}
    if repeat:
        headers |= {"X-Slack-Retry-Num": str(repeat), "X-Slack-Retry-Reason": "http_error"}
    limit = ClientTimeout(total=ANSWERED_WITHIN.total_seconds())
    async with (
        ClientSession(timeout=limit) as session,
        session.post(url, data=raw, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


async def keep_telling(fake: "FakeSlack") -> None:
    """Offer what nobody has confirmed, until cancelled."""
    while True:
        waiting = [event for event in fake.events if not event.confirmed] if fake.pushing else []
        for event in waiting:
            if event.offered < fake.attempts:
                await _offer(fake, event)
        await asyncio.sleep(OFFERS.total_seconds())


async def _offer(fake: "FakeSlack", event: Event) -> None:
    if fake.push_to:
        event.offered += 1
        with suppress(ClientError, TimeoutError, OSError):
            status, _ = await push(fake.push_to, event.raw, repeat=event.offered - 1)
            event.answers.append(status)
            event.confirmed = status == 200
    elif fake.sockets:
        event.offered += 1
        envelope = {
            "envelope_id": event.body["event_id"],
            "type": "events_api",
            "accepts_response_payload": False,
            "retry_attempt": event.offered - 1,
            "payload": event.body,
        }
        with suppress(ClientError, OSError):
            await fake.sockets[-1].send_json(envelope)


async def link(fake: "FakeSlack", request: web.Request) -> web.StreamResponse:
    """Hold one socket, and hear what is confirmed over it."""
    if request.query.get("ticket") != TICKET:
        return web.Response(status=403)
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    fake.opened += 1
    fake.sockets.append(socket)
    fake.lines.append(request.transport)
    if fake.greets:
        await socket.send_json({"type": "hello", "num_connections": len(fake.sockets)})
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                _confirm(fake, json.loads(message.data))
    finally:
        place = fake.sockets.index(socket)
        del fake.sockets[place], fake.lines[place]
        with suppress(Exception):
            await socket.close(code=WSCloseCode.GOING_AWAY)
    return socket


def _confirm(fake: "FakeSlack", answer: dict[str, Any]) -> None:
    for event in fake.events:
        if event.body["event_id"] == answer.get("envelope_id"):
            event.confirmed = True

"""Another system that speaks Standard Webhooks: it posts events, and takes those of others.

Signs and checks by itself, by the specification and not by the product's code.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aiohttp import ClientError, ClientSession, web

from tests.servers.ports import free_port

SECRET = "whsec_" + base64.b64encode(b"only the two of us know it").decode()
Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


def signed(secret: str, key: str, body: bytes, at: int) -> str:
    """Return the signature of an event."""
    plain = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(plain, f"{key}.{at}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def headers_of(key: str, body: bytes, *, at: int | None = None) -> dict[str, str]:
    """Return the headers of an event that is posted now, or at ``at``."""
    seconds = int(time.time()) if at is None else at
    return {
        "webhook-id": key,
        "webhook-timestamp": str(seconds),
        "webhook-signature": signed(SECRET, key, body, seconds),
        "content-type": "application/json",
    }


@dataclass(slots=True)
class OtherSystem:
    """Offers its events until they are confirmed with a 2xx, as the specification asks for."""

    port: int
    to: str = ""
    """Where it posts to."""
    heard: list[dict[str, Any]] = field(default_factory=list)
    """Answers that came, a repeated one once."""
    keys: set[str] = field(default_factory=set)
    offered: list[tuple[str, bytes]] = field(default_factory=list)
    confirmed: list[tuple[str, bytes]] = field(default_factory=list)
    behaviour: Behaviour | None = None
    trusting: bool = False
    """Does it take what nobody has signed for it?"""
    last: str = ""
    """What was answered to the last event."""
    listening: asyncio.Server | None = None
    serve: Callable[[], Awaitable[asyncio.Server]] | None = None

    def stop_listening(self) -> None:
        """From now on nobody can connect."""
        assert self.listening
        self.listening.close()

    async def listen_again(self) -> None:
        assert self.serve
        self.listening = await self.serve()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send"

    def offer(self, key: str, kind: str, **data: Any) -> None:
        """Put an event on the list of those to post."""
        event = {"type": kind, "timestamp": "2026-11-22T09:00:00Z", "data": data}
        self.offered.append((key, json.dumps(event).encode()))

    async def post(self, session: ClientSession, key: str, body: bytes, **changes: str) -> int:
        """Post one event; ``changes`` are headers that differ from what is right."""
        headers = {**headers_of(key, body), **changes}
        async with session.post(self.to, data=body, headers=headers) as response:
            self.last = await response.text()
            return response.status

    async def keep_posting(self) -> None:
        """Post what is offered, again and again until it is confirmed."""
        async with ClientSession() as session:
            while True:
                for event in list(self.offered):
                    with suppress(ClientError):
                        if await self.post(session, *event) // 100 == 2:
                            self.offered.remove(event)
                            self.confirmed.append(event)
                await asyncio.sleep(0.02)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Take an answer, if it is signed; a repeat is confirmed and counted once."""
        body = await request.read()
        key, at = request.headers["webhook-id"], int(request.headers["webhook-timestamp"])
        given = request.headers["webhook-signature"].split()
        if not self.trusting and signed(SECRET, key, body, at) not in given:
            return web.Response(status=401)
        if self.behaviour:
            return await self.behaviour(request)
        return self.keep(key, body)

    def keep(self, key: str, body: bytes) -> web.Response:
        """Remember an answer."""
        if key not in self.keys:
            self.keys.add(key)
            self.heard.append(json.loads(body))
        return web.json_response({"id": f"sms-{len(self.heard)}"})


@asynccontextmanager
async def other_system() -> AsyncIterator[OtherSystem]:
    """Start one on a free port of loopback."""
    system = OtherSystem(free_port())
    app = web.Application()
    app.router.add_post("/send", system.take)
    runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
    await runner.setup()
    assert runner.server
    loop = asyncio.get_running_loop()
    system.serve = partial(loop.create_server, runner.server, "127.0.0.1", system.port)
    await system.listen_again()
    try:
        yield system
    finally:
        system.stop_listening()
        await runner.cleanup()


@asynccontextmanager
async def mounted(*routes: web.AbstractRouteDef) -> AsyncIterator[str]:
    """Serve routes of ours, without the pages around them; yields where."""
    app, port = web.Application(), free_port()
    app.add_routes(routes)
    runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()

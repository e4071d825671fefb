"""A Slack on 127.0.0.1: Web API, pushed events and Socket Mode, which misbehaves on command.

It offers an event until it is confirmed, and only then counts it as taken over.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, WSCloseCode, WSMsgType, web

from tests.servers.ports import free_port
from tests.servers.slack_methods import METHODS, TICKET, Refused
from tests.servers.slack_methods import OURS as OURS
from tests.servers.slack_troubles import Trouble, refusal

BOT_TOKEN = "xoxb-nobodys-bot-token-of-the-tests"
APP_TOKEN = "xapp-nobodys-app-token-of-the-tests"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
KARI, OLA = "U0KARI", "U0OLA"
DIRECT, ACME, OTHER = "D0KARI", "C0ACME", "C0OTHER"
OFFERS = timedelta(milliseconds=50)
"""Between two attempts to have an event confirmed; the real one takes minutes."""
ANSWERED_WITHIN = timedelta(seconds=3)


@dataclass(slots=True)
class Event:
    """What happened, and whether anybody has confirmed to know of it."""

    body: dict[str, Any]
    confirmed: bool = False
    offered: int = 0
    answers: list[int] = field(default_factory=list)
    """The statuses of pushes, in their order."""

    @property
    def raw(self) -> bytes:
        """The bytes that are pushed: with odd blanks, as nobody would write them again."""
        return json.dumps(self.body, separators=(", ", ":"), ensure_ascii=False).encode()


@asynccontextmanager
async def slack() -> AsyncIterator["FakeSlack"]:
    """Serve one workspace until the end."""
    fake = FakeSlack()
    await fake.come_back()
    try:
        yield fake
    finally:
        await fake.go_away()


@dataclass(slots=True)
class FakeSlack:
    """The workspace as both sides see it."""

    port: int = field(default_factory=free_port)
    events: list[Event] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Methods of the Web API and their parameters."""
    said: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """The messages of each conversation, oldest first."""
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    gone: set[tuple[str, str]] = field(default_factory=set)
    """Messages that were deleted and had no replies."""
    files: dict[str, bytes] = field(default_factory=dict)
    push_to: str = ""
    """Where events are pushed; "" = over sockets."""
    pushing: bool = True
    """Does Slack tell of events at all?"""
    attempts: int = 10_000
    """How often an event is offered before Slack gives up."""
    opened: int = 0
    """Sockets, ever."""
    page: int = 1000
    greets: bool = True
    """Does it say hello over a new socket?"""
    _sockets: list[web.WebSocketResponse] = field(default_factory=list)
    _lines: list[asyncio.Transport | None] = field(default_factory=list)
    _troubles: dict[str, deque[Trouble]] = field(default_factory=lambda: defaultdict(deque))
    _always: dict[str, Trouble] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _runner: web.AppRunner | None = None
    _telling: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.channels |= {
            DIRECT: {"id": DIRECT, "is_im": True, "user": KARI},
            ACME: {"id": ACME, "name": "partner-acme"},
            OTHER: {"id": OTHER, "name": "random"},
        }
        for user, name in ((KARI, "Kari Berg"), (OLA, "Ola Vik")):
            profile = {"real_name": name, "email": f"{name.split()[0].lower()}@acme.example"}
            self.users[user] = {"id": user, "name": user.lower(), "profile": profile}

    @property
    def api(self) -> str:
        """The setting ``api`` of the channel."""
        return f"http://127.0.0.1:{self.port}/api/"

    # what people do

    def stamp(self, *, ago: timedelta = timedelta(0)) -> str:
        """Return a ``ts`` that nobody has had yet."""
        return f"{int(time.time() - ago.total_seconds())}.{next(self.numbers):06}"

    def say(
        self,
        text: str,
        *,
        channel: str = DIRECT,
        user: str = KARI,
        ts: str = "",
        told: bool = True,
        **more: Any,
    ) -> dict[str, Any]:
        """Somebody writes; Slack tells it unless not ``told``. Returns the message."""
        message = {"type": "message", "user": user, "text": text, "ts": ts or self.stamp(), **more}
        self.said[channel].append(message)
        if told:
            self.tell(self.event_of(channel, message))
        return message

    def event_of(self, channel: str, message: dict[str, Any]) -> dict[str, Any]:
        """Return the event of a message."""
        kind = "im" if self.channels.get(channel, {}).get("is_im") else "channel"
        return {**message, "channel": channel, "channel_type": kind}

    def edit(
        self, channel: str, message: dict[str, Any], text: str, *, told: bool = True
    ) -> dict[str, Any]:
        """Somebody edits a message. Returns the event."""
        before = dict(message)
        at = self.stamp()
        message |= {"text": text, "edited": {"user": message["user"], "ts": at}}
        event = {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "channel": channel,
            "ts": at,
            "message": dict(message),
            "previous_message": before,
        }
        if told:
            self.tell(event)
        return event

    def delete(self, channel: str, message: dict[str, Any], *, told: bool = True) -> None:
        """Somebody deletes a message; where it has replies, its place stays."""
        said = self.said[channel]
        replied = any(one.get("thread_ts") == message["ts"] != one["ts"] for one in said)
        left = {"subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted."}
        place = said.index(message)
        said[place : place + 1] = [{**message, **left}] if replied else []
        if not replied:
            self.gone.add((channel, message["ts"]))
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "channel": channel,
            "ts": self.stamp(),
            "deleted_ts": message["ts"],
            "previous_message": message,
        }
        if told:
            self.tell(event)

    def tell(self, event: dict[str, Any]) -> Event:
        """Anything happens."""
        number = next(self.numbers)
        body = {
            "token": "verification",
            "team_id": "T0ACME",
            "api_app_id": "A0DESK",
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{number:08}",
            "event_time": int(time.time()),
        }
        told = Event(body)
        self.events.append(told)
        return told

    # how Slack behaves

    def next_time(self, method: str, *troubles: Trouble) -> None:
        """Answer the next calls of ``method`` so, one after the other."""
        self._troubles[method].extend(troubles)

    def from_now_on(self, method: str, trouble: Trouble) -> None:
        self._always[method] = trouble

    def behave(self) -> None:
        self._always.clear()
        self._troubles.clear()

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask those who are connected to connect anew."""
        for socket in list(self._sockets):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})

    def cut(self) -> None:
        """Cut all sockets without a word."""
        for line in self._lines:
            if line is not None:
                line.abort()

    async def offer_again(self) -> None:
        """The confirmations of all events got lost."""
        for event in self.events:
            event.confirmed = False

    async def until_confirmed(self, event: Event, *, patience: float = 10.0) -> None:
        deadline = time.monotonic() + patience
        while not event.confirmed:
            assert time.monotonic() < deadline, f"never confirmed: {event.answers}"
            await asyncio.sleep(0.02)

    def stop_listening(self) -> None:
        """From the next moment on refuse connections; nothing open has to be cut."""
        if self._runner:
            for site in self._runner.sites:
                _server_of(site).close()

    async def come_back(self) -> None:
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/api/{method}", self._handle)
        app.router.add_get("/link", self._link)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}", self._file)
        self._runner = web.AppRunner(
            app, shutdown_timeout=0.05, access_log=None, handler_cancellation=True
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self._telling = asyncio.create_task(self._keep_telling())

    async def go_away(self) -> None:
        """Refuse connections, and cut those that are open."""
        if self._telling:
            self._telling.cancel()
            with suppress(asyncio.CancelledError):
                await self._telling
        self.cut()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    # telling of events

    async def push(self, raw: bytes, *, repeat: int = 0, **changed: str) -> tuple[int, str]:
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
            session.post(self.push_to, data=raw, headers=headers) as answer,
        ):
            return answer.status, await answer.text()

    async def _keep_telling(self) -> None:
        while True:
            waiting = (
                [event for event in self.events if not event.confirmed] if self.pushing else []
            )
            for event in waiting:
                if event.offered < self.attempts:
                    await self._offer(event)
            await asyncio.sleep(OFFERS.total_seconds())

    async def _offer(self, event: Event) -> None:
        if self.push_to:
            event.offered += 1
            with suppress(ClientError, TimeoutError, OSError):
                status, _ = await self.push(event.raw, repeat=event.offered - 1)
                event.answers.append(status)
                event.confirmed = status == 200
        elif self._sockets:
            event.offered += 1
            envelope = {
                "envelope_id": event.body["event_id"],
                "type": "events_api",
                "accepts_response_payload": False,
                "retry_attempt": event.offered - 1,
                "payload": event.body,
            }
            with suppress(ClientError, OSError):
                await self._sockets[-1].send_json(envelope)

    async def _link(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("ticket") != TICKET:
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.opened += 1
        self._sockets.append(socket)
        self._lines.append(request.transport)
        if self.greets:
            await socket.send_json({"type": "hello", "num_connections": len(self._sockets)})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._confirm(json.loads(message.data))
        finally:
            place = self._sockets.index(socket)
            del self._sockets[place], self._lines[place]
            with suppress(Exception):
                await socket.close(code=WSCloseCode.GOING_AWAY)
        return socket

    def _confirm(self, answer: dict[str, Any]) -> None:
        for event in self.events:
            if event.body["event_id"] == answer.get("envelope_id"):
                event.confirmed = True

    # the Web API

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        answer = METHODS.get(method)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
            return refusal("invalid_auth")
        if answer is None:
            return refusal("unknown_method")

        async def usual(request: web.Request) -> web.StreamResponse:
            form = await _form(request)
            self.asked.append((method, form))
            return web.json_response({"ok": True, **answer(self, form)})

        try:
            if self._troubles[method]:
                return await self._troubles[method].popleft()(request, usual)
            if method in self._always:
                return await self._always[method](request, usual)
            return await usual(request)
        except Refused as refused:
            return refusal(str(refused))

    async def _upload(self, request: web.Request) -> web.Response:
        self.files[request.match_info["file"]] = await request.read()
        return web.Response(text="OK")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            raise web.HTTPFound("/sign-in")
        if trouble := self._always.get("file"):
            return await trouble(request, self._file)
        return web.Response(body=self.files[request.match_info["file"]])


async def _form(request: web.Request) -> dict[str, str]:
    """Return the parameters, wherever the client has put them."""
    if request.content_type == "application/json":
        told = await request.json()
        return {key: _as_form(value) for key, value in told.items() if value is not None}
    posted = await request.post()
    return {**request.query, **{key: str(value) for key, value in posted.items()}}


def _as_form(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def _server_of(site: web.BaseSite) -> asyncio.AbstractServer:
    server: asyncio.AbstractServer = site._server  # type: ignore[assignment]
    return server


def signed(raw: bytes, stamp: str, secret: str = SECRET) -> str:
    """Return Slack's signature of a body."""
    base = b"v0:" + stamp.encode() + b":" + raw
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()

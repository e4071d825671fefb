"""A Slack on 127.0.0.1: Web API, pushed events and Socket Mode, which misbehaves on command.

It offers an event until it is confirmed, and only then counts it as taken over.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from aiohttp import web

from tests.servers.http_troubles import Trouble
from tests.servers.ports import free_port
from tests.servers.slack import api, telling
from tests.servers.slack.events import Event
from tests.servers.slack.names import ACME, DIRECT, KARI, OLA, OTHER


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
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    lines: list[asyncio.Transport | None] = field(default_factory=list)
    troubles: dict[str, deque[Trouble]] = field(default_factory=lambda: defaultdict(deque))
    always: dict[str, Trouble] = field(default_factory=dict)
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
        if parent := [one for one in self.said[channel] if one["ts"] == more.get("thread_ts")]:
            message["parent_user_id"] = parent[0]["user"]
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
        self.troubles[method].extend(troubles)

    def from_now_on(self, method: str, trouble: Trouble) -> None:
        self.always[method] = trouble

    def behave(self) -> None:
        self.always.clear()
        self.troubles.clear()

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask those who are connected to connect anew."""
        for socket in list(self.sockets):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})

    def cut(self) -> None:
        """Cut all sockets without a word."""
        for line in self.lines:
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
        app.router.add_route("*", "/api/{method}", partial(api.handle, self))
        app.router.add_get("/link", partial(telling.link, self))
        app.router.add_post("/upload/{file}", partial(api.upload, self))
        app.router.add_get("/files/{file}", partial(api.file, self))
        self._runner = web.AppRunner(
            app, shutdown_timeout=0.05, access_log=None, handler_cancellation=True
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self._telling = asyncio.create_task(telling.keep_telling(self))

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

    async def push(self, raw: bytes, *, repeat: int = 0, **changed: str) -> tuple[int, str]:
        """Call the other side once; ``changed`` headers stand in the way."""
        return await telling.push(self.push_to, raw, repeat=repeat, **changed)


def _server_of(site: web.BaseSite) -> asyncio.AbstractServer:
    server: asyncio.AbstractServer = site._server  # type: ignore[assignment]
    return server

"""A Slack on 127.0.0.1: Web API, pushed events and Socket Mode, which misbehaves on command.

It offers an event until it is confirmed, and only then counts it as taken over.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, WSCloseCode, WSMsgType, web

from tests.servers.ports import free_port
from tests.servers.slack_troubles import Trouble, refusal

BOT_TOKEN = "xoxb-nobodys-bot-token-of-the-tests"
APP_TOKEN = "xapp-nobodys-app-token-of-the-tests"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TICKET = "nobodys-ticket-of-the-tests"
OURS, OUR_BOT = "U0BOT", "B0BOT"
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
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
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
        return f"{int(time.time() - ago.total_seconds())}.{next(self._numbers):06}"

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

    def delete(self, channel: str, message: dict[str, Any]) -> None:
        """Somebody deletes a message."""
        self.said[channel].remove(message)
        self.tell(
            {
                "type": "message",
                "subtype": "message_deleted",
                "channel": channel,
                "ts": self.stamp(),
                "deleted_ts": message["ts"],
                "previous_message": message,
            }
        )

    def tell(self, event: dict[str, Any]) -> Event:
        """Anything happens."""
        number = next(self._numbers)
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

    def _history(self, form: dict[str, str]) -> dict[str, Any]:
        return self._paged(
            [
                one
                for one in self.said[form["channel"]]
                if one.get("thread_ts", one["ts"]) == one["ts"]
            ],
            form,
        )

    def _replies(self, form: dict[str, str]) -> dict[str, Any]:
        thread = form["ts"]
        found = [one for one in self.said[form["channel"]] if one.get("thread_ts") == thread]
        return self._paged(found, form)

    def _paged(self, messages: list[dict[str, Any]], form: dict[str, str]) -> dict[str, Any]:
        wanted = [one for one in messages if float(one["ts"]) > float(form["oldest"])]
        newest_first = sorted(map(self._with_replies, wanted), key=_ts, reverse=True)
        start = int(form.get("cursor", "0"))
        end = start + min(self.page, int(form["limit"]))
        more = str(end) if end < len(newest_first) else ""
        page = newest_first[start:end]
        return {"messages": page, "response_metadata": {"next_cursor": more}}

    def _with_replies(self, message: dict[str, Any]) -> dict[str, Any]:
        everything = [one for said in self.said.values() for one in said]
        ts = message["ts"]
        replies = [one["ts"] for one in everything if one.get("thread_ts") == ts != one["ts"]]
        if not replies:
            return message
        return {
            **message,
            "thread_ts": ts,
            "reply_count": len(replies),
            "latest_reply": max(replies),
        }

    def _post(self, form: dict[str, str]) -> dict[str, Any]:
        if form["channel"] not in {*self.channels, *self.users}:
            raise Refused("channel_not_found")
        ts = self.stamp()
        self.sent.append({"ts": ts, **form})
        ours = {"type": "message", "bot_id": OUR_BOT, "user": OURS, "text": form["text"], "ts": ts}
        if form.get("thread_ts"):
            ours["thread_ts"] = form["thread_ts"]
        if form["channel"] in self.channels:
            self.said[form["channel"]].append(ours)
            self.tell(self.event_of(form["channel"], ours))
        return {"channel": form["channel"], "ts": ts, "message": ours}

    def _open(self, form: dict[str, str]) -> dict[str, Any]:
        rooms = [one for one in self.channels.values() if one.get("user") == form["users"]]
        if not rooms:
            raise Refused("user_not_found")
        return {"channel": {"id": rooms[0]["id"]}}

    def _info(self, form: dict[str, str]) -> dict[str, Any]:
        if form["channel"] not in self.channels:
            raise Refused("channel_not_found")
        return {"channel": self.channels[form["channel"]]}

    def _user(self, form: dict[str, str]) -> dict[str, Any]:
        if form["user"] not in self.users:
            raise Refused("user_not_found")
        return {"user": self.users[form["user"]]}

    def _file_info(self, form: dict[str, str]) -> dict[str, Any]:
        if form["file"] not in self.files:
            raise Refused("file_not_found")
        url = f"http://127.0.0.1:{self.port}/files/{form['file']}"
        return {"file": {"id": form["file"], "url_private_download": url}}

    def _upload_url(self, _form: dict[str, str]) -> dict[str, Any]:
        file = f"F{next(self._numbers)}"
        return {"file_id": file, "upload_url": f"http://127.0.0.1:{self.port}/upload/{file}"}

    def _uploaded(self, form: dict[str, str]) -> dict[str, Any]:
        files = json.loads(form["files"])
        for file in files:
            content = self.files[file["id"]].decode()
            where = {"channel": form["channel_id"], "thread_ts": form.get("thread_ts", "")}
            self.sent.append({**where, "file": file["title"], "content": content})
        return {"files": files}

    async def _upload(self, request: web.Request) -> web.Response:
        self.files[request.match_info["file"]] = await request.read()
        return web.Response(text="OK")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            raise web.HTTPFound("/sign-in")
        if trouble := self._always.get("file"):
            return await trouble(request, self._file)
        return web.Response(body=self.files[request.match_info["file"]])


class Refused(Exception):
    """The Web API says no, by one of its words."""


async def _form(request: web.Request) -> dict[str, str]:
    """Return the parameters, wherever the client has put them."""
    if request.content_type == "application/json":
        told = await request.json()
        return {key: str(value) for key, value in told.items() if value is not None}
    posted = await request.post()
    return {**request.query, **{key: str(value) for key, value in posted.items()}}


def _server_of(site: web.BaseSite) -> asyncio.AbstractServer:
    server: asyncio.AbstractServer = site._server  # type: ignore[assignment]
    return server


METHODS: dict[str, Callable[[FakeSlack, dict[str, str]], dict[str, Any]]] = {
    "auth.test": lambda _, __: {"user_id": OURS, "bot_id": OUR_BOT, "team": "Acme"},
    "apps.connections.open": lambda fake, _: {
        "url": f"ws://127.0.0.1:{fake.port}/link?ticket={TICKET}"
    },
    "users.conversations": lambda fake, _: {"channels": list(fake.channels.values())},
    "users.list": lambda fake, _: {"members": list(fake.users.values())[:1]},
    "users.info": FakeSlack._user,
    "conversations.info": FakeSlack._info,
    "conversations.open": FakeSlack._open,
    "conversations.history": FakeSlack._history,
    "conversations.replies": FakeSlack._replies,
    "chat.postMessage": FakeSlack._post,
    "files.info": FakeSlack._file_info,
    "files.getUploadURLExternal": FakeSlack._upload_url,
    "files.completeUploadExternal": FakeSlack._uploaded,
}


def signed(raw: bytes, stamp: str, secret: str = SECRET) -> str:
    """Return Slack's signature of a body."""
    base = b"v0:" + stamp.encode() + b":" + raw
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def _ts(message: dict[str, Any]) -> float:
    return float(message["ts"])

"""A Bot API on 127.0.0.1, with people who write to the bot, which misbehaves on command."""

import asyncio
import json
import os
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, web

from tests.servers.http_troubles import Answer, Trouble
from tests.servers.ports import free_port

TOKEN = "7654321:AAF-nobodys_token-of-the-tests"
BOT, USERNAME = 7654321, "nordlys_desk_bot"
LARGEST_FILE = 20_000_000


@asynccontextmanager
async def telegram(*, log: Path | None = None, token: str = TOKEN) -> AsyncIterator["FakeTelegram"]:
    """Serve one bot until the end; what it sends is appended to ``log`` and synced."""
    fake = FakeTelegram(token, log)
    await fake.come_back()
    try:
        yield fake
    finally:
        await fake.go_away()


@dataclass(slots=True)
class FakeTelegram:
    """The service as both sides see it: updates to be fetched, messages that were sent."""

    token: str
    log: Path | None = None
    port: int = field(default_factory=free_port)
    updates: list[tuple[int, bytes]] = field(default_factory=list)
    """Not yet confirmed, as they will stand in the body."""
    confirmed: list[tuple[int, bytes]] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    """What each getUpdates named; 0 = nothing."""
    sent: list[dict[str, Any]] = field(default_factory=list)
    next_id: int = 1000
    polling: bool = False
    webhook: bool = False
    """Somebody else has set one."""
    hook: dict[str, str] = field(default_factory=dict)
    """What setWebhook was told last."""
    hooked: asyncio.Task[None] | None = None
    last_error: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """By file_id."""
    downloads: list[str] = field(default_factory=list)
    pressed: list[dict[str, Any]] = field(default_factory=list)
    """How buttons were answered, and where they were taken away."""
    typed: list[str] = field(default_factory=list)
    """Chats that were told that somebody is typing."""
    moved: dict[str, int] = field(default_factory=dict)
    """Groups that have become supergroups."""
    _blocked: set[str] = field(default_factory=set)
    _troubles: dict[str, deque[Trouble]] = field(default_factory=lambda: defaultdict(deque))
    _always: dict[str, Trouble] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _runner: web.AppRunner | None = None

    @property
    def api(self) -> str:
        """The setting ``api`` of the channel."""
        return f"http://127.0.0.1:{self.port}"

    def say(
        self, text: str, *, chat: int = 501, name: str = "Jan Kowalski", language: str = "pl"
    ) -> int:
        """A person writes to the bot; returns the update_id."""
        return self.push({"message": {**self.message(chat, name, language), "text": text}})

    def send_file(
        self, name: str, content: bytes, *, chat: int = 501, size: int | None = None, **more: Any
    ) -> int:
        """A person sends a document; it can be had for its file_id."""
        file_id = f"file-{next(self._numbers)}"
        self.files[file_id] = content
        document = {
            "file_id": file_id,
            "file_unique_id": f"u-{file_id}",
            "file_name": name,
            "mime_type": "application/pdf",
            "file_size": len(content) if size is None else size,
        }
        return self.push({"message": {**self.message(chat), "document": document, **more}})

    def message(
        self, chat: int = 501, name: str = "Jan Kowalski", language: str = "pl"
    ) -> dict[str, Any]:
        """What every message of a person alone with the bot has."""
        return {
            "message_id": next(self._numbers),
            "from": {"id": chat, "is_bot": False, "first_name": name, "language_code": language},
            "chat": {"id": chat, "type": "private", "first_name": name},
            "date": int(time.time()),
        }

    def push(self, update: dict[str, Any]) -> int:
        """Any update comes in. Its bytes have Telegram's escapes and somebody's odd blanks."""
        update_id, self.next_id = self.next_id, self.next_id + 1
        raw = json.dumps({"update_id": update_id, **update}, separators=(", ", ":"))
        self.updates.append((update_id, raw.encode()))
        self._news.set()
        return update_id

    def next_time(self, method: str, *troubles: Trouble) -> None:
        """Answer the next calls of ``method`` so, one after the other."""
        self._troubles[method].extend(troubles)

    def from_now_on(self, method: str, trouble: Trouble) -> None:
        self._always[method] = trouble

    def behave(self) -> None:
        self._always.clear()
        self._troubles.clear()

    def block(self, chat: int) -> None:
        """A person blocks the bot."""
        self._blocked.add(str(chat))

    async def go_away(self) -> None:
        """Refuse connections, and cut those that are open."""
        if self.hooked:
            self.hooked.cancel()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def stop_listening(self) -> None:
        """From the next moment on refuse connections; nothing open has to be cut."""
        if self._runner:
            for site in self._runner.sites:
                _server_of(site).close()

    async def come_back(self) -> None:
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        app.router.add_route("GET", "/file/bot{token}/{file}", self._file)
        self._runner = web.AppRunner(
            app, shutdown_timeout=0.05, access_log=None, handler_cancellation=True
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        answer = METHODS.get(method)
        if request.match_info["token"] != self.token:
            return refusal(401, "Unauthorized")
        if answer is None:
            return refusal(404, "Not Found")

        async def usual(request: web.Request) -> web.StreamResponse:
            return await answer(self, request)

        if self._troubles[method]:
            return await self._troubles[method].popleft()(request, usual)
        if method in self._always:
            return await self._always[method](request, usual)
        return await usual(request)

    async def _get_updates(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        offset, wait = int(str(form.get("offset", 0))), float(str(form.get("timeout", 0)))
        if self.webhook or self.hook:
            return refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        if self.polling:
            return refusal(409, "Conflict: terminated by other getUpdates request")
        self.offsets.append(offset)
        self._confirm(offset)
        with self._one_poller():
            await self._until_news(wait)
        batch = b",\n".join(raw for _, raw in self.updates[:100])
        return web.Response(
            body=b'{"ok":true,"result":[' + batch + b"]}", content_type="application/json"
        )

    def _confirm(self, offset: int) -> None:
        self.confirmed += [update for update in self.updates if update[0] < offset]
        self.updates = [update for update in self.updates if update[0] >= offset]

    @contextmanager
    def _one_poller(self) -> Iterator[None]:
        self.polling = True
        try:
            yield
        finally:
            self.polling = False

    async def _until_news(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.updates and (left := deadline - time.monotonic()) > 0:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                return

    async def _send(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        said = {name: _plain(value) for name, value in form.items()}
        if said["chat_id"] in self._blocked:
            return refusal(403, "Forbidden: bot was blocked by the user")
        if said["chat_id"] in self.moved:
            to = self.moved[said["chat_id"]]
            return refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=to)
        number = next(self._numbers)
        self.sent.append({"message_id": number, **said})
        self._write_down(self.sent[-1])
        chat = {"id": int(said["chat_id"]), "type": "private", "first_name": "Jan"}
        message = {"message_id": number, "date": int(time.time()), "chat": chat}
        return web.json_response({"ok": True, "result": {**message, "text": said.get("text", "")}})

    async def _types(self, request: web.Request) -> web.StreamResponse:
        chat = str((await request.post())["chat_id"])
        self.typed.append(chat)
        if chat in self._blocked:
            return refusal(403, "Forbidden: bot was blocked by the user")
        return good(True)

    async def _get_me(self, _request: web.Request) -> web.StreamResponse:
        return good({"id": BOT, "is_bot": True, "first_name": "Desk", "username": USERNAME})

    async def _get_file(self, request: web.Request) -> web.StreamResponse:
        file_id = str((await request.post())["file_id"])
        if file_id not in self.files:
            return refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(self.files[file_id]) > LARGEST_FILE:
            return refusal(400, "Bad Request: file is too big")
        return good({"file_id": file_id, "file_unique_id": "u", "file_path": f"{file_id}.bin"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        async def usual(request: web.Request) -> web.StreamResponse:
            file_id = request.match_info["file"].removesuffix(".bin")
            self.downloads.append(file_id)
            return web.Response(body=self.files[file_id])

        if request.match_info["token"] != self.token:
            return web.Response(status=404)
        if self._troubles["file"]:
            return await self._troubles["file"].popleft()(request, usual)
        return await usual(request)

    async def _press(self, request: web.Request) -> web.StreamResponse:
        said = {name: _plain(value) for name, value in (await request.post()).items()}
        self.pressed.append({"method": request.match_info["method"], **said})
        return good(True)

    async def _set_webhook(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        self.hook = {name: str(value) for name, value in form.items()}
        if self.hooked:
            self.hooked.cancel()
        self.hooked = asyncio.create_task(self._call())
        return good(True)

    async def _delete_webhook(self, _request: web.Request) -> web.StreamResponse:
        self.hook = {}
        return good(True)

    async def _webhook_info(self, _request: web.Request) -> web.StreamResponse:
        url = "https://other.example/bot" if self.webhook else self.hook.get("url", "")
        pending = {"pending_update_count": len(self.updates), "has_custom_certificate": False}
        return good({"url": url, **pending, **self.last_error})

    async def _call(self) -> None:
        """Bring what waits to the webhook, one after the other, until it is taken there."""
        async with ClientSession() as session:
            while self.hook:
                for update in list(self.updates):
                    if await self._taken(session, update[1]):
                        self.updates.remove(update)
                        self.confirmed.append(update)
                await asyncio.sleep(0.02)

    async def _taken(self, session: ClientSession, raw: bytes) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.hook.get("secret_token", "")}
        try:
            async with session.post(self.hook["url"], data=raw, headers=headers) as response:
                if response.status == 200:
                    return True
                said = f"Wrong response from the webhook: {response.status}"
        except ClientError as error:
            said = str(error)
        self.last_error = {"last_error_date": int(time.time()) + 1, "last_error_message": said}
        return False

    def _write_down(self, sent: dict[str, Any]) -> None:
        if self.log is not None:
            with self.log.open("a") as log:
                log.write(json.dumps(sent) + "\n")
                log.flush()
                os.fsync(log.fileno())


def _server_of(site: web.BaseSite) -> asyncio.AbstractServer:
    server: asyncio.AbstractServer = site._server  # type: ignore[assignment]
    return server


METHODS: dict[str, Callable[[FakeTelegram, web.Request], Awaitable[web.StreamResponse]]] = {
    "getUpdates": FakeTelegram._get_updates,
    "sendMessage": FakeTelegram._send,
    "sendDocument": FakeTelegram._send,
    "sendChatAction": FakeTelegram._types,
    "getMe": FakeTelegram._get_me,
    "getFile": FakeTelegram._get_file,
    "answerCallbackQuery": FakeTelegram._press,
    "editMessageReplyMarkup": FakeTelegram._press,
    "setWebhook": FakeTelegram._set_webhook,
    "deleteWebhook": FakeTelegram._delete_webhook,
    "getWebhookInfo": FakeTelegram._webhook_info,
}


def _plain(value: object) -> str:
    if isinstance(value, web.FileField):
        return f"{value.filename}: {value.file.read().decode()}"
    return str(value)


def good(result: Any) -> web.Response:
    """Say yes as the Bot API does."""
    return web.json_response({"ok": True, "result": result})


def refusal(status: int, description: str, **parameters: int) -> web.Response:
    """Say no as the Bot API does."""
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=status)


def refuses(status: int, description: str, **parameters: int) -> Trouble:
    """``refuses(400, "Bad Request: chat not found")``; ``parameters`` as in the Bot API."""

    async def trouble(request: web.Request, usual: Answer) -> web.StreamResponse:
        await request.read()
        return refusal(status, description, **parameters)

    return trouble


def too_many(retry_after: int | None) -> Trouble:
    """429, with or without how long to wait."""
    parameters = {} if retry_after is None else {"retry_after": retry_after}
    return refuses(429, "Too Many Requests: retry later", **parameters)

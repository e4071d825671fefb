"""The widget's half of a web chat without a browser: what web/chat/connection.js does, in Python.

It keeps what it has to send until somebody has confirmed it, asks for what follows the last entry
that it has, and listens by a socket, by server-sent events or by asking again and again.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp

from inquiry.journey import File

SOON = 0.1
"""Seconds until it tries again; the real one grows more patient."""
PATIENCE = aiohttp.ClientTimeout(total=20)
POLL = 0.3
PAGE = 200
NO_TICKET = 401
Entry = dict[str, Any]


def nothing(_entry: Entry) -> None:
    """Nobody wants to be told."""


@dataclass(slots=True)
class Widget:
    """One visitor's window."""

    url: str
    """``http://127.0.0.1:8080/chat/shop``."""
    origin: str
    way: str = "socket"
    """``socket``, ``events`` or ``poll``."""
    pass_: str = ""
    """What a guest's browser keeps."""
    identity: Mapping[str, str] | None = None
    """What the page says of a user who is signed in there."""
    language: str = "en"
    tell: Callable[[Entry], None] = nothing
    """Is told each entry once, in the order of their numbers."""
    entries: list[Entry] = field(default_factory=list)
    careless: bool = False
    """Does it hang up before it has heard the next answer to a message?"""
    _ticket: str = ""
    _session: aiohttp.ClientSession | None = None
    _line: aiohttp.ClientWebSocketResponse | aiohttp.ClientResponse | None = None
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)
    _entering: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def last(self) -> int:
        return int(self.entries[-1]["seq"]) if self.entries else 0

    async def say(self, text: str, *, id_: str = "", files: Sequence[File] = ()) -> None:
        """Send a message again and again; return when it is confirmed."""
        id_ = id_ or uuid4().hex
        while True:
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                if await self._post(id_, text, files):
                    return
            await asyncio.sleep(SOON)

    async def listen(self) -> None:
        """Follow the transcript for ever, over every kind of trouble."""
        ways = {"socket": self._socket, "events": self._events, "poll": self._poll}
        while True:
            with suppress(aiohttp.ClientError, OSError, TimeoutError, Refused):
                await self.catch_up()
                await ways[self.way]()
            await asyncio.sleep(SOON)

    async def catch_up(self) -> None:
        """Ask for what follows the last entry."""
        async with self._fetching:
            while True:
                answer = await self._asked("GET", f"/entries?after={self.last}")
                for entry in answer["entries"]:
                    if entry["seq"] > self.last:
                        self.entries.append(entry)
                        self.tell(entry)
                if len(answer["entries"]) < PAGE:
                    return

    def hang_up(self) -> None:
        """Lose the line by which it listens."""
        if isinstance(self._line, aiohttp.ClientWebSocketResponse):
            transport = self._line.get_extra_info("transport")
            if transport is not None:
                transport.abort()
        elif self._line is not None:
            self._line.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _post(self, id_: str, text: str, files: Sequence[File]) -> bool:
        form = aiohttp.FormData(default_to_multipart=True)
        said = {"id": id_, "text": text, "language": self.language, "page": f"{self.origin}/tents"}
        for name, value in said.items():
            form.add_field(name, value)
        for file in files:
            form.add_field(
                "files", file.content, filename=file.filename, content_type=file.content_type
            )
        if self.careless:
            self.careless = False
            with suppress(TimeoutError):
                async with asyncio.timeout(0.02):
                    await self._asked("POST", "/messages", data=form)
            return False
        try:
            await self._asked("POST", "/messages", data=form)
        except Refused as refused:
            if refused.status in (400, 403, 413, 422):
                raise AssertionError(f"the chat refuses a message: {refused}") from refused
            return False
        return True

    async def _enter(self) -> str:
        async with self._entering:  # two at once would be two guests
            if not self._ticket:
                who = {"pass": self.pass_, "identity": self.identity}
                said = {**who, "language": self.language}
                told = await self._call("POST", "/session", json=said)
                self.pass_ = told["pass"] or self.pass_
                self._ticket = told["ticket"]
            return self._ticket

    async def _asked(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {await self._enter()}"}
        try:
            return await self._call(method, path, headers=headers, **more)
        except Refused as refused:
            if refused.status == NO_TICKET:
                self._ticket = ""
            raise

    async def _call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> Any:
        where, whole = f"{self.url}{path}", {"Origin": self.origin, **(headers or {})}
        async with self._http().request(method, where, headers=whole, **more) as answer:
            if answer.status != 200:
                raise Refused(answer.status, await answer.text())
            return await answer.json()

    async def _socket(self) -> None:
        ticket = await self._enter()
        where = f"{self.url.replace('http', 'ws', 1)}/socket"
        async with self._http().ws_connect(where, origin=self.origin) as line:
            self._line = line
            await line.send_str(ticket)
            async for message in line:
                if await self._nudged(str(message.data)):
                    return
            if line.close_code == 4000 + NO_TICKET:
                self._ticket = ""

    async def _events(self) -> None:
        headers = {"Authorization": f"Bearer {await self._enter()}", "Origin": self.origin}
        endless = aiohttp.ClientTimeout(total=None, sock_connect=10)
        async with self._http().get(f"{self.url}/events", headers=headers, timeout=endless) as line:
            self._line = line
            if line.status == NO_TICKET:
                self._ticket = ""
            async for row in line.content:
                if row.startswith(b"data: ") and await self._nudged(row[6:].decode()):
                    return

    async def _poll(self) -> None:
        await asyncio.sleep(POLL)

    async def _nudged(self, told: str) -> bool:
        news = json.loads(told)["news"]
        if news == "entries":
            await self.catch_up()
        return bool(news == "bye")

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=PATIENCE)
        return self._session


class Refused(Exception):
    """The desk says no: ``status``, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(f"{status} {why}")
        self.status = status

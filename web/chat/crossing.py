"""Calls from other origins: who may, who it is, and how the answer is let through."""

import json
import logging
from asyncio import IncompleteReadError
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from yarl import URL

from channels.allowance import TooMuch
from channels.contract import Inlet
from channels.peer import peer_of
from channels.webchat.channel import NotTaken, WebChat
from inquiry.errors import TemporaryFailure
from storage.chats import Visitor
from web.chat.tickets import holder
from web.desk import Desk
from web.pages import desk_of

log = logging.getLogger(__name__)
LONGEST_JSON = 16_000


class Refused(Exception):
    """What the script is told instead of an answer."""

    def __init__(self, status: int, why: str, retry_after: int = 0) -> None:
        super().__init__(why)
        self.status, self.why, self.retry_after = status, why, retry_after


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the script, from a page that may."""

    chat: WebChat
    request: web.Request
    origin: str

    @property
    def desk(self) -> Desk:
        return desk_of(self.request)

    @property
    def inlet(self) -> Inlet:
        return self.desk.inlet(self.chat.name)

    @property
    def now(self) -> datetime:
        return self.desk.now()

    @property
    def peer(self) -> str:
        """Return who asks; behind a trusted proxy, whom that one saw."""
        return peer_of(self.request)

    async def visitor(self) -> Visitor:
        """Return whose ticket the call carries. Raises Refused."""
        visitor, _ = await self.by_ticket(self.bearer)
        return visitor

    @property
    def bearer(self) -> str:
        kind, _, text = self.request.headers.get("Authorization", "").partition(" ")
        return text.strip() if kind.lower() == "bearer" else ""

    async def by_ticket(self, text: str) -> tuple[Visitor, datetime]:
        """Return whose ticket this is, and until when. Raises Refused."""
        keys = self.desk.keys
        found = holder(keys, self.chat.name, text, self.origin, now=self.now)
        visitor = await self.chat.visitors.by_id(found[0]) if found else None
        if found is None or visitor is None:
            raise Refused(401, "ticket")
        return visitor, found[1]

    async def json(self) -> Mapping[str, Any]:
        """Return the object that the call carries. Raises Refused."""
        try:
            await self.request.content.readexactly(LONGEST_JSON + 1)
        except IncompleteReadError as whole:
            body = whole.partial
        else:
            raise Refused(413, "too-large")
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            raise Refused(400, "malformed") from None
        if not isinstance(data, dict):
            raise Refused(400, "malformed")
        return data


Answer = Callable[[Call], Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def crossing(chat: WebChat, answer: Answer) -> Handler:
    """Let pages of the allowed origins call this, and nobody else."""

    async def handle(request: web.Request) -> web.StreamResponse:
        origin = _origin(request)
        if origin not in chat.settings.allowed_origins:
            return _refusal(Refused(403, "origin"), "")
        try:
            response = await answer(Call(chat, request, origin))
        except Refused as refused:
            return _refusal(refused, origin)
        except NotTaken as problem:
            large = str(problem) == "too-large"
            return _refusal(Refused(413 if large else 422, str(problem)), origin)
        except TooMuch as much:
            wait = max(1, round(much.retry_after.total_seconds()))
            return _refusal(Refused(429, "too-much", wait), origin)
        except TemporaryFailure as failure:
            log.warning("channel %s: not now: %s", chat.name, failure)
            return _refusal(Refused(503, "not-now", 5), origin)
        if not response.prepared:
            response.headers.update(headers(origin))
        return response

    return handle


def preflight(chat: WebChat) -> Handler:
    """Answer what a browser asks before it lets a page call us."""

    async def handle(request: web.Request) -> web.StreamResponse:
        origin = _origin(request)
        if origin not in chat.settings.allowed_origins:
            return _refusal(Refused(403, "origin"), "")
        allowed = {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": "600",
        }
        return web.Response(status=204, headers={**headers(origin), **allowed})

    return handle


def _origin(request: web.Request) -> str:
    """Return where the calling page is from. A page of our own says so in another header."""
    origin = request.headers.get("Origin", "")
    if not origin and request.headers.get("Sec-Fetch-Site") == "same-origin":
        return str(URL(desk_of(request).url).origin())
    return origin


def headers(origin: str) -> dict[str, str]:
    """Return what lets the page of this origin read the answer, and no other."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Vary": "Origin",
    }


def _refusal(refused: Refused, origin: str) -> web.Response:
    response = web.json_response({"error": refused.why}, status=refused.status)
    response.headers.update(headers(origin) if origin else {"Vary": "Origin"})
    if refused.retry_after:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response

"""What may go wrong with a call of Slack's Web API: each stands in the way of the usual answer."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Trouble = Callable[[web.Request, Answer], Awaitable[web.StreamResponse]]


def refusal(error: str, **more: str) -> web.Response:
    """Say no as the Web API does: with 200."""
    return web.json_response({"ok": False, "error": error, **more})


def refuses(error: str, **more: str) -> Trouble:
    """``refuses("missing_scope", needed="im:history")``."""

    async def trouble(request: web.Request, usual: Answer) -> web.StreamResponse:
        await request.read()
        return refusal(error, **more)

    return trouble


def too_many(retry_after: str | None) -> Trouble:
    """429, with or without how long to wait."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}

    async def trouble(request: web.Request, usual: Answer) -> web.StreamResponse:
        await request.read()
        body = {"ok": False, "error": "ratelimited"}
        return web.json_response(body, status=429, headers=headers)

    return trouble


def page(status: int, content_type: str = "text/html") -> Trouble:
    """The page of some proxy between us and the service."""

    async def trouble(request: web.Request, usual: Answer) -> web.StreamResponse:
        return web.Response(status=status, text="<html>nginx</html>", content_type=content_type)

    return trouble


async def resets_before(request: web.Request, usual: Answer) -> web.StreamResponse:
    """Cut the line, having done nothing."""
    return _cut(request)


async def resets_after(request: web.Request, usual: Answer) -> web.StreamResponse:
    """Do it, and cut the line instead of saying so."""
    await usual(request)
    return _cut(request)


def slow(seconds: float) -> Trouble:
    """Do it at once and say so late."""

    async def trouble(request: web.Request, usual: Answer) -> web.StreamResponse:
        answer = await usual(request)
        await asyncio.sleep(seconds)
        return answer

    return trouble


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def usual_answer(request: web.Request, usual: Answer) -> web.StreamResponse:
    """No trouble, this time."""
    return await usual(request)


def only_for(channel: str, trouble: Trouble) -> Trouble:
    """Let the trouble meet one conversation alone."""

    async def sometimes(request: web.Request, usual: Answer) -> web.StreamResponse:
        named = {**request.query, **await request.post()}.get("channel")
        return await (trouble if named == channel else usual_answer)(request, usual)

    return sometimes

"""What may go wrong with any call over HTTP: each stands in the way of the usual answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Trouble = Callable[[web.Request, Answer], Awaitable[web.StreamResponse]]


def page(
    status: int, content_type: str = "text/html", *, headers: Mapping[str, str] | None = None
) -> Trouble:
    """Do nothing; say what some proxy would."""

    async def trouble(request: web.Request, usual: Answer) -> web.StreamResponse:
        await request.read()
        text = f"<html><h1>{status}</h1><hr>nginx</html>"
        return web.Response(status=status, text=text, content_type=content_type, headers=headers)

    return trouble


def only_where(said: bytes, trouble: Trouble) -> Trouble:
    """Misbehave over calls that say this, such as the number of one chat."""

    async def sometimes(request: web.Request, usual: Answer) -> web.StreamResponse:
        return await (trouble(request, usual) if said in await request.read() else usual(request))

    return sometimes


async def cut_before(request: web.Request, usual: Answer) -> web.StreamResponse:
    """Take the call, do nothing, and cut the line."""
    await request.read()
    return _cut(request)


async def cut_after(request: web.Request, usual: Answer) -> web.StreamResponse:
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


async def half_an_answer(request: web.Request, usual: Answer) -> web.StreamResponse:
    """Do it, and break off in the middle of saying so."""
    await usual(request)
    response = web.StreamResponse(
        headers={"Content-Length": "1000", "Content-Type": "application/json"}
    )
    await response.prepare(request)
    await response.write(b'{"ok": true, "resu')
    return _cut(request)


async def no_answer(request: web.Request, usual: Answer) -> web.StreamResponse:
    """Do it, and say nothing."""
    await usual(request)
    await asyncio.sleep(60)
    return web.Response()


async def no_json(request: web.Request, usual: Answer) -> web.StreamResponse:
    """Do it, and say something that nobody understands."""
    await usual(request)
    return web.Response(body=b"\x00\xff]]>{", content_type="application/json")


async def no_http(request: web.Request, usual: Answer) -> web.StreamResponse:
    """Do it, and answer in another language altogether."""
    await usual(request)
    assert request.transport
    request.transport.write(b"\x15\x03\x01\x00\x02\x02\x16 what?\r\n\r\n")
    return _cut(request, orderly=True)


def _cut(request: web.Request, *, orderly: bool = False) -> web.Response:
    if request.transport is not None:
        request.transport.close() if orderly else request.transport.abort()
    return web.Response()

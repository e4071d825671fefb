"""Live connections: a WebSocket, or server-sent events where one is blocked. They only nudge."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import datetime

from aiohttp import WSMsgType, web

from channels.allowance import TooMuch
from channels.webchat.listeners import Listener, News
from web.chat.crossing import Call, Refused, headers

HEARTBEAT = 20.0
"""Seconds; proxies cut what is silent for longer than a minute, and browsers give up sooner."""
FIRST_WORD = 10.0
"""Seconds that a socket has to show its ticket."""
GLANCE = 0.5
"""Seconds between two looks whether the browser is still there."""
LONGEST = 2_000
NO_TICKET, TOO_MANY = 4401, 4429
Tell = Callable[[News], Awaitable[None]]


async def socket(call: Call) -> web.StreamResponse:
    """Open a WebSocket: its first message is the ticket, all that follow are ours."""
    ws = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LONGEST)
    await ws.prepare(call.request)
    most = call.chat.settings.at_most.connections
    try:
        with call.chat.listeners.knocking(call.peer, most):
            word = await _first_word(ws)
        visitor, until = await call.by_ticket(word)
        with call.chat.listeners.listening(visitor.id, call.peer, most) as listener:

            async def tell(news: News) -> None:
                await ws.send_json({"news": news})

            await _whichever_ends(_nudge(listener, tell, until, call), _heard_out(ws))
    except Refused:
        await ws.close(code=NO_TICKET)
    except TooMuch:
        await ws.close(code=TOO_MANY)
    await ws.close()
    return ws


async def events(call: Call) -> web.StreamResponse:
    """Send the same nudges as an endless answer."""
    visitor, until = await call.by_ticket(call.bearer)
    most = call.chat.settings.at_most.connections
    with call.chat.listeners.listening(visitor.id, call.peer, most) as listener:
        response = web.StreamResponse(headers=headers(call.origin))
        response.content_type = "text/event-stream"
        response.headers["X-Accel-Buffering"] = "no"  # nginx would keep it for itself
        await response.prepare(call.request)

        async def tell(news: News) -> None:
            await response.write(f"data: {json.dumps({'news': news})}\n\n".encode())

        await _whichever_ends(_nudge(listener, tell, until, call), _still_there(call))
    return response


async def _first_word(ws: web.WebSocketResponse) -> str:
    with suppress(TimeoutError):
        async with asyncio.timeout(FIRST_WORD):
            first = await ws.receive()
            return str(first.data) if first.type is WSMsgType.TEXT else ""
    return ""


async def _heard_out(ws: web.WebSocketResponse) -> None:
    """Wait until the browser hangs up; it has nothing to say here."""
    async for _ in ws:
        pass


async def _still_there(call: Call) -> None:
    """Wait until the browser has gone."""
    while True:
        await asyncio.sleep(GLANCE)
        if call.request.transport is None or call.request.transport.is_closing():
            return


async def _whichever_ends(*both: Coroutine[object, object, None]) -> None:
    """Go on until one of them has ended; a line that breaks is an end like any other."""
    tasks = [asyncio.create_task(one) for one in both]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, ConnectionError):
                await task


async def _next(listener: Listener) -> News:
    """Return the next news; a sign of life where there is none for long."""
    try:
        async with asyncio.timeout(HEARTBEAT):
            return await listener.news.get()
    except TimeoutError:
        return News.STILL


async def _nudge(listener: Listener, tell: Tell, until: datetime, call: Call) -> None:
    """Pass on what there is, until the ticket has run out or the channel closes."""
    await tell(News.ENTRIES)  # whatever came before we listened
    news = News.ENTRIES
    with suppress(TimeoutError):
        async with asyncio.timeout((until - call.now).total_seconds()):
            while news is not News.BYE:
                news = await _next(listener)
                await tell(news)
    if news is not News.BYE:
        await tell(News.BYE)

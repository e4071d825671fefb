"""What keeps an open page true: a stream of ids, the small things that change, and who is where."""

import asyncio
import json
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress

from aiohttp import web

from inquiry.errors import TemporaryFailure
from inquiry.journey import Reference
from storage import credentials, presence
from storage.database import Transaction
from storage.presence import Doing
from web.access import SESSION, VIEWER
from web.newsroom import NEWSROOM, Item, Newsroom, Pace, Reader, TooMany
from web.pages import desk_of, page
from web.posts import posted
from web.side import side

COME_BACK = 4000
"""Milliseconds until a browser comes back, at most: not all at once when a desk starts again."""
NUMBER = re.compile(r"[0-9]{1,18}")
TAB = re.compile(r"[\w-]{1,80}")
GONE = "gone"
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # to nginx: pass each line on at once
}


async def stream(request: web.Request) -> web.StreamResponse:
    """Tell what changes, by ids and kinds, for as long as the session lasts.

    ``Last-Event-ID``, or ``since`` of a page that begins, says from which event on, and ``mark``
    what the page knows besides.
    """
    newsroom = request.app[NEWSROOM]
    session = credentials.fingerprint(request.cookies.get(SESSION, ""))
    after = request.headers.get("Last-Event-ID") or request.query.get("since", "")
    try:
        with newsroom.reading(session, request[VIEWER]) as reader:
            response = web.StreamResponse(headers=HEADERS)
            await response.prepare(request)
            with suppress(ConnectionError, TimeoutError, TemporaryFailure):
                await _begin(response, newsroom, reader, after, request.query.get("mark", ""))
                await _go_on(response, newsroom, reader)
            if request.transport is not None and not reader.closed:
                request.transport.abort()
            return response
    except TooMany:
        raise web.HTTPServiceUnavailable from None


async def current(request: web.Request) -> web.StreamResponse:
    """Send the numbers of the side bar, and who is where: all that changes on every page."""
    desk, viewer = desk_of(request), request[VIEWER]
    found = await desk.db.read(lambda tx: side(tx, desk, viewer))
    return page(request, "now.html", side=found)


async def note_presence(request: web.Request) -> web.StreamResponse:
    """Note what somebody does with an inquiry that is open in one tab."""
    desk, viewer = desk_of(request), request[VIEWER]
    form = await posted(request)
    tab, doing, reference = (str(form.get(name, "")) for name in ("tab", "doing", "inquiry"))
    if not TAB.fullmatch(tab) or doing not in (*Doing, GONE):
        raise web.HTTPBadRequest

    async def work(tx: Transaction) -> None:
        if doing == GONE:
            await presence.leave(tx, specialist=viewer, tab=tab)
            return
        await presence.keep(
            tx,
            specialist=viewer,
            tab=tab,
            reference=Reference(reference),
            doing=Doing(doing),
            now=desk.now(),
        )

    await desk.db.write(work)
    return web.Response(status=204)


async def _begin(
    response: web.StreamResponse, newsroom: Newsroom, reader: Reader, after: str, mark: str
) -> None:
    await _write(response, f"retry: {500 + secrets.randbelow(COME_BACK)}\n\n", newsroom.pace)
    if NUMBER.fullmatch(after):
        await newsroom.catch_up(reader, int(after), mark)


async def _go_on(response: web.StreamResponse, newsroom: Newsroom, reader: Reader) -> None:
    while not reader.closed:
        items = await reader.news(newsroom.pace.beat)
        if not reader.closed:
            text = _told(items, newsroom.position) or ":\n\n"
            await _write(response, text, newsroom.pace)


async def _write(response: web.StreamResponse, text: str, pace: Pace) -> None:
    async with asyncio.timeout(pace.slow.total_seconds()):
        await response.write(text.encode())


def _told(items: Iterable[Item], position: int) -> str:
    return "".join(
        f"id: {position}\nevent: {item.subject}\ndata: {json.dumps(item.as_data())}\n\n"
        for item in items
    )

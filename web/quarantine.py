"""Arrivals that are no inquiries: to be looked at, tried again, or made one all the same."""

from aiohttp import web

from inquiry.data import understood_from_text
from inquiry.journey import ArrivalId
from inquiry.understood import Message, Report
from inquiry.words import ArrivalState
from storage import arrivals, quarantine
from storage.arrivals import Stored
from storage.database import Transaction
from web.access import VIEWER
from web.files import download, number_in, original_name
from web.pages import desk_of, page
from web.side import Side, side

MOST = 100
SHOWN = 20_000
"""Bytes of an original that the page shows; the file has all of them."""


async def show(request: web.Request) -> web.StreamResponse:
    """List the newest."""
    desk = desk_of(request)

    async def look(tx: Transaction) -> tuple[list[Stored], Side]:
        found = await quarantine.listed(tx, limit=MOST)
        return found, await side(tx, desk, request[VIEWER])

    found, counts = await desk.db.read(look)
    told = [(one, message_of(one)) for one in found]
    return page(request, "quarantine.html", here="/quarantine", side=counts, arrivals=told)


async def look(request: web.Request) -> web.StreamResponse:
    """Show one: what understanding made of it, and its beginning as it came in."""
    desk, number = desk_of(request), ArrivalId(number_in(request))

    async def read(tx: Transaction) -> tuple[Stored, bytes, Side]:
        found = await arrivals.find(tx, number)
        raw = await arrivals.raw(tx, number)
        return found, raw, await side(tx, desk, request[VIEWER])

    one, raw, counts = await desk.db.read(read)
    _only_quarantined(one)
    return page(
        request,
        "arrival.html",
        here="",
        side=counts,
        one=one,
        message=message_of(one),
        beginning=raw[:SHOWN].decode("utf-8", "replace").replace("\r\n", "\n"),
        cut=len(raw) > SHOWN,
        may_release=desk.role(request[VIEWER]) == "lead",
    )


async def original(request: web.Request) -> web.StreamResponse:
    """Send one as it came in."""
    number = ArrivalId(number_in(request))

    async def read(tx: Transaction) -> tuple[Stored, bytes]:
        return await arrivals.find(tx, number), await arrivals.raw(tx, number)

    one, raw = await desk_of(request).db.read(read)
    _only_quarantined(one)
    return download(original_name(one.id, one.media_type), raw)


async def retry(request: web.Request) -> web.StreamResponse:
    """Let it be understood and decided anew."""
    desk, number = desk_of(request), ArrivalId(number_in(request))
    await desk.db.write(lambda tx: quarantine.retry(tx, number))
    desk.arrivals_bell()
    raise web.HTTPSeeOther("/quarantine")


async def release(request: web.Request) -> web.StreamResponse:
    """Make an inquiry of it, whatever the rules say."""
    desk, number = desk_of(request), ArrivalId(number_in(request))
    await desk.db.write(lambda tx: quarantine.release(tx, number))
    desk.arrivals_bell()
    raise web.HTTPSeeOther("/quarantine")


def message_of(arrival: Stored) -> Message | None:
    """Return the message that understanding made of an arrival, as far as it came."""
    if not arrival.understood:
        return None
    found = understood_from_text(arrival.understood)
    if isinstance(found, Report):
        return found.message
    return found if isinstance(found, Message) else None


def _only_quarantined(arrival: Stored) -> None:
    """What has become a message is shown where that message is."""
    if arrival.state is not ArrivalState.QUARANTINED:
        raise web.HTTPNotFound

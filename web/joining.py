"""Specialists decide who is one person: asked with all that it means, then done, or undone.

Nothing is joined by opening a page: each decision is a form of its own, and can be undone.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from aiohttp import web

from inquiry.errors import Conflict, NotFound
from inquiry.journey import ContactPointId, Reference
from specialists.acts import joining
from storage import claims, joins
from storage.database import Transaction
from storage.inquiries import reading
from storage.inquiries.shown import Shown
from storage.joins import Join, Point
from web.access import VIEWER
from web.pages import desk_of, page
from web.posts import number_of, posted
from web.side import side


async def ask(request: web.Request) -> web.StreamResponse:
    """Show what it would mean to join two."""

    async def look(tx: Transaction, it: Shown) -> dict[str, Any]:
        mine, other = await _asked_for(tx, request, it)
        if mine is None or other is None:
            return {"nobody": True, "missing": request.query.get("address", "")}
        suggested = await claims.suggested(tx, it.customer)
        reason = next((one for one in suggested if one.other.customer == other.customer), None)
        return {
            "mine": mine,
            "other": other,
            "same": mine.customer == other.customer,
            "reason": reason,
            **await _both(tx, mine, other),
        }

    return await _page(request, look)


async def ask_undo(request: web.Request) -> web.StreamResponse:
    """Show what it would mean to undo a join."""
    number = number_of(request.match_info["number"])

    async def look(tx: Transaction, it: Shown) -> dict[str, Any]:
        found = [one for one in await joins.of(tx, it.customer) if one.id == number]
        if not found or not found[0].in_force:
            raise web.HTTPNotFound
        return {"undo": found[0], **await _apart(tx, it, found[0])}

    return await _page(request, look)


async def join(request: web.Request) -> web.StreamResponse:
    """Join two."""
    it, mine, other = await _pair(request)
    desk = desk_of(request)
    who, now = request[VIEWER], desk.now()
    with suppress(Conflict):  # somebody was faster; the page shows it
        await joining.join(desk.db, mine, other, inquiry=it.id, specialist=who, now=now)
    raise _back(it)


async def strangers(request: web.Request) -> web.StreamResponse:
    """Write down that two are not the same person."""
    it, mine, other = await _pair(request)
    desk = desk_of(request)
    who, now = request[VIEWER], desk.now()
    with suppress(Conflict):
        await joining.say_strangers(desk.db, mine, other, specialist=who, now=now)
    raise _back(it)


async def part(request: web.Request) -> web.StreamResponse:
    """Undo a join of this inquiry's customer."""
    desk, number = desk_of(request), number_of(request.match_info["number"])
    it = await _shown(request)
    known = await desk.db.read(lambda tx: joins.of(tx, it.customer))
    if number not in {one.id for one in known}:
        raise web.HTTPNotFound
    with suppress(Conflict):
        await joining.part(desk.db, number, specialist=request[VIEWER], now=desk.now())
    raise _back(it)


Look = Callable[[Transaction, Shown], Awaitable[dict[str, Any]]]


async def _page(request: web.Request, look: Look) -> web.Response:
    desk, viewer = desk_of(request), request[VIEWER]
    values: dict[str, Any] = {
        "nobody": False,
        "missing": "",
        "same": False,
        "undo": None,
        "reason": None,
    }

    async def all_of_it(tx: Transaction) -> dict[str, Any]:
        it = await reading.shown(tx, Reference(request.match_info["reference"]))
        return {"it": it, "side": await side(tx, desk, viewer), **await look(tx, it)}

    return page(request, "join.html", here="", **(values | await desk.db.read(all_of_it)))


async def _asked_for(
    tx: Transaction, request: web.Request, it: Shown
) -> tuple[Point | None, Point | None]:
    """Return the two that the address names: by number, or the other one by what it is called."""
    own = {one.id: one for one in await joins.points(tx, it.customer)}
    mine = own.get(ContactPointId(number_of(request.query.get("mine", str(it.contact_point)))))
    if "other" in request.query:
        try:
            return mine, await joins.point(tx, ContactPointId(number_of(request.query["other"])))
        except NotFound:
            return mine, None
    try:
        return mine, await joins.called(tx, request.query.get("address", ""))
    except Conflict:  # a guest's short name that several have
        return mine, None


async def _both(tx: Transaction, mine: Point, other: Point) -> dict[str, Any]:
    here, there = await joins.points(tx, mine.customer), await joins.points(tx, other.customer)
    return await _sides(tx, here, there)


async def _apart(tx: Transaction, it: Shown, undone: Join) -> dict[str, Any]:
    """Return the two sides as they would be without this join, that of the inquiry first."""
    groups = await joins.without(tx, it.customer, undone.id)
    sides = [
        next(group for group in groups if each in {one.id for one in group})
        for each in (undone.one, undone.other)
    ]
    sides.sort(key=lambda side: it.contact_point not in {one.id for one in side})
    return await _sides(tx, *sides)


async def _sides(tx: Transaction, here: Sequence[Point], there: Sequence[Point]) -> dict[str, Any]:
    return {
        "points_here": here,
        "points_there": there,
        "inquiries_here": await reading.of_points(tx, [one.id for one in here]),
        "inquiries_there": await reading.of_points(tx, [one.id for one in there]),
    }


async def _pair(request: web.Request) -> tuple[Shown, ContactPointId, ContactPointId]:
    """Return the inquiry, a contact point of its customer, and the other one."""
    it, form = await _shown(request), await posted(request)
    mine, other = (number_of(str(form.get(name, ""))) for name in ("mine", "other"))
    if mine not in {one.id for one in it.contact_points}:
        raise web.HTTPBadRequest
    return it, ContactPointId(mine), ContactPointId(other)


async def _shown(request: web.Request) -> Shown:
    reference = Reference(request.match_info["reference"])
    return await desk_of(request).db.read(lambda tx: reading.shown(tx, reference))


def _back(it: Shown) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"/inquiry/{it.reference}")

"""The page of one inquiry: everything that happened, and why it is where it is."""

import asyncio
from typing import Any

from aiohttp import web

from inquiry.decision import Facts
from inquiry.journey import ChannelName, Reference
from inquiry.words import Priority, State
from router.customers import with_organization
from specialists.states import LEGAL
from storage.database import Transaction
from storage.inquiries import reading
from storage.inquiries.shown import Person, Shown
from web.access import VIEWER
from web.desk import Desk
from web.pages import desk_of, page
from web.person import person_of
from web.side import side
from web.wishes import wish_in
from web.words import plain

NEWEST = 200
"""Entries that a page begins with: a chat may have thousands, and each news of it is a new page."""


async def show(request: web.Request) -> web.StreamResponse:
    """Show an inquiry."""
    return await shown(
        request,
        "inquiry.html",
        again=request.query.get("again", ""),
        whole=request.query.get("all") == "yes",
        newest=NEWEST,
    )


async def shown(
    request: web.Request, template: str, *, status: int = 200, **values: Any
) -> web.Response:
    """Show an inquiry in one of its pages."""
    desk, viewer = desk_of(request), request[VIEWER]

    async def look(tx: Transaction) -> dict[str, Any]:
        it = await reading.shown(tx, reference_in(request))
        return {
            "it": it,
            "side": await side(tx, desk, viewer),
            "person": await person_of(tx, it.customer),
        }

    found = await desk.db.read(look)
    return page(
        request,
        template,
        status=status,
        here="",
        **found,
        **choices(desk, found["it"]),
        **values,
    )


async def why(request: web.Request) -> web.StreamResponse:
    """Show which rules decided, and from what; with ``field`` and ``value``, why not otherwise."""
    desk, viewer = desk_of(request), request[VIEWER]

    async def look(tx: Transaction) -> dict[str, Any]:
        it = await reading.shown(tx, reference_in(request))
        return {"it": it, "side": await side(tx, desk, viewer)}

    found = await desk.db.read(look)
    asked = wish_in(request.query)
    told = await desk.explain(found["it"].id, asked.wish) if desk.explain else ()
    return await asyncio.to_thread(
        page, request, "why.html", here="", told=told, **asked.shown(), **found
    )


def reference_in(request: web.Request) -> Reference:
    """Return the reference in the address."""
    return Reference(request.match_info["reference"])


def choices(desk: Desk, it: Shown) -> dict[str, Any]:
    """Return what the forms beside an inquiry offer."""
    states = [one for one in State if one is it.state or one in LEGAL[it.state] - {State.SNOOZED}]
    queues = dict.fromkeys([*desk.queues, it.queue])
    here = [(name, person.full_name) for name, person in desk.people.items()]
    gone = [(it.assignee, it.assignee)] if it.assignee not in ("", *desk.people) else []
    return {
        "states": [(state.value, plain(state)) for state in states],
        "queues": [(name, plain(name)) for name in queues],
        "priorities": [(one.value, plain(one)) for one in Priority],
        "assignees": [("", "nobody"), *here, *gone],
        "targets": targets(it),
        "known": customer(desk, it),
    }


def customer(desk: Desk, it: Shown) -> Facts:
    """Return what is known of the customer by now: organization and attributes."""
    address = next((one.address for one in it.contact_points if one.id == it.contact_point), "")
    facts = Facts(
        now=desk.now(),
        channel=ChannelName(it.channel),
        customer={"address": address},
        also=tuple(one.address for one in it.contact_points if one.contact == "mail"),
        recorded=it.recorded,
    )
    return with_organization(facts, desk.organizations)


def targets(it: Shown) -> list[Person]:
    """Return whom an answer may go to: who takes part, and the same person elsewhere."""
    there = {one.id for one in it.people}
    return [*it.people, *(one for one in it.contact_points if one.id not in there)]

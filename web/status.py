"""Desk status: channels, queues, what waits, at one glance."""

from datetime import datetime
from typing import Any

from aiohttp import web

from storage import arrivals
from storage.database import Transaction, moment
from storage.inquiries import reading
from storage.inquiries.shown import Load
from web.access import VIEWER
from web.pages import desk_of, page
from web.side import side


async def show(request: web.Request) -> web.StreamResponse:
    """Show how the desk is."""
    desk = desk_of(request)

    async def look(tx: Transaction) -> dict[str, Any]:
        last = {row["channel"]: moment(row["last_in"]) for row in await tx.all("reading.channels")}
        return {
            "side": await side(tx, desk, request[VIEWER]),
            "load": await reading.load(tx),
            "waiting": await arrivals.counts(tx),
            "trouble": await reading.trouble(tx),
            "last": last,
        }

    found = await desk.db.read(look)
    up = desk.channel_up()
    channels = [(name, up.get(name), found["last"].get(name)) for name in desk.channels]
    queues = [_queue(name, found["load"]) for name, _ in found["side"].queues]
    return page(
        request,
        "status.html",
        here="/status",
        channels=channels,
        why=desk.channel_trouble(),
        queues=queues,
        **found,
    )


def _queue(name: str, load: list[Load]) -> dict[str, Any]:
    mine = [one for one in load if one.queue == name]
    oldest: list[datetime] = sorted(one.oldest for one in mine)
    return {
        "name": name,
        "open": sum(one.count for one in mine),
        "new": sum(one.new for one in mine),
        "unassigned": sum(one.count for one in mine if not one.assignee),
        "oldest": oldest[0] if oldest else None,
    }

"""The outbox: what waits to leave, what could not, and what a person may decide about it."""

from collections.abc import Mapping

from aiohttp import web

from inquiry.journey import DispatchId
from inquiry.words import OutboxState
from storage import dispatches
from storage.database import Transaction
from storage.dispatches import ARRIVED, CANCEL, HOLD, RELEASE, RETRY, Act, Entry
from storage.history import specialist
from web.access import VIEWER
from web.files import number_in
from web.pages import desk_of, page
from web.side import Side, side

ACTS: Mapping[str, Act] = {
    "hold": HOLD,
    "release": RELEASE,
    "cancel": CANCEL,
    "retry": RETRY,
    "arrived": ARRIVED,
}
LABELS: Mapping[str, str] = {
    "hold": "Hold",
    "release": "Release",
    "cancel": "Cancel",
    "retry": "Send again",
    "arrived": "It has arrived",
}
NEED = (OutboxState.DOUBTFUL, OutboxState.DEAD, OutboxState.HELD)
GOING = (OutboxState.SENDING, OutboxState.WAITING)


async def show(request: web.Request) -> web.StreamResponse:
    """List what needs a decision, then what is on its way."""
    desk = desk_of(request)

    async def look(tx: Transaction) -> tuple[list[Entry], list[Entry], Side]:
        need = await dispatches.listed(tx, NEED)
        going = await dispatches.listed(tx, GOING)
        return need, going, await side(tx, desk, request[VIEWER])

    need, going, counts = await desk.db.read(look)
    return page(
        request,
        "outbox.html",
        here="/outbox",
        side=counts,
        need=[(entry, acts_for(entry.state)) for entry in need],
        going=[(entry, acts_for(entry.state)) for entry in going],
    )


async def act(request: web.Request) -> web.StreamResponse:
    """Decide about a dispatch."""
    desk, number = desk_of(request), DispatchId(number_in(request))
    what = ACTS.get(request.match_info["act"])
    if what is None:
        raise web.HTTPNotFound
    by = specialist(request[VIEWER])
    await desk.db.write(lambda tx: dispatches.act(tx, number, what, by=by, now=desk.now()))
    desk.outbox_bell()
    raise web.HTTPSeeOther("/outbox")


def acts_for(state: OutboxState) -> list[tuple[str, str]]:
    """Return what may be done with a dispatch in this state: the word, and what a button says."""
    return [(word, LABELS[word]) for word, what in ACTS.items() if state in what.allowed]

"""The outbox: what waits to leave, what could not, and what a person may decide about it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web

from inquiry.journey import DispatchId
from inquiry.words import OutboxState
from specialists import deciding
from specialists.deciding import DECISIONS
from storage import dispatches, undecided
from storage.database import Transaction
from storage.dispatches import ARRIVED, CANCEL, HOLD, RELEASE, RETRY, Act, Mark
from storage.history import specialist
from storage.undecided import Choice, Undecided
from web.access import VIEWER
from web.files import number_in
from web.pages import desk_of, page
from web.posts import Form, posted
from web.side import side

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
MANY: Mapping[str, tuple[str, str]] = {
    "send-again": ("Send again", "sent again"),
    "arrived": ("It has arrived", "taken for sent"),
    "give-up": ("Give up", "given up"),
}
"""What may be decided about many: what a button says, and what is said afterwards."""
AGES: Mapping[str, tuple[str, timedelta, timedelta]] = {
    "10m": ("older than 10 minutes", timedelta(minutes=10), timedelta.max),
    "1h": ("older than an hour", timedelta(hours=1), timedelta.max),
    "1d": ("older than a day", timedelta(days=1), timedelta.max),
    "1w": ("older than a week", timedelta(days=7), timedelta.max),
    "last-1h": ("of the last hour", timedelta(0), timedelta(hours=1)),
    "last-1d": ("of the last day", timedelta(0), timedelta(days=1)),
}
"""How old they may be chosen by: what it says, the least and the most."""
GOING = (OutboxState.SENDING, OutboxState.WAITING)
SHOWN = 100
"""Of what waits for a decision, the oldest on a page."""


async def show(request: web.Request) -> web.StreamResponse:
    """List what needs a decision, then what is on its way."""
    desk = desk_of(request)
    filters = _filters(request.query)
    choice = _choice(request, filters)

    async def look(tx: Transaction) -> dict[str, Any]:
        everything = await undecided.undecided(tx)
        matching = [one for one in everything if choice.means(one)]
        need = await undecided.entries(tx, matching[:SHOWN])
        going = await dispatches.listed(tx, GOING)
        return {
            "need": [(entry, acts_for(entry.state)) for entry in need],
            "going": [(entry, acts_for(entry.state)) for entry in going],
            "side": await side(tx, desk, request[VIEWER]),
            "matching": len(matching),
            "everything": len(everything),
            "reasons": undecided.reasons(everything),
            "channels": sorted({str(one.channel) for one in everything}),
            "states": sorted({str(one.state) for one in everything}),
        }

    found = await desk.db.read(look)
    told = _told(request.query)
    return page(
        request,
        "outbox.html",
        here="/outbox",
        filters=filters,
        ages=AGES,
        many=MANY,
        told=told,
        **found,
    )


async def ask(request: web.Request) -> web.StreamResponse:
    """Tell what a decision about those that are chosen would do; nothing happens by this."""
    desk, form = desk_of(request), await posted(request)
    decision = _decision(form)
    filters = _filters(form)
    choice = _choice(request, filters)
    if form.get("all") != "all":
        choice = Choice(only=_ticked(form))

    async def look(tx: Transaction) -> dict[str, Any]:
        chosen = [one for one in await undecided.undecided(tx) if choice.means(one)]
        plan = deciding.plan(decision, chosen)
        return {
            "plan": plan,
            "entries": await undecided.entries(tx, plan.goes[:SHOWN]),
            "side": await side(tx, desk, request[VIEWER]),
        }

    found = await desk.db.read(look)
    return page(
        request,
        "decide.html",
        here="/outbox",
        filters=filters,
        label=MANY[decision][0],
        away=_away(request, found["plan"].goes),
        marks=" ".join(str(one.mark) for one in found["plan"].goes),
        **found,
    )


async def decide(request: web.Request) -> web.StreamResponse:
    """Make a decision about many, exactly as the page before has told it."""
    desk, form = desk_of(request), await posted(request)
    decision, marks = _decision(form), form.get("marks", "")
    if not isinstance(marks, str):
        raise web.HTTPBadRequest
    seen = [_mark(word) for word in marks.split()]
    by = specialist(request[VIEWER])
    made = await deciding.decide(desk.db, decision, seen, by=by, now=desk.now())
    desk.outbox_bell()
    told = {"decided": decision, "done": str(len(made.done)), "left": str(len(made.left))}
    raise web.HTTPSeeOther(str(request.url.with_path("/outbox").with_query(told).relative()))


async def act(request: web.Request) -> web.StreamResponse:
    """Decide about a dispatch, as the page showed it."""
    desk, number = desk_of(request), DispatchId(number_in(request))
    what = ACTS.get(request.match_info["act"])
    if what is None:
        raise web.HTTPNotFound
    by = specialist(request[VIEWER])
    mark = (await posted(request)).get("mark")
    seen = _mark(mark) if isinstance(mark, str) else None
    await desk.db.write(
        lambda tx: dispatches.act(tx, number, what, by=by, seen=seen, now=desk.now())
    )
    desk.outbox_bell()
    raise web.HTTPSeeOther("/outbox")


def acts_for(state: OutboxState) -> list[tuple[str, str]]:
    """Return what may be done with a dispatch in this state: the word, and what a button says."""
    return [(word, LABELS[word]) for word, what in ACTS.items() if state in what.allowed]


def _filters(query: Mapping[str, Any]) -> dict[str, str]:
    """Return what the list is narrowed down by, as it was typed."""
    wanted = {name: query.get(name, "") for name in ("channel", "state", "reason", "age")}
    return {name: value.strip() if isinstance(value, str) else "" for name, value in wanted.items()}


def _choice(request: web.Request, filters: Mapping[str, str]) -> Choice:
    if filters["age"] not in ("", *AGES):
        raise web.HTTPBadRequest
    now = desk_of(request).now()
    _, least, most = AGES.get(filters["age"], ("", timedelta(0), timedelta.max))
    return Choice(
        channel=filters["channel"],
        state=filters["state"],
        reason=filters["reason"],
        before=now - least if least else None,
        since=now - most if most < timedelta.max else None,
    )


def _ticked(form: Form) -> frozenset[DispatchId]:
    words = [str(word) for word in form.getall("one", ())]
    if not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words):
        raise web.HTTPBadRequest
    return frozenset(DispatchId(int(word)) for word in words)


def _decision(form: Form) -> str:
    word = form.get("decision")
    if not isinstance(word, str) or word not in DECISIONS:
        raise web.HTTPBadRequest
    return word


def _mark(word: str) -> Mark:
    try:
        return Mark.parse(word)
    except ValueError:
        raise web.HTTPBadRequest from None


def _away(request: web.Request, goes: tuple[Undecided, ...]) -> list[str]:
    """Return the channels that can't carry anything at this moment."""
    desk = desk_of(request)
    up = desk.channel_up()
    names = {one.channel for one in goes}
    return sorted(name for name in names if name not in desk.channels or up.get(name) is False)


def _told(query: Mapping[str, str]) -> dict[str, Any]:
    """Return what was decided a moment ago, as the address says it; empty if nothing was."""
    numbers = [query.get(name, "") for name in ("done", "left")]
    if query.get("decided") not in MANY or not all(n.isascii() and n.isdigit() for n in numbers):
        return {}
    done, left = (int(number[:9]) for number in numbers)
    return {"what": MANY[query["decided"]][1], "done": done, "left": left}

"""The inbox: lists of inquiries, by queue, assignee or whatever is searched for."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from storage.database import Transaction
from storage.inquiries import reading
from storage.inquiries.query import OPERATORS, SORT, Query, QueryError, parse
from storage.inquiries.shown import Listed
from web.access import VIEWER
from web.pages import desk_of, page
from web.side import side
from web.words import plain

USUAL = "is:open"
POSITION = re.compile(r"(-?[0-9]{1,18})[.]([0-9]{1,18})")
HEADINGS = {
    USUAL: "All open",
    "is:open assignee:me": "Mine",
    "is:unassigned": "Unassigned",
}


async def first(_request: web.Request) -> web.StreamResponse:
    """Lead to the inbox."""
    raise web.HTTPSeeOther("/inbox")


async def show(request: web.Request) -> web.StreamResponse:
    """Show a list."""
    text = request.query.get("q", USUAL).strip()[:500]
    try:
        query, wrong = parse(text), ""
    except QueryError as error:
        query, wrong = Query(), str(error)
    values = await _look(request, query, wrong)
    return page(request, "inbox.html", status=400 if wrong else 200, q=text, **values)


async def _look(request: web.Request, query: Query, wrong: str) -> dict[str, Any]:
    desk, viewer = desk_of(request), request[VIEWER]
    before = _position(request.query.get("before", ""))

    async def look(tx: Transaction) -> dict[str, Any]:
        found: list[Listed] = []
        count = 0
        if not wrong:
            found = await reading.listed(tx, query, viewer, before=before)
            count = await reading.counted(tx, query, viewer)
        return {
            "side": await side(tx, desk, viewer),
            "inquiries": found,
            "count": count,
            "more": _more(query, found),
        }

    return {
        **await desk.db.read(look),
        "here": request.path_qs.replace("%3A", ":"),
        "wrong": wrong,
        "most": reading.COUNTED,
        "heading": _heading(query.text),
        "sort": query.sort,
        "sorts": [(word, _address(_sorted_by(query.text, word))) for word in SORT],
        "operators": [f"{word}:" for word in (*OPERATORS, "sort")],
    }


def _heading(text: str) -> str:
    if text in HEADINGS:
        return HEADINGS[text]
    queue = text.removeprefix(f"{USUAL} queue:")
    return plain(queue).capitalize() if queue != text and " " not in queue else "Search"


def _sorted_by(text: str, word: str) -> str:
    kept = [one for one in text.split(" ") if one and not one.startswith("sort:")]
    return " ".join(kept if word == "updated" else [*kept, f"sort:{word}"])


def _more(query: Query, found: Sequence[Listed]) -> str:
    if len(found) < reading.PAGE:
        return ""
    last = found[-1]
    return _address(query.text, before=f"{last.position}.{last.id}")


def _address(text: str, **more: str) -> str:
    return "/inbox?" + urlencode({"q": text, **more}, safe=":")


def _position(text: str) -> tuple[int, int] | None:
    """Read where the page above ended; what we could not have written there means the first."""
    found = POSITION.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None

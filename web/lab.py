"""The rule lab: what would the rules in force decide about this message?"""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from inquiry.errors import NotFound
from inquiry.journey import ChannelName
from inquiry.untrusted import Object
from router.retold import Retold
from storage.database import Transaction
from web.access import VIEWER
from web.desk import Asked, CannotTell, Desk
from web.pages import desk_of, page
from web.posts import posted, text_in
from web.side import Side, side
from web.wishes import AskedWish, wish_in

LONGEST = {"stored": 1_000, "sender": 320, "subject": 2_000, "text": 100_000, "mail": 1_000_000}
"""Letters of each field; what is longer is refused, not cut."""


async def show(request: web.Request) -> web.StreamResponse:
    """Show the empty form, or with ``stored`` what becomes of that message."""
    return await _answered(request, request.query)


async def try_out(request: web.Request) -> web.StreamResponse:
    """Show what the rules decide about what the form says."""
    return await _answered(request, await posted(request))


async def propose(request: web.Request) -> web.StreamResponse:
    """Show what check finds in pasted rules, and which stored messages would go elsewhere."""
    desk, said = desk_of(request), await posted(request)
    pasted = text_in(said, "rules")
    trial, wrong = None, ""
    if desk.propose and pasted.strip():
        try:
            trial = await desk.propose(pasted)
        except CannotTell as nothing:
            wrong = str(nothing)
    return await _shown(request, {}, trial=trial, pasted=pasted, unfit=wrong)


async def _answered(request: web.Request, said: Object) -> web.StreamResponse:
    form = {name: _word(said, name) for name in (*LONGEST, "channel")}
    one, wrong = await _told(desk_of(request), form, wish_in(said))
    return await _shown(request, said, one=one, **({"wrong": wrong} if wrong else {}))


async def _shown(request: web.Request, said: Object, **values: Any) -> web.StreamResponse:
    desk = desk_of(request)
    form = {name: _word(said, name) for name in (*LONGEST, "channel")}

    async def look(tx: Transaction) -> Side:
        return await side(tx, desk, request[VIEWER])

    nothing = {"one": None, "trial": None, "pasted": "", "unfit": ""}
    values = nothing | wish_in(said).shown() | values
    counts = await desk.db.read(look)
    return await asyncio.to_thread(
        page, request, "lab.html", here="/rules", side=counts, form=form, **values
    )


def _word(said: Object, name: str) -> str:
    return text_in(said, name).strip()


async def _told(
    desk: Desk, form: Mapping[str, str], wished: AskedWish
) -> tuple[Retold | None, str]:
    """Return what becomes of it, or in a sentence why that can't be told."""
    if desk.lab is None or not any(form[name] for name in LONGEST):
        return None, ""
    for name, longest in LONGEST.items():
        if len(form[name]) > longest:
            return None, f"{name}: more than {longest} letters are not read here"
    channel = ChannelName(form["channel"])
    if channel not in desk.channels:
        channel = next(iter(desk.channels), channel)
    words = {name: form[name] for name in LONGEST}
    try:
        return await desk.lab(Asked(**words, channel=channel, wished=wished.wish)), ""
    except (CannotTell, NotFound) as nothing:
        return None, str(nothing)

"""The status page of a customer: to read, to write more, to say that it works now.

The link is the proof. Nothing is done by opening it, since programs open links too, and every
wrong link gets the same answer.
"""

import logging
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from aiohttp import web

from channels.form import LARGEST, LONGEST, MOST_FILES, Filled, FormChannel, Settings
from channels.peer import peer_of
from inquiry.codes import to_start
from inquiry.errors import Conflict, TemporaryFailure
from inquiry.journey import ChannelName, Envelope, File
from inquiry.words import OutboxState, Purpose, State
from specialists.acts import progress
from storage import originals, portal, proofs
from storage.database import Transaction
from storage.inquiries import reading
from storage.inquiries.shown import Attached, Shown, ShownMessage
from storage.portal import Holder
from web.customer_words import NAMES, TEXTS, chosen, offered
from web.files import download, number_in
from web.pages import desk_of, page
from web.posts import Form, files_in, posted, text_in

log = logging.getLogger(__name__)
CHATS = {"telegram", "slack", "web-chat"}
"""Sorts of contact points in which a code can be typed."""
LEFT = {
    OutboxState.SENT,
    OutboxState.DELIVERED,
    OutboxState.READ,
    OutboxState.DOUBTFUL,
    OutboxState.DEAD,
}
"""What has left our hands is shown; what can still be taken back is not."""


async def show(request: web.Request) -> web.StreamResponse:
    """Show how the inquiry stands."""
    told = {"taken": "taken", "works": "works-thanks"}.get(request.query.get("done", ""), "")
    return await _page(request, told=told)


async def message(request: web.Request) -> web.StreamResponse:
    """Take a message in, like any other arrival."""
    desk = desk_of(request)
    holder, it = await _opened(request)
    try:
        form: Form = await posted(request)
    except web.HTTPRequestEntityTooLarge:
        return await _page(request, status=413, wrong="too-large")
    text, files = text_in(form, "text"), files_in(form)
    if not text.strip() and not files:
        return await _page(request, status=422, wrong="empty")
    if _too_much(text, files):
        return await _page(request, status=413, wrong="too-large", text=text[: LONGEST["text"]])
    channel = FormChannel(ChannelName(it.channel), Settings())
    filled = Filled(
        submission=f"status:{holder.inquiry}:{text_in(form, 'submission')[:64]}",
        email="",
        text=text,
        language=_language(request, it),
        files=files,
    )
    envelope = Envelope(
        peer=peer_of(request), inquiry=holder.inquiry, contact_point=holder.contact_point
    )
    arrival = channel.arrival(filled, envelope, now=desk.now())
    try:
        await desk.inlet(channel.name).accept(arrival)
    except TemporaryFailure as failure:
        log.warning("inquiry %s: status page: not accepted: %s", it.reference, failure)
        return await _page(request, status=503, wrong="not-now", text=text)
    raise _back(request, "taken")


async def works(request: web.Request) -> web.StreamResponse:
    """The customer says that it works now."""
    desk = desk_of(request)
    holder, _ = await _opened(request)
    try:
        await progress.works(desk.db, inquiry=holder.inquiry, now=desk.now())
    except Conflict as conflict:
        log.info("status page: %s", conflict)
    raise _back(request, "works")


async def elsewhere(request: web.Request) -> web.StreamResponse:
    """Give a code by which the same person goes on in a chat."""
    desk = desk_of(request)
    holder, _ = await _opened(request)

    async def make(tx: Transaction) -> str | None:
        return await proofs.make(tx, holder.inquiry, holder.contact_point, now=desk.now())

    code = await desk.db.write(make)
    if code is None:
        return await _page(request, status=429, wrong_code="codes-too-many")
    return await _page(request, code=code, chats=await desk.elsewhere(to_start(code)))


async def file(request: web.Request) -> web.StreamResponse:
    """Send a file of an answer, or of the customer's own."""
    desk, number = desk_of(request), number_in(request)
    _, it = await _opened(request)
    known = {one.id for message in _shown(it) for one in message.files if _here(message, one)}

    async def look(tx: Transaction) -> tuple[str, bytes] | None:
        kept = await reading.file(tx, it.reference, number)
        return (kept.filename, await originals.read(tx, kept.hash)) if kept else None

    found = await desk.db.read(look) if number in known else None
    if found is None:
        raise web.HTTPNotFound
    return download(*found)


def _shown(it: Shown) -> list[ShownMessage]:
    return [one for one in it.messages if public(one)]


def _here(message: ShownMessage, attached: Attached) -> bool:
    return attached.here and not attached.blocked and message.deleted_at is None


def _back(request: web.Request, done: str) -> web.HTTPSeeOther:
    told = {"done": done}
    if language := request.query.get("lang", ""):
        told["lang"] = language
    return web.HTTPSeeOther(f"/s/{request.match_info['token']}?{urlencode(told)}")


async def _opened(request: web.Request) -> tuple[Holder, Shown]:
    desk, token = desk_of(request), request.match_info["token"]

    async def look(tx: Transaction) -> tuple[Holder, Shown] | None:
        holder = await portal.find(tx, desk.keys, token, now=desk.now())
        if holder is None:
            return None
        return holder, await reading.shown(tx, await reading.reference_of(tx, holder.inquiry))

    found = await desk.db.read(look)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _page(
    request: web.Request,
    *,
    status: int = 200,
    told: str = "",
    wrong: str = "",
    text: str = "",
    **about_code: Any,
) -> web.Response:
    desk = desk_of(request)
    holder, it = await _opened(request)
    language = _language(request, it)
    response = page(
        request,
        "portal.html",
        status=status,
        lang=language,
        it=it,
        say=TEXTS[language],
        steps=steps(it),
        messages=_shown(it),
        people={one.address for one in it.people},
        chats_here=bool(set(desk.channels.values()) & CHATS),
        holder=holder,
        told=told,
        wrong=wrong,
        text=text,
        token=request.match_info["token"],
        submission=uuid4().hex,
        **{"code": "", "chats": (), "wrong_code": "", **about_code},
        tongues=[(one, NAMES[one]) for one in offered(desk.languages)],
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def public(message: ShownMessage) -> bool:
    """May the customer see this message?"""
    if message.incoming:
        return True
    # What was said once more another way stands there already.
    if message.purpose is not Purpose.ANSWER or message.deleted_at or message.instead_of:
        return False
    return message.sending is not None and message.sending.state in LEFT


def steps(it: Shown) -> list[dict[str, Any]]:
    """Return the stations of an inquiry, and since when they are behind it."""
    done = not it.state.active
    answers = [one.at for one in it.messages if not one.incoming and public(one)]
    ended = [one.at for one in it.timeline if getattr(one, "kind", "") in ENDS]
    return [
        {"word": "received", "reached": True, "at": it.created_at},
        {
            "word": "working",
            "reached": done or it.state is not State.NEW,
            "at": answers[0] if answers else None,
        },
        {"word": "resolved", "reached": done, "at": ended[-1] if done and ended else None},
    ]


ENDS = {"resolved", "works", "closed"}


def _language(request: web.Request, it: Shown) -> str:
    wishes = (request.query.get("lang", ""), it.language, it.customer_language)
    return chosen([wish for wish in wishes if wish], desk_of(request).languages)


def _too_much(text: str, files: tuple[File, ...]) -> bool:
    total = sum(len(file.content) for file in files)
    return len(text) > LONGEST["text"] or len(files) > MOST_FILES or total > LARGEST

"""Signing in and out: by password, or by a link that works once."""

import logging

from aiohttp import web

from channels.peer import counted_as, peer_of
from inquiry.journey import SpecialistName
from storage import credentials
from storage.database import Transaction
from web.access import SESSION, signed_in
from web.desk import Desk
from web.pages import desk_of, page
from web.posts import posted

log = logging.getLogger(__name__)
WRONG = "The name or the password is not right."
TOO_OFTEN = "Too many wrong attempts. Please wait a quarter of an hour."


async def form(request: web.Request) -> web.StreamResponse:
    """Show the sign-in page, or the desk to whom is signed in already."""
    if await signed_in(request):
        raise web.HTTPSeeOther("/inbox")
    return page(request, "sign-in.html", wrong="", name="")


async def enter(request: web.Request) -> web.StreamResponse:
    """Sign in by name and password."""
    desk = desk_of(request)
    data = await posted(request)
    name, password = str(data.get("name", "")).strip()[:100], str(data.get("password", ""))[:1000]
    address, now = counted_as(peer_of(request)), desk.now()
    if await desk.db.read(lambda tx: credentials.throttled(tx, name, address, now=now)):
        log.warning("sign-in: too many failures for %r from %s", name, address)
        return page(request, "sign-in.html", status=429, wrong=TOO_OFTEN, name=name)
    specialist = SpecialistName(name)
    right = await credentials.holds_password(desk.db, specialist, password, now=now)
    if not right or specialist not in desk.people:
        await desk.db.write(lambda tx: credentials.failed(tx, name, address, now=now))
        return page(request, "sign-in.html", status=401, wrong=WRONG, name=name)

    async def work(tx: Transaction) -> str:
        await credentials.forgive(tx, name, now=now)
        return await credentials.open_session(tx, specialist, now=now)

    return _with_cookie(desk, await desk.db.write(work))


async def link(request: web.Request) -> web.StreamResponse:
    """Show a button: opening a link changes nothing, since programs open links too."""
    desk = desk_of(request)
    token = request.match_info["token"]
    name = await desk.db.read(lambda tx: credentials.link_of(tx, token, now=desk.now()))
    if name is None or name not in desk.people:
        raise web.HTTPNotFound
    return page(request, "sign-in.html", person=desk.people[name])


async def use_link(request: web.Request) -> web.StreamResponse:
    """Sign in by a link, and use it up."""
    desk = desk_of(request)
    token = request.match_info["token"]

    async def work(tx: Transaction) -> str | None:
        name = await credentials.use_link(tx, token, now=desk.now())
        if name is None or name not in desk.people:
            return None
        return await credentials.open_session(tx, name, now=desk.now())

    session = await desk.db.write(work)
    if session is None:
        raise web.HTTPNotFound
    return _with_cookie(desk, session)


async def leave(request: web.Request) -> web.StreamResponse:
    """Sign out."""
    token = request.cookies.get(SESSION, "")
    await desk_of(request).db.write(lambda tx: credentials.close_session(tx, token))
    response = web.HTTPSeeOther("/sign-in")
    response.del_cookie(SESSION, path="/")
    raise response


def _with_cookie(desk: Desk, token: str) -> web.Response:
    response = web.Response(status=303, headers={"Location": "/inbox"})
    response.set_cookie(
        SESSION,
        token,
        max_age=int(credentials.SESSION.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=desk.url.startswith("https://"),
    )
    return response

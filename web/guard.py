"""Around every request: who may, from where, and what a browser may do with the answer."""

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from channels.peer import PEER, seen_by
from inquiry.errors import Conflict, NotFound, TemporaryFailure
from web.access import FACE, FRONT, SESSION, Access, access_to, admit
from web.pages import error_page

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""On every answer, unless the page has set its own."""
SAFE = {"GET", "HEAD"}


async def set_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Give every answer, also that of a refusal, the headers that bind the browser."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Server" in response.headers:
        del response.headers["Server"]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let through who may; turn every failure into a page that tells no secrets."""
    request[FACE] = face = request.app[FRONT].face
    request[PEER] = seen_by(face.desk.trusted_proxies, request)
    try:
        await _check(request)
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as refusal:
        return error_page(request, refusal.status)
    except NotFound:
        return error_page(request, 404)
    except Conflict:
        return error_page(request, 409)
    except TemporaryFailure as failure:
        log.warning("%s %s: not now: %s", request.method, _path(request), failure)
        return error_page(request, 503)
    except Exception as fault:
        if isinstance(fault, ConnectionResetError) and _has_left(request):
            return web.Response()  # to nobody: a page was closed while it came
        log.exception("%s %s failed", request.method, _path(request))
        return error_page(request, 500)


def _has_left(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _check(request: web.Request) -> None:
    if request.match_info.http_exception is not None:
        return  # no such page, or not with this method: the handler says so
    access = access_to(request[FACE], request.method, _path(request))
    free = request.method in SAFE or access is Access.FOREIGN
    if not free and not _from_here(request, access):
        raise web.HTTPForbidden
    if not await admit(request, access):
        raise web.HTTPForbidden


def _from_here(request: web.Request, access: Access | None) -> bool:
    """Was the form that is posted one of our own pages? (CSRF)

    Every browser says where a form comes from. A program says nothing and has no cookie, that is,
    nothing that a foreign page could misuse.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return SESSION not in request.cookies
    if origin == "null":  # from a page that sends no referrer, which status pages don't
        return access is Access.CAPABILITY and SESSION not in request.cookies
    ours = {request.host, urlsplit(request[FACE].desk.url).netloc}
    return urlsplit(origin).netloc in ours


def _path(request: web.Request) -> str:
    """Return the path as it stands in the table: no token of a link gets into a log."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "(unknown)"

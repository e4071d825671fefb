"""Who may open which page: the one table. A route that isn't here is open to nobody."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from hmac import compare_digest
from ipaddress import ip_address

from aiohttp import web

from inquiry.journey import SpecialistName
from inquiry.words import Role
from storage import credentials
from web.front import Face, Front

FRONT = web.AppKey("front", Front)
FACE = web.RequestKey("face", Face)
"""What this request sees, from its beginning to its end."""
VIEWER = web.RequestKey("viewer", SpecialistName)
SESSION = "desk"
"""The cookie that holds a session's token."""


class Access(StrEnum):
    """Who may."""

    PUBLIC = "public"  # anybody
    CAPABILITY = "capability"  # who holds the link: the page itself checks it, before all else
    FOREIGN = "foreign"  # pages of other origins: the page itself checks which, before all else
    SPECIALIST = "specialist"  # who is signed in
    LEAD = "lead"  # who is signed in and leads
    LOCAL = "local"  # programs on this machine
    OPERATOR = "operator"  # programs that send the operator's token


TABLE: Mapping[tuple[str, str], Access] = {
    ("GET", "/livez"): Access.PUBLIC,
    ("GET", "/readyz"): Access.PUBLIC,
    ("GET", "/metrics"): Access.LOCAL,
    ("POST", "/-/reload"): Access.OPERATOR,
    ("GET", "/static/{file}"): Access.PUBLIC,
    ("GET", "/sign-in"): Access.PUBLIC,
    ("POST", "/sign-in"): Access.PUBLIC,
    ("GET", "/sign-in/{token}"): Access.CAPABILITY,
    ("POST", "/sign-in/{token}"): Access.CAPABILITY,
    ("POST", "/sign-out"): Access.SPECIALIST,
    ("GET", "/s/{token}"): Access.CAPABILITY,
    ("POST", "/s/{token}/message"): Access.CAPABILITY,
    ("POST", "/s/{token}/works"): Access.CAPABILITY,
    ("POST", "/s/{token}/elsewhere"): Access.CAPABILITY,
    ("GET", "/s/{token}/file/{number}"): Access.CAPABILITY,
    ("GET", "/u/{token}"): Access.CAPABILITY,
    ("POST", "/u/{token}"): Access.CAPABILITY,
    ("GET", "/"): Access.SPECIALIST,
    ("GET", "/live"): Access.SPECIALIST,
    ("GET", "/live/now"): Access.SPECIALIST,
    ("POST", "/live/presence"): Access.SPECIALIST,
    ("GET", "/inbox"): Access.SPECIALIST,
    ("GET", "/inquiry/{reference}"): Access.SPECIALIST,
    ("GET", "/inquiry/{reference}/why"): Access.SPECIALIST,
    ("GET", "/inquiry/{reference}/file/{number}"): Access.SPECIALIST,
    ("GET", "/inquiry/{reference}/original/{number}"): Access.SPECIALIST,
    ("GET", "/inquiry/{reference}/html/{number}"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/answer"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/note"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/writing"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/undo/{number}"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/fetch/{number}"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/state"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/assignee"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/queue"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/priority"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/tags"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/aside/{number}"): Access.SPECIALIST,
    ("GET", "/inquiry/{reference}/join"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/join"): Access.SPECIALIST,
    ("GET", "/inquiry/{reference}/join/{number}"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/part/{number}"): Access.SPECIALIST,
    ("POST", "/inquiry/{reference}/strangers"): Access.SPECIALIST,
    ("GET", "/quarantine"): Access.SPECIALIST,
    ("GET", "/quarantine/{number}"): Access.SPECIALIST,
    ("GET", "/quarantine/{number}/original"): Access.SPECIALIST,
    ("POST", "/quarantine/{number}/retry"): Access.SPECIALIST,
    ("POST", "/quarantine/{number}/release"): Access.LEAD,
    ("GET", "/outbox"): Access.SPECIALIST,
    ("POST", "/outbox/ask"): Access.SPECIALIST,
    ("POST", "/outbox/decide"): Access.SPECIALIST,
    ("POST", "/outbox/{number}/{act}"): Access.SPECIALIST,
    ("GET", "/status"): Access.SPECIALIST,
    ("GET", "/rules"): Access.SPECIALIST,
    ("GET", "/rules/lab"): Access.SPECIALIST,
    ("POST", "/rules/lab"): Access.SPECIALIST,
    ("POST", "/rules/lab/proposed"): Access.SPECIALIST,
    ("GET", "/demo/mailbox"): Access.PUBLIC,
    ("GET", "/demo/mailbox/{file}"): Access.PUBLIC,
    ("POST", "/demo/mailbox/{file}/answer"): Access.PUBLIC,
    ("GET", "/demo/write"): Access.PUBLIC,
    ("POST", "/demo/write"): Access.PUBLIC,
    ("GET", "/demo/shop"): Access.PUBLIC,
}
"""By method and path. The paths of forms and of channels that are called over HTTP stand in the
configuration: they are public, see :class:`web.front.Face`."""


def access_to(face: Face, method: str, path: str) -> Access | None:
    """Return who may; None is nobody."""
    method = "GET" if method == "HEAD" else method
    if path in face.foreign:
        return Access.FOREIGN
    if path in face.open:
        return Access.PUBLIC
    return TABLE.get((method, path))


async def admit(request: web.Request, access: Access | None) -> bool:
    """May whoever asks have this? Says who it is, in ``request[VIEWER]``, where that is known.

    Raises:
        HTTPSeeOther: to the sign-in page, for one who may after signing in.
    """
    desk = request[FACE].desk
    if access in (Access.PUBLIC, Access.CAPABILITY, Access.FOREIGN):
        return True
    if access is Access.LOCAL:
        return _is_local(request)
    if access is Access.OPERATOR:
        return _is_operator(request)
    if access is None:
        return False
    viewer = await signed_in(request)
    if viewer is None:
        raise web.HTTPSeeOther("/sign-in")
    request[VIEWER] = viewer
    return access is Access.SPECIALIST or desk.role(viewer) is Role.LEAD


async def signed_in(request: web.Request) -> SpecialistName | None:
    """Return whose session the cookie belongs to, if that one still works here."""
    desk = request[FACE].desk
    token = request.cookies.get(SESSION, "")
    if not token:
        return None
    now = desk.now()
    name = await desk.db.read(lambda tx: credentials.session_of(tx, token, now=now))
    return name if name in desk.people else None


def _is_operator(request: web.Request) -> bool:
    """Does whoever asks know the operator's token? Where none is set, nobody does."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = request[FACE].desk.operator_token
    same = compare_digest(_digest(token.strip()), _digest(wanted))
    return bool(wanted) and kind.lower() == "bearer" and same


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogateescape")).digest()


def _is_local(request: web.Request) -> bool:
    """Does a program on this machine ask, for itself and not for somebody behind it?"""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.remote or "").is_loopback
    except ValueError:
        return False

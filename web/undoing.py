"""Where somebody who was told of a join says that it was not they: one press undoes it.

The link is the proof. Opening it changes nothing, since programs open links too.
"""

from aiohttp import web

from router.continuity.said import half_hidden
from storage import undoing
from storage.undoing import Notice
from web.customer_words import NAMES, TEXTS, accepted, chosen, offered
from web.pages import desk_of, page

NAMED = {"telegram": "Telegram", "slack": "Slack"}


async def show(request: web.Request) -> web.StreamResponse:
    """Say what was joined, and show a button."""
    notice = await _notice(request)
    return _page(request, notice, "ask" if notice.open else "over")


async def undo(request: web.Request) -> web.StreamResponse:
    """Undo it, once."""
    desk, token, notice = desk_of(request), request.match_info["token"], await _notice(request)
    now = desk.now()
    done = await desk.db.write(lambda tx: undoing.undo(tx, desk.keys, token, now=now))
    return _page(request, notice, "done" if done else "over")


async def _notice(request: web.Request) -> Notice:
    desk, token = desk_of(request), request.match_info["token"]
    now = desk.now()
    notice = await desk.db.read(lambda tx: undoing.find(tx, desk.keys, token, now=now))
    if notice is None:
        raise web.HTTPNotFound
    return notice


def _page(request: web.Request, notice: Notice, stands: str) -> web.Response:
    desk = desk_of(request)
    wishes = [request.query.get("lang", ""), notice.language]
    wishes += accepted(request.headers.get("Accept-Language", ""))
    language = chosen([wish for wish in wishes if wish], desk.languages)
    response = page(
        request,
        "undo.html",
        status=410 if stands == "over" else 200,
        lang=language,
        say=TEXTS[language],
        stands=stands,
        what=_what(notice, language),
        joined_at=notice.joined_at,
        token=request.match_info["token"],
        tongues=[(one, NAMES[one]) for one in offered(desk.languages)],
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _what(notice: Notice, language: str) -> str:
    """Return what was joined, in the words that its notice has used."""
    if notice.contact == "mail":
        return half_hidden(notice.address)
    named = "undo-web-chat" if notice.contact == "web-chat" else "undo-other"
    return NAMED.get(notice.contact) or TEXTS[language][named]

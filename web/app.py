"""All pages of a desk as one aiohttp application."""

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from web import (
    demo,
    files,
    health,
    inbox,
    inquiry,
    joining,
    lab,
    live,
    outbox,
    portal,
    posts,
    quarantine,
    reload,
    rules,
    sign_in,
    static,
    status,
    undoing,
)
from web.access import FRONT, TABLE
from web.chat.pages import ChatPages
from web.chat.writing import writing
from web.desk import Desk
from web.form import FormPage
from web.front import Face, Front, WaysIn
from web.guard import guard, set_headers
from web.newsroom import NEWSROOM, Newsroom, keep_telling, stop_telling

LARGEST = 30_000_000
"""Bytes of one request: a form with its files."""
Page = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGES: Sequence[tuple[str, str, Page]] = (
    ("GET", "/livez", health.alive),
    ("GET", "/readyz", health.ready),
    ("GET", "/metrics", health.metrics),
    ("POST", "/-/reload", reload.load_again),
    ("GET", "/static/{file}", static.send),
    ("GET", "/sign-in", sign_in.form),
    ("POST", "/sign-in", sign_in.enter),
    ("GET", "/sign-in/{token}", sign_in.link),
    ("POST", "/sign-in/{token}", sign_in.use_link),
    ("POST", "/sign-out", sign_in.leave),
    ("GET", "/s/{token}", portal.show),
    ("POST", "/s/{token}/message", portal.message),
    ("POST", "/s/{token}/works", portal.works),
    ("POST", "/s/{token}/elsewhere", portal.elsewhere),
    ("GET", "/s/{token}/file/{number}", portal.file),
    ("GET", "/u/{token}", undoing.show),
    ("POST", "/u/{token}", undoing.undo),
    ("GET", "/", inbox.first),
    ("GET", "/live", live.stream),
    ("GET", "/live/now", live.current),
    ("POST", "/live/presence", live.note_presence),
    ("GET", "/inbox", inbox.show),
    ("GET", "/inquiry/{reference}", inquiry.show),
    ("GET", "/inquiry/{reference}/why", inquiry.why),
    ("GET", "/inquiry/{reference}/file/{number}", files.attachment),
    ("GET", "/inquiry/{reference}/original/{number}", files.original),
    ("GET", "/inquiry/{reference}/html/{number}", files.html),
    ("POST", "/inquiry/{reference}/answer", posts.act(posts.answer)),
    ("POST", "/inquiry/{reference}/note", posts.act(posts.note)),
    ("POST", "/inquiry/{reference}/writing", writing),
    ("POST", "/inquiry/{reference}/undo/{number}", posts.act(posts.undo)),
    ("POST", "/inquiry/{reference}/fetch/{number}", posts.act(posts.fetch)),
    ("POST", "/inquiry/{reference}/state", posts.act(posts.state)),
    ("POST", "/inquiry/{reference}/assignee", posts.act(posts.assignee)),
    ("POST", "/inquiry/{reference}/queue", posts.act(posts.queue)),
    ("POST", "/inquiry/{reference}/priority", posts.act(posts.priority)),
    ("POST", "/inquiry/{reference}/tags", posts.act(posts.tags)),
    ("POST", "/inquiry/{reference}/aside/{number}", posts.act(posts.aside)),
    ("GET", "/inquiry/{reference}/join", joining.ask),
    ("POST", "/inquiry/{reference}/join", joining.join),
    ("GET", "/inquiry/{reference}/join/{number}", joining.ask_undo),
    ("POST", "/inquiry/{reference}/part/{number}", joining.part),
    ("POST", "/inquiry/{reference}/strangers", joining.strangers),
    ("GET", "/quarantine", quarantine.show),
    ("GET", "/quarantine/{number}", quarantine.look),
    ("GET", "/quarantine/{number}/original", quarantine.original),
    ("POST", "/quarantine/{number}/retry", quarantine.retry),
    ("POST", "/quarantine/{number}/release", quarantine.release),
    ("GET", "/outbox", outbox.show),
    ("POST", "/outbox/ask", outbox.ask),
    ("POST", "/outbox/decide", outbox.decide),
    ("POST", "/outbox/{number}/{act}", outbox.act),
    ("GET", "/status", status.show),
    ("GET", "/rules", rules.show),
    ("GET", "/rules/lab", lab.show),
    ("POST", "/rules/lab", lab.try_out),
    ("POST", "/rules/lab/proposed", lab.propose),
)
"""Who may open which stands in ``access.py``."""
DEMO: Sequence[tuple[str, str, Page]] = (
    ("GET", "/demo/mailbox", demo.mailbox),
    ("GET", "/demo/mailbox/{file}", demo.mail),
    ("POST", "/demo/mailbox/{file}/answer", demo.answer),
    ("GET", "/demo/write", demo.write),
    ("POST", "/demo/write", demo.post),
    ("GET", "/demo/shop", demo.shop),
)
"""Only there where ``Desk.demo`` is set."""


def make_app(desk: Desk) -> web.Application:
    """Return the pages of ``desk``, ready to be served; ``app[FRONT]`` may show another later."""
    app = web.Application(middlewares=[guard], client_max_size=LARGEST)
    app[FRONT] = Front(face_of(desk))
    for method, path, page in (*PAGES, *(DEMO if desk.demo else ())):
        app.router.add_route(method, path, page)
    app.router.register_resource(WaysIn(app[FRONT]))
    app.on_response_prepare.append(set_headers)
    app[NEWSROOM] = Newsroom(app[FRONT])
    app.cleanup_ctx.append(keep_telling)
    app.on_shutdown.append(stop_telling)
    return app


def face_of(desk: Desk) -> Face:
    """Return what is shown of ``desk``: it, and the pages that its configuration brings."""
    ways_in, chats = web.UrlDispatcher(), web.UrlDispatcher()
    for form in desk.forms:
        ways_in.add_routes(FormPage(form).routes())
    for receiver in desk.receivers:
        ways_in.add_routes(receiver.routes(desk.inlet(receiver.name)))
    for chat in desk.chats:
        routes = ChatPages(chat).routes()
        ways_in.add_routes(routes)
        chats.add_routes(routes)
    ours = {path for _, path in TABLE}
    return Face(desk, ways_in, open=_paths(ways_in) - ours, foreign=_paths(chats) - ours)


def _paths(routes: web.UrlDispatcher) -> frozenset[str]:
    return frozenset(resource.canonical for resource in routes.resources())

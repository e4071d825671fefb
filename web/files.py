"""What customers sent: attachments, originals, and their HTML in a box of its own."""

from urllib.parse import quote

from aiohttp import web

from inquiry.journey import MAIL, MessageId
from storage import originals
from storage.database import Transaction
from storage.inquiries import reading
from web.inquiry import reference_in
from web.pages import desk_of, shown_name, templates

DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""Runs nothing, loads nothing, posts nothing; only our own pages may show it in a frame."""


async def attachment(request: web.Request) -> web.StreamResponse:
    """Send a file of a customer."""
    number = number_in(request)

    async def look(tx: Transaction) -> tuple[str, bytes] | None:
        kept = await reading.file(tx, reference_in(request), number)
        if kept is None or kept.blocked:
            return None
        return kept.filename, await originals.read(tx, kept.hash)

    found = await desk_of(request).db.read(look)
    if found is None:
        raise web.HTTPNotFound
    return download(*found)


async def original(request: web.Request) -> web.StreamResponse:
    """Send a message as it came in."""
    number = number_in(request)

    async def look(tx: Transaction) -> tuple[str, bytes] | None:
        found = await reading.original(tx, reference_in(request), MessageId(number))
        if found is None:
            return None
        arrival, kept = found
        return original_name(arrival, kept.content_type), await originals.read(tx, kept.hash)

    found = await desk_of(request).db.read(look)
    if found is None:
        raise web.HTTPNotFound
    return download(*found)


async def html(request: web.Request) -> web.StreamResponse:
    """Send a message's sanitised HTML as a page that can do nothing."""
    number = MessageId(number_in(request))
    reference = reference_in(request)
    found = await desk_of(request).db.read(lambda tx: reading.html(tx, reference, number))
    if found is None:
        raise web.HTTPNotFound
    content, language = found
    text = templates().get_template("mail.html").render(content=content, lang=language or "und")
    response = web.Response(text=text, content_type="text/html", charset="utf-8")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def download(filename: str, content: bytes) -> web.Response:
    """Return bytes that no browser shows, runs or guesses at: it can only save them."""
    name = shown_name(filename)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return web.Response(
        body=content,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": disposition,
            "Content-Security-Policy": DOWNLOAD_POLICY,
        },
    )


def original_name(arrival: int, media_type: str) -> str:
    """Return the name under which an original is saved."""
    return f"arrival-{arrival}.{'eml' if media_type == MAIL else 'json'}"


def number_in(request: web.Request) -> int:
    """Return the number in the address. Raises HTTPNotFound if it is none that we could have."""
    text = request.match_info["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise web.HTTPNotFound
    return int(text)

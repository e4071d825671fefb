"""Making pages: templates, and how times, sizes and names are written in them."""

import hashlib
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from babel.dates import format_datetime, format_time
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from inquiry.words import OutboxState
from router.decide import UNFILLED
from router.summary import asked, lines_of
from storage.inquiries.shown import Entry, Shown, ShownAside, ShownMessage, ShownNote
from web import words
from web.access import FACE, VIEWER, Access, access_to
from web.customer_words import TEXTS, accepted, chosen
from web.desk import Desk
from web.links import linked

HTML = Path(__file__).parent / "html"
STATIC = Path(__file__).parent / "static"
TEXT = "text/html"
MOST_RULES = 150
"""Rules that a page tells one by one; of more than these only those that matched."""


@cache
def static_files() -> Mapping[str, tuple[str, bytes]]:
    """Return our few files under names that hold their content's hash, so they never grow old."""
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    found: dict[str, tuple[str, bytes]] = {}
    for path in sorted(STATIC.iterdir()):
        content = path.read_bytes()
        name = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
        found[name] = (kinds[path.suffix], content)
    return found


def static_url(name: str) -> str:
    """Return the address of one of our files by its plain name."""
    stem, _, suffix = name.rpartition(".")
    for hashed in static_files():
        if hashed.startswith(f"{stem}.") and hashed.endswith(f".{suffix}"):
            return f"/static/{hashed}"
    raise KeyError(name)


@cache
def templates() -> Environment:
    """Return the templates, with everything in them escaped."""
    environment = Environment(
        loader=FileSystemLoader(HTML),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        size=size,
        initials=initials,
        reached=words.reached,
        without_guests=words.without_guests,
        words=words.plain,
        language=words.language,
        shown_name=shown_name,
        linked=linked,
        kind=kind,
        sentence=words.sentence,
        contact=lambda word: words.say(words.CONTACTS.get(word, words.plain(word))),
        way=lambda word: words.say(words.WAYS.get(word, word)),
        source=lambda word: words.say(words.SOURCES.get(word, word)),
        taken_back=taken_back,
        lines_of=lines_of,
        asked=asked,
    )
    environment.globals.update(
        static=static_url, _=words.say, unfilled=UNFILLED, most_rules=MOST_RULES
    )
    return environment


def page(
    request: web.Request, template: str, *, status: int = 200, lang: str = "en", **values: Any
) -> web.Response:
    """Return a page."""
    desk = desk_of(request)
    now = desk.now()
    text = (
        templates()
        .get_template(template)
        .render(
            desk=desk,
            lang=lang,
            viewer=request.get(VIEWER),
            path=request.path,
            now=now,
            when=lambda moment: when(moment, now, desk.timezone, lang),
            exact=lambda moment: exact(moment, desk.timezone, lang),
            age=lambda moment: age(now - moment),
            **values,
        )
    )
    return web.Response(text=text, status=status, content_type=TEXT, charset="utf-8")


def error_page(request: web.Request, status: int) -> web.Response:
    """Return the page for a refusal or failure: what it means, never why it happened."""
    customers = _for_customers(request)
    lang, (title, text) = _told(request, status, customers)
    back = {"way_back": not customers and status == 404}
    response = page(request, "error.html", status=status, lang=lang, title=title, text=text, **back)
    if status == 503:
        response.headers["Retry-After"] = "30"
    return response


def _for_customers(request: web.Request) -> bool:
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else ""
    face = request[FACE]
    return path in face.open or access_to(face, request.method, path) is Access.CAPABILITY


def _told(request: web.Request, status: int, customers: bool) -> tuple[str, tuple[str, str]]:
    """Return the language and the words: a customer's own, or those of the console."""
    if not customers:
        told = words.ERRORS.get(status) or words.ERRORS[500 if status >= 500 else 400]
        return "en", told
    wishes = accepted(request.headers.get("Accept-Language", ""))
    lang = chosen(wishes, request[FACE].desk.languages)
    kind = "trouble" if status >= 500 else "gone"
    return lang, (TEXTS[lang][kind], TEXTS[lang][f"{kind}-text"])


def when(moment: datetime, now: datetime, zone: ZoneInfo, lang: str) -> str:
    """Return the hour of today, the day and hour of this year, else the whole date."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return format_time(local, "HH:mm", tzinfo=zone, locale=lang)
    pattern = "d MMM HH:mm" if local.year == today.year else "d MMM y HH:mm"
    return format_datetime(local, pattern, tzinfo=zone, locale=lang)


def exact(moment: datetime, zone: ZoneInfo, lang: str) -> str:
    """Return the whole date and hour."""
    return format_datetime(moment, "EEEE d MMMM y HH:mm:ss z", tzinfo=zone, locale=lang)


def age(passed: timedelta) -> str:
    """Return ``now``, ``18 min``, ``4 h`` or ``3 d``."""
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def size(amount: int) -> str:
    """Return a file's size as people say it."""
    if amount < 1000:
        return f"{amount} B"
    return f"{amount / 1000:.0f} kB" if amount < 1_000_000 else f"{amount / 1_000_000:.1f} MB"


def kind(entry: Entry) -> str:
    """Return the word by which a page knows how to show an entry of a timeline."""
    if isinstance(entry, ShownMessage):
        return "in" if entry.incoming else "out"
    return {ShownNote: "note", ShownAside: "aside"}.get(type(entry), "event")


def taken_back(inquiry: Shown, answer: str) -> str:
    """Return the text of an answer that was taken back, to be written anew; "" if it was not."""
    for message in inquiry.messages:
        sending = message.sending
        if sending and str(sending.answer) == answer and sending.state is OutboxState.CANCELLED:
            return message.text
    return ""


def shown_name(name: str) -> str:
    """Return a file's name without what would hide its real ending or break a header."""
    composed = unicodedata.normalize("NFC", name)
    kept = "".join(one for one in composed if unicodedata.category(one)[0] != "C")
    return kept.replace("/", "_").replace("\\", "_").strip(" .")[-150:] or "file"


def initials(name: str) -> str:
    """Return one or two letters that stand for a person."""
    parts = [part for part in name.split() if part[:1].isalnum()]
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper() or "?"


def desk_of(request: web.Request) -> Desk:
    """Return the desk that a request is for."""
    return request[FACE].desk

"""What the script of a chat talks to: a session, messages, the transcript, files, notices."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from aiohttp import web

from channels.form import is_address
from channels.webchat.channel import LARGEST, LONGEST, MOST_FILES, Said, WebChat
from channels.webchat.identity import Identity
from channels.webchat.visitors import Caller
from inquiry.calendar import is_open, next_opening
from inquiry.journey import ChannelName
from inquiry.untrusted import string
from storage.chats import Entry
from web.chat import live
from web.chat.crossing import Answer, Call, Refused, crossing, preflight
from web.chat.tickets import GOOD_FOR, ticket
from web.chat.words import CHAT_WORDS
from web.customer_words import accepted, chosen
from web.files import download
from web.posts import files_in, posted, text_in

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ChatPages:
    """The pages of one chat channel."""

    chat: WebChat

    def routes(self) -> list[web.RouteDef]:
        """Return where they are."""
        chat, below = self.chat, f"/chat/{self.chat.name}"
        found = [web.get(f"{below}.js", partial(script, chat.name))]
        for method, path, answer in ANSWERS:
            found.append(web.route(method, below + path, crossing(chat, answer)))
        paths = dict.fromkeys(path for _, path, _ in ANSWERS)
        return found + [web.options(below + path, preflight(chat)) for path in paths]


async def script(name: ChannelName, request: web.Request) -> web.StreamResponse:
    """Send the script: the same for everybody, so it is kept until it has changed."""
    plain, gzipped, tag = _script(name)
    common = {
        "ETag": f'"{tag}"',
        "Cache-Control": "public, max-age=300",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Access-Control-Allow-Origin": "*",  # type=module, integrity=
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("If-None-Match") == common["ETag"]:
        return web.Response(status=304, headers=common)
    response = web.Response(body=plain, content_type="text/javascript", charset="utf-8")
    response.headers.update(common)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.body = gzipped
        response.headers["Content-Encoding"] = "gzip"
    return response


async def hello(call: Call) -> web.StreamResponse:
    """Say what the launcher needs; nobody becomes a visitor by looking at a page."""
    language = _language(call, call.request.query.get("lang", ""))
    settings = call.chat.settings
    most = settings.at_most
    words = CHAT_WORDS[language]
    return web.json_response(
        {
            "language": language,
            "title": settings.title.get(language) or words["title"],
            "desk": call.desk.name,
            "colour": settings.colour,
            "words": words,
            "presence": presence(call),
            "longest": LONGEST,
            "files": min(MOST_FILES, most.uploads),
            "together": LARGEST,
            "fileSize": most.file_size,
            "byMail": settings.by_mail is not None,
        }
    )


async def session(call: Call) -> web.StreamResponse:
    """Give whoever calls a ticket, and what is in the transcript."""
    said = await call.json()
    language = _language(call, string(said, "language"))
    caller = Caller(
        pass_=string(said, "pass"),
        identity=_identity(said.get("identity")),
        name=string(said, "name"),
        email=_address(string(said, "email")),
        language=language,
        peer=call.peer,
    )
    welcome = await call.chat.visitors.welcome(caller, now=call.now)
    visitor = welcome.visitor
    if said.get("verified") is True and not visitor.verified:
        raise Refused(403, "expired")  # never go on as somebody else
    await call.chat.catch_up(call.inlet, visitor, now=call.now)
    return web.json_response(
        {
            "ticket": ticket(call.desk.keys, call.chat.name, visitor.id, call.origin, now=call.now),
            "goodFor": int(GOOD_FOR.total_seconds()),
            "pass": welcome.pass_,
            "name": visitor.name,
            "email": visitor.email,
            "verified": visitor.verified,
            "read": visitor.read_seq,
            "seen": visitor.seen_seq,
            "presence": presence(call),
        }
    )


async def message(call: Call) -> web.StreamResponse:
    """Take a message in; answered only when it is stored."""
    visitor = await call.visitor()
    try:
        form = await posted(call.request)
    except web.HTTPRequestEntityTooLarge:
        raise Refused(413, "too-large") from None
    except web.HTTPBadRequest:
        raise Refused(400, "malformed") from None
    id_ = string(form, "id")
    if not 8 <= len(id_) <= 64 or not id_.isascii() or not id_.isprintable():
        raise Refused(400, "malformed")
    said = Said(
        id=id_,
        text=text_in(form, "text"),
        language=_language(call, string(form, "language")),
        page=string(form, "page")[:500],
        files=files_in(form),
    )
    seq = await call.chat.take(call.inlet, visitor, said, call.peer, now=call.now)
    return web.json_response({"seq": seq})


async def transcript(call: Call) -> web.StreamResponse:
    """Send what follows the last entry that the browser has, or a page of what came before."""
    visitor, asked = await call.visitor(), call.request.query
    if "after" in asked:
        entries = await call.chat.entries(visitor, _number(asked["after"]))
    else:
        before = _number(asked.get("before", str(visitor.last_seq + 1)))
        entries = await call.chat.entries_before(visitor, before)
    return web.json_response(
        {"entries": [_entry(one) for one in entries], "seen": visitor.seen_seq}
    )


async def notice(call: Call) -> web.StreamResponse:
    """Hear that the visitor is writing, or has read up to here."""
    visitor = await call.visitor()
    said = await call.json()
    if said.get("typing") is True:
        call.chat.writes(visitor, now=call.now)
        return web.json_response({})
    seq = said.get("read")
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq < 2**53:
        raise Refused(400, "malformed")
    await call.chat.read(visitor, seq, now=call.now)
    return web.json_response({})


async def introduction(call: Call) -> web.StreamResponse:
    """Learn a visitor's name and address."""
    visitor = await call.visitor()
    said = await call.json()
    email = string(said, "email").strip()
    if email and not is_address(email):
        raise Refused(422, "not-an-address")
    await call.chat.visitors.introduce(
        visitor, name=string(said, "name"), email=email, now=call.now
    )
    return web.json_response({})


async def file(call: Call) -> web.StreamResponse:
    """Send a file of this visitor's transcript."""
    visitor = await call.visitor()
    found = await call.chat.file(visitor, _number(call.request.match_info["number"]))
    if found is None:
        raise Refused(404, "gone")
    return download(*found)


def presence(call: Call) -> dict[str, object]:
    """Say whether somebody is there, else from when on; a browser tells it in its own time."""
    calendar = call.desk.calendars.get(call.chat.settings.calendar)
    if calendar is None or is_open(calendar, call.now):
        return {"open": True, "back": ""}
    back = next_opening(calendar, call.now)
    return {"open": False, "back": back.isoformat() if back else ""}


def _entry(one: Entry) -> dict[str, object]:
    return {
        "seq": one.seq,
        "id": one.remote_id,
        "mine": one.mine,
        "author": one.author,
        "text": one.text,
        "language": one.language,
        "at": one.at.isoformat(),
        "files": [{"id": f.id, "name": f.filename, "size": f.size} for f in one.files],
    }


def _identity(said: object) -> Identity | None:
    if not isinstance(said, dict):
        return None
    names = ("user", "expires", "name", "email", "signature")
    return Identity(**{name: string(said, name) for name in names})


def _address(text: str) -> str:
    return text.strip() if is_address(text.strip()) else ""


def _language(call: Call, wish: str) -> str:
    wishes = accepted(call.request.headers.get("Accept-Language", ""))
    return chosen([wish, *wishes], call.desk.languages)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Refused(400, "malformed")
    return int(text)


@cache
def _script(name: ChannelName) -> tuple[bytes, bytes, str]:
    """Return the widget with its style inside, the same in gzip, and what changes when it does."""
    style = json.dumps(_lean((HERE / "widget.css").read_text("utf-8")))
    parts = [_lean((HERE / name).read_text("utf-8")) for name in PARTS]
    begins = f"const NAME = {json.dumps(name)}, STYLE = {style};"
    text = f"(() => {{\n{begins}\n{''.join(parts)}}})();\n".encode()
    return text, gzip.compress(text), hashlib.sha256(text).hexdigest()[:16]


def _lean(text: str) -> str:
    """Leave out what only its readers here need: indents, and lines that are comments."""
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


PARTS = (
    *("keeping.js", "connection.js", "sending.js", "making.js"),
    *("transcript.js", "composer.js", "panel.js", "widget.js"),
)
ANSWERS: tuple[tuple[str, str, Answer], ...] = (
    ("GET", "/hello", hello),
    ("POST", "/session", session),
    ("POST", "/messages", message),
    ("GET", "/entries", transcript),
    ("POST", "/notices", notice),
    ("POST", "/introduction", introduction),
    ("GET", "/files/{number}", file),
    ("GET", "/socket", live.socket),
    ("GET", "/events", live.events),
)

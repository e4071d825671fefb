"""The demo's other side: the customers' mailbox, and mail that they write."""

import asyncio
import email
import email.policy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid, parsedate_to_datetime
from pathlib import Path

import aiosmtplib
from aiohttp import web

from inquiry.errors import TemporaryFailure
from web.customer_words import NAMES, offered
from web.desk import Demo
from web.pages import desk_of, page
from web.posts import posted

MOST = 60
SHOWN = ("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References")
SHOWN_TOO = ("Auto-Submitted", "Reply-To", "Content-Language", "X-Auto-Response-Suppress")
PATIENCE = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that the desk has sent."""

    file: str
    headers: tuple[tuple[str, str], ...]
    text: str
    at: datetime

    def header(self, name: str) -> str:
        """Return a header, "" if it is missing."""
        return dict(self.headers).get(name, "")


async def mailbox(request: web.Request) -> web.StreamResponse:
    """Show what the desk has sent, the newest first."""
    return await _page(request, "")


async def mail(request: web.Request) -> web.StreamResponse:
    """Show one mail, with its headers and a form to answer it."""
    return await _page(request, request.match_info["file"])


async def answer(request: web.Request) -> web.StreamResponse:
    """Answer a mail as the customer would: by a real mail to the desk's port."""
    file = request.match_info["file"]
    found = next((one for one in await _mails(_demo(request)) if one.file == file), None)
    if found is None:
        raise web.HTTPNotFound
    form = await posted(request)
    written = _reply(found, str(form.get("text", "")))
    await _deliver(_demo(request), written)
    raise web.HTTPSeeOther(f"/demo/mailbox/{file}?sent=1")


async def write(request: web.Request) -> web.StreamResponse:
    """Show a form for a new customer's mail."""
    return page(request, "demo-write.html", address=_demo(request).address)


async def post(request: web.Request) -> web.StreamResponse:
    """Send a new customer's mail to the desk's port."""
    demo, form = _demo(request), await posted(request)
    fresh = _new_mail(
        formataddr((_line(form.get("name")), _line(form.get("email")) or "someone@kunde.example")),
        demo.address,
        _line(form.get("subject")),
        str(form.get("text", "")),
    )
    await _deliver(demo, fresh)
    raise web.HTTPSeeOther("/demo/mailbox?sent=1")


async def shop(request: web.Request) -> web.StreamResponse:
    """Show somebody's shop, in a language that its visitor may choose, with the desk's chat."""
    desk = desk_of(request)
    if desk.demo is None or not desk.chats:
        raise web.HTTPNotFound
    asked, languages = request.query.get("lang", ""), offered(desk.languages)
    return page(
        request,
        "demo-shop.html",
        lang=asked if asked in languages else languages[0],
        spoken=[(code, NAMES[code]) for code in languages],
        chat=desk.chats[0].name,
    )


async def _page(request: web.Request, file: str) -> web.Response:
    mails = await _mails(_demo(request))
    chosen = next((one for one in mails if one.file == file), None)
    if file and chosen is None:
        raise web.HTTPNotFound
    return page(request, "mailbox.html", mails=mails, chosen=chosen, sent="sent" in request.query)


def _demo(request: web.Request) -> Demo:
    demo = desk_of(request).demo
    if demo is None:
        raise web.HTTPNotFound
    return demo


async def _mails(demo: Demo) -> Sequence[Mail]:
    return await asyncio.to_thread(_read, demo.folder)


def _read(folder: Path) -> list[Mail]:
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [_parsed(path) for path in files[:MOST]]


def _parsed(path: Path) -> Mail:
    raw = path.read_bytes()
    plain = email.message_from_bytes(raw)  # its headers keep words together that are encoded apart
    headers = [
        (name, str(make_header(decode_header(plain[name]))))
        for name in (*SHOWN, *SHOWN_TOO)
        if name in plain
    ]
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    return Mail(
        file=path.name,
        headers=tuple(headers),
        text=str(body.get_content()) if body else "",
        at=parsedate_to_datetime(plain["Date"]),
    )


def _reply(found: Mail, text: str) -> EmailMessage:
    subject = found.header("Subject")
    written = _new_mail(
        found.header("To"),
        found.header("Reply-To") or found.header("From"),
        subject if subject.lower().startswith("re:") else f"Re: {subject}",
        f"{text}\n\n{found.header('Date')}, {found.header('From')}:\n{_quoted(found.text)}",
    )
    written["In-Reply-To"] = found.header("Message-ID")
    references = f"{found.header('References')} {found.header('Message-ID')}"
    written["References"] = references.strip()
    return written


def _new_mail(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.now().astimezone())
    mail["Message-ID"] = make_msgid(domain="kunde.example")
    mail.set_content(text)
    return mail


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _line(value: object) -> str:
    """Return a field as one line: what goes into a header has no second one."""
    return " ".join(str(value or "").split())[:300]


async def _deliver(demo: Demo, mail: EmailMessage) -> None:
    try:
        await aiosmtplib.send(
            mail, hostname="127.0.0.1", port=demo.port, start_tls=False, timeout=PATIENCE
        )
    except (aiosmtplib.SMTPException, OSError) as error:
        raise TemporaryFailure(f"the demo's customer could not write: {error}") from error

"""Everything around the desk: each channel's server, and who notes what they deliver."""

import asyncio
import email
import email.policy
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from aiohttp import ClientSession, CookieJar, web

from tests.harness.bridge import Bridge
from tests.servers.dovecot import PASSWORD, Dovecot, dovecot
from tests.servers.other_system import SECRET as HOOK_SECRET
from tests.servers.other_system import OtherSystem, other_system
from tests.servers.postgres import Postgres, postgres
from tests.servers.sink import Sink, smtp_sink
from tests.servers.slack.names import APP_TOKEN, BOT_TOKEN
from tests.servers.slack.names import SECRET as SLACK_SECRET
from tests.servers.slack.server import FakeSlack, slack
from tests.servers.telegram import FakeTelegram, telegram
from tests.storm.book import Book, Heard

DESK = Path(__file__).with_name("desk.yaml")
SHOP = "http://shop.example"
CHAT, HOOKS = "shop-chat", "hooks"
SPECIALISTS = ("ola", "kasia")
SECRET_OF_ALL = "a good long password"
GLANCE = 0.02
PATIENCE = 300.0
"""Seconds that anybody waits for anything, over all kills and troubles."""


class Stuck(Exception):
    """Somebody waits for what never comes."""


@dataclass(slots=True)
class World:
    """A desk, and all that it is connected with."""

    bridge: Bridge
    book: Book
    sink: Sink
    mailboxes: Dovecot
    telegram: FakeTelegram
    slacks: dict[str, FakeSlack]
    """By the name of the channel."""
    other: OtherSystem
    postgres: Postgres | None
    letters: list[EmailMessage] = field(default_factory=list)
    """Mails that customers have got, each with ``X-To``."""
    patience: float = PATIENCE
    undisturbed: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a customer puts a mail into the mailbox."""

    async def give_passwords(self) -> None:
        """Let the specialists in."""
        passwd, said = ("specialist", "passwd", "--stdin"), f"{SECRET_OF_ALL}\n"
        await asyncio.gather(*(self.bridge.run(*passwd, name, said=said) for name in SPECIALISTS))

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something is true. Raises Stuck."""
        deadline = time.monotonic() + self.patience
        while not holds():
            if time.monotonic() > deadline:
                raise Stuck(what)
            await asyncio.sleep(GLANCE)

    async def write_down(self) -> None:
        """Note for ever what reaches people, each thing once and in its order."""
        counts = {"mail": 0, "telegram": 0, **dict.fromkeys(self.slacks, 0)}
        while True:
            self._note_mails(counts)
            self._note_chats(counts)
            await asyncio.sleep(GLANCE)

    def _note_mails(self, counts: dict[str, int]) -> None:
        for sunk in self.sink.mails[counts["mail"] :]:
            letter = email.message_from_bytes(sunk.raw, policy=email.policy.default)
            assert isinstance(letter, EmailMessage)
            marked = letter["X-Possible-Repeat"] == "yes"
            text = f"{letter['Subject']}\n{words_of(letter)}"
            for recipient in sunk.rcpt_to:
                letter["X-To"] = recipient
                self.book.hears(Heard(place=f"mail:{recipient}", text=text, marked=marked))
            self.letters.append(letter)
            counts["mail"] += 1

    def _note_chats(self, counts: dict[str, int]) -> None:
        for sent in self.telegram.sent[counts["telegram"] :]:
            place = f"telegram:{sent['chat_id']}"
            self.book.hears(Heard(place=place, text=str(sent.get("text", ""))))
            counts["telegram"] += 1
        for name, fake in self.slacks.items():
            for sent in fake.sent[counts[name] :]:
                thread = f"/{sent['thread_ts']}" if sent.get("thread_ts") else ""
                place = f"{name}:{sent['channel']}{thread}"
                self.book.hears(Heard(place=place, text=str(sent.get("text", ""))))
                counts[name] += 1

    async def take_answer(self, request: web.Request) -> web.Response:
        """The other system takes an answer, and remembers it before it says so."""
        body, key = await request.read(), request.headers["webhook-id"]
        data = json.loads(body)["data"]
        place = f"{HOOKS}:{data['to']['id']}/{data['conversation']}"
        self.book.hears(Heard(place=place, text=data["text"], key=key))
        return self.other.keep(key, body)


def words_of(letter: EmailMessage) -> str:
    """Return the text of a mail."""
    body = letter.get_body(("plain",))
    return str(body.get_content()) if body else ""


def browser(url: str) -> ClientSession:
    """Return a session that keeps cookies and says where its forms come from."""
    return ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Origin": url})


@asynccontextmanager
async def world(folder: Path, *, database: str) -> AsyncIterator[World]:
    """Start all servers; the desk itself is started and killed by whoever asked."""
    async with AsyncExitStack() as stack:
        storage, server = "sqlite", None
        if database == "postgres":
            server = stack.enter_context(postgres(durable=True))
            storage = server.create("desk")
        mailboxes = stack.enter_context(dovecot())
        sink = await stack.enter_async_context(smtp_sink())
        fake = await stack.enter_async_context(telegram())
        names = ("slack-socket", "slack-http")
        slacks = {name: await stack.enter_async_context(slack()) for name in names}
        other = await stack.enter_async_context(other_system())
        bridge = Bridge(folder=folder, desk=DESK, storage=storage, environment={})
        bridge.environment = dict(_environment(sink, mailboxes, fake, slacks, other))
        slacks["slack-http"].push_to = f"{bridge.url}/slack/events"
        other.to = f"{bridge.url}/hooks/{HOOKS}"
        book = Book(folder / "book")
        found = World(bridge, book, sink, mailboxes, fake, slacks, other, server)
        other.behaviour = found.take_answer
        try:
            yield found
        finally:
            book.close()
            if bridge.alive:
                await bridge.kill()


def _environment(
    sink: Sink,
    mailboxes: Dovecot,
    fake: FakeTelegram,
    slacks: dict[str, FakeSlack],
    other: OtherSystem,
) -> Iterator[tuple[str, str]]:
    yield "SINK_PORT", str(sink.port)
    yield "IMAP_PORT", str(mailboxes.port)
    yield "IMAP_PASSWORD", PASSWORD
    yield "TELEGRAM_TOKEN", fake.token
    yield "TELEGRAM_API", fake.api
    yield "SLACK_BOT", BOT_TOKEN
    yield "SLACK_APP", APP_TOKEN
    yield "SLACK_SECRET", SLACK_SECRET
    yield "SLACK_SOCKET_API", slacks["slack-socket"].api
    yield "SLACK_HTTP_API", slacks["slack-http"].api
    yield "HOOK_SECRET", HOOK_SECRET
    yield "HOOK_URL", other.url

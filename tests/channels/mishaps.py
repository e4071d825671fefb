"""Whom we answer, by each channel that sends, and what goes wrong on the way on command."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from aiohttp import web

from channels.contract import Premises, Sender
from channels.mail.settings import Send, Tls
from channels.mail.submission import SubmissionSender
from channels.webchat.channel import open_channel as open_chat
from inquiry.journey import CHAT, MAIL, SLACK, TELEGRAM, WEBHOOK, ChannelName
from inquiry.understood import Message, Party
from outbox.route import Outlet
from storage import chats
from storage.sqlite import Sqlite
from tests.channels import slack_world, test_telegram, test_webchat, test_webhook
from tests.inquiries import NOW, a_message
from tests.servers import http_troubles as http
from tests.servers import telegram as telegram_server
from tests.servers.http_troubles import Trouble
from tests.servers.other_system import OtherSystem, other_system
from tests.servers.ports import free_port
from tests.servers.sink import Act, Sink, smtp_sink
from tests.servers.slack import troubles as slack_says
from tests.servers.slack.names import ACME, DIRECT, KARI, OLA
from tests.servers.slack.server import FakeSlack, slack
from tests.servers.telegram import FakeTelegram, telegram
from tests.web.chat.house import CHAT as SHOP
from tests.web.chat.house import the_settings

ROWS = (
    "asks us to wait a second",
    "asks us to wait a minute",
    "asks us to wait, and says no time",
    "asks us to wait for years",
    "nobody listens",
    "the line is cut, and nothing was done",
    "the line is cut when it was done",
    "half an answer",
    "an answer that nobody can read",
    "an answer in no HTTP, or no SMTP",
    "no answer in time",
    "a fault of its own (500, 451)",
    "502 with a page of HTML",
    "503",
    "refuses this message for good",
    "refuses our sign-in",
)
BURST = "one conversation wants to be left alone for a minute"
CHANNELS = ("mail", "Telegram", "Slack", "web chat", "webhook")
Act_ = Callable[[], object]
Fake = TypeVar("Fake", FakeTelegram, FakeSlack)


class Place(Protocol):
    """One channel, and the other side of it."""

    outlet: Outlet
    said: Message
    """What opens the inquiry."""
    media_type: str
    mishaps: dict[str, Act_]
    """By row: what makes it happen. A row that is not here does not exist there."""

    @asynccontextmanager
    def opened(self) -> AsyncIterator[Sender]: ...

    async def copies(self, text: str) -> int:
        """How often the person has been told this."""
        ...

    async def behave(self) -> None: ...


class OverHttp:
    """A service of messengers: what stands in the way of its one method that sends."""

    def __init__(self, put: Callable[[Trouble], None], away: Act_) -> None:
        troubles: dict[str, Trouble] = {
            "the line is cut, and nothing was done": http.cut_before,
            "the line is cut when it was done": http.cut_after,
            "half an answer": http.half_an_answer,
            "an answer that nobody can read": http.no_json,
            "an answer in no HTTP, or no SMTP": http.no_http,
            "no answer in time": http.no_answer,
            "a fault of its own (500, 451)": http.page(500),
            "502 with a page of HTML": http.page(502),
            "503": http.page(503),
        }
        self._put = put
        self.mishaps: dict[str, Act_] = {
            name: partial(put, trouble) for name, trouble in troubles.items()
        } | {"nobody listens": away}

    def also(self, name: str, trouble: Trouble) -> None:
        self.mishaps[name] = partial(self._put, trouble)


class OfMessenger(Generic[Fake]):
    """A service whose other side is a fake one."""

    fake: Fake

    async def copies(self, text: str) -> int:
        return self.told().count(text)

    def told(self) -> list[str]:
        return [sent["text"] for sent in self.fake.sent]

    async def behave(self) -> None:
        self.fake.behave()
        await self.fake.go_away()
        await self.fake.come_back()


class Telegram(OfMessenger[FakeTelegram]):
    outlet = Outlet(name=ChannelName("telegram"), contact="telegram", subject=False)
    media_type = TELEGRAM

    def __init__(self, fake: FakeTelegram) -> None:
        self.fake = fake
        self.said, self.another = spoken("501", "501"), spoken("502", "502")
        over = OverHttp(partial(fake.from_now_on, "sendMessage"), fake.stop_listening)
        waits = (1, 60, None, 10**12)
        for row, seconds in zip(ROWS, waits, strict=False):
            over.also(row, telegram_server.too_many(seconds))
        over.also(ROWS[-1], telegram_server.refuses(401, "Unauthorized"))
        over.also(BURST, http.only_where(b"501", telegram_server.too_many(60)))
        self.mishaps: dict[str, Act_] = over.mishaps | {ROWS[-2]: partial(fake.block, 501)}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Sender]:
        async with test_telegram.opened(self.fake) as channel:
            yield channel


class Slack(OfMessenger[FakeSlack]):
    outlet = Outlet(name=ChannelName("slack"), contact="slack", subject=False)
    media_type = SLACK

    def __init__(self, fake: FakeSlack) -> None:
        self.fake = fake
        self.said, self.another = spoken(KARI, DIRECT), spoken(OLA, ACME)
        over = OverHttp(partial(fake.from_now_on, "chat.postMessage"), fake.stop_listening)
        for row, seconds in zip(ROWS, ("1", "60", None, "999999999"), strict=False):
            over.also(row, slack_says.too_many(seconds))
        over.also(ROWS[-1], slack_says.refuses("token_revoked"))
        over.also(BURST, http.only_where(DIRECT.encode(), slack_says.too_many("60")))
        over.also(ROWS[-2], slack_says.refuses("is_archived"))
        self.mishaps = over.mishaps

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Sender]:
        async with slack_world.opened(self.fake) as channel:
            yield channel


class Webhook:
    outlet = Outlet(name=test_webhook.SMS, contact="webhook")
    media_type = WEBHOOK

    def __init__(self, system: OtherSystem) -> None:
        self.system = system
        self.said, self.another = spoken("sms:+4799887766", "+4799887766"), spoken("sms:+48", "+48")
        over = OverHttp(self._put, system.stop_listening)
        for row, seconds in zip(ROWS, ("1", "60", None, "999999999999"), strict=False):
            asked = {} if seconds is None else {"Retry-After": seconds}
            over.also(row, http.page(429, headers=asked))
        over.also(ROWS[-1], http.page(401))
        over.also(
            BURST, http.only_where(b"+4799887766", http.page(429, headers={"Retry-After": "60"}))
        )
        over.also(ROWS[-2], http.page(422))
        self.mishaps = over.mishaps

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Sender]:
        async with test_webhook.opened(self.system) as channel:
            yield channel

    async def copies(self, text: str) -> int:
        return self.told().count(text)

    def told(self) -> list[str]:
        return [event["data"]["text"] for event in self.system.heard]

    async def behave(self) -> None:
        self.system.behaviour = None
        self.system.stop_listening()
        await self.system.listen_again()

    def _put(self, trouble: Trouble) -> None:
        async def keep(request: web.Request) -> web.StreamResponse:
            return self.system.keep(request.headers["webhook-id"], await request.read())

        async def behaviour(request: web.Request) -> web.StreamResponse:
            return await trouble(request, keep)

        self.system.behaviour = behaviour


class WebChat:
    """The other side is our own database: what can go wrong there goes wrong for us all."""

    outlet = Outlet(name=SHOP, contact="web-chat", subject=False)
    media_type = CHAT

    def __init__(self, db: Sqlite) -> None:
        self.store = test_webchat.Troubled(db)
        self.said = spoken("visitor-1", "visitor-1")
        self.mishaps: dict[str, Act_] = {
            "nobody listens": partial(self._set, "cut_before"),
            "the line is cut when it was done": partial(self._set, "cut_after"),
            "no answer in time": partial(self._set, "silent"),
            ROWS[-2]: self._forget,
        }
        self._premises = Premises(spool=Path("/nowhere"), store=self.store)
        self._forgotten = False

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Sender]:
        if not self._forgotten:
            await self.store.db.write(_visits)
        settings = the_settings()
        async with open_chat(self.outlet.name, settings, self._premises) as channel:
            yield channel

    async def copies(self, text: str) -> int:
        entries = await self.store.db.read(_transcript)
        return [entry.text for entry in entries].count(text)

    async def behave(self) -> None:
        self.store.cut_before = self.store.cut_after = self.store.silent = False

    def _set(self, trouble: str) -> None:
        setattr(self.store, trouble, True)

    def _forget(self) -> None:
        self._forgotten = True


class MailOut:
    outlet = Outlet(
        name=ChannelName("support-mail"), contact="mail", address="support@nordlys.example"
    )
    media_type = MAIL
    said = a_message()

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self._usual = {"AUTH": "235 2.7.0 Welcome"}
        plans: dict[str, dict[str, Any]] = {
            ROWS[2]: {"RCPT": "450 4.2.1 Try later"},
            "the line is cut, and nothing was done": {"DATA": Act.RESET},
            "the line is cut when it was done": {"END": Act.RESET},
            "half an answer": {"END": b"25"},
            "an answer that nobody can read": {"END": "899 Jein"},
            "an answer in no HTTP, or no SMTP": {"END": b"\x15\x03\x01\x00\x02 what?\r\n"},
            "no answer in time": {"END": Act.SILENCE},
            "a fault of its own (500, 451)": {"END": "451 4.3.0 Local trouble"},
            ROWS[-2]: {"RCPT": "550 5.1.1 User unknown"},
            ROWS[-1]: {"AUTH": "535 5.7.8 Bad password"},
        }
        self.mishaps: dict[str, Act_] = {
            row: partial(self._plan, plan) for row, plan in plans.items()
        }
        self.mishaps["nobody listens"] = self._leave
        self._port = sink.port
        self._plan({})

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Sender]:
        settings = Send(
            host="127.0.0.1",
            port=self._port,
            tls=Tls.NONE,
            from_="Nordlys Support <support@nordlys.example>",
            user="desk",
            password="hunter2-and-more",
        )
        yield SubmissionSender(self.outlet.name, settings, patience=timedelta(seconds=2))

    async def copies(self, text: str) -> int:
        return sum(text in mail.raw.decode() for mail in self.sink.mails)

    async def behave(self) -> None:
        self._port = self.sink.port
        self._plan({})

    def _leave(self) -> None:
        self._port = free_port()

    def _plan(self, plan: Mapping[str, Any]) -> None:
        self.sink.plan = {**self._usual, **plan}


@asynccontextmanager
async def place(name: str, db: Sqlite) -> AsyncIterator[Place]:
    """Open the other side of a channel, by its name on the page."""
    if name == "mail":
        async with smtp_sink() as sink:
            yield MailOut(sink)
    elif name == "Telegram":
        async with telegram() as bots:
            yield Telegram(bots)
    elif name == "Slack":
        async with slack() as workspace:
            yield Slack(workspace)
    elif name == "web chat":
        yield WebChat(db)
    else:
        async with other_system() as system:
            yield Webhook(system)


def spoken(who: str, conversation: str) -> Message:
    return replace(
        a_message(), sender=Party(who, "Jan"), conversation=conversation, message_id="", subject=""
    )


async def _visits(tx: Any) -> None:
    if await chats.by_key(tx, "visitor-1") is None:
        await chats.add_visitor(
            tx, channel=SHOP, key="visitor-1", secret=test_webchat.PASS, now=NOW
        )


async def _transcript(tx: Any) -> list[chats.Entry]:
    visitor = await chats.by_key(tx, "visitor-1")
    return [] if visitor is None else await chats.entries(tx, visitor.id, after=0)

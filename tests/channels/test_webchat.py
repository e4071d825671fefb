"""Does the web chat keep what every channel promises?"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from channels.allowance import MOST_KNOWN, Allowance, TooMuch
from channels.contract import Inlet, Premises, Receiver, Sender
from channels.webchat.channel import open_channel
from channels.webchat.identity import Identity, signed, vouched_for
from channels.webchat.listeners import MOST_WAITING, Listeners, News
from channels.webchat.settings import READABLE, colour, contrast, origin
from channels.webchat.settings import Identity as IdentitySettings
from inquiry.errors import TemporaryFailure
from inquiry.journey import Dispatch
from inquiry.words import Purpose
from storage import chats
from storage.database import StorageUnavailable
from storage.sqlite import Sqlite
from tests.channels.suite import Receiving, Sending
from tests.inquiries import NOW
from tests.web.chat.house import CHAT, SECRET, Browser, a_dispatch, house, the_settings

T = TypeVar("T")
PASS = "what the browser keeps"


@dataclass(slots=True)
class Troubled:
    """A database on whose way something happens."""

    db: Sqlite
    busy: bool = False
    cut_before: bool = False
    cut_after: bool = False
    silent: bool = False

    async def read(self, work: Callable[[Any], Awaitable[T]]) -> T:
        if self.silent:
            await asyncio.sleep(60)
        if self.busy:
            raise StorageUnavailable("a long transaction", retry_after=timedelta(seconds=7))
        if self.cut_before:
            raise StorageUnavailable("the connection is lost")
        return await self.db.read(work)

    async def write(self, work: Callable[[Any], Awaitable[T]]) -> T:
        done = await self.db.write(work)
        if self.cut_after:
            raise StorageUnavailable("the connection was lost at COMMIT")
        return done


@dataclass
class World:
    """One visitor, whose browser sends until it is told that it has arrived."""

    db: Sqlite
    store: Troubled
    secrets: Sequence[str] = (SECRET, PASS)
    delay = timedelta(seconds=7)
    waiting: list[tuple[str, str]] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    key: str = ""

    @asynccontextmanager
    async def running(self, inlet: Inlet) -> AsyncIterator[None]:
        settings = the_settings(at_most=type(the_settings().at_most)(messages=1000))
        async with house(self.store, inlet, settings, db=self.db) as desk:
            browser = desk.visitor()
            browser.pass_ = PASS
            sending = asyncio.create_task(self._keep_sending(browser))
            yield
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending

    async def _keep_sending(self, browser: Browser) -> None:
        assert (await browser.enter()).status == 200
        while True:
            for item in list(self.waiting):
                if (await browser.say(item[1], id_=item[0])).status == 200:
                    self.waiting.remove(item)
                    self.told.append(item)
            await asyncio.sleep(0.02)

    async def say(self, text: str) -> None:
        self.waiting.append((f"message-{len(self.waiting) + len(self.told)}", text))

    async def repeat(self) -> None:
        self.waiting, self.told = [*self.told, *self.waiting], []

    async def confirmed(self) -> list[str]:
        return [text for _, text in self.told]

    def opened(self) -> AbstractAsyncContextManager[Sender]:
        return open_channel(CHAT, the_settings(), Premises(spool=Path("/x"), store=self.store))

    def dispatch(self, text: str) -> Dispatch:
        return a_dispatch(self.key, text)

    async def heard(self) -> list[str]:
        async def look(tx: Any) -> list[str]:
            visitor = await chats.by_secret(tx, CHAT, PASS)
            assert visitor
            return [entry.text for entry in await chats.entries(tx, visitor.id, after=0)]

        return await self.db.read(look)

    def refuse(self) -> None:
        self.key = "visitor-who-never-was"

    def busy(self) -> None:
        self.store.busy = True

    def hang_up(self, *, after_sending: bool) -> None:
        self.store.cut_after, self.store.cut_before = after_sending, not after_sending

    def fall_silent(self) -> None:
        self.store.silent = True


class TestWebChat(Receiving, Sending):
    @pytest.fixture
    async def world(self, sqlite: Sqlite) -> World:
        visitor = await sqlite.write(
            lambda tx: chats.add_visitor(tx, channel=CHAT, key="visitor-1", secret=PASS, now=NOW)
        )
        return World(sqlite, Troubled(sqlite), key=visitor.key)


async def test_what_may_have_been_written_is_written_once(sqlite: Sqlite) -> None:
    world = World(sqlite, Troubled(sqlite), key="visitor-1")
    await sqlite.write(
        lambda tx: chats.add_visitor(tx, channel=CHAT, key="visitor-1", secret=PASS, now=NOW)
    )
    async with world.opened() as channel:
        assert isinstance(channel, Receiver)
        assert channel.repeatable
        world.hang_up(after_sending=True)
        with suppress(Exception):
            await channel.send(world.dispatch("once"))
        world.store.cut_after = False
        await channel.send(world.dispatch("once"))
    assert await world.heard() == ["once"]


async def test_nobody_is_mailed_but_who_left_an_address_and_has_not_seen_it(
    sqlite: Sqlite,
) -> None:
    """The way to the mail itself is a journey: tests/journeys/test_chat.py."""
    world = World(sqlite, Troubled(sqlite), key="visitor-1")
    visitor = await sqlite.write(
        lambda tx: chats.add_visitor(tx, channel=CHAT, key="visitor-1", secret=PASS, now=NOW)
    )
    premises = Premises(spool=Path("/x"), store=sqlite)
    async with open_channel(CHAT, the_settings(), premises) as channel:
        receipt = await channel.send(world.dispatch("hello"))
        later = receipt.at + timedelta(minutes=11)
        assert await channel.look_after(now=later) == 0  # no address
        await sqlite.write(lambda tx: chats.learn(tx, visitor.id, email="jan@kunde.example"))
        await channel.read(visitor, 1, now=later)
        assert await channel.look_after(now=later) == 0  # seen
        automatic = a_dispatch("visitor-1", "received", 8, purpose=Purpose.ACKNOWLEDGEMENT)
        await channel.send(automatic)
        assert await channel.look_after(now=later) == 0  # nobody's words


def test_an_allowance_slides() -> None:
    allowance = Allowance(timedelta(minutes=1))
    for second in (0, 30):
        allowance.spend("jan", 2, now=NOW + timedelta(seconds=second))
    with pytest.raises(TooMuch) as refused:
        allowance.spend("jan", 2, now=NOW + timedelta(seconds=45))
    assert refused.value.retry_after == timedelta(seconds=15)
    allowance.spend("kari", 2, now=NOW + timedelta(seconds=45))
    allowance.spend("jan", 2, now=NOW + timedelta(seconds=60))
    with pytest.raises(TooMuch):
        allowance.spend("jan", 2, amount=2, now=NOW + timedelta(seconds=91))


def test_an_allowance_remembers_a_bounded_number() -> None:
    granted, refused = Allowance(timedelta(hours=1)), Allowance(timedelta(hours=1))
    for number in range(MOST_KNOWN + 10):
        granted.spend(f"{number}", 1, now=NOW)
        with pytest.raises(TooMuch):
            refused.spend(f"{number}", 1, amount=2, now=NOW)
    assert (len(granted._spent), len(refused._spent)) == (MOST_KNOWN, 0)
    with pytest.raises(TooMuch):
        granted.spend(f"{MOST_KNOWN + 9}", 1, now=NOW)


def test_too_much_is_a_failure_for_now() -> None:
    assert issubclass(TooMuch, TemporaryFailure)


async def test_who_does_not_listen_costs_little_and_still_hears_good_bye() -> None:
    listeners = Listeners()
    with listeners.listening(1, "x", 2) as listener:
        for _ in range(3 * MOST_WAITING):
            listeners.nudge(1, News.ENTRIES)
        listeners.close()
        heard = [listener.news.get_nowait() for _ in range(listener.news.qsize())]
        assert len(heard) == MOST_WAITING
        assert heard[-1] is News.BYE
        assert listeners.connected(1)
    assert not listeners.connected(1)
    with listeners.listening(1, "x", 2) as late:
        assert late.news.get_nowait() is News.BYE


def an_identity(**changes: str) -> Identity:
    until = str(int(NOW.timestamp()) + 60)
    values = {"user": "7", "expires": until, "signature": "", **changes}
    who = Identity(**values)
    return Identity(**{**values, "signature": signed(SECRET, who)})


@pytest.mark.parametrize(
    ("who", "good"),
    [
        (an_identity(), True),
        (an_identity(name="Ола", email="ola@kunde.example"), True),
        (an_identity(user=""), False),
        (an_identity(user=" 7"), False),
        (an_identity(user="x" * 201), False),
        (an_identity(expires="soon"), False),
        (an_identity(expires="٣"), False),
        (an_identity(expires=str(int(NOW.timestamp()))), False),
        (an_identity(user="7\n8"), False),
    ],
)
def test_a_signature_is_of_one_user_and_a_time(who: Identity, good: bool) -> None:
    assert vouched_for(SECRET, who, now=NOW) is good
    assert not vouched_for("another secret", who, now=NOW)


def test_a_signature_is_what_the_page_of_documentation_says() -> None:
    who = Identity(user="42", expires="1795000000", name="Jan", email="", signature="")
    assert signed("0123456789abcdef0123456789abcdef", who) == (
        "bdc3941f0a79091412d163a929a75a3efaabfbf037b899412ecee55229876243"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://www.Fjord.example/", "https://www.fjord.example"),
        ("https://fjord.example:443", "https://fjord.example"),
        ("http://fjord.example:80", "http://fjord.example"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_an_origin_is_as_browsers_write_it(text: str, expected: str) -> None:
    assert origin(text) == expected


@pytest.mark.parametrize(
    "text", ["*", "https://*.fjord.example", "fjord.example", "https://fjord.example/shop", "null"]
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an origin such as"):
        origin(text)


def test_white_can_be_read_on_every_colour_that_is_taken() -> None:
    assert colour("#0B5CAD") == "#0b5cad"
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast(colour("#0b5cad"), "#ffffff") >= READABLE
    with pytest.raises(ValueError, match="choose a darker colour"):
        colour("#ffcc00")
    with pytest.raises(ValueError, match="is not a colour such as"):
        colour("blue")


async def test_nothing_of_a_secret_is_shown() -> None:
    assert SECRET not in repr(the_settings())
    short = the_settings(identity=IdentitySettings(secret="short"))
    assert short.lacking == "the 'secret' of 'identity' needs 32 letters"
    assert "allowed_origins" in the_settings(allowed_origins=()).lacking
    assert the_settings().lacking == ""

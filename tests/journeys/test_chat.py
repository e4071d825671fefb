"""Does a visitor of somebody's page get an answer in the chat, whatever happens to the bridge?

With a real bridge, which is killed and started again, and Chromium on a page of another origin.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page

from channels.webchat.identity import Identity, signed
from tests.harness.bridge import Bridge
from tests.journeys.console import answer, open_inquiry, sign_in, until_shown
from tests.servers.chromium import chromium
from tests.servers.host_page import HostPage, host_page
from tests.servers.programs import needed
from tests.servers.sink import Sink, smtp_sink
from tests.web.chat.shop import violations

pytestmark = pytest.mark.server
DESK = Path(__file__).with_name("chat.yaml")
SECRET = "a secret of the shop, long enough to be one"
PATIENCE = 60_000.0


def elsewhen(now: datetime) -> str:
    """Return an hour of the day that is far from now."""
    hour = (now + timedelta(hours=11)).hour
    return f"{hour:02}:00-{hour:02}:30"


@dataclass(frozen=True, slots=True)
class World:
    """A desk, a shop, and a browser."""

    bridge: Bridge
    shop: HostPage
    customers: Sink
    browser: Browser

    async def visit(self, chat: str = "shop-chat", **data: str) -> Page:
        """Open the shop's page in a browser of its own."""
        self.shop.embed(self.bridge.url, chat, **data)
        context = await self.browser.new_context(locale="pl-PL")
        return await self.again(context)

    async def again(self, context: BrowserContext) -> Page:
        page = await context.new_page()
        await page.goto(self.shop.origin)
        return page

    async def console(self) -> Page:
        page = await self.browser.new_page()
        await sign_in(page, self.bridge.url, "kasia", "a good long password")
        return page


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    needed("chromium")
    async with AsyncExitStack() as stack:
        customers = await stack.enter_async_context(smtp_sink())
        shop = await stack.enter_async_context(host_page())
        browser = await stack.enter_async_context(chromium())
        bridge = Bridge(
            folder=tmp_path,
            desk=DESK,
            storage="sqlite",
            environment={
                "SHOP": shop.origin,
                "CHAT_SECRET": SECRET,
                "SUBMISSION_PORT": str(customers.port),
                "HOURS": elsewhen(datetime.now(UTC)),
            },
        )
        await bridge.start()
        await bridge.ready()
        await bridge.run("specialist", "passwd", "kasia", "--stdin", said="a good long password\n")
        yield World(bridge, shop, customers, browser)
        assert await bridge.stop() == 0, bridge.last_words()


async def open_chat(page: Page) -> Locator:
    """Open the panel and return it."""
    panel = page.get_by_role("dialog")
    launcher = page.get_by_role("button", name="Otwórz czat")
    await panel.or_(launcher).first.wait_for(timeout=PATIENCE)
    if not await panel.is_visible():  # it stays open over a reload
        await launcher.click()
        await panel.wait_for()
    return panel


async def say(panel: Locator, text: str) -> None:
    await panel.get_by_role("textbox", name="Twoja wiadomość").fill(text)
    await panel.get_by_role("button", name="Wyślij").click()


async def said(panel: Locator) -> list[str]:
    """Return everything in the transcript, in order."""
    return await panel.locator(".said").all_inner_texts()


async def shown(panel: Locator, text: str, state: str = "") -> None:
    await panel.locator("li", has_text=text).filter(has_text=state).first.wait_for(timeout=PATIENCE)


async def test_a_question_is_answered_in_the_chat(world: World) -> None:
    page = await world.visit()
    panel = await open_chat(page)
    await say(panel, "Czy ten namiot jest jeszcze dostępny?")
    await shown(panel, "Czy ten namiot", "Wysłano")
    console = await world.console()
    await open_inquiry(console, world.bridge.url, "Czy ten namiot")
    await console.get_by_text("The visitor has the chat open.").wait_for(timeout=PATIENCE)
    await panel.get_by_role("textbox", name="Twoja wiadomość").press_sequentially("Halo?")
    await console.get_by_text("The visitor is writing").wait_for(timeout=PATIENCE)
    await console.get_by_role("textbox", name="Your answer").press_sequentially("Tak, ")
    await panel.get_by_text("Ktoś pisze").wait_for(timeout=PATIENCE)
    await answer(console, "Tak, mamy dwa.")
    await shown(panel, "Tak, mamy dwa.")
    assert await said(panel) == ["Czy ten namiot jest jeszcze dostępny?", "Tak, mamy dwa."]
    await say(panel, "Dziękuję!")
    await until_shown(console, "Dziękuję!")
    await until_shown(console, "read")


async def test_killed_between_and_during_nothing_is_lost_or_doubled(
    world: World, tmp_path: Path
) -> None:
    page = await world.visit()
    panel = await open_chat(page)
    await say(panel, "raz")
    await shown(panel, "raz", "Wysłano")
    await world.bridge.kill()
    await say(panel, "dwa")  # nobody is there
    await shown(panel, "dwa", "Wysyłanie")
    await world.bridge.start(failpoints="webchat.accepted=kill")
    assert await world.bridge.died_within(timedelta(seconds=90))  # accepted, and nobody was told
    await say(panel, "trzy")
    await page.reload()
    await world.bridge.start(failpoints="webchat.shown=kill")
    assert await world.bridge.died_within(timedelta(seconds=90))
    await world.bridge.start()
    await world.bridge.ready()
    panel = await open_chat(page)
    await shown(panel, "trzy", "Wysłano")
    assert await said(panel) == ["raz", "dwa", "trzy"]
    console = await world.console()
    await open_inquiry(console, world.bridge.url, re.compile("raz|dwa|trzy"))
    for text in ("raz", "dwa", "trzy"):
        await until_shown(console, text)
    texts = await console.locator(".entry.in .text").all_inner_texts()
    assert sorted(texts) == ["dwa", "raz", "trzy"]  # test_after_a_death asks for order
    await answer(console, "cztery")
    await shown(panel, "cztery")
    assert await said(panel) == ["raz", "dwa", "trzy", "cztery"]


async def test_files_both_ways(world: World) -> None:
    page = await world.visit()
    panel = await open_chat(page)
    file = {"name": "namiot.txt", "mimeType": "text/plain", "buffer": b"dziura"}
    async with page.expect_file_chooser() as choosing:
        await panel.get_by_role("button", name="Dołącz pliki").click()
    await (await choosing.value).set_files(file)  # type: ignore[arg-type]
    await say(panel, "Patrz zdjęcie")
    await shown(panel, "namiot.txt", "Wysłano")
    await page.reload()
    panel = await open_chat(page)
    async with page.expect_download() as saving:
        await panel.get_by_role("button", name="Pobierz namiot.txt").click()
    assert (await (await saving.value).path()).read_bytes() == b"dziura"
    console = await world.console()
    await open_inquiry(console, world.bridge.url, "Patrz zdjęcie")
    assert await console.get_by_role("link", name="namiot.txt").count() == 1


async def test_chat_upload_reload_and_a_restart_in_between(world: World) -> None:
    page = await world.visit()
    panel = await open_chat(page)
    await say(panel, "raz")
    await shown(panel, "raz", "Wysłano")
    assert await world.bridge.stop() == 0
    await panel.get_by_role("textbox", name="Twoja wiadomość").press_sequentially("dw")
    await world.bridge.start(failpoints="webchat.accepted=kill")
    await world.bridge.ready()
    file = {"name": "namiot.txt", "mimeType": "text/plain", "buffer": b"dziura"}
    async with page.expect_file_chooser() as choosing:
        await panel.get_by_role("button", name="Dołącz pliki").click()
    await (await choosing.value).set_files(file)  # type: ignore[arg-type]
    await say(panel, "dwa")  # it dies with the file in its hands
    assert await world.bridge.died_within(timedelta(seconds=90))
    await world.bridge.start()
    await world.bridge.ready()
    await page.reload()
    panel = await open_chat(page)
    await shown(panel, "namiot.txt", "Wysłano")
    assert await said(panel) == ["raz", "dwa"]
    assert await panel.get_by_role("button", name="Pobierz namiot.txt").count() == 1
    console = await world.console()
    await open_inquiry(console, world.bridge.url, "raz")
    await until_shown(console, "namiot.txt")
    assert await console.get_by_role("link", name="namiot.txt").count() == 1
    await shown(panel, "dwa", "Przeczytano")
    await answer(console, "trzy")
    await shown(panel, "trzy")
    await until_shown(console, "read")
    assert await said(panel) == ["raz", "dwa", "trzy"]
    assert await violations(page) == []
    assert await violations(console) == []


async def test_when_nobody_is_there_an_address_is_asked_for(world: World) -> None:
    page = await world.visit("closed-chat")
    panel = await open_chat(page)
    assert "Wracamy" in await panel.inner_text()
    await say(panel, "Kiedy wysyłka?")
    await panel.get_by_text("Wpisz swój adres e-mail").wait_for()
    await panel.get_by_role("textbox", name="Twój adres e-mail").fill("jan@kunde")
    await panel.get_by_role("button", name="Wyślij").click()
    await panel.get_by_text("To nie jest adres e-mail.").wait_for()
    await panel.get_by_role("textbox", name="Twój adres e-mail").fill("jan@kunde.example")
    await panel.get_by_role("button", name="Wyślij").click()
    await shown(panel, "Kiedy wysyłka?", "Wysłano")


async def test_a_left_visitor_gets_what_was_not_seen_once_by_mail(world: World) -> None:
    page = await world.visit()
    panel = await open_chat(page)
    await panel.get_by_text("Dostawaj odpowiedzi e-mailem").click()
    await panel.get_by_role("textbox", name="Twój adres e-mail").fill("jan@kunde.example")
    await panel.get_by_role("button", name="Zapisz").click()
    await say(panel, "Kiedy wysyłka?")
    await shown(panel, "Kiedy wysyłka?", "Wysłano")
    await page.close()
    console = await world.console()
    await open_inquiry(console, world.bridge.url, "Kiedy wysyłka?")
    left = console.get_by_text("For when they have left: jan@kunde.example")
    await left.wait_for(timeout=PATIENCE)
    assert not await console.get_by_text("The visitor has the chat open.").is_visible()
    await answer(console, "Jutro rano.")
    deadline = time.monotonic() + 90
    while not world.customers.mails:
        assert time.monotonic() < deadline, world.bridge.last_words()
        await asyncio.sleep(0.1)
    (mail,) = world.customers.mails
    assert mail.rcpt_to == ("jan@kunde.example",)
    assert b"Jutro rano." in mail.raw
    await until_shown(console, "it goes by mail to jan@kunde.example")


async def test_a_signed_user_sees_their_own_on_every_device_and_a_guest_does_not(
    world: World,
) -> None:
    until = str(int((datetime.now(UTC) + timedelta(hours=1)).timestamp()))
    who = Identity(user="kunde-7", expires=until, name="Jan Kowalski", signature="")
    data = {"user": who.user, "expires": until, "name": who.name, "signature": signed(SECRET, who)}
    page = await world.visit(**data)
    panel = await open_chat(page)
    await say(panel, "Gdzie jest moja paczka?")
    await shown(panel, "Gdzie jest", "Wysłano")
    console = await world.console()
    await open_inquiry(console, world.bridge.url, "Gdzie jest moja paczka?")
    assert "sender verified" in await console.inner_text("main")
    elsewhere = await open_chat(await world.visit(**data))
    await shown(elsewhere, "Gdzie jest", "Przeczytano")  # a specialist has seen it
    forged = await open_chat(await world.visit(**{**data, "user": "kunde-8"}))
    await say(forged, "To ja, Jan")
    await shown(forged, "To ja, Jan", "Wysłano")
    assert await said(forged) == ["To ja, Jan"]
    await open_inquiry(console, world.bridge.url, "To ja, Jan")
    assert "visitor not verified" in await console.inner_text("main")

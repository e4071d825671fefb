"""A foreign page that shows a desk's chat, in a real browser, and what its visitors do."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, FilePayload, Locator, Page

from channels.webchat.settings import AtMost
from inquiry.calendar import Calendar, Span
from storage.sqlite import Sqlite
from tests.fakes import MemoryInlet
from tests.inquiries import NOW
from tests.servers.chromium import chromium
from tests.servers.host_page import HostPage, host_page
from tests.servers.programs import needed
from tests.web.chat.house import CHAT, House, a_dispatch, house, the_settings
from web.chat.words import CHAT_WORDS

OFFICE = Calendar(zone=ZoneInfo("Europe/Oslo"), week=(*(((Span(480, 960),),) * 5), (), ()))


@dataclass
class Shop:
    """A desk, a foreign page that shows its chat, and a browser."""

    desk: House
    page: HostPage
    browser: Browser
    inlet: MemoryInlet
    clock: list[datetime]
    console: list[str] = field(default_factory=list)

    async def visit(
        self,
        *,
        lang: str = "en",
        width: int = 1000,
        context: BrowserContext | None = None,
        data: Mapping[str, str] | None = None,
        **more: object,
    ) -> Page:
        self.page.lang = lang
        self.page.embed(self.desk.url, CHAT, **(data or {}))
        page = await (context or await self.window(width, locale=lang, **more)).new_page()
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        await page.goto(self.page.origin)
        return page

    async def window(self, width: int = 1000, **more: object) -> BrowserContext:
        """Return a browser that nobody has used before."""
        size = {"width": width, "height": 700}
        values: dict[str, Any] = {"locale": "en", "viewport": size, **more}
        return await self.browser.new_context(**values)

    async def key(self) -> str:
        """Return the address of the first visitor."""
        visitor = await self.desk.chat.visitors.by_id(1)
        assert visitor
        return visitor.key

    async def answer(self, text: str, number: int = 7) -> None:
        await self.desk.chat.send(a_dispatch(await self.key(), text, number))


@asynccontextmanager
async def a_shop(db: Sqlite) -> AsyncIterator[Shop]:
    """Open all of it, on a Monday in office hours."""
    needed("chromium")
    async with AsyncExitStack() as stack:
        page = await stack.enter_async_context(host_page())
        inlet, clock = MemoryInlet(), [NOW + timedelta(days=2)]
        settings = the_settings(
            allowed_origins=(page.origin,),
            calendar="office",
            at_most=AtMost(messages=100, file_size=200_000),
        )
        desk = await stack.enter_async_context(
            house(db, inlet, settings, calendars={"office": OFFICE}, clock=clock)
        )
        browser = await stack.enter_async_context(chromium())
        yield Shop(desk, page, browser, inlet, clock)


async def opened(page: Page, words: Mapping[str, str] = CHAT_WORDS["en"]) -> Locator:
    """Return the panel, opened unless it has stayed open over a reload."""
    panel = page.get_by_role("dialog", name=words["title"])
    launcher = page.get_by_role("button", name=words["open"])
    await panel.or_(launcher).first.wait_for()
    if not await panel.is_visible():
        await launcher.click()
    return panel


async def say(panel: Locator, text: str, words: Mapping[str, str] = CHAT_WORDS["en"]) -> None:
    await panel.get_by_role("textbox", name=words["message"]).fill(text)
    await panel.get_by_role("button", name=words["send"]).click()
    await panel.get_by_text(words["sent"], exact=True).last.wait_for()


async def way(page: Page) -> str:
    return str(await page.evaluate("document.documentElement.lastElementChild.connection.way"))


async def until_way(page: Page, wanted: str) -> None:
    async with asyncio.timeout(20):
        while await way(page) != wanted:
            await asyncio.sleep(0.05)


async def violations(page: Page) -> list[str]:
    """Return what axe finds wrong, with where."""
    await page.wait_for_timeout(250)  # until the panel has risen: axe sees colours half mixed
    found = await Axe().run(page)
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


async def choose(page: Page, panel: Locator, *files: FilePayload) -> None:
    """Choose files as a visitor does."""
    async with page.expect_file_chooser() as choosing:
        await panel.get_by_role("button", name="Attach files").click()
    await (await choosing.value).set_files(list(files))


def a_file(name: str = "hull.txt", content: bytes = b"et hull") -> FilePayload:
    return FilePayload(name=name, mimeType="text/plain", buffer=content)

"""Is a line that is dead noticed, and one that sleeps taken up again, without loss or doubles?"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession
from playwright.async_api import BrowserContext, WebSocketRoute, expect

from tests.web.chat.house import CHAT, Browser, House
from tests.web.chat.shop import Shop, opened, say, until_way
from web.chat import live

SOCKET = re.compile("/socket$")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.05)


async def entered(desk: House, origin: str) -> Browser:
    jan = Browser(desk, origin)
    await jan.enter()
    return jan


async def slept(context: BrowserContext) -> None:
    await context.clock.fast_forward("08:00:00")


async def was_put_back(context: BrowserContext) -> None:
    await context.clock.set_system_time(datetime.now(UTC) - timedelta(days=1))
    await context.clock.run_for(61_000)  # silent for 50 seconds, and two looks


@pytest.mark.server
@pytest.mark.parametrize("happens", [slept, was_put_back])
async def test_a_line_that_fell_silent_is_taken_up_again(
    shop: Shop, happens: Callable[[BrowserContext], Awaitable[None]]
) -> None:
    """Over a night's sleep of the laptop, and where somebody has put its clock right meanwhile."""
    context = await shop.window()
    await context.clock.install()
    silent = False
    opened_sockets = 0

    async def route(socket: WebSocketRoute) -> None:
        nonlocal opened_sockets
        opened_sockets += 1
        deaf = not silent  # on a busy machine it may be the second already
        server = socket.connect_to_server()
        socket.on_message(server.send)
        server.on_message(lambda text: None if silent and deaf else socket.send(text))

    await context.route_web_socket(SOCKET, route)
    page = await shop.visit(context=context)
    panel = await opened(page)
    await say(panel, "good night")
    await until_way(page, "socket")
    silent, before = True, opened_sockets
    await shop.answer("are you there?")
    await page.wait_for_timeout(500)
    assert await panel.get_by_text("are you there?").count() == 0  # nobody has told the browser
    await happens(context)
    await panel.get_by_text("are you there?").wait_for()
    async with asyncio.timeout(30):
        while opened_sockets == before:
            await asyncio.sleep(0.05)
    await shop.answer("and by the new line", 8)
    await panel.get_by_text("and by the new line").wait_for()
    await expect(panel.locator(".theirs")).to_have_count(2)
    assert opened_sockets == before + 1


@pytest.mark.server
async def test_a_page_that_is_left_and_come_back_to_goes_on(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "hello")
    await page.goto("about:blank")
    await shop.answer("meanwhile")
    await page.go_back()
    panel = await opened(page)
    await panel.get_by_text("meanwhile").wait_for()
    await shop.answer("and after", 8)
    await panel.get_by_text("and after").wait_for()
    assert await panel.locator(".said").all_inner_texts() == ["hello", "meanwhile", "and after"]


@pytest.mark.server
async def test_a_desk_that_sends_everybody_away_is_come_back_to(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "hello")
    await until_way(page, "socket")
    listeners = shop.desk.chat.listeners
    listeners.close()
    async with asyncio.timeout(30):
        while listeners.connected(1):
            await asyncio.sleep(0.01)
    listeners._closed = False
    await shop.answer("after the change")
    await panel.get_by_text("after the change").wait_for(timeout=30_000)


@pytest.mark.server
async def test_specialists_seen_reading_and_writing(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "hello")
    await shop.desk.chat.typing(await shop.key())
    await panel.get_by_text("Somebody is writing").wait_for()
    await shop.answer("hi")
    await panel.get_by_text("hi", exact=True).wait_for()
    await expect(panel.get_by_text("Somebody is writing")).to_be_hidden()


@pytest.mark.usefixtures("quick")
async def test_an_open_line_gives_signs_of_life(desk: House) -> None:
    jan = await entered(desk, desk.visitor().origin)
    url = f"{desk.url}/chat/{CHAT}/socket"
    async with ClientSession() as http:
        async with http.ws_connect(url, headers={"Origin": jan.origin}) as socket:
            await socket.send_str(jan.ticket)
            news = [(await socket.receive_json(timeout=5))["news"] for _ in range(3)]
        response = await jan.call("GET", "/events")
        lines = [await response.content.readuntil(b"\n\n") for _ in range(2)]
        response.close()
    assert news == ["entries", "still", "still"]
    assert lines == [b'data: {"news": "entries"}\n\n', b'data: {"news": "still"}\n\n']

"""In a real browser on a page of another origin: does the chat work for everybody, on every way?"""

import asyncio
import re

import pytest
from playwright.async_api import FilePayload, Page, Route, expect

from tests.inquiries import NOW
from tests.web.chat.shop import Shop, opened, say, until_way, violations
from web.chat.words import CHAT_WORDS

pytestmark = pytest.mark.server
RUN = "window.top.ran=1"
EVIL = (
    f"<img src=x onerror={RUN}>",
    f"<script>{RUN}</script>",
    f"javascript:{RUN}",
    f'https://x.example/"onmouseover="{RUN}',
    "{{ 7 * 7 }}</textarea></style>",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
async def test_axe_finds_nothing(shop: Shop, scheme: str, width: int) -> None:
    page = await shop.visit(width=width, color_scheme=scheme)
    await page.get_by_role("button", name="Open the chat").wait_for()
    assert await violations(page) == []
    panel = await opened(page)
    assert await violations(page) == []
    await say(panel, "Is this tent still there? https://www.fjord.example/tents")
    await shop.answer("Yes, see https://www.fjord.example/tents/2")
    await panel.get_by_text("Yes, see").wait_for()
    await panel.get_by_text("Get answers by e-mail").click()
    await panel.get_by_role("textbox", name="Your e-mail address").fill("jan at home")
    await panel.get_by_role("button", name="Save").click()
    await panel.get_by_text("This is not an e-mail address.").wait_for()
    await shop.desk.chat.typing(await shop.key())
    await panel.get_by_text("Somebody is writing").wait_for()
    assert await violations(page) == []


async def test_axe_finds_nothing_when_nobody_is_here(shop: Shop) -> None:
    shop.clock[0] = NOW  # a Saturday
    page = await shop.visit()
    panel = await opened(page)
    await panel.get_by_role("textbox", name="Your message").fill("hello")
    await panel.get_by_role("button", name="Send").click()
    await panel.get_by_text("Please write your e-mail address").wait_for()
    assert await violations(page) == []


async def test_axe_would_notice(shop: Shop) -> None:
    page = await shop.visit()
    await opened(page)
    await page.evaluate(
        "for (const name of ['aria-label', 'title'])"
        " document.documentElement.lastElementChild.shadowRoot"
        ".querySelector('.send').removeAttribute(name)"
    )
    assert any(found.startswith("button-name") for found in await violations(page))


async def test_by_keyboard_alone(shop: Shop) -> None:
    page = await shop.visit()
    await page.get_by_role("button", name="Open the chat").wait_for()
    keys = page.keyboard
    await keys.press("Tab")
    await keys.press("Enter")
    panel = page.get_by_role("dialog")
    await panel.wait_for()
    await keys.type("first line")
    await keys.press("Shift+Enter")
    await keys.type("second line")
    await keys.press("Enter")
    await panel.get_by_text("Sent", exact=True).wait_for()
    assert await panel.locator(".said").all_inner_texts() == ["first line\nsecond line"]
    reached = []
    for _ in range(8):
        await keys.press("Tab")
        reached.append(await focused(page))
    assert {"Attach files", "Send", "Get answers by e-mail when you leave"} <= set(reached)
    await keys.press("Escape")
    await expect(panel).to_be_hidden()
    assert await focused(page) == "Open the chat"
    await keys.press("Enter")
    await panel.wait_for()
    for _ in range(3):
        await keys.press("Shift+Tab")
    assert await focused(page) == "Close the chat"


async def focused(page: Page) -> str:
    """Return the name of what has the focus, inside the shadow too."""
    return str(
        await page.evaluate(
            """() => {
                let at = document.activeElement;
                while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                return at.getAttribute("aria-label") || at.textContent.trim() || at.tagName;
            }"""
        )
    )


async def test_one_polite_announcer_says_what_is_new(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "hello")
    await expect(page.get_by_role("status")).to_have_count(1)
    await shop.answer("Good day!")
    told = page.get_by_role("status").filter(has_text="Kasia Nowak, Nordlys Support: Good day!")
    await told.wait_for()
    live = await page.evaluate(
        "document.documentElement.lastElementChild.shadowRoot.querySelectorAll('[aria-live]').length"
    )
    assert live == 1
    await page.reload()
    panel = await opened(page)
    await panel.get_by_text("Good day!").wait_for()
    assert await page.get_by_role("status").inner_text() == ""  # nobody hears it all again


async def test_what_came_while_it_was_closed_is_counted(shop: Shop) -> None:
    page = await shop.visit()
    await say(await opened(page), "hello")
    await page.keyboard.press("Escape")
    await shop.answer("one", 7)
    await shop.answer("two", 8)
    await page.get_by_role("button", name="Open the chat. New messages: 2").wait_for()
    await page.reload()
    await page.get_by_role("button", name="Open the chat. New messages: 2").click()
    async with asyncio.timeout(30):
        while True:
            visitor = await shop.desk.chat.visitors.by_id(1)
            assert visitor
            if visitor.read_seq == 3:
                break
            await asyncio.sleep(0.05)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Open the chat", exact=True).wait_for()


async def blocked(route: Route) -> None:
    await route.abort()


async def test_where_sockets_are_blocked_events_are_used(shop: Shop) -> None:
    context = await shop.browser.new_context(locale="en")
    await context.add_init_script(
        "delete window.WebSocket; window.WebSocket = function () { throw 1 }"
    )
    page = await shop.visit(context=context)
    panel = await opened(page)
    await say(panel, "hello")
    await until_way(page, "events")
    await shop.answer("by events")
    await panel.get_by_text("by events").wait_for()


async def test_where_nothing_stays_open_it_asks_again_and_again(shop: Shop) -> None:
    context = await shop.browser.new_context(locale="en")
    await context.route_web_socket(re.compile("/socket$"), lambda socket: socket.close())
    await context.route(re.compile("/events$"), blocked)
    page = await shop.visit(context=context)
    panel = await opened(page)
    await say(panel, "hello")
    await until_way(page, "poll")
    await shop.answer("by asking")
    await panel.get_by_text("by asking").wait_for()


async def test_with_sockets_it_is_a_socket(shop: Shop) -> None:
    page = await shop.visit()
    await say(await opened(page), "hello")
    await until_way(page, "socket")
    assert shop.console == []


async def test_an_address_with_a_slip_in_it_is_put_right(shop: Shop) -> None:
    page = await shop.visit(width=320)
    panel = await opened(page)
    await panel.get_by_text("Get answers by e-mail").click()
    address = panel.get_by_role("textbox", name="Your e-mail address")
    await address.fill("jna@kunde.example")
    await address.press("Enter")
    await panel.get_by_text("What you have not seen here goes to jna@kunde.example.").wait_for()
    await page.reload()
    panel = await opened(page)
    await panel.get_by_text("Your e-mail address: jna@kunde.example").click()
    await expect(address).to_have_value("jna@kunde.example")
    await address.fill("jan@kunde.example")
    await address.press("Enter")
    await panel.get_by_text("Your e-mail address: jan@kunde.example").wait_for()
    visitor = await shop.desk.chat.visitors.by_id(1)
    assert visitor
    assert visitor.email == "jan@kunde.example"
    assert await violations(page) == []


@pytest.mark.parametrize("lang", sorted(CHAT_WORDS))
async def test_in_every_language_and_no_wider_than_a_small_phone(shop: Shop, lang: str) -> None:
    words = CHAT_WORDS[lang]
    shop.clock[0] = NOW
    page = await shop.visit(lang=lang, width=320)
    panel = await opened(page, words)
    await panel.get_by_role("textbox", name=words["email"]).fill("jan@kunde.example")
    await say(panel, "x" * 300, words)
    await shop.answer("y" * 300)
    await panel.get_by_text("y" * 300).wait_for()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    box = await panel.bounding_box()
    assert box
    assert (wide, box["x"], box["width"]) == (320, 0, 320)
    inner = await panel.evaluate(
        """panel => [...panel.querySelectorAll("*")].filter(e => e.scrollWidth > 320)
            .map(e => e.outerHTML)"""
    )
    assert inner == []
    assert await page.evaluate("document.documentElement.lastElementChild.lang") == lang


@pytest.mark.parametrize(("width", "height"), [(640, 320), (568, 280), (320, 400)])
async def test_all_of_it_is_reached_where_there_is_little_room(
    shop: Shop, width: int, height: int
) -> None:
    """A phone on its side, when nobody is there and an address is asked for."""
    shop.clock[0] = NOW
    page = await shop.visit(lang="ru", width=width)
    await page.set_viewport_size({"width": width, "height": height})
    panel = await opened(page, CHAT_WORDS["ru"])
    await page.mouse.move(width / 2, height / 2)
    await page.mouse.wheel(0, 2000)
    send = panel.get_by_role("button", name=CHAT_WORDS["ru"]["send"])
    async with asyncio.timeout(30):
        while (box := await send.bounding_box()) is None or box["y"] + box["height"] > height:
            await asyncio.sleep(0.02)


async def test_a_program_that_fills_in_forms_sends_them_and_stays_on_the_page(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await panel.get_by_role("textbox", name="Your message").fill("hello")
    await panel.locator("form.composer").evaluate("form => form.requestSubmit()")
    await panel.get_by_text("Sent", exact=True).wait_for()
    await panel.locator("summary").click()
    await panel.get_by_role("textbox", name="Your e-mail address").fill("jan@kunde.example")
    await panel.locator(".introduction form").evaluate("form => form.requestSubmit()")
    await panel.get_by_text("goes to jan@kunde.example").wait_for()
    assert (page.url.rstrip("/"), len(shop.inlet.arrivals)) == (shop.page.origin, 1)


async def test_nothing_that_anybody_writes_runs(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    for number, evil in enumerate(EVIL):
        await say(panel, evil)
        await shop.answer(evil, 10 + number)
        await panel.locator(".theirs").nth(number).wait_for()
    said = await panel.locator(".said").all_inner_texts()
    assert said == [evil for evil in EVIL for _ in range(2)]
    await expect(panel.locator(".said *:not(a)")).to_have_count(0)
    links = {await a.get_attribute("href") for a in await panel.locator(".said a").all()}
    assert links == {"https://x.example/"}
    assert not await page.evaluate("'ran' in window")


async def test_the_page_s_own_rules_stay_outside(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    style = await panel.evaluate(
        """panel => {
            const style = getComputedStyle(panel);
            return [style.textTransform, style.letterSpacing, style.fontSize];
        }"""
    )
    assert style == ["none", "normal", "16px"]
    refused = [line for line in shop.console if "Content Security Policy" in line]
    assert refused == []


async def test_where_it_may_not_be_shown_there_is_nothing(shop: Shop) -> None:
    page, port = await shop.visit(), shop.page.port
    await page.get_by_role("button", name="Open the chat").wait_for()
    await page.goto(f"http://localhost:{port}")  # another origin
    async with asyncio.timeout(30):
        while not any("allowed_origins" in line for line in shop.console):
            await asyncio.sleep(0.05)
    await expect(page.get_by_role("button")).to_have_count(0)


async def test_a_file_that_is_too_large_is_told_before_it_is_sent(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    async with page.expect_file_chooser() as choosing:
        await panel.get_by_role("button", name="Attach files").click()
    large = FilePayload(name="x.bin", mimeType="x/x", buffer=b"x" * 200_001)
    small = FilePayload(name="y.txt", mimeType="text/plain", buffer=b"y")
    await (await choosing.value).set_files([large, small])
    await panel.get_by_text("A file is too large.").wait_for()
    await panel.get_by_role("button", name="Remove y.txt").click()
    await expect(panel.locator(".composer .files li")).to_have_count(0)
    assert shop.inlet.arrivals == []


async def test_who_wants_less_motion_gets_none(shop: Shop) -> None:
    page = await shop.visit(reduced_motion="reduce")
    panel = await opened(page)
    assert await panel.evaluate("panel => getComputedStyle(panel).animationName") == "none"


async def test_nothing_written_while_the_desk_is_away_is_lost_by_a_reload(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "before")
    await page.context.set_offline(True)
    await panel.get_by_role("textbox", name="Your message").fill("meanwhile")
    await panel.get_by_role("button", name="Send").click()
    await panel.get_by_text("Sending …").wait_for()
    await page.context.set_offline(False)
    await page.reload()
    panel = await opened(page)
    await panel.locator("li", has_text="meanwhile").get_by_text("Sent", exact=True).wait_for()
    assert await panel.locator(".said").all_inner_texts() == ["before", "meanwhile"]
    assert len(shop.inlet.arrivals) == 2


async def test_where_colours_are_the_visitor_s_own_lines_part_what_is_said(shop: Shop) -> None:
    page = await shop.visit(forced_colors="active")
    panel = await opened(page)
    await say(panel, "hello")
    for selector in (".said", ".send", "header"):
        style = await panel.locator(selector).first.evaluate(
            "it => getComputedStyle(it).borderBlockEndStyle"
        )
        assert style == "solid", selector
    assert await violations(page) == []


async def test_the_end_stays_in_sight_when_the_window_changes(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    for number in range(12):
        await say(panel, f"number {number} " + "and more " * 12)
    for width, height in ((320, 500), (900, 380), (1000, 700)):
        await page.set_viewport_size({"width": width, "height": height})
        async with asyncio.timeout(30):
            while not await panel.locator(".scroll").evaluate(
                "it => it.scrollHeight - it.scrollTop - it.clientHeight < 3"
            ):
                await asyncio.sleep(0.02)

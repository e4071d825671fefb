"""Does the chat work on pages that were not made for it, however they were made?"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest
from playwright.async_api import Page, expect

from tests.inquiries import NOW
from tests.servers.chromium import chromium
from tests.web.chat.shop import Shop, opened, say

pytestmark = pytest.mark.server
TAG = '<script src="{script}"{data}></script>'
PAGES: Mapping[str, str] = {
    "without a doctype": f"<html lang={{lang}}><title>x</title><body>{TAG}",
    "in the head, at once": f"<!doctype html><html lang={{lang}}><head>{TAG}<body>Hei",
    "in the head, deferred": '<!doctype html><html><head><script src="{script}" defer></script>'
    '<body lang="en">Hei',
    "as a module": '<!doctype html><html lang="en"><body><script src="{script}" type="module">'
    "</script>",
    "twice": f"<!doctype html><html lang={{lang}}><body>{TAG}{TAG}",
    "from right to left": f"<!doctype html><html lang={{lang}} dir=rtl><body>{TAG}",
    "with every rule reset": "<!doctype html><html lang={lang}><style>"
    "* {{ all: unset !important }} "
    "div, section, button {{ display: none !important; visibility: hidden; opacity: 0 !important }}"
    f"</style><body>{TAG}",
    "that moves, clips and blurs": "<!doctype html><html lang={lang}><style>body {{ transform: "
    "scale(.5) rotate(4deg); filter: blur(9px); overflow: hidden; height: 10px; contain: strict }}"
    f"</style><body>{TAG}",
    "with large things on top": "<!doctype html><html lang={lang}><body><div style='"
    f"position: fixed; inset: 0; z-index: 2000000000; background: pink'></div>{TAG}",
}


async def works(page: Page, shop: Shop) -> None:
    """Say something, and be answered."""
    panel = await opened(page)
    await say(panel, "hello")
    await shop.answer("good day")
    await panel.get_by_text("good day").wait_for()
    assert [line for line in shop.console if "Error" in line or "Policy" in line] == []
    assert len(shop.inlet.arrivals) == 1


@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES.keys())
async def test_the_chat_is_there_and_looks_as_it_should(shop: Shop, html: str) -> None:
    shop.page.html = html
    page = await shop.visit()
    await works(page, shop)
    await expect(page.get_by_role("dialog")).to_have_count(1)
    box = await page.get_by_role("dialog").bounding_box()
    assert box
    assert (round(box["width"]), box["x"] + box["width"] > 900) == (384, True)
    style = await page.get_by_role("dialog").evaluate(
        "panel => [getComputedStyle(panel).direction, getComputedStyle(panel).fontSize]"
    )
    assert style == ["ltr", "16px"]


async def test_under_a_policy_that_trusts_nothing(shop: Shop) -> None:
    shop.page.also = "; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"
    await works(await shop.visit(), shop)


async def test_where_nothing_may_be_kept(shop: Shop) -> None:
    context = await shop.window()
    await context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage", "indexedDB"])
             Object.defineProperty(window, name, { get() { throw new DOMException("no") } });"""
    )
    await works(await shop.visit(context=context), shop)


async def test_beside_a_library_that_adds_to_everything(shop: Shop) -> None:
    context = await shop.window()
    await context.add_init_script(
        """Array.prototype.toJSON = function () { return "no" };
           Object.prototype.extend = Array.prototype.each = function () {};"""
    )
    await works(await shop.visit(context=context), shop)


@pytest.mark.parametrize("sandbox", ["", "sandbox='allow-scripts allow-same-origin'"])
async def test_in_a_frame_of_another_page(shop: Shop, sandbox: str) -> None:
    """Where the frame forbids forms nothing is ever submitted: buttons have to do it."""
    shop.clock[0] = NOW  # nobody is there: an address is asked for
    shop.page.also = "; frame-src http:"
    page = await shop.visit()
    await page.goto(f"http://localhost:{shop.page.port}")  # another origin
    await page.set_content(
        f"<iframe src='{shop.page.origin}' {sandbox} width=900 height=600></iframe>"
    )
    frame = page.frame_locator("iframe")
    await frame.get_by_role("button", name="Open the chat").click()
    panel = frame.get_by_role("dialog")
    await panel.get_by_role("textbox", name="Your message").fill("hello")
    await panel.get_by_role("button", name="Send").click()
    await panel.get_by_text("Please write your e-mail address").wait_for()
    await panel.get_by_role("textbox", name="Your e-mail address").fill("jan@kunde.example")
    await panel.get_by_role("textbox", name="Your e-mail address").press("Enter")
    await panel.get_by_text("Sent", exact=True).wait_for()
    await panel.locator("summary").click()
    await panel.get_by_role("textbox", name="Your e-mail address").fill("jan@klient.example")
    await panel.get_by_role("textbox", name="Your e-mail address").press("Enter")
    await panel.get_by_text("goes to jan@klient.example").wait_for()


async def test_a_page_that_replaces_itself_keeps_the_chat_and_its_words(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "hello")
    await panel.get_by_role("textbox", name="Your message").fill("half a")
    for change in (
        "document.body = document.createElement('body')",
        "document.documentElement.lastElementChild.remove()",
        "document.querySelectorAll('script').forEach((one) => one.remove())",
    ):
        await page.evaluate(change)
    src = f"{shop.desk.url}/chat/shop.js"
    add = """src => new Promise((done) => document.body.append(
        Object.assign(document.createElement("script"), { src, onload: done })))"""
    for _ in range(2):
        await page.evaluate(add, src)
    await panel.wait_for()
    await expect(page.get_by_role("dialog")).to_have_count(1)
    await expect(panel.get_by_role("textbox", name="Your message")).to_have_value("half a")
    await shop.answer("still here")
    await panel.get_by_text("still here").wait_for()


async def test_the_page_s_own_keys_are_not_pressed_by_who_writes(shop: Shop) -> None:
    page = await shop.visit()
    await page.evaluate(
        "document.addEventListener('keydown', (e) => (window.keys ??= []).push(e.key))"
    )
    panel = await opened(page)
    await panel.get_by_role("textbox", name="Your message").press_sequentially("j/k")
    await page.keyboard.press("Escape")
    assert await page.evaluate("window.keys") is None


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [(1000, 900, (768, 16)), (390, 780, (390, 0)), (320, 568, (320, 0))],
)
async def test_letters_are_as_large_as_the_visitor_likes_them(
    shop: Shop, width: int, height: int, shown: tuple[int, int]
) -> None:
    """A browser set to letters of 32 pixels, on a page that has made its own small."""
    shop.page.html = (
        f"<!doctype html><html lang={{lang}} style='font-size: 62.5%'><title>x</title><body>{TAG}"
    )
    async with chromium("--blink-settings=defaultFontSize=32") as browser:
        page = await replace(shop, browser=browser).visit(width=width)
        await page.set_viewport_size({"width": width, "height": height})
        panel = await opened(page)
        await say(panel, "hello https://www.fjord.example/a/long/address/that/has/to/be/broken")
        await panel.locator("summary").click()
        for selector, size in ((".said", 32), ("textarea", 32), ("#mail", 32), (".state", 26)):
            style = await panel.locator(selector).first.evaluate(
                "it => getComputedStyle(it).fontSize"
            )
            assert style == f"{size}px", selector
        box = await panel.bounding_box()
        assert box
        assert (box["width"], width - box["x"] - box["width"]) == shown
        inner = await panel.evaluate(
            """panel => [...panel.querySelectorAll("*")]
                .filter(e => e.scrollWidth > innerWidth).length"""
        )
        assert inner == 0
        for name in ("Send", "Save"):
            button = panel.get_by_role("button", name=name)
            await button.scroll_into_view_if_needed()
            await button.click(trial=True)


async def test_a_page_that_is_printed_shows_no_chat(shop: Shop) -> None:
    page = await shop.visit()
    launcher = page.get_by_role("button", name="Open the chat")
    await launcher.wait_for()
    await page.emulate_media(media="print")
    await expect(launcher).to_be_hidden()


async def test_over_a_whole_phone_nothing_behind_is_reached(shop: Shop) -> None:
    page = await shop.visit(width=360)
    panel = await opened(page)
    assert await panel.get_attribute("aria-modal") == "true"
    inside = "document.activeElement === document.documentElement.lastElementChild"
    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await page.evaluate(inside)
    for _ in range(12):
        await page.keyboard.press("Shift+Tab")
        assert await page.evaluate(inside)


async def test_what_a_keyboard_on_the_screen_leaves_is_the_panel_s(shop: Shop) -> None:
    context = await shop.window(360, has_touch=True, is_mobile=True)
    await context.add_init_script(
        """const view = Object.assign(new EventTarget(), { scale: 1, height: 700, offsetTop: 0 });
           Object.defineProperty(window, "visualViewport", { value: view });"""
    )
    page = await shop.visit(context=context)
    panel = await opened(page)
    focused = "document.documentElement.lastElementChild.shadowRoot.activeElement.id"
    assert await page.evaluate(focused) == "panel"  # no keyboard unasked
    resize = """changes => {
        Object.assign(visualViewport, changes);
        visualViewport.dispatchEvent(new Event("resize"));
    }"""
    for changes, expected in (
        ({"height": 380, "offsetTop": 40}, (40, 380)),
        ({"scale": 2.5, "height": 200}, (0, 700)),  # who zooms in moves about in it
        ({"scale": 1, "height": 700, "offsetTop": 0}, (0, 700)),
    ):
        await page.evaluate(resize, changes)
        async with asyncio.timeout(30):
            while True:
                box = await panel.bounding_box()
                assert box
                if (box["y"], box["height"]) == expected:
                    break
                await asyncio.sleep(0.02)
    size = await panel.get_by_role("textbox").evaluate("it => getComputedStyle(it).fontSize")
    assert float(size.removesuffix("px")) >= 16  # or phones zoom in on what is written

"""Does the page get what it may ask of the chat: to open, to know its user, to speak a language?"""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.inquiries import NOW
from tests.web.chat.house import an_identity
from tests.web.chat.shop import Shop, opened, say
from web.chat.words import CHAT_WORDS

pytestmark = pytest.mark.server
HEAR = """() => {
    window.heard = [];
    for (const name of ["ready", "open", "close", "unread"])
        addEventListener(`deskbridge:${name}`, ({ detail }) =>
            heard.push(name === "unread" ? `unread ${detail.count}` : name));
}"""


async def heard(page: Page) -> Any:
    return await page.evaluate("window.heard.splice(0)")


async def test_the_page_opens_closes_and_hears_of_it(shop: Shop) -> None:
    context = await shop.window()
    await context.add_init_script(f"({HEAR})()")
    page = await shop.visit(context=context)
    await page.get_by_role("button", name="Open the chat").wait_for()
    assert await heard(page) == ["ready"]
    await page.evaluate("deskbridgeChat.open()")
    panel = page.get_by_role("dialog")
    await say(panel, "hello")
    await page.evaluate("deskbridgeChat.close()")
    await expect(panel).to_be_hidden()
    await shop.answer("one")
    await page.get_by_role("button", name="New messages: 1").wait_for()
    assert await page.evaluate("deskbridgeChat.unread()") == 1
    await page.evaluate("deskbridgeChat.open()")
    assert await heard(page) == ["open", "close", "unread 1", "unread 0", "open"]


async def test_a_page_that_asks_too_early_is_heard_later(shop: Shop) -> None:
    context = await shop.window()
    await context.add_init_script(
        "addEventListener('DOMContentLoaded', () => deskbridgeChat.open())"
    )
    shop.page.html = '<!doctype html><html lang="{lang}"><body><script src="{script}"></script>'
    page = await shop.visit(context=context)
    await page.get_by_role("dialog").wait_for()


async def test_who_signs_in_or_out_without_a_reload_sees_their_own_alone(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "as a guest")
    jan = an_identity(name="Jan", until=shop.clock[0])
    await page.evaluate("user => deskbridgeChat.identify(user)", jan)
    await panel.get_by_text("Signed in as Jan").wait_for()
    await panel.get_by_text("Write to us.").wait_for()
    await say(panel, "as Jan")
    kari = an_identity("kunde-8", name="Kari", until=shop.clock[0])
    await page.evaluate("user => deskbridgeChat.identify(user)", kari)
    await panel.get_by_text("Signed in as Kari").wait_for()
    await expect(panel.locator(".said")).to_have_count(0)
    await page.evaluate("deskbridgeChat.identify(null)")
    await panel.get_by_text("as a guest").wait_for()
    assert await panel.locator(".said").all_inner_texts() == ["as a guest"]
    await expect(panel.get_by_text("Signed in")).to_be_hidden()
    users = [one.envelope.authenticated_as for one in shop.inlet.arrivals]
    assert users == ["", "kunde-7"]


async def test_the_signed_name_stays_when_presence_is_asked_again(shop: Shop) -> None:
    jan = an_identity(name="Jan", until=shop.clock[0])
    page = await shop.visit(data=jan)
    panel = await opened(page)
    async with page.expect_response("**/hello?*"):
        await page.keyboard.press("Escape")
        await opened(page)
    await page.wait_for_timeout(100)
    await expect(panel.get_by_text("Signed in as Jan")).to_be_visible()


async def test_another_language_is_spoken_at_once(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "hello")
    await panel.get_by_role("textbox", name="Your message").fill("half a")
    await page.evaluate("document.documentElement.lang = 'nb-NO'")
    panel = page.get_by_role("dialog", name="Chat med oss")
    box = panel.get_by_role("textbox", name="Meldingen din")
    await expect(box).to_have_value("half a")
    await panel.get_by_text("hello").wait_for()
    await page.evaluate("deskbridgeChat.setLanguage('ru')")
    await page.get_by_role("dialog", name="Напишите нам").get_by_text("hello").wait_for()
    await page.evaluate("document.documentElement.lang = 'pl'")  # it has been told
    await page.wait_for_timeout(200)
    assert await page.get_by_role("dialog").get_attribute("aria-labelledby") == "title"
    await expect(page.get_by_role("dialog", name="Напишите нам")).to_have_count(1)


@pytest.mark.parametrize(
    ("page_lang", "browser", "spoken"),
    [
        ("nn", "en", "nb"),
        ("no", "en", "nb"),
        ("nb-NO", "en", "nb"),
        ("en-GB", "pl", "en"),
        ("PL", "en", "pl"),
        ("", "et-EE", "et"),
        ("tlh", "ru", "ru"),
        ("zh-Hans-CN", "ja-JP", "nb"),
        ("<script>", "ja-JP", "nb"),
    ],
)
async def test_the_page_s_language_or_the_nearest(
    shop: Shop, page_lang: str, browser: str, spoken: str
) -> None:
    context = await shop.window(locale=browser)
    page = await shop.visit(context=context, lang=page_lang)
    await page.get_by_role("button", name=CHAT_WORDS[spoken]["open"]).wait_for()
    assert await page.evaluate("document.documentElement.lastElementChild.lang") == spoken


@pytest.mark.parametrize(
    ("lang", "now", "told"),
    [
        ("en", "2026-11-21T12:00", "We are back on Monday at 08:00."),
        ("en", "2026-11-22T12:00", "We are back tomorrow at 08:00."),
        ("en", "2026-11-23T05:00", "We are back today at 08:00."),
        ("nb", "2026-11-21T12:00", "Vi er tilbake mandag kl. 08:00."),
        ("pl", "2026-11-21T12:00", "Wracamy: poniedziałek, 08:00."),
        ("pl", "2026-11-22T12:00", "Wracamy jutro o 08:00."),
        ("et", "2026-11-21T12:00", "Oleme tagasi: esmaspäev kell 08:00."),
        ("ru", "2026-11-22T12:00", "Мы вернёмся завтра в 08:00."),
    ],
)
async def test_it_says_when_somebody_is_back_in_the_visitor_s_time(
    shop: Shop, lang: str, now: str, told: str
) -> None:
    shop.clock[0] = NOW.fromisoformat(f"{now}+00:00")
    locale = "en-GB" if lang == "en" else lang
    context = await shop.window(locale=locale, timezone_id="Europe/Oslo")
    await context.clock.install(time=shop.clock[0])
    page = await shop.visit(context=context, lang=lang)
    panel = await opened(page, CHAT_WORDS[lang])
    await expect(panel.locator(".presence")).to_contain_text(told)


async def test_without_a_script_of_its_own_it_says_why_not(shop: Shop) -> None:
    page = await shop.visit()
    await page.get_by_role("button", name="Open the chat").wait_for()
    response = await page.request.get(f"{shop.desk.url}/chat/shop.js")
    await page.evaluate("document.querySelectorAll('script').forEach((one) => one.remove())")
    await page.evaluate(await response.text())
    assert "by a script element of its own" in " ".join(shop.console)


async def test_it_stands_where_the_page_wants_it(shop: Shop) -> None:
    page = await shop.visit(data={"side": "left"})
    launcher = page.get_by_role("button", name="Open the chat")
    box = await launcher.bounding_box()
    panel = await (await opened(page)).bounding_box()
    assert box
    assert panel
    assert (box["x"], panel["x"]) == (16, 16)
    await page.set_viewport_size({"width": 320, "height": 600})
    narrow = await page.get_by_role("dialog").bounding_box()
    assert narrow
    assert (narrow["x"], narrow["width"]) == (0, 320)


async def test_a_page_with_a_button_of_its_own_has_no_other(shop: Shop) -> None:
    page = await shop.visit(data={"launcher": "none"})
    await page.evaluate(
        """() => {
            const mine = document.body.appendChild(document.createElement("button"));
            mine.textContent = "Help me";
            mine.onclick = () => deskbridgeChat.open();
        }"""
    )
    mine = page.get_by_role("button", name="Help me")
    async with asyncio.timeout(30):
        while not await page.get_by_role("dialog").is_visible():
            await mine.click()
    await expect(page.get_by_role("button", name="Open the chat")).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert await mine.evaluate("it => it === document.activeElement")


async def test_what_comes_to_a_window_behind_others_is_counted_until_it_is_looked_at(
    shop: Shop,
) -> None:
    page = await shop.visit()
    await say(await opened(page), "hello")
    hide = """hidden => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    await page.evaluate(hide, True)
    await shop.answer("are you there?")
    await page.get_by_role("dialog").get_by_text("are you there?").wait_for()
    assert await page.evaluate("deskbridgeChat.unread()") == 1
    visitor = await shop.desk.chat.visitors.by_id(1)
    assert visitor
    assert visitor.read_seq == 0
    async with page.expect_request("**/notices"):
        await page.evaluate(hide, False)
    assert await page.evaluate("deskbridgeChat.unread()") == 0


async def test_older_browsers_have_the_same_chat(shop: Shop) -> None:
    shop.page.also = "; style-src-elem 'unsafe-inline'"
    context = await shop.window()
    await context.add_init_script(
        "delete window.CSSStyleSheet; CSS.supports = () => false; delete window.indexedDB"
    )
    page = await shop.visit(context=context)
    panel = await opened(page)
    style = await panel.evaluate("it => getComputedStyle(it).position")
    assert style == "fixed"
    box = panel.get_by_role("textbox", name="Your message")
    low = await box.evaluate("it => it.clientHeight")
    await box.fill("one\ntwo\nthree")
    assert await box.evaluate("it => parseInt(it.style.height)") > low + 30
    await box.press("Enter")
    await panel.get_by_text("Sent", exact=True).wait_for()
    assert await box.evaluate("it => parseInt(it.style.height)") <= low + 3

"""Is what a visitor sends there once, in its order, and told how far it has come?"""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, Route, expect

from tests.web.chat.house import Browser, an_identity
from tests.web.chat.shop import Shop, a_file, choose, opened, say

pytestmark = pytest.mark.server
MESSAGES = re.compile("/messages$")


async def hurry(page: Page, text: str) -> None:
    """Send without waiting for what becomes of it."""
    panel = page.get_by_role("dialog")
    await panel.get_by_role("textbox", name="Your message").fill(text)
    await panel.get_by_role("button", name="Send").click()


async def blocked(route: Route) -> None:
    await route.abort()


async def kept(page: Page) -> list[str]:
    """Return what the browser keeps of messages that wait: of each its text, and its files."""
    found: list[str] = await page.evaluate(
        """async () => {
            const texts = Object.keys(localStorage).filter((key) => /out:/.test(key));
            const [database] = await indexedDB.databases();
            if (!database) return texts;
            const open = indexedDB.open(database.name, database.version);
            await new Promise((done) => (open.onsuccess = done));
            const all = open.result.transaction("files").objectStore("files").getAllKeys();
            await new Promise((done) => (all.onsuccess = done));
            open.result.close();
            return [...all.result, ...texts];
        }"""
    )
    return found


async def test_messages_keep_their_order_over_a_reload(shop: Shop) -> None:
    page = await shop.visit()
    await say(await opened(page), "zero")
    await page.context.set_offline(True)
    texts = [f"number {n}" for n in range(12)]
    for text in texts:
        await hurry(page, text)
        if text == "number 5":  # the clock of the visitor was wrong
            await page.context.clock.set_system_time(datetime.now(UTC) - timedelta(days=1))
    await page.locator(".trouble", has_text="No connection.").wait_for()
    await page.context.set_offline(False)
    await page.context.route(MESSAGES, blocked)
    await page.reload()
    panel = await opened(page)
    await panel.get_by_text("number 11").wait_for()
    await page.context.unroute(MESSAGES)
    last = panel.locator("li", has_text="number 11")
    await last.get_by_text("Sent", exact=True).wait_for(timeout=60_000)
    assert await panel.locator(".said").all_inner_texts() == ["zero", *texts]
    jan = Browser(shop.desk, shop.page.origin)
    jan.pass_ = await page.evaluate(
        "Object.entries(localStorage).find(([k]) => /pass$/.test(k))[1]"
    )
    await jan.enter()
    assert await jan.texts() == ["zero", *texts]
    assert len(shop.inlet.arrivals) == 13


async def test_files_that_wait_are_kept_over_a_reload_and_by_nobody_after(shop: Shop) -> None:
    context = await shop.window()
    await context.route(MESSAGES, blocked)
    page = await shop.visit(context=context)
    panel = await opened(page)
    await choose(page, panel, a_file())
    await hurry(page, "look")
    async with asyncio.timeout(30):
        while len(await kept(page)) < 2:  # a text is kept at once, a file a moment later
            await asyncio.sleep(0.05)
    await page.reload()
    await panel.get_by_text("hull.txt").wait_for()
    await context.unroute(MESSAGES)
    await panel.get_by_role("button", name="Save hull.txt").wait_for(timeout=30_000)
    assert ["ZXQgaHVsbA==" in str(one.raw) for one in shop.inlet.arrivals] == [True]
    assert await kept(page) == []


async def test_an_upload_says_how_far_it_is_and_can_be_cancelled(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "first")
    slow = await page.context.new_cdp_session(page)
    speed = {"offline": False, "latency": 0, "downloadThroughput": -1}
    await slow.send("Network.emulateNetworkConditions", {**speed, "uploadThroughput": 30_000})
    await choose(page, panel, a_file("large.bin", b"x" * 190_000))
    await hurry(page, "large")
    await panel.get_by_text(re.compile(r"Uploading, \d+%")).wait_for()
    await panel.get_by_role("button", name="Cancel").click()
    await expect(panel.locator(".said")).to_have_text(["first"])
    await expect(panel.get_by_role("textbox", name="Your message")).to_have_value("large")
    await panel.get_by_role("button", name="Remove large.bin").wait_for()  # to be sent after all
    await slow.send("Network.emulateNetworkConditions", {**speed, "uploadThroughput": -1})
    await panel.get_by_role("button", name="Send").click()
    await panel.get_by_role("button", name="Save large.bin").wait_for()
    assert len(shop.inlet.arrivals) == 2


async def test_what_is_refused_can_be_corrected_or_dropped(shop: Shop) -> None:
    context = await shop.window()

    async def refuse(route: Route) -> None:
        headers = {"Access-Control-Allow-Origin": shop.page.origin}
        await route.fulfill(status=413, headers=headers, json={"error": "too-large"})

    await context.route(MESSAGES, refuse)
    page = await shop.visit(context=context)
    panel = await opened(page)
    for _ in range(2):
        await choose(page, panel, a_file())
        await hurry(page, "look")
        await panel.get_by_text("Not sent. A file is too large. At most 200 kB each").wait_for()
        await panel.get_by_role("button", name="Discard").click()
        await expect(panel.locator(".said")).to_have_count(0)
    await choose(page, panel, a_file())
    await hurry(page, "look")
    await panel.get_by_role("button", name="Correct it").click()
    await context.unroute(MESSAGES)
    await panel.get_by_role("button", name="Remove hull.txt").click()
    await panel.get_by_role("button", name="Send").click()
    await panel.get_by_text("Sent", exact=True).wait_for()
    assert len(shop.inlet.arrivals) == 1


async def test_who_is_too_quick_is_told_politely_and_nothing_is_lost(shop: Shop) -> None:
    context = await shop.window()
    await context.clock.install()
    page = await shop.visit(context=context)
    panel = await opened(page)
    await say(panel, "first")
    jan = Browser(shop.desk, shop.page.origin)
    jan.pass_ = await page.evaluate(
        "Object.entries(localStorage).find(([k]) => /pass$/.test(k))[1]"
    )
    await jan.enter()
    for number in range(99):
        assert (await jan.say(f"{number}")).status == 200
    await hurry(page, "one too many")
    told = panel.get_by_text("That was a lot at once. It is sent in a moment.")
    await told.wait_for()
    shop.clock[0] += timedelta(minutes=1)
    await context.clock.set_system_time(datetime.now(UTC) - timedelta(days=1))  # it was wrong
    await context.clock.fast_forward(61_000)
    await panel.locator("li", has_text="one too many").get_by_text("Sent", exact=True).wait_for()
    await expect(told).to_have_count(0)
    assert len(shop.inlet.arrivals) == 101


async def test_what_waits_when_a_signature_runs_out_is_sent_with_the_next_one(shop: Shop) -> None:
    context, now = await shop.window(), shop.clock[0]
    page = await shop.visit(context=context, data=an_identity(until=now))
    panel = await opened(page)
    await say(panel, "in time")
    shop.clock[0] += timedelta(hours=2)
    await hurry(page, "too late")
    await panel.get_by_text("Please load this page anew to go on.").wait_for()
    shop.page.data = an_identity(until=shop.clock[0])
    await page.reload()
    await panel.locator("li", has_text="too late").get_by_text("Sent", exact=True).wait_for()
    assert {one.envelope.authenticated_as for one in shop.inlet.arrivals} == {"kunde-7"}


async def test_who_logs_in_next_neither_sees_nor_sends_what_was_waiting(shop: Shop) -> None:
    context = await shop.window()
    await context.route(MESSAGES, blocked)
    page = await shop.visit(context=context, data=an_identity("4", until=shop.clock[0]))
    panel = await opened(page)
    await hurry(page, "of user 4")
    for other in ("4:2", "5"):
        shop.page.data = an_identity(other, until=shop.clock[0])
        await page.reload()
        panel = await opened(page)
        await panel.get_by_text("Write to us.").wait_for()
        await expect(panel.locator(".said")).to_have_count(0)
    await context.unroute(MESSAGES)
    await say(panel, "of user 5")
    assert len(shop.inlet.arrivals) == 1


async def test_a_pasted_table_is_text_and_a_pasted_picture_a_file(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    paste = """([text, name]) => {
        const data = new DataTransfer();
        if (text) data.setData("text/plain", text);
        data.items.add(new File(["x"], name, { type: "image/png" }));
        const root = document.documentElement.lastElementChild.shadowRoot;
        root.getElementById("text").dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }"""
    await page.evaluate(paste, ["a\tb", "table.png"])
    await page.evaluate(paste, ["", "screen.png"])
    await panel.get_by_role("button", name="Remove screen.png").wait_for()
    await expect(panel.locator(".composer .files li")).to_have_count(1)


async def test_files_are_dropped_on_the_panel_and_what_can_t_be_read_is_told(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    drop = """([kind, name, broken]) => {
        const data = new DataTransfer();
        data.items.add(new File(["x"], name));
        const panel = document.documentElement.lastElementChild.shadowRoot.getElementById("panel");
        if (broken) File.prototype.arrayBuffer = () => Promise.reject(new Error("a folder"));
        panel.dispatchEvent(
            new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    await page.evaluate(drop, ["dragover", "a.txt", False])
    await panel.get_by_text("Drop files here").wait_for()
    await page.evaluate(drop, ["drop", "a.txt", False])
    await panel.get_by_role("button", name="Remove a.txt").wait_for()
    await expect(panel.get_by_text("Drop files here")).to_be_hidden()
    await page.evaluate(drop, ["drop", "folder", True])
    await panel.get_by_text("folder could not be read.").wait_for()
    await expect(panel.locator(".composer .files li")).to_have_count(1)


async def test_a_text_that_is_too_long_is_told_and_not_cut(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await hurry(page, "x" * 10_001)
    await panel.get_by_text("This message is too long.").wait_for()
    box = panel.get_by_role("textbox", name="Your message")
    assert len(await box.input_value()) == 10_001
    await say(panel, "\N{TENT}" * 10_000)  # letters, however many bytes each
    assert len(shop.inlet.arrivals) == 1


async def test_two_windows_of_one_visitor_say_the_same(shop: Shop) -> None:
    context = await shop.window()
    one = await shop.visit(context=context)
    other = await shop.visit(context=context)
    await other.get_by_role("button", name="Open the chat").wait_for()
    await say(await opened(one), "from one")
    await shop.answer("to both")
    await other.get_by_role("button", name="Open the chat. New messages: 1").click()
    panel = other.get_by_role("dialog")
    await say(panel, "from the other")
    await one.get_by_role("dialog").get_by_text("from the other").wait_for()
    for page in (one, other):
        said = await page.get_by_role("dialog").locator(".said").all_inner_texts()
        assert said == ["from one", "to both", "from the other"]
    assert (len(shop.inlet.arrivals), await one.evaluate("deskbridgeChat.unread()")) == (2, 0)


async def test_who_empties_the_browser_s_storage_is_somebody_new(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "before")
    await shop.answer("an answer")
    await panel.get_by_text("an answer").wait_for()
    await page.evaluate("localStorage.clear()")
    shop.clock[0] += timedelta(minutes=20)  # the ticket runs out
    await hurry(page, "after")
    await panel.locator("li", has_text="after").get_by_text("Sent", exact=True).wait_for()
    assert await panel.locator(".said").all_inner_texts() == ["after"]


async def test_what_is_half_written_is_there_after_a_reload(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    box = panel.get_by_role("textbox", name="Your message")
    await box.press_sequentially("half a")
    await page.reload()
    await panel.wait_for()  # it has stayed open
    await expect(box).to_have_value("half a")
    await box.press("Enter")
    await panel.get_by_text("Sent", exact=True).wait_for()
    await page.reload()
    await panel.wait_for()
    async with asyncio.timeout(30):
        while await box.input_value():
            await asyncio.sleep(0.02)

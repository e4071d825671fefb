"""Does a long history cost no more than a short one, and a hostile one no more than its letters?"""

import re
import time
from datetime import timedelta

import pytest
from playwright.async_api import expect

from inquiry.journey import File
from storage.sqlite import Sqlite
from tests.inquiries import NOW
from tests.rows import rows
from tests.web.chat.house import Browser, House, a_dispatch
from tests.web.chat.shop import Shop, opened, say

MANY = 10_000
LONG_AGO = """
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {many})
    INSERT INTO chat_entries (visitor, seq, remote_id, dispatch, author, text, language, at)
    SELECT 1, n, 'old-' || n, CASE n % 2 WHEN 0 THEN n END, 'Kasia', 'message ' || n, 'en',
           {now} - ({many} - n) * 60000000 FROM numbers"""


async def long_ago(db: Sqlite, many: int = MANY) -> None:
    """Give the first visitor a history, a message a minute."""
    now = int(NOW.timestamp() * 1_000_000)
    await rows(db, LONG_AGO.format(many=many, now=now))
    await rows(db, f"UPDATE chat_visitors SET last_seq = {many} WHERE id = 1")


async def test_a_browser_gets_a_page_however_much_there_is(sqlite: Sqlite, jan: Browser) -> None:
    await long_ago(sqlite)
    began = time.process_time()
    newest = (await (await jan.call("GET", "/entries")).json())["entries"]
    took = timedelta(seconds=time.process_time() - began)
    assert [one["seq"] for one in newest] == list(range(MANY - 49, MANY + 1))
    assert took < timedelta(seconds=0.5)
    before = await (await jan.call("GET", f"/entries?before={MANY - 49}")).json()
    assert [one["seq"] for one in before["entries"]] == list(range(MANY - 99, MANY - 49))
    assert len(await jan.entries(after=0)) == 200
    response = await jan.say("and one more")
    assert await response.json() == {"seq": MANY + 1}


@pytest.mark.server
async def test_earlier_messages_are_fetched_when_asked_for(shop: Shop, sqlite: Sqlite) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "hello")
    await rows(sqlite, "DELETE FROM chat_entries")
    await long_ago(sqlite, 130)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.reload()
    more = panel.get_by_role("button", name="Earlier messages")
    await panel.get_by_text("message 130", exact=True).wait_for()
    await expect(panel.locator(".said")).to_have_count(50)
    assert await panel.locator(".scroll").evaluate(
        "it => it.scrollHeight - it.scrollTop - it.clientHeight < 2"
    )
    for left in (100, 130):
        await more.click()
        await panel.get_by_text(f"message {131 - left}", exact=True).wait_for()
        await expect(panel.locator(".said")).to_have_count(left)
    await expect(more).to_be_hidden()
    said = await panel.locator(".said").all_inner_texts()
    assert said == [f"message {n}" for n in range(1, 131)]
    entries = [url.partition("/entries")[2] for url in asked if "/entries" in url]
    assert entries[0] == ""
    assert {"?before=81", "?before=31"} <= set(entries)
    await expect(panel.locator(".day:visible")).to_have_count(1)


@pytest.mark.server
async def test_what_comes_while_the_visitor_reads_above_is_told_and_not_yet_read(
    shop: Shop, sqlite: Sqlite
) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "hello")
    await rows(sqlite, "DELETE FROM chat_entries")
    await long_ago(sqlite, 60)
    await page.reload()
    await panel.get_by_text("message 60", exact=True).wait_for()
    await page.wait_for_timeout(200)
    await panel.locator(".scroll").evaluate("it => (it.scrollTop = 0)")
    await page.wait_for_timeout(100)
    await shop.answer("a new one")
    jump = panel.get_by_role("button", name="New messages")
    await jump.wait_for()
    visitor = await shop.desk.chat.visitors.by_id(1)
    assert visitor
    assert visitor.read_seq == 60
    async with page.expect_request("**/notices"):
        await jump.click()
    await expect(jump).to_be_hidden()


@pytest.mark.server
async def test_names_letters_and_marks_of_anybody_stay_within_their_bubble(shop: Shop) -> None:
    page = await shop.visit()
    panel = await opened(page)
    await say(panel, "hello")
    evil = "<img src=x onerror=window.ran=1>"
    turned = "invoice\N{RIGHT-TO-LEFT OVERRIDE}fdp.exe"
    stacked = "z" + "\N{COMBINING LONG STROKE OVERLAY}\N{COMBINING ACUTE ACCENT}" * 400
    await shop.desk.chat.send(
        a_dispatch(
            await shop.key(),
            f"{stacked} {'w' * 5000} \N{RIGHT-TO-LEFT OVERRIDE}live",
            from_name=f"{evil}\N{RIGHT-TO-LEFT OVERRIDE}",
            files=(File(filename=turned, content_type="text/html", content=b"<script>"),),
            language='x" onload="1',
        )
    )
    theirs = panel.locator(".theirs")
    await theirs.wait_for()
    assert await theirs.locator(".author bdi").inner_text() == evil
    assert await theirs.locator(".files bdi").inner_text() == "invoicefdp.exe"
    async with page.expect_download() as saving:
        await theirs.get_by_role("button", name="Save invoicefdp.exe").click()
    saved = await saving.value
    assert re.fullmatch(r"invoicefdp\.exe", saved.suggested_filename)
    wide = await panel.locator(".scroll").evaluate("it => it.scrollWidth - it.clientWidth")
    assert wide == 0
    clipped = await theirs.locator(".said").evaluate("it => getComputedStyle(it).overflowY")
    assert clipped == "clip"
    assert not await page.evaluate("'ran' in window")


async def test_another_visitor_s_numbers_open_nothing(desk: House, jan: Browser) -> None:
    await jan.say("secret", files=[File(filename="a.txt", content_type="x/x", content=b"a")])
    other = desk.visitor()
    await other.enter()
    for path in ("/entries", "/entries?after=0", "/entries?before=9", "/entries?before=2"):
        assert (await (await other.call("GET", path)).json())["entries"] == []

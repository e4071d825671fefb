"""In a real browser: does an open page stay true, and leave alone whoever works on it?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from inquiry.journey import SpecialistName
from inquiry.understood import Party
from specialists.acts import marks, progress
from storage import credentials, presence
from tests.inquiries import KASIA, MINUTE, NOW, OLA, Opened, a_message
from tests.rows import rows
from tests.servers.chromium import chromium
from tests.servers.programs import needed
from tests.web.site import Site
from web.access import SESSION
from web.newsroom import NEWSROOM, Pace

pytestmark = pytest.mark.server
LATER = NOW + MINUTE
KARI = Party("kari@fjell.example", "Kari Nordmann")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    needed("chromium")
    async with chromium() as started:
        yield started


@pytest.fixture
async def desk(site: Site) -> Site:
    site.app[NEWSROOM].pace = Pace(look=timedelta(milliseconds=50), check=timedelta(seconds=0.5))
    return site


@asynccontextmanager
async def signed_in(
    site: Site, browser: Browser, name: SpecialistName, *, scripts: bool = True
) -> AsyncIterator[BrowserContext]:
    base = str(site.client.make_url("/"))
    token = await site.db.write(lambda tx: credentials.open_session(tx, name, now=site.desk.now()))
    context = await browser.new_context(base_url=base, java_script_enabled=scripts)
    await context.add_cookies([{"name": SESSION, "value": token, "url": base}])
    yield context
    await context.close()


async def opened_page(context: BrowserContext, path: str) -> Page:
    """Open a page, and wait until its browser listens."""
    page = await context.new_page()
    await page.goto(path, wait_until="load")
    return page


async def listens(site: Site, count: int = 1) -> None:
    while len(site.app[NEWSROOM]._readers) != count:
        await expect_soon()


async def expect_soon() -> None:
    await asyncio.sleep(0.02)


async def said(site: Site, opened: Opened, text: str) -> None:
    """Let the customer write again."""
    await site.inquiries.followed_up(opened, a_message(new_text=text, text=text), now=LATER)


async def test_a_message_appears_and_what_is_being_typed_stays(
    desk: Site, browser: Browser
) -> None:
    opened = await desk.inquiries.opened(a_message(new_text="x\n" * 60, text="x\n" * 60))
    async with signed_in(desk, browser, KASIA) as kasia:
        page = await opened_page(kasia, f"/inquiry/{opened.reference}")
        await listens(desk)
        answer = page.get_by_label("Your answer to the customer")
        await answer.press_sequentially("Dzień dobry, proszę wył")
        await answer.evaluate("one => { one.setSelectionRange(3, 7); window.same = one }")
        before = await answer.bounding_box()
        await said(desk, opened, "Już działa!")
        await expect(page.get_by_text("Już działa!")).to_be_visible()
        assert await answer.evaluate("one => one === window.same && one === document.activeElement")
        assert await answer.input_value() == "Dzień dobry, proszę wył"
        assert await answer.evaluate("one => [one.selectionStart, one.selectionEnd]") == [3, 7]
        after = await answer.bounding_box()
        assert before
        assert after
        assert abs(before["y"] - after["y"]) < 2
        announcer = page.locator("#announcer")
        await expect(announcer).to_have_text("New message from Jan Kowalski")
        assert await page.get_by_role("article").count() == 2


async def test_a_list_and_its_numbers_follow(desk: Site, browser: Browser) -> None:
    first = await desk.inquiries.opened()
    async with signed_in(desk, browser, KASIA) as kasia:
        page = await opened_page(kasia, "/inbox")
        await listens(desk)
        await expect(page).to_have_title("(1) All open · Nordlys Support")
        row = page.get_by_role("link", name="Drukarka")
        await row.focus()
        search = page.get_by_label("Search inquiries")
        await search.evaluate("one => { one.value = 'half a wo' }")
        await desk.inquiries.opened(a_message(sender=KARI, subject="Faktura"), now=LATER)
        await expect(page.get_by_role("link", name="Faktura")).to_be_visible()
        assert await row.evaluate("one => one === document.activeElement")
        assert await search.input_value() == "half a wo"
        await expect(page).to_have_title("(2) All open · Nordlys Support")
        await expect(page.get_by_text("2 inquiries")).to_be_visible()
        links = page.locator(".list h2")
        assert await links.all_inner_texts() == ["Faktura", "Drukarka"]
        await expect(page.locator("#announcer")).to_contain_text("Faktura")
        await progress.resolve(desk.db, inquiry=first.id, specialist=OLA, now=LATER)
        await expect(links).to_have_count(1)
        await expect(page).to_have_title("(1) All open · Nordlys Support")


async def test_an_empty_list_fills(desk: Site, browser: Browser) -> None:
    async with signed_in(desk, browser, KASIA) as kasia:
        page = await opened_page(kasia, "/inbox")
        await listens(desk)
        await expect(page.get_by_text("Nothing here.")).to_be_visible()
        await desk.inquiries.opened()
        await expect(page.get_by_role("link", name="Drukarka")).to_be_visible()
        await expect(page.get_by_text("Nothing here.")).to_have_count(0)


async def test_two_people_see_each_other_and_are_warned(desk: Site, browser: Browser) -> None:
    opened = await desk.inquiries.opened()
    address = f"/inquiry/{opened.reference}"
    async with (
        signed_in(desk, browser, KASIA) as kasia,
        signed_in(desk, browser, OLA) as ola,
    ):
        hers = await opened_page(kasia, address)
        listed = await opened_page(kasia, "/inbox")
        his = await opened_page(ola, address)
        await expect(hers.locator(".top .present")).to_contain_text("Ola Hansen has this open")
        await expect(his.locator(".top .present")).to_contain_text("Kasia Nowak has this open")
        await expect(listed.locator(".list .present")).to_contain_text("Ola Hansen")
        await his.get_by_label("Your answer to the customer").press_sequentially("Hei")
        warning = hers.get_by_text("Ola Hansen is writing an answer here at this moment.")
        await expect(warning.first).to_be_visible()
        await expect(hers.locator("#announcer")).to_contain_text("Ola Hansen is writing an answer")
        await expect(listed.locator(".list .writing")).to_contain_text("Ola Hansen")
        await his.goto("/outbox")
        await expect(hers.locator(".top .present")).to_be_empty()
        await expect(hers.locator("form.reply .told")).to_have_count(0)
        await expect(listed.locator(".list .present")).to_be_empty()


async def test_who_vanishes_is_gone_after_a_while(desk: Site, browser: Browser) -> None:
    opened = await desk.inquiries.opened()
    async with signed_in(desk, browser, KASIA) as kasia:
        page = await opened_page(kasia, f"/inquiry/{opened.reference}")
        await desk.db.write(
            lambda tx: presence.keep(
                tx,
                specialist=OLA,
                tab="1",
                reference=opened.reference,
                doing=presence.Doing.VIEWING,
                now=desk.moment,
            )
        )
        await expect(page.locator(".top .present")).to_contain_text("Ola Hansen")
        desk.moment += presence.LASTS
        await expect(page.locator(".top .present")).to_be_empty()


async def test_one_tab_of_a_browser_listens_for_all(desk: Site, browser: Browser) -> None:
    opened = await desk.inquiries.opened()
    async with signed_in(desk, browser, KASIA) as kasia:
        one = await opened_page(kasia, "/inbox")
        await listens(desk)
        other = await opened_page(kasia, f"/inquiry/{opened.reference}")
        await said(desk, opened, "raz")
        await expect(other.get_by_text("raz")).to_be_visible()
        assert len(desk.app[NEWSROOM]._readers) == 1
        await one.close()
        await said(desk, opened, "dwa")
        await expect(other.get_by_text("dwa")).to_be_visible()


async def test_an_answer_is_stopped_by_what_was_put_in_place_unseen(
    desk: Site, browser: Browser
) -> None:
    opened = await desk.inquiries.opened(a_message(new_text="x\n" * 200, text="x\n" * 200))
    async with signed_in(desk, browser, KASIA) as kasia:
        page = await opened_page(kasia, f"/inquiry/{opened.reference}")
        await listens(desk)
        guard = page.locator("input[name=seen_event]")
        first = await guard.input_value()
        await page.evaluate("scrollTo(0, 0)")
        await said(desk, opened, "Jeszcze jedno")
        new = page.get_by_text("Jeszcze jedno")
        await new.wait_for(state="attached")
        await page.wait_for_timeout(2500)
        assert await guard.input_value() == first
        await new.scroll_into_view_if_needed()
        await expect(guard).not_to_have_value(first)


async def test_what_is_selected_or_chosen_is_left_alone(desk: Site, browser: Browser) -> None:
    opened = await desk.inquiries.opened()
    async with signed_in(desk, browser, KASIA) as kasia:
        page = await opened_page(kasia, f"/inquiry/{opened.reference}")
        await listens(desk)
        await page.get_by_label("Priority").select_option("urgent")
        await page.locator(".entry.in .text").select_text()
        selected = await page.evaluate("getSelection().toString()")
        assert selected.strip() == "nie działa"
        await marks.tag(desk.db, inquiry=opened.id, specialist=OLA, tags=["vip"], now=LATER)
        await expect(page.locator(".inquiry-head .tag")).to_have_text("vip")
        assert await page.evaluate("getSelection().toString()") == selected
        assert await page.get_by_label("Priority").input_value() == "urgent"
        await page.get_by_role("button", name="Set Priority").click()
        await expect(page.locator(".chip.urgent")).to_be_visible()


async def test_who_is_signed_out_is_told_and_keeps_the_text(desk: Site, browser: Browser) -> None:
    opened = await desk.inquiries.opened()
    async with signed_in(desk, browser, KASIA) as kasia:
        page = await opened_page(kasia, f"/inquiry/{opened.reference}")
        await listens(desk)
        answer = page.get_by_label("Your answer to the customer")
        await answer.press_sequentially("Wył")
        await rows(desk.db, "DELETE FROM sessions")
        await said(desk, opened, "halo?")
        await expect(page.get_by_text("You are signed out.")).to_be_visible(timeout=15_000)
        assert await answer.input_value() == "Wył"


async def test_without_the_stream_a_page_asks_now_and_then(desk: Site, browser: Browser) -> None:
    opened = await desk.inquiries.opened()
    async with signed_in(desk, browser, KASIA) as kasia:
        await kasia.add_init_script("delete window.BroadcastChannel")
        page = await kasia.new_page()
        await page.clock.install()
        await page.goto(f"/inquiry/{opened.reference}")
        await said(desk, opened, "czy ktoś jest?")
        await page.clock.run_for(20_500)
        await expect(page.get_by_text("czy ktoś jest?")).to_be_visible()
        assert not desk.app[NEWSROOM]._readers


async def test_without_scripts_presence_is_shown_as_the_page_is_made(
    desk: Site, browser: Browser
) -> None:
    opened = await desk.inquiries.opened()
    address = f"/inquiry/{opened.reference}"
    async with (
        signed_in(desk, browser, OLA) as ola,
        signed_in(desk, browser, KASIA, scripts=False) as kasia,
    ):
        his = await opened_page(ola, address)
        await his.get_by_label("Your answer to the customer").press_sequentially("Hei")
        while not await rows(desk.db, "SELECT 1 FROM presence WHERE doing = 'writing'"):
            await expect_soon()
        hers = await opened_page(kasia, address)
        await expect(hers.get_by_text("Ola Hansen is writing an answer here")).to_be_visible()
        assert await hers.get_by_text("You are signed out.").is_hidden()


async def test_nothing_moves_for_who_wants_no_motion(desk: Site, browser: Browser) -> None:
    opened = await desk.inquiries.opened()
    async with signed_in(desk, browser, KASIA) as kasia:
        page = await opened_page(kasia, f"/inquiry/{opened.reference}")
        await page.emulate_media(reduced_motion="reduce")
        await listens(desk)
        await said(desk, opened, "cicho")
        arrived = page.locator(".arrived")
        await arrived.wait_for()
        assert await arrived.evaluate("one => getComputedStyle(one).animationName") == "none"

"""In a real browser: can many answers be decided about by keyboard, and without scripts?"""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from inquiry.words import OutboxState
from tests.inquiries import KASIA
from tests.servers.chromium import chromium
from tests.servers.programs import needed
from tests.web.site import Site
from tests.web.test_live_browser import signed_in
from tests.web.test_outbox import dispatched, states

pytestmark = pytest.mark.server


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    needed("chromium")
    async with chromium() as started:
        yield started


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_many_by_keyboard(site: Site, browser: Browser, scripts: bool) -> None:
    for _ in range(3):
        await dispatched(site, OutboxState.DOUBTFUL, "timed out")
    async with signed_in(site, browser, KASIA, scripts=scripts) as context:
        page = await context.new_page()
        await page.goto("/outbox")
        for number in ("1", "3"):
            await page.locator(f'input[name=one][value="{number}"]').focus()
            await page.keyboard.press("Space")
        await page.get_by_role("button", name="It has arrived …").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("It has arrived?")
        await expect(page.get_by_text("taken for sent; nothing is sent")).to_be_visible()
        assert await states(site) == ["doubtful"] * 3
        await page.get_by_role("button", name="Yes, it has arrived: 2").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("2 taken for sent.")).to_be_visible()
    assert await states(site) == ["sent", "doubtful", "sent"]


async def test_what_is_ticked_stays_ticked_while_others_come(site: Site, browser: Browser) -> None:
    await dispatched(site, OutboxState.DOUBTFUL)
    async with signed_in(site, browser, KASIA) as context:
        page = await context.new_page()
        await page.goto("/outbox")
        box = page.locator('input[name=one][value="1"]')
        await box.check()
        await dispatched(site, OutboxState.DOUBTFUL)
        async with page.expect_response(lambda reply: reply.url.endswith("/outbox")):
            await page.evaluate("document.dispatchEvent(new Event('desk:stale'))")
        await page.wait_for_timeout(300)
        await expect(box).to_be_checked()
        await box.uncheck()
        await box.blur()
        await expect(page.locator('input[name=one][value="2"]')).to_be_visible(timeout=10_000)

"""What a specialist does in a browser, in words."""

import asyncio
import re
import time

from playwright.async_api import Page

PATIENCE = 60.0


async def sign_in(page: Page, url: str, name: str, password: str) -> None:
    """Sign in by password."""
    await page.goto(f"{url}/sign-in")
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/inbox*")


async def open_inquiry(
    page: Page, url: str, subject: str | re.Pattern[str], patience: float = PATIENCE
) -> None:
    """Find an inquiry by its subject in the inbox, once it is there, and open it."""
    await page.goto(f"{url}/inbox?q=is:open")
    link = page.get_by_role("link", name=subject).first
    deadline = time.monotonic() + patience
    while not await link.count():
        assert time.monotonic() < deadline, f"{subject!r} is not in the inbox"
        await asyncio.sleep(0.1)
        await page.reload()
    await link.click()


async def answer(page: Page, text: str) -> None:
    """Answer the open inquiry."""
    await page.get_by_role("textbox", name="Your answer").fill(text)
    await page.get_by_role("button", name="Send and wait").click()


async def until_shown(page: Page, text: str, patience: float = PATIENCE) -> None:
    """Reload until the page shows a text."""
    deadline = time.monotonic() + patience
    while text not in await page.inner_text("main"):
        assert time.monotonic() < deadline, f"the page never showed {text!r}"
        await asyncio.sleep(0.1)
        await page.reload()

"""Does an open console stay true over a restart and a reload, and let the desk end at once?"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from playwright.async_api import BrowserContext, Page, expect

from deskbridge.local import call
from storage import credentials
from storage.opening import open_database
from tests.harness.bridge import Bridge
from tests.journeys.console import sign_in
from tests.servers.chromium import chromium
from tests.servers.postgres import postgres

pytestmark = pytest.mark.server

PASSWORD = "correct-horse-battery"
PATIENCE = 60_000.0
YAML = """version: 1
desk:
  name: Nordlys Support
  url: http://127.0.0.1:${env:WEB_PORT}
  data_dir: ${env:DATA_DIR}
  storage: ${env:STORAGE}
web: {listen: "127.0.0.1:${env:WEB_PORT}"}
channels:
  mail:
    kind: smtp
    listen: 127.0.0.1:${env:SMTP_PORT}
    addresses: [help@nordlys.example]
    send: {host: 127.0.0.1, port: 1, tls: none, from: help@nordlys.example}
specialists:
  ola: {name: Ola Hansen, email: ola@nordlys.example, languages: [en]}
  kasia: {name: Kasia Nowak, email: kasia@nordlys.example, languages: [pl]}
queues: {first-line: {line: 1, members: [ola, kasia], assign: {by: pull}}}
rules: [{name: all, when: always, then: {queue: first-line, category: other}}]
"""


@pytest.fixture(params=["sqlite", "postgres"])
async def bridge(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bridge]:
    desk = tmp_path / "desk.yaml"
    desk.write_text(YAML)
    if request.param == "sqlite":
        yield Bridge(folder=tmp_path, desk=desk, storage="sqlite", environment={})
        return
    with postgres(durable=False) as server:
        storage = await asyncio.to_thread(server.create)
        yield Bridge(folder=tmp_path, desk=desk, storage=storage, environment={})


@pytest.fixture
async def running(bridge: Bridge) -> AsyncIterator[Bridge]:
    """The desk, with passwords for both who work there."""
    await bridge.start()
    await bridge.ready()
    assert await bridge.stop() == 0, bridge.last_words()
    async with open_database(bridge.storage, bridge.data_dir) as db:
        for name in ("ola", "kasia"):
            now = datetime.now(UTC)
            await credentials.set_password(db, name, PASSWORD, now=now)  # type: ignore[arg-type]
    await bridge.start()
    await bridge.ready()
    yield bridge
    if bridge.alive:
        await bridge.kill()


@pytest.fixture
async def context() -> AsyncIterator[BrowserContext]:
    async with chromium() as browser:
        yield await browser.new_context()


async def seconds_to_end(bridge: Bridge) -> float:
    began = time.monotonic()
    assert await bridge.stop() == 0, bridge.last_words()
    return time.monotonic() - began


async def write(bridge: Bridge, subject: str) -> None:
    mail = EmailMessage()
    mail["From"] = "kari@kunde.example"
    mail["To"] = "help@nordlys.example"
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{subject}@kunde.example>"
    mail.set_content("Please help me.")
    async with asyncio.timeout(PATIENCE / 1000):
        while True:
            with suppress(aiosmtplib.SMTPConnectError):  # after a reload it may open a bit later
                await aiosmtplib.send(
                    mail, hostname="127.0.0.1", port=bridge.smtp_port, start_tls=False
                )
                return
            await asyncio.sleep(0.1)


async def shows(page: Page, subject: str) -> None:
    """Wait for it without touching the page."""
    await expect(page.get_by_role("link", name=subject)).to_be_visible(timeout=PATIENCE)


async def test_an_open_console_follows_over_restart_and_reload(
    running: Bridge, context: BrowserContext
) -> None:
    page = await context.new_page()
    await sign_in(page, running.url, "ola", PASSWORD)
    search = page.get_by_label("Search inquiries")
    await search.press_sequentially(" half a wo")
    await write(running, "first")
    await shows(page, "first")

    with_a_stream = await seconds_to_end(running)
    await running.start()
    await running.ready()
    await write(running, "second")
    await shows(page, "second")

    await running.kill()
    await running.start()
    await running.ready()
    await write(running, "third")
    await shows(page, "third")
    assert "half a wo" in await search.input_value()

    running.desk.write_text(YAML.replace("Nordlys Support", "Nordlys Help"))
    assert await call(running.data_dir, "POST", "/reload")
    await write(running, "fourth")
    await shows(page, "fourth")
    without_ola = YAML.replace("  ola: {name", "  mari: {name").replace("[ola, ", "[mari, ")
    running.desk.write_text(without_ola)
    assert await call(running.data_dir, "POST", "/reload")
    await expect(page.get_by_text("You are signed out.")).to_be_visible(timeout=PATIENCE)
    without = await seconds_to_end(running)
    assert with_a_stream < 2 * without + 4, "the open stream has held up the end"  # for 5 seconds
    assert "Traceback" not in running.last_words(100_000)

"""Is the demo a working desk for somebody who has nothing but a browser and a mail program?"""

import asyncio
import email
import email.policy
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from playwright.async_api import Browser, Page

from tests.journeys.console import answer as answer_with
from tests.journeys.console import until_shown
from tests.servers.chromium import chromium
from tests.servers.ports import free_port
from web.chat.words import CHAT_WORDS

PROGRAM = Path(sys.executable).with_name("deskbridge")
PATIENCE = 60.0
LINK = re.compile(r"http://\S+/sign-in/\S+")
STATUS_LINK = re.compile(r"http://\S+/s/\S+")
ASKED = "Czy macie buty w 43?"


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo desk."""

    url: str
    sign_in_link: str
    smtp_port: int
    mailbox: Path

    async def write(self, mail: EmailMessage) -> None:
        await aiosmtplib.send(mail, hostname="127.0.0.1", port=self.smtp_port, start_tls=False)

    async def mail_to(self, address: str, which: Callable[[EmailMessage], bool]) -> EmailMessage:
        """Wait for a mail to ``address`` in the customers' mailbox."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for mail in await asyncio.to_thread(self._mails):
                if address in str(mail["To"]) and which(mail):
                    return mail
            await asyncio.sleep(0.05)
        raise AssertionError(f"no such mail to {address}")

    def _mails(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in self.mailbox.glob("*.eml")
        ]


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[Demo]:
    """Start ``deskbridge demo`` and read what it says."""
    smtp, web = free_port(), free_port()
    environment = {
        **os.environ,
        "DESKBRIDGE_DEMO_DATA": str(folder),
        "DESKBRIDGE_DEMO_SMTP": f"127.0.0.1:{smtp}",
        "DESKBRIDGE_DEMO_WEB": f"127.0.0.1:{web}",
        "DESKBRIDGE_DEMO_URL": f"http://127.0.0.1:{web}",
    }
    process = await asyncio.create_subprocess_exec(
        *(PROGRAM, "demo", "--speed", "0"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout
    said = ""
    try:
        async with asyncio.timeout(PATIENCE):
            while "your words join" not in said:
                line = (await process.stdout.readline()).decode()
                assert line, f"the demo ended:\n{said}"
                said += line
        found = LINK.search(said)
        assert found
        yield Demo(f"http://127.0.0.1:{web}", found[0], smtp, folder / "mailbox")
    finally:
        process.send_signal(signal.SIGTERM)
        rest, _ = await asyncio.wait_for(process.communicate(), 20)
        print(rest.decode(), file=sys.stderr)
    assert process.returncode == 0


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


def polish_mail() -> EmailMessage:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = "Zofia Lis <zofia.lis@kunde.example>"
    mail["To"] = "support@nordlys.example"
    mail["Subject"] = "Drukarka nie drukuje"
    mail["Message-ID"] = "<zofia-1@kunde.example>"
    mail["Date"] = "Sat, 21 Nov 2026 09:00:00 +0100"
    mail.set_content("Dzień dobry, moja drukarka nie drukuje. Proszę o pomoc.\n\nZofia Lis\n")
    return mail


def reply_to(answer: EmailMessage) -> EmailMessage:
    mail = polish_mail()
    del mail["Message-ID"], mail["Subject"]
    mail["Message-ID"] = "<zofia-2@kunde.example>"
    mail["Subject"] = f"Re: {answer['Subject']}"
    mail["In-Reply-To"] = answer["Message-ID"]
    mail["References"] = f"{answer['References']} {answer['Message-ID']}"
    mail.set_content("Teraz działa, dziękuję!\n\n> Proszę wyłączyć drukarkę.\n")
    return mail


def automatic(mail: EmailMessage) -> bool:
    return mail.get("Auto-Submitted", "no") != "no"


async def sign_in(page: Page, desk: Demo) -> None:
    await page.goto(desk.sign_in_link)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/inbox*")


@pytest.mark.server
async def test_a_polish_mail_is_routed_answered_and_followed_up(
    tmp_path: Path, browser: Browser
) -> None:
    async with demo(tmp_path / "data") as desk:
        await desk.write(polish_mail())
        acknowledged = await desk.mail_to("zofia.lis@kunde.example", automatic)
        assert "Dzień dobry" in acknowledged.get_content()
        assert acknowledged["In-Reply-To"] == "<zofia-1@kunde.example>"

        page = await browser.new_page()
        await sign_in(page, desk)
        await page.get_by_role("link", name="Drukarka nie drukuje").first.click()
        await page.get_by_role("link", name="Why here?").click()
        assert "printers" in await page.inner_text("main")
        await page.go_back()
        await answer_with(page, "Proszę wyłączyć drukarkę.")

        answer = await desk.mail_to("zofia.lis@kunde.example", lambda mail: not automatic(mail))
        assert "Proszę wyłączyć drukarkę." in answer.get_content()
        assert answer["References"].split()[0] == "<zofia-1@kunde.example>"
        assert "Kasia Nowak" in str(answer["From"])

        await desk.write(reply_to(answer))
        await page.reload()
        await until_shown(page, "Teraz działa, dziękuję!")

        link = STATUS_LINK.search(acknowledged.get_content())
        assert link
        portal = await browser.new_page()
        await portal.goto(link[0])
        shown = await portal.inner_text("main")
        assert "Proszę wyłączyć drukarkę." in shown
        assert "Teraz działa, dziękuję!" in shown


@pytest.mark.server
async def test_the_shops_visitor_and_the_specialist_talk(tmp_path: Path, browser: Browser) -> None:
    async with demo(tmp_path / "data") as desk:
        visitor = await browser.new_page()
        await visitor.goto(f"{desk.url}/demo/shop?lang=pl")
        await visitor.get_by_role("button", name=CHAT_WORDS["pl"]["open"]).click()
        await visitor.get_by_role("textbox", name=CHAT_WORDS["pl"]["message"]).fill(ASKED)
        await visitor.keyboard.press("Enter")
        await visitor.locator(".said", has_text="wiadomość do nas dotarła").wait_for()

        page = await browser.new_page()
        await sign_in(page, desk)
        await page.get_by_role("link", name=ASKED).first.click()
        await answer_with(page, "Tak, od jutra.")
        await visitor.locator(".said", has_text="Tak, od jutra.").wait_for()

"""Does an inquiry by any channel come to a specialist, and the answer back by the same channel?

With real servers: Postfix in front (LMTP) and as the way out, Dovecot (IMAP), Chromium; Telegram
against a fake server.
"""

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from playwright.async_api import Browser, Page

from tests.harness.bridge import Bridge, until
from tests.journeys.console import answer, open_inquiry, sign_in, until_shown
from tests.servers.chromium import chromium
from tests.servers.dovecot import PASSWORD, Dovecot, dovecot
from tests.servers.ports import free_port
from tests.servers.postfix import Postfix, postfix
from tests.servers.sink import Sink, smtp_sink
from tests.servers.telegram import FakeTelegram, telegram

pytestmark = pytest.mark.server

DESK = Path(__file__).with_name("desk.yaml")
MAILBOX = "support@nordlys.example"
STATUS_LINK = re.compile(r"http://\S+/s/\S+")


@dataclass(frozen=True, slots=True)
class World:
    """A desk with everything around it."""

    bridge: Bridge
    postfix: Postfix
    mailboxes: Dovecot
    telegram: FakeTelegram
    customers: Sink
    browser: Browser

    async def console(self) -> Page:
        """Sign in as Kasia, in a window of her own."""
        page = await self.browser.new_page()
        await sign_in(page, self.bridge.url, "kasia", "a good long password")
        return page

    async def send(self, mail: EmailMessage) -> None:
        """A customer sends a mail, through Postfix."""
        await aiosmtplib.send(mail, hostname="127.0.0.1", port=self.postfix.port, start_tls=False)

    async def mail_to(
        self, address: str, which: Callable[[EmailMessage], bool] = lambda _mail: True
    ) -> EmailMessage:
        """Wait for a mail that Postfix has delivered to a customer."""

        def found() -> EmailMessage | None:
            mails = [_read(sunk.raw) for sunk in self.customers.mails if address in sunk.rcpt_to]
            return next(filter(which, mails), None)

        await until(lambda: found() is not None, f"a mail to {address}")
        mail = found()
        assert mail
        return mail

    async def telegram_says(self, text: str) -> None:
        await until(
            lambda: any(text in str(sent.get("text")) for sent in self.telegram.sent),
            f"{text!r} in Telegram",
        )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        customers = await stack.enter_async_context(smtp_sink())
        lmtp = free_port()
        front = stack.enter_context(
            postfix(
                inward=f"lmtp:inet:127.0.0.1:{lmtp}",
                outward=f"smtp:[127.0.0.1]:{customers.port}",
            )
        )
        mailboxes = stack.enter_context(dovecot())
        fake = await stack.enter_async_context(telegram())
        browser = await stack.enter_async_context(chromium())
        bridge = Bridge(
            folder=tmp_path,
            desk=DESK,
            storage="sqlite",
            smtp_port=lmtp,
            environment={
                "IMAP_PORT": str(mailboxes.port),
                "IMAP_PASSWORD": PASSWORD,
                "SUBMISSION_PORT": str(front.port),
                "TELEGRAM_TOKEN": fake.token,
                "TELEGRAM_API": fake.api,
            },
        )
        await bridge.start()
        await bridge.ready()
        await bridge.run("specialist", "passwd", "kasia", "--stdin", said="a good long password\n")
        yield World(bridge, front, mailboxes, fake, customers, browser)
        assert await bridge.stop() == 0, bridge.last_words()


def _read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def automatic(mail: EmailMessage) -> bool:
    return mail.get("Auto-Submitted", "no") != "no"


def by_hand(mail: EmailMessage) -> bool:
    return not automatic(mail)


def a_mail(to: str, who: str, subject: str, text: str, number: int = 1) -> EmailMessage:
    address = f"{who.split()[0].lower()}@kunde.example"
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = f"{who} <{address}>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{who.split()[0].lower()}-{number}@kunde.example>"
    mail["Date"] = "Sat, 21 Nov 2026 09:00:00 +0100"
    mail.set_content(text)
    return mail


def a_reply(to: EmailMessage, who: str, text: str) -> EmailMessage:
    mail = a_mail(str(to["From"]), who, f"Re: {to['Subject']}", text, number=2)
    mail["In-Reply-To"] = to["Message-ID"]
    mail["References"] = f"{to['References']} {to['Message-ID']}"
    return mail


async def status_page(world: World, acknowledgement: str) -> str:
    link = STATUS_LINK.search(acknowledgement)
    assert link, acknowledgement
    page = await world.browser.new_page()
    await page.goto(link[0])
    return await page.inner_text("main")


async def test_a_polish_mail_through_postfix(world: World) -> None:
    zofia = "zofia@kunde.example"
    await world.send(
        a_mail(
            "help@nordlys.example",
            "Zofia Lis",
            "Drukarka nie drukuje",
            "Dzień dobry, moja drukarka nie drukuje od wczoraj. Proszę o pomoc.\n",
        )
    )
    acknowledged = await world.mail_to(zofia, automatic)
    assert "Dziękujemy" in acknowledged.get_content()

    page = await world.console()
    await open_inquiry(page, world.bridge.url, "Drukarka nie drukuje")
    assert "printers" in await page.inner_text("main")
    await answer(page, "Proszę wyłączyć i włączyć drukarkę.")
    answered = await world.mail_to(zofia, by_hand)
    assert answered["In-Reply-To"] == "<zofia-1@kunde.example>"
    assert answered["References"] == "<zofia-1@kunde.example>"
    assert "help@nordlys.example" in str(answered["From"])

    await world.send(a_reply(answered, "Zofia Lis", "Teraz działa, dziękuję!\n"))
    await until_shown(page, "Teraz działa, dziękuję!")
    shown = await status_page(world, acknowledged.get_content())
    assert "Proszę wyłączyć i włączyć drukarkę." in shown
    assert "Teraz działa, dziękuję!" in shown


async def test_a_norwegian_mail_in_a_mailbox(world: World) -> None:
    letter = a_mail(
        MAILBOX, "Per Dal", "Passordet virker ikke", "Hei, jeg kommer ikke inn. Hva gjør jeg?\n"
    )
    await asyncio.to_thread(world.mailboxes.append, MAILBOX, letter.as_bytes())
    acknowledged = await world.mail_to("per@kunde.example", automatic)
    assert "Takk" in acknowledged.get_content()
    await until(
        lambda: len(world.mailboxes.flags(MAILBOX, folder="Processed")) == 1, "the mail is moved"
    )
    page = await world.console()
    await open_inquiry(page, world.bridge.url, "Passordet virker ikke")
    await answer(page, "Prøv lenken vi har sendt.")
    answered = await world.mail_to("per@kunde.example", by_hand)
    reply = a_reply(answered, "Per Dal", "Takk, nå er jeg inne.\n")
    await asyncio.to_thread(world.mailboxes.append, MAILBOX, reply.as_bytes())
    await until_shown(page, "Takk, nå er jeg inne.")


async def test_a_message_on_telegram(world: World) -> None:
    world.telegram.say("Moja drukarka nie drukuje, proszę o pomoc", chat=501, name="Jan")
    await world.telegram_says("NL-2026-00001")
    page = await world.console()
    await open_inquiry(page, world.bridge.url, "Moja drukarka nie drukuje")
    await answer(page, "Proszę sprawdzić papier.")
    await world.telegram_says("Proszę sprawdzić papier.")
    assert {str(sent["chat_id"]) for sent in world.telegram.sent} == {"501"}
    world.telegram.say("Nie było papieru!", chat=501, name="Jan")
    await until_shown(page, "Nie było papieru!")
    shown = await status_page(world, str(world.telegram.sent[0]["text"]))
    assert "Nie było papieru!" in shown


async def test_a_form_filled_in_with_a_browser(world: World) -> None:
    visitor = await world.browser.new_page(locale="et-EE")
    await visitor.goto(f"{world.bridge.url}/new")
    await visitor.locator("#name").fill("Liis Tamm")
    await visitor.locator("#email").fill("liis@kunde.example")
    await visitor.locator("#subject").fill("Ei saa sisse logida")
    await visitor.locator("#text").fill("Tere, ma ei saa oma kontole sisse logida. Palun aidake.")
    await visitor.locator("form button").click()
    await visitor.wait_for_load_state()
    acknowledged = await world.mail_to("liis@kunde.example", automatic)
    assert "Ei saa sisse logida" not in str(acknowledged["Subject"])  # nobody's words to a stranger

    page = await world.console()
    await open_inquiry(page, world.bridge.url, "Ei saa sisse logida")
    await answer(page, "Saatsime teile uue parooli.")
    answered = await world.mail_to("liis@kunde.example", by_hand)
    assert "Saatsime teile uue parooli." in answered.get_content()
    assert MAILBOX in str(answered["From"])
    reply = a_reply(answered, "Liis Tamm", "Aitäh, nüüd töötab!\n")
    await asyncio.to_thread(world.mailboxes.append, MAILBOX, reply.as_bytes())
    await until_shown(page, "Aitäh, nüüd töötab!")
    assert "Aitäh, nüüd töötab!" in await status_page(world, acknowledged.get_content())

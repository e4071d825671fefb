"""Customers who write mails or fill in the form; what they get is mail."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from html import unescape
from typing import ClassVar
from uuid import uuid4

import aiohttp
import aiosmtplib
from imapclient.exceptions import IMAPClientError

from tests.storm.book import Shown
from tests.storm.check import ANSWERED, SAID
from tests.storm.customers import Customer
from tests.storm.world import words_of

AGAIN = 0.2
"""Seconds until somebody who was not served tries again."""
PATIENCE = aiohttp.ClientTimeout(total=20)
PROCESSED = "Processed"
BY_MAIL = 0.4
"""How often whoever has begun with the form goes on by mail."""
STATUS_LINK = re.compile(r"http://\S+(/s/[\w.-]+)")
ON_PAGE = re.compile(r'<div class="text"[^>]*>(.*?)</div>', re.DOTALL)
SUBMISSION = re.compile(r'name="submission" value="(\w+)"')


@dataclass(slots=True)
class Writer(Customer):
    """Whoever has an address, and replies to the last letter about a topic."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    """Message-IDs of their own, by topic."""

    @property
    def address(self) -> str:
        return f"{self.name}@kunde.example"

    def back(self) -> str:
        return f"mail:{self.address}"

    async def may_go_on(self) -> None:
        await self.world.until(
            lambda: bool(self.letters()), f"a letter to {self.address} about {self.topic}"
        )

    def letters(self) -> list[EmailMessage]:
        """Return what this customer got about the topic, the newest last."""
        mine = [one for one in self.world.letters if one["X-To"] == self.address]
        ids = self.ids.get(self.topic, [])
        return [one for one in mine if any(id_ in str(one["References"]) for id_ in ids)]

    def letter(self, text: str, file: bytes) -> EmailMessage:
        """Write a mail; with something to reply to it is a reply that quotes."""
        mail = EmailMessage(policy=SMTP)
        mail["From"] = f"Kari Berg <{self.address}>"
        mail["Message-ID"] = f"<{uuid4().hex}@kunde.example>"
        mail["Date"] = formatdate(localtime=True)
        if letters := self.letters():
            to = letters[-1]
            mail["To"] = str(to["Reply-To"] or to["From"])
            mail["Subject"] = f"Re: {SAID.sub('it', str(to['Subject']))}"
            mail["In-Reply-To"] = to["Message-ID"]
            mail["References"] = f"{to['References'] or ''} {to['Message-ID']}".strip()
            quoted = "".join(f"> {word}\n" for word in ANSWERED.findall(words_of(to)))
            text = f"{text}\n\n{to['From']} wrote:\n{quoted}" if quoted else text
        else:
            mail["To"] = self.desk
            mail["Subject"] = text.rpartition(" ")[0]
        mail.set_content(f"{text}\n", cte="8bit")
        if file:
            mail.add_attachment(file, maintype="application", subtype="pdf", filename="a.pdf")
        self.ids.setdefault(self.topic, []).append(str(mail["Message-ID"]))
        return mail

    @property
    def desk(self) -> str:
        """The desk's address that this customer knows."""
        return "support@nordlys.example"

    async def look(self) -> list[Shown]:
        """Open every status page whose link has come by mail."""
        mine = [one for one in self.world.letters if one["X-To"] == self.address]
        links = {found[1] for one in mine if (found := STATUS_LINK.search(words_of(one)))}
        # Only the first topic of an address is acknowledged within an hour.
        return [await read_page(self.world.bridge.url + link, self.topics[0]) for link in links]


@dataclass(slots=True)
class BySmtp(Writer):
    """Has a mail server that keeps a mail until it has read 250."""

    channel: ClassVar[str] = "smtp-in"

    def begins(self) -> None:
        self.topics.append(f"{self.name}/{len(self.topics) + 1}")

    async def send(self, nonce: str, text: str, file: bytes) -> None:
        raw = self.letter(text, file).as_bytes()
        self.note(nonce, raw=raw, file=file)
        while not await self._delivered(raw):
            await asyncio.sleep(AGAIN)

    async def _delivered(self, raw: bytes) -> bool:
        careless, self.careless = self.careless, False
        port = self.world.bridge.smtp_port
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, timeout=20, start_tls=False)
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.connect()
            if careless:
                await _hang_up_early(client, self.address, self.desk, raw)
                return False
            await client.sendmail(self.address, [self.desk], raw)
            client.close()
            return True
        client.close()
        return False


async def _hang_up_early(client: aiosmtplib.SMTP, sender: str, to: str, raw: bytes) -> None:
    """Send a mail as a whole, and cut the line before the answer can be read."""
    await client.ehlo()
    await client.mail(sender)
    await client.rcpt(to)
    with suppress(TimeoutError):
        async with asyncio.timeout(0.02):
            await client.data(raw)
    client.close()


@dataclass(slots=True)
class ByImap(Writer):
    """Writes to a mailbox on a real server; what is moved away there has been accepted."""

    channel: ClassVar[str] = "imap-in"

    @property
    def desk(self) -> str:
        return "helpdesk@nordlys.example"

    def begins(self) -> None:
        self.topics.append(f"{self.name}/{len(self.topics) + 1}")

    async def send(self, nonce: str, text: str, file: bytes) -> None:
        raw = self.letter(text, file).as_bytes()
        self.note(nonce, raw=raw, file=file)
        async with self.world.undisturbed:  # who is thrown out in between would leave it twice
            await asyncio.to_thread(self.world.mailboxes.append, "helpdesk", raw)
        while not await asyncio.to_thread(self._moved, self.ids[self.topic][-1]):
            await asyncio.sleep(AGAIN)

    def _moved(self, message_id: str) -> bool:
        with suppress(OSError, IMAPClientError), self.world.mailboxes.client("helpdesk") as client:
            if not client.folder_exists(PROCESSED):
                return False
            client.select_folder(PROCESSED, readonly=True)
            return bool(client.search(["HEADER", "Message-ID", message_id]))
        return False


@dataclass(slots=True)
class ByForm(BySmtp):
    """Fills in the form, and goes on by the status page or by a mail."""

    channel: ClassVar[str] = "web"
    turns: int = 0

    def begins(self) -> None:
        """Only the first letter to an address has the link: all is about one thing."""
        self.topics[:] = [f"{self.name}/1"]

    def letters(self) -> list[EmailMessage]:
        return [one for one in self.world.letters if one["X-To"] == self.address]

    async def send(self, nonce: str, text: str, file: bytes) -> None:
        self.turns += 1
        if self.turns == 1:
            self.note(nonce, file=file)
            await self._post("/new", {"email": self.address, "text": text}, file, 200)
            return
        if self.chance.random() < BY_MAIL:
            await BySmtp.send(self, nonce, text, file)
            return
        link = next(filter(None, map(_link, self.letters())))
        self.note(nonce, file=file)
        await self._post(f"{link}/message", {"text": text}, file, 303)

    async def _post(self, path: str, filled: dict[str, str], file: bytes, good: int) -> None:
        """Press the button until somebody has said yes; by its number it is one message."""
        submission, url = uuid4().hex, self.world.bridge.url
        async with aiohttp.ClientSession(headers={"Origin": url}, timeout=PATIENCE) as session:
            while True:
                form = aiohttp.FormData(
                    {"submission": submission, **filled}, default_to_multipart=True
                )
                if file:
                    form.add_field("files", file, filename="a.pdf", content_type="application/pdf")
                with suppress(aiohttp.ClientError, OSError, TimeoutError):
                    if await self._pressed(session, url + path, form, good):
                        return
                await asyncio.sleep(AGAIN)

    async def _pressed(
        self, session: aiohttp.ClientSession, url: str, form: aiohttp.FormData, good: int
    ) -> bool:
        careless, self.careless = self.careless, False
        async with asyncio.timeout(0.02 if careless else 20):
            async with session.post(url, data=form, allow_redirects=False) as answer:
                if answer.status < 500 and answer.status != good:
                    raise AssertionError(f"{url} says {answer.status}")
                return answer.status == good


def _link(letter: EmailMessage) -> str:
    found = STATUS_LINK.search(words_of(letter))
    return found[1] if found else ""


async def read_page(url: str, topic: str) -> Shown:
    """Return what a status page shows."""
    async with aiohttp.ClientSession(timeout=PATIENCE) as session, session.get(url) as answer:
        assert answer.status == 200, f"the status page says {answer.status}"
        texts = ON_PAGE.findall(await answer.text())
    found = tuple(unescape(text) for text in texts)
    return Shown(topics=(topic,), page="the status page", texts=found)

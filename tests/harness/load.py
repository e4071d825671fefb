"""People outside who write without end, remember what was accepted, and repeat what was not.

Each source pours until it is told to stop, and then goes on until all it has offered is accepted.
"""

import asyncio
import json
import random
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Protocol

import aiohttp
import aiosmtplib

from tests.harness.ledger import Ledger, Offer, digest, new_nonce
from tests.servers.dovecot import Dovecot
from tests.servers.telegram import FakeTelegram

AGAIN = 0.05
"""Seconds until a sender who was not served tries again."""
SUPPORT = "support@nordlys.example"
PROCESSED = "Processed"
WITH_FILE = 3
"""Every third message by Telegram names a file."""
WORDS = ("Skriveren virker ikke", "Nie działa internet", "Arve on vale", "Не работает", "My bill")


class Source(Protocol):
    """One way in, with everybody who uses it."""

    async def pour(self, ledger: Ledger, stop: asyncio.Event) -> None:
        """Offer messages until ``stop``; return when each of them is accepted or refused."""
        ...


@dataclass(slots=True)
class BySmtp:
    """A few mail servers that keep a mail until they have read 250."""

    port: int
    servers: int = 6
    pause: float = 0.2
    _numbers: int = 0

    async def pour(self, ledger: Ledger, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self.servers):
                group.create_task(self._one_server(ledger, stop))

    async def _one_server(self, ledger: Ledger, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._numbers += 1
            nonce, sender = new_nonce(), f"jan{self._numbers}@kunde.example"
            raw = a_mail(nonce, sender, self._numbers)
            ledger.offers(Offer(nonce=nonce, channel="smtp-in", sender=sender, sha256=digest(raw)))
            while not await self._delivered(ledger, nonce, sender, raw):
                await asyncio.sleep(AGAIN)
            await asyncio.sleep(random.uniform(0, 2 * self.pause))

    async def _delivered(self, ledger: Ledger, nonce: str, sender: str, raw: bytes) -> bool:
        try:
            async with _smtp(self.port) as up:
                await up.sendmail(sender, [SUPPORT], raw)
                ledger.accepts(nonce)  # before the QUIT, which may fail
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as refusal:
            return _refused(ledger, nonce, refusal)
        except (aiosmtplib.SMTPException, OSError):
            pass
        return nonce in ledger.story().accepted


def _smtp(port: int) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(hostname="127.0.0.1", port=port, timeout=20, start_tls=False)


def _refused(ledger: Ledger, nonce: str, refusal: Exception) -> bool:
    code = getattr(refusal, "code", 0) or 550
    if code < 500 or nonce in ledger.story().accepted:
        return nonce in ledger.story().accepted
    ledger.refuses(nonce, repr(refusal))
    return True


def a_mail(nonce: str, sender: str, number: int) -> bytes:
    """Write a mail; a few are large, a few say nothing about who they are."""
    lines = [
        f"From: Jan Kowalski <{sender}>",
        f"To: {SUPPORT}",
        f"Subject: {nonce}",
        *([f"Message-ID: <{nonce}@kunde.example>"] if number % 7 else []),
        *([f"Date: {format_datetime(datetime.now(UTC))}"] if number % 7 else []),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        WORDS[number % len(WORDS)],
        f".{nonce}",
        "..two dots",
        *(["x" * 900] * (250 if number % 10 == 0 else 0)),
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


@dataclass(slots=True)
class ByTelegram:
    """Chats with the bot; what the next poll confirms has been accepted."""

    fake: FakeTelegram
    pause: float = 0.15
    _chat: int = 10_000

    async def pour(self, ledger: Ledger, stop: asyncio.Event) -> None:
        while not stop.is_set() or self.fake.updates:
            if not stop.is_set():
                self._say(ledger)
            self._note(ledger)
            await asyncio.sleep(self.pause)
        self._note(ledger)

    def _say(self, ledger: Ledger) -> None:
        self._chat += 1
        nonce = new_nonce()
        words, file = f"{WORDS[self._chat % 5]} {nonce}", b""
        if self._chat % WITH_FILE:
            self.fake.say(words, chat=self._chat)
        else:
            file = f"{nonce} in a file ".encode() * random.choice((1, 5_000))
            self.fake.send_file("a.pdf", file, chat=self._chat, caption=words)
        sequence, raw = self.fake.updates[-1]  # nobody can fetch it before we wait again
        ledger.offers(
            Offer(
                nonce=nonce,
                channel="telegram",
                sender=str(self._chat),
                sha256=digest(raw),
                file=digest(file) if file else "",
                sequence=sequence,
            )
        )

    def _note(self, ledger: Ledger) -> None:
        for _, raw in self.fake.confirmed:
            message = json.loads(raw)["message"]
            said = message.get("text") or message["caption"]
            ledger.accepts(said.rpartition(" ")[2])


@dataclass(slots=True)
class ByImap:
    """A mailbox on a real server; what has been moved away has been accepted."""

    server: Dovecot
    user: str
    pause: float = 0.2
    _numbers: int = 0
    _seen: int = 0

    async def pour(self, ledger: Ledger, stop: asyncio.Event) -> None:
        offered: set[str] = set()
        while not stop.is_set() or offered - ledger.story().accepted:
            if not stop.is_set():
                offered.add(await self._append(ledger))
            for nonce in await asyncio.to_thread(self._moved):
                ledger.accepts(nonce)
            await asyncio.sleep(self.pause)

    async def _append(self, ledger: Ledger) -> str:
        self._numbers += 1
        nonce, sender = new_nonce(), f"mari{self._numbers}@klient.example"
        raw = a_mail(nonce, sender, self._numbers)
        offer = Offer(nonce=nonce, channel="imap-in", sender=sender, sha256=digest(raw))
        ledger.offers(offer)
        uid = await asyncio.to_thread(self.server.append, self.user, raw)
        ledger.offers(replace(offer, sequence=uid))
        return nonce

    def _moved(self) -> list[str]:
        with self.server.client(self.user) as client:
            if not client.folder_exists(PROCESSED):
                return []
            client.select_folder(PROCESSED, readonly=True)
            new = [uid for uid in client.search(["UID", f"{self._seen + 1}:*"]) if uid > self._seen]
            found = client.fetch(new, ["BODY.PEEK[HEADER.FIELDS (SUBJECT)]"]) if new else {}
        self._seen = max(found, default=self._seen)
        return [
            next(iter(data[b"BODY[HEADER.FIELDS (SUBJECT)]"].split()[1:])).decode()
            for data in found.values()
        ]


@dataclass(slots=True)
class ByForm:
    """Visitors of the form page, who press the button until somebody says thanks."""

    url: str
    pause: float = 0.3
    _numbers: int = 0

    async def pour(self, ledger: Ledger, stop: asyncio.Event) -> None:
        async with aiohttp.ClientSession(headers={"Origin": self.url}) as session:
            while not stop.is_set():
                self._numbers += 1
                await self._until_thanked(session, ledger, f"kari{self._numbers}@kunde.example")
                await asyncio.sleep(self.pause)

    async def _until_thanked(
        self, session: aiohttp.ClientSession, ledger: Ledger, sender: str
    ) -> None:
        nonce, submission = new_nonce(), ""
        ledger.offers(Offer(nonce=nonce, channel="web", sender=sender, sha256=""))
        while nonce not in ledger.story().accepted:
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                submission = submission or await self._submission(session)
                filled = {"submission": submission, "email": sender, "text": f"Hei {nonce}"}
                async with session.post(f"{self.url}/new?lang=nb", data=filled) as response:
                    if response.status == 200:
                        ledger.accepts(nonce)
                    elif response.status < 500:
                        raise AssertionError(f"the form says {response.status}")
            await asyncio.sleep(AGAIN)

    async def _submission(self, session: aiohttp.ClientSession) -> str:
        async with session.get(f"{self.url}/new") as response:
            found = re.search(r'name="submission" value="(\w+)"', await response.text())
            return found[1] if found else ""

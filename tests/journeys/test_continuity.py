"""Does one customer's story hold together over mail, Telegram and the web chat of a running desk?

With servers that speak SMTP and the Bot API, and the desk's own pages by HTTP.
"""

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiosmtplib
import pytest
from aiohttp import ClientSession, FormData

from inquiry.journey import SpecialistName
from storage import credentials
from storage.database import Transaction
from storage.inquiries import reading
from storage.inquiries.shown import Shown
from tests.deskbridge.running_desk import RunningDesk, running_desk, until
from tests.rows import rows
from tests.servers.ports import free_port
from tests.servers.sink import Sink, smtp_sink
from tests.servers.telegram import FakeTelegram, telegram
from web.access import SESSION

YAML = """\
version: 1
desk:
  name: Nordlys
  url: http://127.0.0.1:WEB
  languages: [en, pl]
  data_dir: data
  hold: {mail: 0s, chat: 0s}
web: {listen: "127.0.0.1:WEB"}
channels:
  mail:
    kind: smtp
    listen: 127.0.0.1:SMTP
    addresses: [help@nordlys.example]
    send: {host: 127.0.0.1, port: SINK, tls: none, from: Nordlys <help@nordlys.example>}
  bot: {kind: telegram, token: "TOKEN", api: "API", fallback: [portal, mail]}
  shop-chat: {kind: web-chat, allowed_origins: ["https://shop.example"]}
specialists:
  ola: {name: Ola Hansen, email: ola@nordlys.example}
queues: {first-line: {members: [ola]}}
rules:
  - {name: all, when: always, then: {queue: first-line, reply: ack}}
"""
KARI = "kari@kunde.example"
LINK = re.compile(r"http://\S+/s/\S+")
UNDO = re.compile(r"http://\S+/u/\S+")
CODE = re.compile(r"(?<![\w-])[0-9A-Z]{4}-[0-9A-Z]{4}(?![\w-])")
"""On its own: the token of a link beside it may hold the like."""
HERE = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class World:
    """A desk that runs, and its customers' ways to it."""

    desk: RunningDesk
    fake: FakeTelegram
    sink: Sink
    http: ClientSession
    smtp: int
    ticket: str = ""
    mails: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.desk.bridge.configuration.desk.url

    async def mail(self, text: str) -> None:
        """Kari writes a mail."""
        raw = (
            f"From: Kari <{KARI}>\r\nTo: help@nordlys.example\r\nSubject: The printer\r\n"
            f"Message-ID: <{uuid4().hex}@kunde.example>\r\n\r\n{text}\r\n"
        )
        await aiosmtplib.send(
            raw.encode(),
            sender=KARI,
            recipients=["help@nordlys.example"],
            hostname="127.0.0.1",
            port=self.smtp,
            start_tls=False,
        )

    def mailed(self) -> list[str]:
        """Return the texts of all mails that Kari has got, but for notices of joins."""
        return [text for text in self._texts() if not UNDO.search(text)]

    def notices(self) -> list[str]:
        """Return the links by which she can undo joins."""
        return [found[0] for text in self._texts() if (found := UNDO.search(text))]

    def _texts(self) -> list[str]:
        read = [
            email.message_from_bytes(one.raw, policy=email.policy.default)
            for one in self.sink.mails
            if KARI in one.rcpt_to
        ]
        bodies = (one.get_body(("plain",)) for one in read)
        return [str(body.get_content()) if body else "" for body in bodies]

    def heard(self, chat: int) -> list[str]:
        """Return what the bot has said to somebody."""
        return [str(s.get("text")) for s in self.fake.sent if str(s.get("chat_id")) == str(chat)]

    async def shown(self, number: int) -> Shown:
        async def look(tx: Transaction) -> Shown:
            return await reading.shown(tx, await reading.reference_of(tx, number))  # type: ignore[arg-type]

        return await self.desk.bridge.db.read(look)

    async def sign_in(self) -> None:
        now, ola = (await self.shown(1)).created_at, SpecialistName("ola")
        db = self.desk.bridge.db
        token = await db.write(lambda tx: credentials.open_session(tx, ola, now=now))
        self.http.cookie_jar.update_cookies({SESSION: token})

    async def answer(self, number: int, text: str, *, to: int | None = None) -> None:
        """Ola answers in the console."""
        it = await self.shown(number)
        data = {"text": text, "then": "open", "seen_event": str(it.event)}
        if to is not None:
            data["to"] = str(to)
        await self.post(f"/inquiry/{it.reference}/answer", data)

    async def post(self, path: str, data: dict[str, str] | None = None) -> str:
        response = await self.http.post(f"{self.url}{path}", data=data, headers=HERE)
        assert response.status == 200, await response.text()
        return await response.text()

    async def page(self, path: str) -> str:
        response = await self.http.get(f"{self.url}{path}")
        assert response.status == 200
        return await response.text()

    async def chats(self, text: str) -> None:
        """A visitor writes on the shop's page."""
        if not self.ticket:
            said = await self._call("session", json={"pass": "", "language": "en"})
            self.ticket = said["ticket"]
        form = FormData({"id": uuid4().hex, "text": text, "language": "en"})
        await self._call("messages", data=form)

    async def transcript(self) -> list[str]:
        headers = self._chat_headers()
        at = f"{self.url}/chat/shop-chat/messages?after=0"
        response = await self.http.get(at, headers=headers)
        return [one["text"] for one in (await response.json())["entries"] if not one["mine"]]

    async def _call(self, what: str, **more: Any) -> dict[str, Any]:
        at = f"{self.url}/chat/shop-chat/{what}"
        response = await self.http.post(at, headers=self._chat_headers(), **more)
        assert response.status == 200, await response.text()
        said: dict[str, Any] = await response.json()
        return said

    def _chat_headers(self) -> dict[str, str]:
        headers = {"Origin": "https://shop.example", "Sec-Fetch-Site": "cross-site"}
        return {**headers, "Authorization": f"Bearer {self.ticket}"} if self.ticket else headers

    async def count(self, table: str) -> int:
        (row,) = await rows(self.desk.bridge.db, f"SELECT count(*) AS n FROM {table}")
        return int(row["n"])


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    smtp = free_port()
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(telegram())
        sink = await stack.enter_async_context(smtp_sink())
        text = YAML.replace("WEB", str(free_port())).replace("SMTP", str(smtp))
        text = text.replace("SINK", str(sink.port)).replace("TOKEN", fake.token)
        text = text.replace("API", fake.api)
        desk = await stack.enter_async_context(running_desk(tmp_path / "desk.yaml", text))
        http = await stack.enter_async_context(ClientSession())
        yield World(desk, fake, sink, http, smtp)


async def test_one_story_over_mail_telegram_and_web_chat(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await world.mail("It is broken.")
    await until(lambda: len(world.mailed()) == 1)
    link = LINK.findall(world.mailed()[0])[0]
    secrets = [link.rpartition("/")[2]]
    secrets += await she_goes_on_in_telegram(world, link)
    await she_is_answered_there(world)
    await she_blocks_the_bot(world, link)
    secrets += await she_names_her_address_in_the_web_chat(world)
    await she_is_answered_by_mail(world)
    assert await world.count("inquiries") == 2
    assert world.heard(501).count("Turn it off and on.") == 1
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert [secret for secret in secrets if secret in said] == []


async def she_goes_on_in_telegram(world: World, link: str) -> list[str]:
    """By the link that her status page gives her; return what nobody else may read."""
    text = await world.post(f"{link.removeprefix(world.url)}/elsewhere")
    (code,) = set(CODE.findall(text))
    (start,) = re.findall(r"https://t\.me/nordlys_desk_bot\?start=([\w-]+)", text)
    assert start == f"code-{code.replace('-', '')}"
    world.fake.say(f"/start {start}", chat=501)
    await until(lambda: len(world.heard(501)) == 1)
    assert (await world.shown(1)).reference in world.heard(501)[0]
    assert "ka…@kunde.example" in world.heard(501)[0]
    assert [one.contact for one in (await world.shown(1)).contact_points] == ["mail"]
    world.fake.say("Yes", chat=501)
    await until(lambda: len(world.heard(501)) == 2)
    assert "belongs to your inquiry" in world.heard(501)[1]
    await until(lambda: len(world.notices()) == 1)
    undo = world.notices()[0]
    assert "It was not me" in await world.page(undo.removeprefix(world.url))
    world.fake.say("It blinks, too.", chat=501)
    while len([one for one in (await world.shown(1)).messages if one.incoming]) < 2:
        await asyncio.sleep(0.02)
    return [code, start, undo.rpartition("/")[2]]


async def she_is_answered_there(world: World) -> None:
    await world.sign_in()
    it = await world.shown(1)
    assert "(used last)" in await world.page(f"/inquiry/{it.reference}")
    await world.answer(1, "Turn it off and on.")
    await until(lambda: world.heard(501)[-1] == "Turn it off and on.")
    assert len(world.mailed()) == 1


async def she_blocks_the_bot(world: World, link: str) -> None:
    """The next answer comes by mail, and the pages say so."""
    world.fake.block(501)
    await world.answer(1, "Does it work now?")
    await until(lambda: len(world.mailed()) == 2)
    assert "Does it work now?" in world.mailed()[1]
    text = await world.page(f"/inquiry/{(await world.shown(1)).reference}")
    assert "it went by mail instead: Telegram refused" in text
    assert "not by this way" in text
    shown = await world.page(link.removeprefix(world.url))
    assert shown.count("Does it work now?") == 1


async def she_names_her_address_in_the_web_chat(world: World) -> list[str]:
    """And types the code that comes by mail, which no specialist can read."""
    await world.chats("Where is my parcel?")
    await world.chats(KARI)
    await until(lambda: len(world.mailed()) == 3)
    (mailed,) = set(CODE.findall(world.mailed()[2]))
    chat = await world.shown(2)
    assert [one.contact for one in chat.contact_points] == ["web-chat"]
    assert mailed not in await world.page(f"/inquiry/{chat.reference}")
    await world.chats(mailed)
    while len((await world.shown(2)).contact_points) < 3:
        await asyncio.sleep(0.02)
    return [mailed]


async def she_is_answered_by_mail(world: World) -> None:
    chat, first = await world.shown(2), await world.shown(1)
    assert {one.contact for one in chat.contact_points} == {"mail", "telegram", "web-chat"}
    assert [one.reference for one in chat.others] == [first.reference]
    by_mail = next(one.id for one in chat.contact_points if one.contact == "mail")
    await world.answer(2, "It comes tomorrow.", to=by_mail)
    await until(lambda: len(world.mailed()) == 4)
    assert "It comes tomorrow." in world.mailed()[3]


async def test_a_stranger_s_guess_opens_an_inquiry_of_its_own(world: World) -> None:
    await world.mail("It is broken.")
    await until(lambda: len(world.mailed()) == 1)
    link = LINK.findall(world.mailed()[0])[0]
    text = await world.post(f"{link.removeprefix(world.url)}/elsewhere")
    (code,) = set(CODE.findall(text))
    world.fake.say(code, chat=501)
    await until(lambda: len(world.heard(501)) == 1)
    world.fake.say("yes", chat=501)
    await until(lambda: len(world.heard(501)) == 2)
    world.fake.say(code, chat=666)
    await until(lambda: len(world.heard(666)) == 2)
    assert await world.count("inquiries") == 2
    theirs = await world.shown(2)
    assert [one.address for one in theirs.contact_points] == ["666"]
    assert theirs.others == ()

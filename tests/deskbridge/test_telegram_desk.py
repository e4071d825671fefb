"""A whole desk with a bot: what customers do in Telegram, by both ways in which updates come."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from specialists.acts import answering
from storage.database import Transaction
from storage.inquiries import reading
from storage.inquiries.shown import Shown
from tests.deskbridge.running_desk import RunningDesk, running_desk, until
from tests.rows import rows
from tests.servers.ports import free_port
from tests.servers.telegram import BOT, USERNAME, FakeTelegram, telegram

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
  bot: {kind: telegram, token: "TOKEN", api: "API", mode: MODE}
specialists: {ola: {name: Ola Hansen, email: ola@nordlys.example}}
queues: {first-line: {members: [ola]}}
rules:
  - {name: human, when: {header: {command: human}}, then: {priority: high}}
  - {name: all, when: always, then: {queue: first-line, reply: ack}}
"""
LINK = re.compile(r"http://\S+/s/\S+")
PIXELS = b"pixels" * 20_000


class Desk:
    """The desk, and the service that its customers use."""

    def __init__(self, desk: RunningDesk, fake: FakeTelegram) -> None:
        self.desk, self.fake = desk, fake
        self.db = desk.bridge.db

    async def shown(self, number: int = 1) -> Shown:
        async def look(tx: Transaction) -> Shown:
            return await reading.shown(tx, await reading.reference_of(tx, number))  # type: ignore[arg-type]

        return await self.db.read(look)

    async def count(self, table: str, where: str = "1 = 1") -> int:
        (row,) = await rows(self.db, f"SELECT count(*) AS n FROM {table} WHERE {where}")
        return int(row["n"])

    async def holds(self, table: str, count: int, where: str = "1 = 1") -> None:
        async with asyncio.timeout(20):
            while await self.count(table, where) < count:
                await asyncio.sleep(0.02)

    async def answer(self, text: str, number: int = 1) -> dict[str, Any]:
        """A specialist answers; return what came out at the customer's."""
        it, sent = await self.shown(number), len(self.fake.sent)
        await answering.answer(
            self.db,
            inquiry=it.id,
            specialist="ola",  # type: ignore[arg-type]
            text=text,
            now=it.updated_at,
        )
        self.desk.bridge.bells.answers.ring()
        await until(lambda: len(self.fake.sent) > sent)
        return self.fake.sent[-1]


@asynccontextmanager
async def a_desk(folder: Path, mode: str) -> AsyncIterator[Desk]:
    async with telegram() as fake:
        text = YAML.replace("MODE", mode).replace("WEB", str(free_port()))
        text = text.replace("TOKEN", fake.token).replace("API", fake.api)
        async with running_desk(folder / "desk.yaml", text) as desk:
            yield Desk(desk, fake)


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_customer_is_helped(tmp_path: Path, mode: str) -> None:
    async with a_desk(tmp_path, mode) as desk:
        fake = desk.fake
        fake.send_file("skjerm.pdf", PIXELS, caption="Nie działa")
        await desk.holds("attachments", 1, "message IS NOT NULL")
        it = await desk.shown()
        assert [(file.filename, file.size) for file in it.messages[0].files] == [
            ("skjerm.pdf", len(PIXELS))
        ]
        await until(lambda: len(fake.sent) == 1)
        assert LINK.search(fake.sent[0]["text"])
        sent = await desk.answer("Proszę wyłączyć i włączyć.")
        assert sent["text"] == "Proszę wyłączyć i włączyć."
        await desk.holds("messages", 1, f"remote_id = '{sent['message_id']}'")
        button = json.loads(sent["reply_markup"])["inline_keyboard"][0][0]["callback_data"]
        fake.push({"callback_query": pressed(fake, sent["message_id"], button)})
        await desk.holds("inquiries", 1, "state = 'resolved'")
        fake.say("/status")
        await until(lambda: len(fake.sent) == 3)
        assert it.reference in fake.sent[2]["text"]
        assert "rozwiązane" in fake.sent[2]["text"]
        assert LINK.search(fake.sent[2]["text"])
        assert await desk.count("arrivals") == 3
        assert await desk.count("inquiries") == 1
        assert await desk.count("commands", "state = 'answered'") == 1
        assert await desk.count("arrivals", "state <> 'done'") == 0


def pressed(fake: FakeTelegram, number: int, data: str) -> dict[str, Any]:
    message = {**fake.message(), "message_id": number, "text": "?"}
    return {"id": "q", "from": message["from"], "message": message, "data": data}


async def test_an_album_a_person_wanted_and_a_file_too_large(tmp_path: Path) -> None:
    async with a_desk(tmp_path, "polling") as desk:
        fake = desk.fake
        fake.send_file("1.pdf", b"one", media_group_id="7", caption="Two pages")
        fake.send_file("2.pdf", b"two", media_group_id="7")
        await desk.holds("attachments", 2, "message = 1")
        fake.say("/human please", chat=502)
        await desk.holds("inquiries", 2)
        assert (await desk.shown(2)).priority == "high"
        fake.send_file("film.pdf", b"x" * 20_000_001, chat=503, caption="film")
        await desk.holds("fetches", 1, "state = 'failed'")
        await desk.holds("inquiries", 3)
        (file,) = (await desk.shown(3)).messages[0].files
        assert file.reason == "too large for Telegram's bot API (20 MB)"
        assert await desk.count("messages", "direction = 'in'") == 3


async def test_a_group_is_helped_and_moves(tmp_path: Path) -> None:
    async with a_desk(tmp_path, "polling") as desk:
        fake = desk.fake
        fake.push({"message": in_group("gossip", 1)})
        fake.push({"message": in_group(f"@{USERNAME} my printer", 2)})
        await desk.holds("answers", 1, "state = 'dropped'")
        fake.moved["-5"] = -1005
        sent = await desk.answer("Turn it off.")
        assert (sent["chat_id"], sent["text"]) == ("-1005", "Kari\nTurn it off.")
        await desk.holds("inquiries", 1, "conversation = '-1005'")
        fake.push({"message": {**in_group("", 3), "text": None, "migrate_to_chat_id": -1005}})
        reply = {"message_id": sent["message_id"], "from": {"id": BOT, "is_bot": True}}
        fake.push({"message": in_group("It works!", 1, chat=-1005, reply_to_message=reply)})
        await desk.holds("messages", 2, "direction = 'in'")
        texts = [one.text for one in (await desk.shown()).messages if one.incoming]
        assert texts == [f"@{USERNAME} my printer", "It works!"]
        assert await desk.count("inquiries") == 1
        assert await desk.count("arrivals") == 3


async def test_another_member_replies_to_our_answer_and_is_told_nothing_alone(
    tmp_path: Path,
) -> None:
    """In a supergroup a reply bears the number of the message that began its thread."""
    async with a_desk(tmp_path, "polling") as desk:
        fake = desk.fake
        fake.push({"message": in_group(f"@{USERNAME} my printer", 2, chat=-1005)})
        await desk.holds("answers", 1, "state = 'dropped'")
        sent = await desk.answer("Turn it off.")
        number = sent["message_id"]
        await desk.holds("messages", 1, f"remote_id = '{number}'")
        reply = {"message_id": number, "from": {"id": BOT, "is_bot": True}, "text": "Turn it off."}
        eva = {"id": 8, "is_bot": False, "first_name": "Eva", "language_code": "en"}
        answer = in_group("Mine bangs too", 4, chat=-1005, reply_to_message=reply)
        fake.push({"message": {**answer, "from": eva, "message_thread_id": number}})
        await desk.holds("messages", 2, "direction = 'in'")
        it = await desk.shown()
        assert [(one.who, one.new_text) for one in it.messages if one.incoming] == [
            ("Kari", f"@{USERNAME} my printer"),
            ("Eva", "Mine bangs too"),
        ]
        assert [one.name for one in it.people] == ["Kari"]
        sent = await desk.answer("Then turn off both.")
        assert (sent["chat_id"], sent["text"]) == ("-1005", "Kari\nThen turn off both.")
        fake.say("/status", chat=8, name="Eva", language="en")
        await until(lambda: fake.sent[-1]["chat_id"] == "8")
        assert fake.sent[-1]["text"].startswith("You have no requests here yet.")
        assert await desk.count("inquiries") == 1


def in_group(text: str, number: int, *, chat: int = -5, **more: Any) -> dict[str, Any]:
    marks = [{"type": "mention", "offset": 0, "length": len(USERNAME) + 1}]
    return {
        "message_id": number,
        "from": {"id": 7, "is_bot": False, "first_name": "Kari", "language_code": "en"},
        "chat": {"id": chat, "type": "group" if chat == -5 else "supergroup", "title": "Users"},
        "date": int(time.time()),
        "text": text,
        "entities": marks if text.startswith("@") else [],
        **more,
    }

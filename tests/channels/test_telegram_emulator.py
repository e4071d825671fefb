"""Does the channel get on with a Bot API that others wrote?"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from channels.contract import Premises
from channels.telegram.channel import PollingBot, Settings, WebhookBot, open_channel
from inquiry.journey import ChannelName, Dispatch, DispatchId, Reference
from tests.channels.suite import eventually, raw_bytes, receiving
from tests.channels.test_telegram_webhook import House
from tests.fakes import MemoryInlet
from tests.servers.ports import free_port

TOKEN = "99:of-the-emulator"


class Emulator:
    """The process, and the people whose messages it is told to deliver."""

    def __init__(self, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.journal = folder / "journal.jsonl"

    def start(self) -> subprocess.Popen[bytes]:
        program = Path(sys.executable).with_name("lo-bot-api-emulator")
        options = ["--port", self.url.rpartition(":")[2], "--enable-control"]
        options += ["--allow-insecure-loopback-webhooks"]
        return subprocess.Popen(
            [program, *options, "--journal", self.journal],
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )

    async def answers(self) -> bool:
        try:
            async with aiohttp.request("POST", f"{self.url}/bot{TOKEN}/getMe") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def say(self, text: str) -> None:
        chat = {"id": 77, "type": "private", "first_name": "Mari"}
        message = {"message_id": 1, "date": 1, "chat": chat, "text": text}
        body = {"token": TOKEN, "update": {"message": message}}
        url = f"{self.url}/__fixture/updates"
        async with aiohttp.request("POST", url, json=body) as response:
            assert response.status == 200, await response.text()

    async def deliver(self) -> None:
        """Bring what waits to the webhook."""
        url = f"{self.url}/__fixture/deliver"
        async with aiohttp.request("POST", url, json={"token": TOKEN}) as response:
            assert response.status == 200, await response.text()

    async def has_webhook(self) -> bool:
        url = f"{self.url}/bot{TOKEN}/getWebhookInfo"
        async with aiohttp.request("POST", url) as response:
            return bool((await response.json())["result"]["url"])

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.journal.read_text().splitlines()]


@pytest.fixture
async def emulator(tmp_path: Path) -> AsyncIterator[Emulator]:
    emulator = Emulator(tmp_path)
    process = await asyncio.to_thread(emulator.start)
    try:
        await eventually(emulator.answers, "the emulator answers")
        yield emulator
    finally:
        process.kill()
        process.wait()


@asynccontextmanager
async def opened(emulator: Emulator) -> AsyncIterator[PollingBot | WebhookBot]:
    settings = Settings(token=TOKEN, api=emulator.url)
    name, premises = ChannelName("telegram"), Premises(spool=Path("/nowhere"))
    async with open_channel(name, settings, premises, poll=timedelta(seconds=1)) as channel:
        yield channel


async def test_messages_come_once_over_a_restart(emulator: Emulator) -> None:
    inlet = MemoryInlet()
    async with opened(emulator) as channel, receiving(channel, inlet):
        await emulator.say("mul ei tööta")
        await inlet.holds(1)
    await emulator.say("ikka ei tööta")
    async with opened(emulator) as channel, receiving(channel, inlet):
        await inlet.holds(2)
    texts = [json.loads(raw_bytes(arrival))["message"]["text"] for arrival in inlet.arrivals]
    assert texts == ["mul ei tööta", "ikka ei tööta"]


async def test_an_answer_is_taken(emulator: Emulator) -> None:
    dispatch = Dispatch(
        id=DispatchId(1),
        channel=ChannelName("telegram"),
        recipient="77",
        reference=Reference("NL-1"),
        text="proovige uuesti",
        language="et",
    )
    async with opened(emulator) as channel:
        receipt = await channel.send(dispatch)
    assert receipt.remote_id.isdecimal()
    journal = [(line.get("method"), line.get("status")) for line in emulator.lines()]
    assert ("sendMessage", 200) in journal


async def test_a_file_is_fetched(emulator: Emulator) -> None:
    form = aiohttp.FormData({"chat_id": "77"})
    form.add_field("document", b"pixels" * 500, filename="a.pdf")
    url = f"{emulator.url}/bot{TOKEN}/sendDocument"
    async with aiohttp.request("POST", url, data=form) as response:
        file_id = (await response.json())["result"]["document"]["file_id"]
    async with opened(emulator) as channel:
        pieces = [piece async for piece in channel.fetch(file_id)]
    assert b"".join(pieces) == b"pixels" * 500


async def test_from_a_webhook_to_polling_and_back_nothing_is_lost(emulator: Emulator) -> None:
    inlet, house = MemoryInlet(), House(emulator.url, TOKEN)
    async with house.running(inlet):
        await eventually(emulator.has_webhook, "the webhook is set")
        await emulator.say("one")
        await emulator.deliver()
        await inlet.holds(1)
    await emulator.say("two")
    async with house.polling() as channel, receiving(channel, inlet):
        await inlet.holds(2)
    async with house.running(inlet):
        await eventually(emulator.has_webhook, "the webhook is set again")
        await emulator.say("three")
        await emulator.deliver()
        await inlet.holds(3)
    texts = [json.loads(raw_bytes(arrival))["message"]["text"] for arrival in inlet.arrivals]
    assert texts == ["one", "two", "three"]

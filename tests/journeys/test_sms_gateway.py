"""Can text messages be joined with docs/webhook.md alone? The gateway is examples/sms-gateway."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession, web

from tests.harness.bridge import PATIENCE, Bridge, until
from tests.layout.tree import ROOT
from tests.servers.other_system import SECRET, mounted, signed
from tests.servers.ports import free_port

TOKEN = "between the provider and its customer"
KARI = "+4799887766"
YAML = """version: 1
desk:
  name: Nordlys
  url: http://127.0.0.1:${env:WEB_PORT}
  languages: [en, nb]
  data_dir: ${env:DATA_DIR}
  hold: {mail: 0s, chat: 0s}
web: {listen: "127.0.0.1:${env:WEB_PORT}"}
channels:
  sms:
    kind: webhook
    secret: ${env:SECRET}
    answer_url: http://127.0.0.1:${env:GATEWAY_PORT}/deskbridge
customers:
  attributes: {vip: boolean}
  import: {file: customers.csv, match_on: phone}
specialists: {ola: {name: Ola Hansen, email: ola@nordlys.example, languages: [en, nb]}}
queues:
  first-line: {line: 1, members: [ola]}
  texts: {line: 1, members: [ola]}
rules:
  - {name: dear, when: {customer: {vip: yes}}, then: {priority: high}}
  - {name: Kari, when: {from: "sms:+4799887766"}, then: {tags: [kari]}}
  - {name: texts, when: {channel: sms}, then: {queue: texts, category: other, reply: ack}}
  - {name: all, when: always, then: {queue: first-line, category: other}}
"""


@dataclass(slots=True)
class Provider:
    """Sends and receives text messages, and knows a message again by its reference."""

    url: str = ""
    gateway: str = ""
    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    """By reference."""
    asked: int = 0
    trouble: web.Response | None = None
    dies: Callable[[], None] | None = None
    """What happens to the gateway once the next message is sent, and before we answer."""

    async def take(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        self.asked += 1
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            return trouble
        message: dict[str, str] = await request.json()
        sms = self.sent.setdefault(message["reference"], message)
        if self.dies:
            dies, self.dies = self.dies, None
            dies()
        return web.json_response({"id": f"SM-{list(self.sent.values()).index(sms)}"})

    async def calls(self, path: str, **form: str) -> None:
        """Call the gateway until it confirms, as providers do."""
        deadline = time.monotonic() + PATIENCE
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with ClientSession(headers=headers) as session:
            while time.monotonic() < deadline:
                with suppress(ClientError):
                    async with session.post(f"{self.gateway}{path}", data=form) as told:
                        if told.status == 200:
                            return
                await asyncio.sleep(0.1)
        raise AssertionError(f"{path} was never confirmed")

    @property
    def texts(self) -> list[str]:
        return [one["text"] for one in self.sent.values()]


@dataclass(slots=True)
class World:
    """A desk, the gateway, the provider behind it."""

    bridge: Bridge
    provider: Provider
    folder: Path
    port: int
    gateway: "subprocess.Popen[bytes] | None" = None

    def start_gateway(self) -> None:
        with (self.folder / "gateway.log").open("ab") as log:
            self.gateway = subprocess.Popen(
                [sys.executable, ROOT / "examples/sms-gateway/gateway.py"],
                env={
                    **os.environ,
                    "DESK_URL": f"{self.bridge.url}/hooks/sms",
                    "DESK_SECRET": SECRET,
                    "PROVIDER_URL": self.provider.url,
                    "PROVIDER_TOKEN": TOKEN,
                    "PORT": str(self.port),
                    "FILE": str(self.folder / "gateway.db"),
                },
                stdout=log,
                stderr=log,
            )

    def kill_gateway(self) -> None:
        assert self.gateway
        self.gateway.kill()
        self.gateway.wait()

    def said(self) -> list[str]:
        found = self.bridge.rows("SELECT new_text FROM messages WHERE direction = 'in' ORDER BY id")
        return [one["new_text"] for one in found]

    async def answer(self, text: str) -> None:
        (inquiry,) = self.bridge.rows("SELECT reference FROM inquiries")
        reference = inquiry["reference"]
        await self.bridge.run("inquiry", "answer", reference, "--as", "ola", "--text", text)


@asynccontextmanager
async def a_world(folder: Path) -> AsyncIterator[World]:
    provider, port = Provider(), free_port()
    (folder / "desk.yaml").write_text(YAML)
    (folder / "customers.csv").write_text(f"phone;vip\n{KARI};yes\n")
    environment = {"SECRET": SECRET, "GATEWAY_PORT": str(port)}
    bridge = Bridge(folder, storage="sqlite", environment=environment, desk=folder / "desk.yaml")
    async with mounted(web.post("/messages", provider.take)) as url:
        provider.url, provider.gateway = url, f"http://127.0.0.1:{port}"
        world = World(bridge, provider, folder, port)
        await bridge.start()
        world.start_gateway()
        try:
            await bridge.ready()
            yield world
        finally:
            world.kill_gateway()
            assert await bridge.stop() == 0, bridge.last_words()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as started:
        yield started


async def test_a_text_message_is_answered_by_one(world: World) -> None:
    imported = "SELECT 1 FROM customer_imports WHERE ended_at IS NOT NULL"
    await until(lambda: bool(world.bridge.rows(imported)), "the customers")
    said = {"id": "IN-1", "from": KARI, "text": "Skriveren virker ikke, kan noen hjelpe meg?"}
    await world.provider.calls("/inbound", **said)
    await world.provider.calls("/inbound", **said)  # the provider is not sure that we got it
    await until(lambda: len(world.provider.sent) == 1, "the acknowledgement")
    (inquiry,) = world.bridge.rows("SELECT queue, priority, tags, language FROM inquiries")
    assert inquiry == {"queue": "texts", "priority": "high", "tags": '["kari"]', "language": "nb"}

    await world.answer("Prøv å slå den av og på.")
    await until(lambda: len(world.provider.sent) == 2, "the answer")
    assert world.provider.texts[1] == "Prøv å slå den av og på."
    assert {one["to"] for one in world.provider.sent.values()} == {KARI}

    await world.provider.calls("/status", id="SM-1", status="delivered")
    state = "SELECT state FROM outbox ORDER BY id"
    await until(lambda: world.bridge.rows(state)[-1]["state"] == "delivered", "the news")
    await world.provider.calls("/inbound", id="IN-2", **{"from": KARI}, text="Takk!")
    await until(lambda: world.said() == [said["text"], "Takk!"], "the follow-up")
    assert len(world.bridge.rows("SELECT id FROM inquiries")) == 1


async def test_nothing_is_lost_or_doubled_whoever_dies(world: World) -> None:
    await world.provider.calls("/inbound", id="IN-1", **{"from": KARI}, text="Hello, it burns")
    await until(lambda: len(world.provider.sent) == 1, "the acknowledgement")
    world.provider.dies = world.kill_gateway  # it has sent the answer and never comes to note it
    await world.answer("Use water.")
    await until(lambda: world.provider.dies is None, "the end of the gateway")
    await world.bridge.kill()

    world.start_gateway()
    sending = asyncio.create_task(
        world.provider.calls("/inbound", id="IN-2", **{"from": KARI}, text="It still burns")
    )
    await world.bridge.start()
    await world.bridge.ready()
    await sending
    sent = "SELECT id FROM outbox WHERE state = 'sent'"
    await until(lambda: len(world.bridge.rows(sent)) == 2, "the answer, once more")
    assert world.provider.texts[1:] == ["Use water."]
    assert world.provider.asked == 3
    await until(lambda: world.said() == ["Hello, it burns", "It still burns"], "the follow-up")


async def test_what_the_provider_refuses_is_seen_by_a_person(world: World) -> None:
    world.provider.trouble = web.Response(status=400, text="no such number")
    await world.provider.calls("/inbound", id="IN-1", **{"from": KARI}, text="Hello, it burns")
    dead = "SELECT state FROM outbox"
    await until(lambda: world.bridge.rows(dead) == [{"state": "dead"}], "the refusal")
    assert world.provider.texts == []


async def test_only_the_desk_has_it_send_messages(world: World) -> None:
    await world.provider.calls("/inbound", id="IN-1", **{"from": KARI}, text="Hello, it burns")
    await until(lambda: len(world.provider.sent) == 1, "the acknowledgement")
    body, at = b'{"type": "message.send", "data": {"to": {"id": "+1"}, "text": "x"}}', time.time()
    for key, moment in (("whsec_" + "A" * 32, int(at)), (SECRET, int(at) - 400)):
        headers = {
            "webhook-id": "forged",
            "webhook-timestamp": str(moment),
            "webhook-signature": signed(key, "forged", body, moment),
        }
        async with (
            ClientSession() as session,
            session.post(
                f"{world.provider.gateway}/deskbridge", data=body, headers=headers
            ) as told,
        ):
            assert told.status == 401
    assert len(world.provider.sent) == 1

"""Is there one message for each that was said, whatever happens while it comes in over HTTP?"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from channels.telegram.webhook import SECRET as TELEGRAM_SECRET
from inquiry.errors import TemporaryFailure
from storage.sqlite import Sqlite
from tests.channels import slack_world, test_telegram_webhook, test_webhook
from tests.channels.suite import receiving
from tests.channels.test_telegram import opened as telegram_polling
from tests.fakes import MemoryInlet
from tests.servers import http_troubles as http
from tests.servers.http_troubles import Trouble
from tests.servers.other_system import headers_of, mounted, other_system
from tests.servers.slack.events import signed as signed_by_slack
from tests.servers.slack.server import slack
from tests.servers.slack.troubles import refuses, too_many
from tests.servers.telegram import telegram
from tests.web.chat.house import CHAT, SHOP, house
from tests.web.site import HERE, a_form


@dataclass(slots=True)
class Door:
    """Where something comes in by HTTP, and a whole call that is good there."""

    url: str
    body: bytes
    headers: dict[str, str]

    async def post(self, session: ClientSession) -> int:
        async with session.post(self.url, data=self.body, headers=self.headers) as response:
            await response.read()
            return response.status

    async def pieces(self, *pieces: bytes) -> int:
        """Send the body piece by piece, each when the one before has surely been read."""
        there = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(there.hostname, there.port)
        lines = {"Host": there.netloc, **self.headers, "Content-Length": str(len(self.body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"POST {there.path} HTTP/1.1\r\n{head}\r\n".encode("latin-1"))
        try:
            for piece in pieces:
                await writer.drain()
                await asyncio.sleep(0.05)
                writer.write(piece)
            if b"".join(pieces) != self.body:
                return 0
            return int((await asyncio.wait_for(reader.readline(), 30)).split()[1])
        finally:
            writer.close()


@asynccontextmanager
async def telegram_door(inlet: MemoryInlet, _db: Sqlite) -> AsyncIterator[Door]:
    async with telegram() as fake:
        there = test_telegram_webhook.House(fake.api)
        async with there.running(inlet):
            update = {"update_id": 7, "message": {**fake.message(), "text": "my printer"}}
            secret = {TELEGRAM_SECRET: test_telegram_webhook.BOT_SECRET}
            yield Door(there.hook, json.dumps(update).encode(), secret)


@asynccontextmanager
async def slack_door(inlet: MemoryInlet, _db: Sqlite) -> AsyncIterator[Door]:
    async with slack() as fake:
        fake.pushing = False
        async with slack_world.World(fake, "http").running(inlet):
            fake.say("my printer")
            raw, stamp = fake.events[0].raw, str(int(time.time()))
            headers = {
                "Content-Type": "application/json",
                "X-Slack-Request-Timestamp": stamp,
                "X-Slack-Signature": signed_by_slack(raw, stamp),
            }
            yield Door(fake.push_to, raw, headers)


@asynccontextmanager
async def webhook_door(inlet: MemoryInlet, _db: Sqlite) -> AsyncIterator[Door]:
    async with (
        other_system() as system,
        test_webhook.opened(system) as channel,
        mounted(*channel.routes(inlet)) as url,
    ):
        headers = headers_of("evt-1", test_webhook.BODY)
        yield Door(f"{url}/hooks/sms", test_webhook.BODY, headers)


@asynccontextmanager
async def chat_door(inlet: MemoryInlet, db: Sqlite) -> AsyncIterator[Door]:
    async with house(db, inlet) as desk:
        jan = desk.visitor()
        await jan.enter()
        headers = {"Origin": SHOP, "Authorization": f"Bearer {jan.ticket}", **MULTIPART}
        body = multipart(id="message-1", text="my printer", language="en", page="")
        yield Door(f"{desk.url}/chat/{CHAT}/messages", body, headers)


@asynccontextmanager
async def form_door(inlet: MemoryInlet, db: Sqlite) -> AsyncIterator[Door]:
    body = multipart(submission="s1", email="jan@kunde.example", text="my printer")
    async with a_form(db, inlet) as url:
        yield Door(url, body, {**HERE, **MULTIPART})


MULTIPART = {"Content-Type": "multipart/form-data; boundary=xyz"}


def multipart(**fields: str) -> bytes:
    parts = (
        f'--xyz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return ("".join(parts) + "--xyz--\r\n").encode()


DOORS = {
    "Telegram webhook": telegram_door,
    "Slack http": slack_door,
    "web chat": chat_door,
    "form": form_door,
    "webhook": webhook_door,
}


@pytest.fixture
def inlet() -> MemoryInlet:
    return MemoryInlet()


@pytest.fixture(params=DOORS)
async def door(
    request: pytest.FixtureRequest, inlet: MemoryInlet, sqlite: Sqlite
) -> AsyncIterator[Door]:
    async with DOORS[request.param](inlet, sqlite) as opened:
        yield opened


async def test_a_body_that_comes_in_pieces_is_whole(door: Door, inlet: MemoryInlet) -> None:
    third = len(door.body) // 3
    pieces = door.body[:third], door.body[third : 2 * third], door.body[2 * third :]
    assert await door.pieces(*pieces) in (200, 202)
    assert len(inlet.arrivals) == 1


async def test_half_a_body_is_no_message(door: Door, inlet: MemoryInlet) -> None:
    half = len(door.body) // 2
    for pieces in ((door.body[:half],), (door.body[:half], door.body[half:-1]), ()):
        await door.pieces(*pieces)
    await asyncio.sleep(0.1)
    assert inlet.arrivals == []
    async with ClientSession() as session:
        assert await door.post(session) in (200, 202)
    assert len(inlet.arrivals) == 1


async def test_fifty_equal_calls_at_once_are_one_message(door: Door, inlet: MemoryInlet) -> None:
    async with ClientSession() as session:
        statuses = await asyncio.gather(*(door.post(session) for _ in range(50)))
    assert set(statuses) <= {200, 202}
    assert len(inlet.arrivals) == 1


async def test_who_hangs_up_before_our_answer_has_been_heard(
    door: Door, inlet: MemoryInlet
) -> None:
    """The other side repeats what it was not told; then it is one all the same."""
    there = urlsplit(door.url)
    _, writer = await asyncio.open_connection(there.hostname, there.port)
    lines = {"Host": there.netloc, **door.headers, "Content-Length": str(len(door.body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"POST {there.path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + door.body)
    await writer.drain()
    await inlet.holds(1)
    writer.transport.abort()
    async with ClientSession() as session:
        assert await door.post(session) in (200, 202)
    assert len(inlet.arrivals) == 1


async def test_what_can_not_be_stored_is_answered_with_later(
    door: Door, inlet: MemoryInlet
) -> None:
    inlet.trouble = TemporaryFailure("the disk is full")
    async with ClientSession() as session:
        assert await door.post(session) == 503
        inlet.trouble = None
        assert await door.post(session) in (200, 202)
    assert len(inlet.arrivals) == 1


TROUBLES: dict[str, Trouble] = {
    "cut": http.cut_before,
    "cut after": http.cut_after,
    "half an answer": http.half_an_answer,
    "no JSON": http.no_json,
    "no HTTP": http.no_http,
    "500": http.page(500),
    "502": http.page(502),
    "503": http.page(503),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_whatever_a_poll_meets_with_nothing_is_lost_or_doubled(
    inlet: MemoryInlet, trouble: str
) -> None:
    async with telegram() as fake:
        fake.say("one")
        fake.next_time("getUpdates", TROUBLES[trouble], TROUBLES[trouble])
        async with telegram_polling(fake) as channel, receiving(channel, inlet):
            await inlet.holds(1)
            fake.next_time("getUpdates", TROUBLES[trouble])
            fake.say("two")
            await inlet.holds(2)
    assert len(inlet.arrivals) == 2


@pytest.mark.parametrize("trouble", [*TROUBLES, "429", "revoked"])
async def test_whatever_a_new_connection_meets_with_nothing_is_lost_or_doubled(
    inlet: MemoryInlet, trouble: str
) -> None:
    also = {"429": too_many("0"), "revoked": refuses("invalid_auth")}
    async with slack() as fake:
        fake.next_time("apps.connections.open", {**TROUBLES, **also}[trouble])
        async with slack_world.World(fake).running(inlet):
            fake.say("one")
            await inlet.holds(1)
            fake.next_time("apps.connections.open", {**TROUBLES, **also}[trouble])
            fake.cut()
            fake.say("two")
            await inlet.holds(2)
    assert len(inlet.arrivals) == 2


@pytest.mark.parametrize("name", ["Telegram webhook", "Slack http", "webhook"])
async def test_a_page_of_somebody_else_has_nothing_to_show(
    inlet: MemoryInlet, sqlite: Sqlite, name: str
) -> None:
    async with DOORS[name](inlet, sqlite) as door, ClientSession() as session:
        said = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
        async with session.post(door.url, data=door.body, headers=said) as response:
            assert response.status == 401
            assert "Access-Control-Allow-Origin" not in response.headers
    assert inlet.arrivals == []

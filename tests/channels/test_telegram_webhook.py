"""Does the bot keep its promises too where Telegram calls it?"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from channels.contract import Inlet, Premises, Receiver, Sender, WebReceiver
from channels.telegram.channel import PollingBot, Settings, WebhookBot, open_channel
from channels.telegram.settings import secret_word
from channels.telegram.webhook import SECRET
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from tests.channels.suite import Receiving, Sending, a_while, eventually, raw_bytes, receiving
from tests.channels.test_telegram import World as Polled
from tests.fakes import MemoryInlet
from tests.servers.ports import free_port
from tests.servers.telegram import TOKEN, FakeTelegram, refuses, telegram

NAME = ChannelName("telegram")
BOT_SECRET = Settings(token=TOKEN).webhook_secret


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with telegram() as started:
        yield started


class House:
    """A desk's web server with one bot's webhook on it."""

    def __init__(self, api: str, token: str = TOKEN) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = Settings(token=token, api=api, mode="webhook")
        self.premises = Premises(spool=Path("/nowhere"), url=self.url)

    @property
    def hook(self) -> str:
        return f"{self.url}/telegram/telegram"

    def opened(self) -> AbstractAsyncContextManager[PollingBot | WebhookBot]:
        return open_channel(NAME, self.settings, self.premises)

    @asynccontextmanager
    async def polling(self) -> AsyncIterator[PollingBot]:
        """The same bot at the same desk, after the mode was changed."""
        settings = replace(self.settings, mode="polling")
        opened = open_channel(NAME, settings, self.premises, poll=timedelta(seconds=1))
        async with opened as channel:
            assert isinstance(channel, PollingBot)
            yield channel

    @asynccontextmanager
    async def running(self, inlet: Inlet) -> AsyncIterator[WebhookBot]:
        async with self.opened() as channel:
            assert isinstance(channel, WebhookBot)
            async with self._serving(channel, inlet), receiving(channel, inlet):
                yield channel

    @asynccontextmanager
    async def _serving(self, channel: WebhookBot, inlet: Inlet) -> AsyncIterator[None]:
        app = web.Application(middlewares=[busy])
        app.add_routes(channel.routes(inlet))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield
        finally:
            await runner.cleanup()


@web.middleware
async def busy(request: web.Request, handler: object) -> web.StreamResponse:
    """Say 503 for what could not be stored, as the pages of a desk do."""
    try:
        response: web.StreamResponse = await handler(request)  # type: ignore[operator]
    except TemporaryFailure:
        return web.Response(status=503)
    return response


class World(Polled):
    """People on a fake Telegram that calls the bot."""

    secrets: Sequence[str] = (TOKEN, TOKEN.partition(":")[2], BOT_SECRET)

    def __init__(self, fake: FakeTelegram) -> None:
        super().__init__(fake)
        self.house = House(fake.api)

    @asynccontextmanager
    async def running(self, inlet: Inlet) -> AsyncIterator[None]:
        async with self.house.running(inlet):
            yield

    def opened(self) -> AbstractAsyncContextManager[Sender]:
        return self.house.opened()


class TestWebhook(Receiving, Sending):
    @pytest.fixture
    async def world(self, fake: FakeTelegram) -> World:
        return World(fake)


async def test_the_bot_is_called_and_watches(fake: FakeTelegram) -> None:
    async with House(fake.api).opened() as channel:
        assert isinstance(channel, WebReceiver)
        assert isinstance(channel, Receiver)
        assert isinstance(channel, Sender)
    async with House(fake.api).polling() as channel:
        assert not isinstance(channel, WebReceiver)


async def test_telegram_is_told_the_address_the_secret_and_to_drop_nothing(
    fake: FakeTelegram,
) -> None:
    house, inlet = House(fake.api), MemoryInlet()
    fake.say("before anybody listened")
    async with house.running(inlet):
        await inlet.holds(1)
    assert fake.hook["url"] == house.hook
    assert fake.hook["secret_token"] == BOT_SECRET
    assert TOKEN not in fake.hook["secret_token"]
    assert fake.hook["drop_pending_updates"] == "false"
    assert json.loads(fake.hook["allowed_updates"]) == [
        *("message", "edited_message", "callback_query")
    ]


async def test_each_update_is_kept_as_it_came(fake: FakeTelegram) -> None:
    inlet = MemoryInlet()
    async with House(fake.api).running(inlet):
        fake.say("źle działa 🔥")
        raw = fake.updates[0][1]
        (arrival,) = await inlet.holds(1)
    assert raw_bytes(arrival) == raw
    assert arrival.remote_id == "1000"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        pytest.param({}, b'{"update_id": 1}', 401, id="no secret"),
        pytest.param({SECRET: ""}, b'{"update_id": 1}', 401, id="an empty one"),
        pytest.param({SECRET: BOT_SECRET[:-1]}, b'{"update_id": 1}', 401, id="a part of it"),
        pytest.param({SECRET: TOKEN}, b'{"update_id": 1}', 401, id="the token"),
        pytest.param({SECRET: "\xff" * 64}, b'{"update_id": 1}', 401, id="no letters"),
        pytest.param({SECRET: BOT_SECRET}, b"[]", 400, id="no update"),
        pytest.param({SECRET: BOT_SECRET}, b'{"update_id": true}', 400, id="no number"),
        pytest.param({SECRET: BOT_SECRET}, b"[" * 5000, 400, id="too deep"),
        pytest.param({SECRET: BOT_SECRET}, b" " * 1_000_001, 413, id="too much"),
        pytest.param({SECRET: BOT_SECRET}, b'{"update_id": 1}', 200, id="Telegram"),
    ],
)
async def test_only_telegram_is_listened_to(
    fake: FakeTelegram, headers: dict[str, str], body: bytes, status: int
) -> None:
    house, inlet = House(fake.api), MemoryInlet()
    async with (
        house.running(inlet),
        aiohttp.ClientSession() as session,
        session.post(house.hook, data=body, headers=headers) as response,
    ):
        assert response.status == status
    assert len(inlet.arrivals) == (status == 200)


async def test_what_is_not_stored_is_kept_by_telegram(fake: FakeTelegram) -> None:
    inlet = MemoryInlet(trouble=TemporaryFailure("the disk is full"))
    async with House(fake.api).running(inlet):
        fake.say("keep it")
        await inlet.until(lambda inlet: inlet.refused > 1)
        assert len(fake.updates) == 1
        inlet.trouble = None
        await inlet.holds(1)
    assert fake.last_error["last_error_message"] == "Wrong response from the webhook: 503"


async def test_from_a_webhook_to_polling_and_back_nothing_is_lost(fake: FakeTelegram) -> None:
    house, inlet = House(fake.api), MemoryInlet()
    async with house.running(inlet):
        fake.say("one")
        await inlet.holds(1)
    fake.say("two")
    async with house.polling() as channel, receiving(channel, inlet):
        await inlet.holds(2)
        fake.say("three")
        await inlet.holds(3)
    fake.say("four")
    async with house.running(inlet):
        await inlet.holds(4)
    texts = [json.loads(raw_bytes(arrival))["message"]["text"] for arrival in inlet.arrivals]
    assert texts == ["one", "two", "three", "four"]


async def failure_of(house: House) -> str:
    async with house.opened() as channel:
        assert isinstance(channel, WebhookBot)
        with pytest.raises(TemporaryFailure) as failure:
            await channel._webhook.keep(["message"], look=timedelta(milliseconds=20))
    return str(failure.value)


async def test_a_webhook_that_somebody_leads_elsewhere_is_told_of(fake: FakeTelegram) -> None:
    fake.webhook = True
    told = await failure_of(House(fake.api))
    assert told == "somebody else has led this bot's webhook to other.example"


async def test_a_webhook_that_telegram_can_not_reach_is_told_of(fake: FakeTelegram) -> None:
    fake.say("is anybody there?")
    told = await failure_of(House(fake.api))
    assert told.startswith("Telegram does not reach us: Cannot connect to host")


async def test_an_address_that_telegram_does_not_take_is_told_of(fake: FakeTelegram) -> None:
    fake.from_now_on("setWebhook", refuses(400, "Bad Request: bad webhook: HTTPS url needed"))
    told = await failure_of(House(fake.api))
    assert told == "Telegram takes no webhook: Bad webhook: https url needed"


async def test_a_webhook_of_somebody_else_is_not_taken_away(fake: FakeTelegram) -> None:
    fake.webhook = True
    async with House(fake.api).polling() as channel:
        with pytest.raises(TemporaryFailure, match="a webhook of somebody else"):
            await channel.receive(MemoryInlet())
    assert fake.webhook


async def test_it_ends_at_once(fake: FakeTelegram) -> None:
    async with House(fake.api).running(MemoryInlet()):
        await eventually(lambda: _told(fake), "the webhook is set")
        await a_while(0.05)


async def _told(fake: FakeTelegram) -> bool:
    return bool(fake.hook)


@pytest.mark.parametrize("text", ["", "short", "x" * 257, "with blanks in it, you see"])
def test_what_telegram_takes_for_no_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="16 to 256"):
        secret_word(text)


def test_a_secret_of_ones_own_is_taken() -> None:
    assert Settings(token=TOKEN, secret="s" * 16).webhook_secret == "s" * 16
    assert "s" * 16 not in repr(Settings(token=TOKEN, secret="s" * 16))

"""Does the Telegram channel keep what every channel promises?"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from channels.contract import Inlet, Premises, Receiver, Sender
from channels.telegram.channel import PollingBot, Settings, WebhookBot, open_channel
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import ChannelName, Dispatch, DispatchId, File, Reference
from inquiry.words import Delivery
from tests.channels.suite import Receiving, Sending, eventually, raw_bytes, receiving
from tests.fakes import MemoryInlet
from tests.servers.http_troubles import Trouble, cut_after, cut_before, page, slow
from tests.servers.telegram import TOKEN, FakeTelegram, refuses, telegram, too_many

JAN = 501
Opened = AbstractAsyncContextManager[PollingBot | WebhookBot]
PREMISES = Premises(spool=Path("/nowhere"))


def opened(fake: FakeTelegram, *, token: str = TOKEN) -> Opened:
    settings = Settings(token=token, api=fake.api)
    poll = timedelta(seconds=2)
    return open_channel(ChannelName("telegram"), settings, PREMISES, poll=poll)


def to_jan(text: str, *files: File) -> Dispatch:
    return Dispatch(
        id=DispatchId(7),
        channel=ChannelName("telegram"),
        recipient=str(JAN),
        reference=Reference("NL-2026-00001"),
        text=text,
        language="pl",
        files=files,
    )


class World:
    """People on a fake Telegram."""

    secrets: Sequence[str] = (TOKEN, TOKEN.partition(":")[2])
    delay = timedelta(seconds=7)

    def __init__(self, fake: FakeTelegram) -> None:
        self.fake = fake

    @asynccontextmanager
    async def running(self, inlet: Inlet) -> AsyncIterator[None]:
        async with opened(self.fake) as channel, receiving(channel, inlet):
            yield

    async def say(self, text: str) -> None:
        self.fake.say(text)

    async def repeat(self) -> None:
        self.fake.updates = self.fake.confirmed + self.fake.updates
        self.fake.confirmed = []

    async def confirmed(self) -> list[str]:
        return [json.loads(raw)["message"]["text"] for _, raw in self.fake.confirmed]

    def opened(self) -> AbstractAsyncContextManager[Sender]:
        return self._opened()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Sender]:
        async with opened(self.fake) as channel:
            yield channel

    def dispatch(self, text: str) -> Dispatch:
        return to_jan(text)

    async def heard(self) -> list[str]:
        return [sent["text"] for sent in self.fake.sent]

    def refuse(self) -> None:
        self.fake.block(JAN)

    def busy(self) -> None:
        self.fake.from_now_on("sendMessage", too_many(7))

    def hang_up(self, *, after_sending: bool) -> None:
        if after_sending:
            self.fake.from_now_on("sendMessage", cut_after)
        else:
            self.fake.stop_listening()

    def fall_silent(self) -> None:
        self.fake.from_now_on("sendMessage", slow(30))


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with telegram() as started:
        yield started


class TestTelegram(Receiving, Sending):
    @pytest.fixture
    async def world(self, fake: FakeTelegram) -> World:
        return World(fake)


async def test_the_bot_is_a_receiver_and_a_sender(fake: FakeTelegram) -> None:
    async with opened(fake) as channel:
        assert isinstance(channel, Receiver)
        assert isinstance(channel, Sender)


async def test_each_update_is_kept_as_it_stood_in_the_body(fake: FakeTelegram) -> None:
    inlet = MemoryInlet()
    fake.say("źle działa 🔥")
    fake.push({"message": {"message_id": 2, "text": "an update the library can't read"}})
    offered = [raw for _, raw in fake.updates]
    async with opened(fake) as channel, receiving(channel, inlet):
        arrivals = await inlet.holds(2)
    assert [raw_bytes(arrival) for arrival in arrivals] == offered
    assert [arrival.remote_id for arrival in arrivals] == ["1000", "1001"]
    assert [arrival.cursor for arrival in arrivals] == ["1001", "1002"]
    assert arrivals[0].media_type == "application/vnd.telegram.update+json"


async def test_numbers_that_start_anew_lose_nothing(fake: FakeTelegram) -> None:
    inlet = MemoryInlet()
    async with opened(fake) as channel, receiving(channel, inlet):
        fake.say("before the holidays")
        await inlet.holds(1)
        await eventually(lambda: _says_nothing_of_offsets(fake), "a poll without an offset")
        fake.next_id = 3
        fake.say("after the holidays")
        assert [arrival.remote_id for arrival in await inlet.holds(2)] == ["1000", "3"]
        fake.say("at once")
        await inlet.holds(3)
    async with opened(fake) as channel, receiving(channel, inlet):
        fake.say("after a restart")
        assert [arrival.remote_id for arrival in await inlet.holds(4)][2:] == ["4", "5"]


async def _says_nothing_of_offsets(fake: FakeTelegram) -> bool:
    return fake.offsets[-2:] == [1001, 0]


@pytest.mark.parametrize(
    ("trouble", "sentence", "seconds"),
    [
        pytest.param(
            refuses(409, "Conflict: terminated by other getUpdates request"),
            "another program reads this bot's messages: stop it, or use a bot of your own",
            30,
            id="a second poller",
        ),
        pytest.param(
            refuses(409, "Conflict: can't use getUpdates method while webhook is active"),
            "the bot has a webhook of somebody else, so Telegram gives us nothing: remove it by "
            "deleteWebhook, or use a bot of your own",
            30,
            id="a webhook",
        ),
        pytest.param(
            refuses(401, "Unauthorized"), "Telegram rejects the bot's token", 0, id="token"
        ),
        pytest.param(too_many(9), "Telegram asks us to slow down", 9, id="too often"),
        pytest.param(
            page(502), "cannot ask Telegram: HTTP 502, not from the Bot API", 0, id="a proxy's page"
        ),
        pytest.param(
            page(200), "cannot ask Telegram: HTTP 200, not from the Bot API", 0, id="a login page"
        ),
        pytest.param(cut_before, "cannot ask Telegram: the connection was cut", 0, id="cut off"),
    ],
)
async def test_why_there_are_no_updates(
    fake: FakeTelegram, trouble: Trouble, sentence: str, seconds: int
) -> None:
    inlet = MemoryInlet()
    fake.say("still there?")
    fake.next_time("getUpdates", trouble)
    async with opened(fake) as channel:
        with pytest.raises(TemporaryFailure) as failure:
            await channel.receive(inlet)
    assert str(failure.value) == sentence
    assert failure.value.retry_after == timedelta(seconds=seconds)
    assert inlet.arrivals == []
    assert len(fake.updates) == 1


@pytest.mark.parametrize(
    ("trouble", "failure", "sentence"),
    [
        pytest.param(
            refuses(403, "Forbidden: user is deactivated"),
            PermanentFailure,
            "Telegram refused: Forbidden: user is deactivated",
            id="the person is gone",
        ),
        pytest.param(
            refuses(400, "Bad Request: chat not found"),
            PermanentFailure,
            "Telegram refused: Chat not found",
            id="no such chat",
        ),
        pytest.param(
            refuses(413, "Request Entity Too Large"),
            PermanentFailure,
            "Telegram refused: too large",
            id="too large",
        ),
        pytest.param(
            refuses(400, "Bad Request: can't parse entities"),
            TemporaryFailure,
            "Telegram did not understand: Can't parse entities",
            id="our mistake can be mended",
        ),
        pytest.param(
            refuses(401, "Unauthorized"),
            TemporaryFailure,
            "Telegram rejects the bot's token",
            id="token revoked",
        ),
        pytest.param(
            too_many(None), TemporaryFailure, "Telegram asks us to slow down", id="no time given"
        ),
        pytest.param(
            refuses(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-9),
            OutcomeUnknown,
            "",
            id="moved",
        ),
        pytest.param(
            page(502),
            OutcomeUnknown,
            "Telegram gave no answer: HTTP 502, not from the Bot API",
            id="a proxy's page",
        ),
        pytest.param(
            page(403),
            OutcomeUnknown,
            "Telegram gave no answer: HTTP 403, not from the Bot API",
            id="a proxy's refusal is not Telegram's",
        ),
        pytest.param(
            cut_before,
            OutcomeUnknown,
            "Telegram gave no answer: the connection was cut",
            id="cut off",
        ),
    ],
)
async def test_what_a_message_meets_with(
    fake: FakeTelegram, trouble: Trouble, failure: type[Exception], sentence: str
) -> None:
    fake.next_time("sendMessage", trouble)
    async with opened(fake) as channel:
        if sentence:
            with pytest.raises(failure) as raised:
                await channel.send(to_jan("hello"))
            assert str(raised.value) == sentence
        else:
            await channel.send(to_jan("hello"))
            assert fake.sent[-1]["chat_id"] == "-9"


async def test_a_group_that_keeps_moving_is_left_for_later(fake: FakeTelegram) -> None:
    moved = refuses(400, "Bad Request: upgraded", migrate_to_chat_id=-9)
    fake.from_now_on("sendMessage", moved)
    async with opened(fake) as channel:
        with pytest.raises(TemporaryFailure, match="the chat keeps moving"):
            await channel.send(to_jan("hello"))


async def test_a_long_answer_goes_in_parts_and_files_follow(fake: FakeTelegram) -> None:
    leaflet = File(filename="ulotka.txt", content_type="text/plain", content=b"read me")
    async with opened(fake) as channel:
        receipt = await channel.send(to_jan(("word " * 1000).strip(), leaflet))
    assert receipt.delivery is Delivery.ACCEPTED
    assert receipt.detail == "sent in 3 parts"
    assert receipt.remote_id == "1 2 3"
    assert [len(sent.get("text", "")) for sent in fake.sent] == [4094, 904, 0]
    assert fake.sent[2]["document"] == "ulotka.txt: read me"
    assert {sent["chat_id"] for sent in fake.sent} == {str(JAN)}


async def test_nobody_looks_at_a_link_before_the_customer(fake: FakeTelegram) -> None:
    async with opened(fake) as channel:
        await channel.send(to_jan("look at nordlys.example/s/secret"))
    assert json.loads(fake.sent[0]["link_preview_options"]) == {"is_disabled": True}


async def test_a_later_attempt_goes_on_behind_the_parts_that_went(fake: FakeTelegram) -> None:
    async def goes(request: object, usual: object) -> object:
        return await usual(request)  # type: ignore[operator]

    fake.next_time("sendMessage", goes, too_many(1))  # type: ignore[arg-type]
    async with opened(fake) as channel:
        with pytest.raises(TemporaryFailure) as failure:
            await channel.send(to_jan("word " * 1000))
        assert str(failure.value) == "1 of 2 parts went: Telegram asks us to slow down"
        assert failure.value.went == ("1",)
        assert failure.value.retry_after == timedelta(seconds=1)
    async with opened(fake) as channel:
        again = replace(to_jan("word " * 1000), went=failure.value.went)
        receipt = await channel.send(again)
    assert receipt.remote_id == "1 2"
    assert [len(sent["text"]) for sent in fake.sent] == [4094, 904]


async def test_a_line_that_breaks_between_two_parts_leaves_only_the_later_in_doubt(
    fake: FakeTelegram,
) -> None:
    async def goes(request: object, usual: object) -> object:
        return await usual(request)  # type: ignore[operator]

    fake.next_time("sendMessage", goes, cut_after)  # type: ignore[arg-type]
    async with opened(fake) as channel:
        with pytest.raises(OutcomeUnknown) as failure:
            await channel.send(to_jan("word " * 1000))
    assert failure.value.went == ("1",)


async def test_nothing_to_say_is_never_sent(fake: FakeTelegram) -> None:
    async with opened(fake) as channel:
        with pytest.raises(PermanentFailure, match="there is nothing to send"):
            await channel.send(to_jan(" \n "))


async def test_the_token_stands_in_no_value_that_is_shown(fake: FakeTelegram) -> None:
    assert TOKEN not in repr(Settings(token=TOKEN))
    async with opened(fake, token="9:another") as channel:
        with pytest.raises(TemporaryFailure) as failure:
            await channel.receive(MemoryInlet())
    assert str(failure.value) == "Telegram rejects the bot's token"

"""Does the bot greet, tell how things stand and take presses, in everybody's language?"""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from channels.contract import Asked, Premises, Standing
from channels.telegram.channel import PollingBot, Settings, WebhookBot, open_channel
from channels.telegram.words import WORDS, words_in
from inquiry.errors import BridgeError, OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import TELEGRAM, Arrival, ChannelName, File, Reference
from inquiry.understood import Command, Known
from inquiry.words import Purpose, State
from normalizer.normalize import normalize
from tests.channels.suite import eventually, raw_bytes, receiving
from tests.channels.test_telegram import JAN, to_jan
from tests.channels.test_telegram_groups import GROUP, said
from tests.fakes import MemoryInlet
from tests.servers.http_troubles import Trouble, cut_before, page
from tests.servers.telegram import TOKEN, USERNAME, FakeTelegram, refuses, telegram, too_many

PREMISES = Premises(spool=Path("/nowhere"), languages=("nb", "pl"), desk="Nordlys")
LEAFLET = File(filename="ulotka.txt", content_type="text/plain", content=b"read me")


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with telegram() as started:
        yield started


def opened(
    fake: FakeTelegram, **settings: Any
) -> AbstractAsyncContextManager[PollingBot | WebhookBot]:
    chosen = Settings(token=TOKEN, api=fake.api, **settings)
    return open_channel(ChannelName("telegram"), chosen, PREMISES, poll=timedelta(seconds=1))


async def answers(fake: FakeTelegram, inlet: MemoryInlet, **settings: Any) -> list[str]:
    """Take what was asked in, and let the channel answer it as the bridge does."""
    async with opened(fake, **settings) as channel:
        async with receiving(channel, inlet):
            arrivals = await inlet.holds(1)
        for arrival in arrivals:
            await channel.answer(as_asked(arrival), inlet)
    return [sent["text"] for sent in fake.sent]


def as_asked(arrival: Arrival) -> Asked:
    command = normalize(TELEGRAM, raw_bytes(arrival), arrival.envelope, Known())
    assert isinstance(command, Command)
    return Asked(
        command=command.name,
        address=command.sender.address,
        conversation=command.conversation,
        language=command.language,
    )


async def test_who_begins_is_greeted_in_their_language(fake: FakeTelegram) -> None:
    inlet = MemoryInlet()
    fake.say("/start")
    (greeting,) = await answers(fake, inlet)
    assert greeting.startswith("Dzień dobry, tu Nordlys.")
    assert fake.sent[0]["chat_id"] == str(JAN)
    assert [one.envelope.headers for one in inlet.arrivals] == [{"asks": "start"}]


@pytest.mark.parametrize(
    ("greeting", "expected"),
    [
        pytest.param({"pl": "Cześć od {desk}"}, "Cześć od Nordlys", id="in their language"),
        pytest.param({"nb": "Hei"}, "Dzień dobry, tu Nordlys.", id="not in theirs"),
    ],
)
async def test_the_desk_s_own_greeting(
    fake: FakeTelegram, greeting: dict[str, str], expected: str
) -> None:
    fake.say("/start anything")
    (text,) = await answers(fake, MemoryInlet(), greeting=greeting)
    assert text.startswith(expected)


async def test_how_requests_stand(fake: FakeTelegram) -> None:
    inlet = MemoryInlet()
    inlet.standings[str(JAN)] = [
        Standing(
            reference=Reference("NL-2026-00002"),
            subject="x" * 100,
            state=State.RESEARCHING,
            link="https://help.example/s/b",
        ),
        Standing(
            reference=Reference("NL-2026-00001"),
            subject="Drukarka",
            state=State.CLOSED,
            link="https://help.example/s/a",
        ),
    ]
    fake.say("/status")
    (text,) = await answers(fake, inlet)
    assert text.split("\n\n") == [
        "Ostatnie zgłoszenia:",
        f"NL-2026-00002: pracujemy nad tym\n{'x' * 59}…\nhttps://help.example/s/b",
        "NL-2026-00001: rozwiązane\nDrukarka\nhttps://help.example/s/a",
    ]
    assert json.loads(fake.sent[0]["link_preview_options"]) == {"is_disabled": True}


async def test_who_has_no_requests_is_told_so(fake: FakeTelegram) -> None:
    fake.say("/start status")
    (text,) = await answers(fake, MemoryInlet())
    assert text == "Nie ma tu jeszcze żadnych zgłoszeń. Wystarczy napisać, o co chodzi."


async def test_in_a_group_nobody_s_requests_are_told(fake: FakeTelegram) -> None:
    inlet = MemoryInlet()
    inlet.standings["7"] = [
        Standing(reference=Reference("NL-1"), subject="secret", state=State.NEW, link="https://x")
    ]
    words = f"/status@{USERNAME}"
    marks = [{"type": "bot_command", "offset": 0, "length": len(words)}]
    fake.push({"message": said(words, entities=marks)})
    (text,) = await answers(fake, inlet)
    assert text == f"Skriv til meg alene om det: https://t.me/{USERNAME}?start=status"
    assert fake.sent[0]["chat_id"] == str(GROUP)


async def test_other_commands_are_words_for_a_specialist(fake: FakeTelegram) -> None:
    inlet = MemoryInlet()
    fake.say("/human please")
    fake.say("/reboot")
    async with opened(fake) as channel, receiving(channel, inlet):
        await inlet.holds(2)
    assert fake.sent == []


@pytest.mark.parametrize("said", ["code-K7QXM2RD", "K7QX-M2RD"])
async def test_a_code_is_for_the_desk(fake: FakeTelegram, said: str) -> None:
    """It is kept like any message: the customer who proves something is not just greeted."""
    inlet = MemoryInlet()
    fake.say(f"/start {said}")
    async with opened(fake) as channel, receiving(channel, inlet):
        (arrival,) = await inlet.holds(1)
        assert await channel.deep_link("code-K7QXM2RD") == (
            "https://t.me/nordlys_desk_bot?start=code-K7QXM2RD"
        )
    assert isinstance(arrival.raw, bytes)
    assert json.loads(arrival.raw)["message"]["text"] == f"/start {said}"
    assert "asks" not in arrival.envelope.headers
    assert fake.sent == []


async def test_where_others_write_too_a_command_is_a_word_for_somebody_else(
    fake: FakeTelegram,
) -> None:
    """In a group a command of ours is answered there; another bot's is not even kept."""
    inlet = MemoryInlet()
    marks = [{"type": "bot_command", "offset": 0, "length": len("/status@other_bot")}]
    fake.push({"message": said("/status@other_bot", entities=marks)})
    topic: dict[str, Any] = {"message_thread_id": 9, "is_topic_message": True}
    marks = [{"type": "bot_command", "offset": 0, "length": len("/start")}]
    fake.push({"message": said("/start", entities=marks, **topic)})
    (text,) = await answers(fake, inlet)
    assert text.startswith("Skriv til meg alene")
    assert fake.sent[0]["message_thread_id"] == "9"


@pytest.mark.parametrize(
    ("trouble", "failure"),
    [
        pytest.param(too_many(7), TemporaryFailure, id="429"),
        pytest.param(refuses(403, "Forbidden: blocked"), PermanentFailure, id="blocked"),
        pytest.param(cut_before, OutcomeUnknown, id="a cut line"),
        pytest.param(page(502), OutcomeUnknown, id="502"),
    ],
)
async def test_what_an_answer_meets_is_told_as_of_any_other(
    fake: FakeTelegram, trouble: Trouble, failure: type[BridgeError]
) -> None:
    fake.from_now_on("sendMessage", trouble)
    asked = Asked(command="start", address=str(JAN), conversation=str(JAN), language="pl")
    async with opened(fake) as channel:
        with pytest.raises(failure) as met:
            await channel.answer(asked, MemoryInlet())
        if isinstance(met.value, TemporaryFailure):
            assert met.value.retry_after == timedelta(seconds=7)
            fake.behave()
            with pytest.raises(TemporaryFailure, match="slow down in this chat"):
                await channel.send(to_jan("an answer waits as long"))


async def test_what_has_arrived_of_an_answer_is_not_said_again(fake: FakeTelegram) -> None:
    asked = Asked(
        command="start", address=str(JAN), conversation=str(JAN), language="pl", went=("5",)
    )
    async with opened(fake, greeting={"pl": "x " * 3000}) as channel:
        await channel.answer(asked, MemoryInlet())
    async with opened(fake) as channel:
        await channel.answer(asked, MemoryInlet())
    assert len(fake.sent) == 1


async def test_below_an_answer_the_customer_may_say_whether_it_helped(fake: FakeTelegram) -> None:
    async with opened(fake) as channel:
        await channel.send(to_jan("Spróbuj wyłączyć."))
        await channel.send(replace(to_jan("Mamy to."), purpose=Purpose.ACKNOWLEDGEMENT))
    row = json.loads(fake.sent[0]["reply_markup"])["inline_keyboard"][0]
    assert [(one["text"], one["callback_data"]) for one in row] == [
        ("Rozwiązane", "solved:NL-2026-00001"),
        ("Jeszcze nie", "not-yet:NL-2026-00001"),
    ]
    assert "reply_markup" not in fake.sent[1]


async def test_a_desk_may_do_without_buttons(fake: FakeTelegram) -> None:
    async with opened(fake, buttons=False) as channel:
        await channel.send(to_jan("Spróbuj wyłączyć."))
    assert "reply_markup" not in fake.sent[0]


async def test_a_reference_that_no_button_can_say_has_none(fake: FakeTelegram) -> None:
    async with opened(fake) as channel:
        await channel.send(replace(to_jan("Spróbuj."), reference=Reference("NL-" + "9" * 60)))
    assert "reply_markup" not in fake.sent[0]


async def test_a_press_is_kept_then_thanked_for_and_the_buttons_go(fake: FakeTelegram) -> None:
    inlet = MemoryInlet()
    message = {**fake.message(), "message_id": 77, "text": "Spróbuj wyłączyć."}
    who = {"id": JAN, "is_bot": False, "first_name": "Jan", "language_code": "pl"}
    query = {"id": "q1", "from": who, "message": message, "data": "solved", "chat_instance": "1"}
    fake.push({"callback_query": query})

    async def thanked() -> bool:
        return len(fake.pressed) == 2

    async with opened(fake) as channel, receiving(channel, inlet):
        await inlet.holds(1)
        await eventually(thanked, "the press is answered")
    assert fake.pressed == [
        {
            "method": "answerCallbackQuery",
            "callback_query_id": "q1",
            "text": "Dziękujemy za informację!",
        },
        {"method": "editMessageReplyMarkup", "chat_id": str(JAN), "message_id": "77"},
    ]


async def test_a_short_answer_is_the_caption_of_its_file(fake: FakeTelegram) -> None:
    async with opened(fake) as channel:
        receipt = await channel.send(to_jan("Zobacz.", LEAFLET, LEAFLET))
        await channel.send(to_jan("🔥" * 513, LEAFLET))
    assert [(sent.get("caption"), sent.get("text")) for sent in fake.sent] == [
        *(("Zobacz.", None), (None, None)),
        *((None, "🔥" * 513), (None, None)),
    ]
    assert receipt.detail == "sent in 2 parts"
    assert "reply_markup" not in fake.sent[0]
    assert "reply_markup" in fake.sent[1]


def test_every_language_has_every_word_with_the_same_blanks() -> None:
    for words in WORDS.values():
        assert words.keys() == WORDS["en"].keys()
        for key, text in words.items():
            assert _blanks(text) == _blanks(WORDS["en"][key])


def _blanks(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(
    ("wish", "languages", "expected"),
    [
        pytest.param("pl", ("nb", "pl"), "pl", id="theirs"),
        pytest.param("pl-PL", ("nb", "pl"), "pl", id="theirs, with a country"),
        pytest.param("fr", ("nb", "pl"), "nb", id="not one of the desk's"),
        pytest.param("fr", ("fr",), "en", id="one that we have no words in"),
        pytest.param("", (), "en", id="nothing is known"),
    ],
)
def test_the_language_of_the_words(wish: str, languages: tuple[str, ...], expected: str) -> None:
    assert words_in(wish, languages) is WORDS[expected]

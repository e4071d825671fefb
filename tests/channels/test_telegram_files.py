"""Do files come that a message only names, and is it said why one does not?"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.contract import Fetcher
from inquiry.errors import PermanentFailure, TemporaryFailure
from inquiry.journey import File
from tests.channels.test_telegram import opened, to_jan
from tests.servers.http_troubles import Trouble, cut_before, page
from tests.servers.telegram import LARGEST_FILE, TOKEN, FakeTelegram, refuses, telegram, too_many


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with telegram() as started:
        started.files["f1"] = b"pixels" * 200_000
        yield started


async def fetched(fake: FakeTelegram, reference: str = "f1") -> list[bytes]:
    async with opened(fake) as channel:
        assert isinstance(channel, Fetcher)
        return [piece async for piece in channel.fetch(reference)]


async def test_a_file_comes_in_pieces(fake: FakeTelegram) -> None:
    pieces = await fetched(fake)
    assert b"".join(pieces) == fake.files["f1"]
    assert max(map(len, pieces)) <= 256 * 1024
    assert fake.downloads == ["f1"]


@pytest.mark.parametrize(
    ("method", "trouble", "failure", "sentence", "seconds"),
    [
        pytest.param(
            *("getFile", refuses(400, "Bad Request: file is too big"), PermanentFailure),
            *("too large for Telegram's bot API (20 MB)", 0),
            id="too large",
        ),
        pytest.param(
            *("getFile", refuses(400, "Bad Request: invalid file_id"), PermanentFailure),
            *("Telegram refused: Invalid file_id", 0),
            id="gone",
        ),
        pytest.param(
            *("getFile", refuses(400, "Bad Request: file is temporarily unavailable")),
            *(TemporaryFailure, "Telegram does not give it: File is temporarily unavailable", 0),
            id="not now",
        ),
        pytest.param(
            *("getFile", too_many(9), TemporaryFailure, "Telegram asks us to slow down", 9),
            id="too often",
        ),
        pytest.param(
            *("getFile", refuses(401, "Unauthorized"), TemporaryFailure),
            *("Telegram rejects the bot's token", 0),
            id="the token",
        ),
        pytest.param(
            *("getFile", page(502), TemporaryFailure),
            *("Telegram does not give it: HTTP 502, not from the Bot API", 0),
            id="a proxy's page",
        ),
        pytest.param(
            *("file", page(502), TemporaryFailure),
            *("Telegram does not give it: HTTP 502 instead of the file", 0),
            id="a proxy's page instead of the file",
        ),
        pytest.param(
            *("file", page(302), TemporaryFailure),
            *("Telegram does not give it: HTTP 302 instead of the file", 0),
            id="led elsewhere",
        ),
        pytest.param(
            *("file", cut_before, TemporaryFailure),
            *("Telegram does not give it: the connection was cut", 0),
            id="cut off",
        ),
    ],
)
async def test_why_a_file_does_not_come(
    fake: FakeTelegram,
    method: str,
    trouble: Trouble,
    failure: type[Exception],
    sentence: str,
    seconds: int,
) -> None:
    fake.next_time(method, trouble, trouble)  # a line that was cut is tried once more at once
    with pytest.raises(failure) as raised:
        await fetched(fake)
    assert str(raised.value) == sentence
    assert TOKEN not in str(raised.value)
    if isinstance(raised.value, TemporaryFailure):
        assert raised.value.retry_after == timedelta(seconds=seconds)


async def test_telegram_itself_knows_what_is_too_large(fake: FakeTelegram) -> None:
    fake.files["f2"] = b"x" * (LARGEST_FILE + 1)
    with pytest.raises(PermanentFailure, match="too large for Telegram's bot API"):
        await fetched(fake, "f2")
    assert fake.downloads == []


async def test_a_file_that_is_too_large_to_send_is_refused_before_anything_goes(
    fake: FakeTelegram,
) -> None:
    film = File(filename="film.mp4", content_type="video/mp4", content=bytes(50_000_001))
    async with opened(fake) as channel:
        with pytest.raises(PermanentFailure, match=r"film.mp4 is too large.*50.0 MB, at most 50"):
            await channel.send(to_jan("word " * 1000, film))
    assert fake.sent == []


async def test_a_chat_that_wants_to_be_left_alone_holds_up_no_other(fake: FakeTelegram) -> None:
    fake.next_time("sendMessage", too_many(60))
    async with opened(fake) as channel:
        with pytest.raises(TemporaryFailure):
            await channel.send(to_jan("hello"))
        with pytest.raises(TemporaryFailure, match="slow down in this chat") as failure:
            await channel.send(to_jan("hello again"))
        assert timedelta(seconds=58) < failure.value.retry_after <= timedelta(seconds=60)
        await channel.send(replace(to_jan("tere"), recipient="502"))
    assert [sent["chat_id"] for sent in fake.sent] == ["502"]

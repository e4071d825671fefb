"""Does LMTP give exactly one reply for each recipient, whatever happens?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Inlet, Premises
from channels.smtp.channel import Settings, open_lmtp_channel
from channels.smtp.listener import open_listeners
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from tests.channels.suite import receiving
from tests.fakes import MemoryInlet
from tests.servers.mta import Conversation, conversation

MAIL = b"Date: Mon, 5 Jan 2026 10:00:00 +0100\r\n\r\nHello\r\n"
BARE = "550 5.5.2 A bare CR or LF is not allowed, lines must end in CRLF"


@asynccontextmanager
async def serving(
    inlet: Inlet, folder: Path, name: str = "lmtp-in", **settings: Any
) -> AsyncIterator[str]:
    """Run an LMTP channel on a socket in the file system."""
    settings = {
        "listen": f"unix:{folder / 'lmtp.sock'}",
        "addresses": ("*@nordlys.example",),
        **settings,
    }
    spool = folder / "spool"
    spool.mkdir(exist_ok=True)
    opened = open_lmtp_channel(ChannelName(name), Settings(**settings), Premises(spool=spool))
    async with opened as channel, receiving(channel, inlet):
        async with asyncio.timeout(30):
            while not any(listener.serving for listener in open_listeners()):
                await asyncio.sleep(0.01)
        yield str(folder / "lmtp.sock")


@asynccontextmanager
async def talking(inlet: Inlet, folder: Path, **settings: Any) -> AsyncIterator[Conversation]:
    async with serving(inlet, folder, **settings) as path, conversation(path) as talk:
        assert "SIZE" in await talk.greet("LHLO")
        yield talk


async def said(talk: Conversation, count: int, raw: bytes) -> list[str]:
    """Send a mail to so many recipients; return all replies behind the dot, and not one more."""
    replies = await talk.address("a@b.example", [f"r{n}@nordlys.example" for n in range(count)])
    assert replies == ["250 OK"] * count
    assert (await talk.ask("DATA")).startswith("354 ")
    await talk.say(raw + b".\r\n")
    replies = [await talk.reply() for _ in range(count)]
    assert await talk.ask("NOOP") == "250 OK"
    return replies


@pytest.mark.parametrize("count", [1, 3, 100])
@pytest.mark.parametrize(
    ("raw", "trouble", "reply"),
    [
        pytest.param(MAIL, None, "250 2.6.0 Accepted as 1", id="fine"),
        pytest.param(MAIL + b"a\nb\r\n", None, BARE, id="bare"),
        pytest.param(
            MAIL + b"x" * 2000 + b"\r\n", None, "552 5.3.4 The message is too big", id="big"
        ),
        pytest.param(
            MAIL,
            TemporaryFailure("full"),
            "452 4.3.1 Cannot take more messages now, please try again later",
            id="full",
        ),
        pytest.param(
            MAIL,
            ZeroDivisionError(),
            "451 4.3.0 Cannot store your message now, please try again later",
            id="a bug",
        ),
    ],
)
async def test_there_are_as_many_replies_as_recipients(
    tmp_path: Path, count: int, raw: bytes, trouble: Exception | None, reply: str
) -> None:
    inlet = MemoryInlet(trouble=trouble)
    async with talking(inlet, tmp_path, max_size=1500) as talk:
        assert await said(talk, count, raw) == [reply] * count


async def test_also_when_the_sender_is_cut_off(tmp_path: Path) -> None:
    async with talking(MemoryInlet(), tmp_path, max_size=1500) as talk:
        await talk.address("a@b.example", ["a@nordlys.example", "b@nordlys.example"])
        await talk.ask("DATA")
        await talk.say(b"x" * 1_200_000)
        assert [await talk.reply() for _ in range(2)] == ["552 5.3.4 The message is too big"] * 2
        assert await talk.ended()


async def test_each_channel_speaks_for_its_own_recipients(tmp_path: Path) -> None:
    help_desk, bills = MemoryInlet(), MemoryInlet(trouble=TemporaryFailure("full"))
    async with (
        serving(bills, tmp_path, "bills", addresses=("bill@x.example",)),
        talking(help_desk, tmp_path) as talk,
    ):
        await talk.address(
            "a@b.example", ["a@nordlys.example", "bill@x.example", "b@nordlys.example"]
        )
        await talk.ask("DATA")
        await talk.say(MAIL + b".\r\n")
        assert [(await talk.reply())[:3] for _ in range(3)] == ["250", "452", "250"]
    assert [a.envelope.rcpt_to for a in help_desk.arrivals] == [
        ("a@nordlys.example", "b@nordlys.example")
    ]


async def test_with_refused_recipients_only_there_is_no_data(tmp_path: Path) -> None:
    async with talking(MemoryInlet(), tmp_path) as talk:
        assert await talk.address("a@b.example", ["a@evil.example"]) == [
            "550 5.1.1 No such mailbox here"
        ]
        assert await talk.ask("DATA") == "503 5.5.1 No valid recipients"


@pytest.mark.parametrize("verb", ["HELO", "EHLO"])
async def test_smtp_greetings_are_not_understood(tmp_path: Path, verb: str) -> None:
    async with serving(MemoryInlet(), tmp_path) as path, conversation(path) as talk:
        assert await talk.greet(verb) == "500 5.5.2 Command not recognized"


async def test_the_socket_goes_with_the_server_and_a_stale_one_is_no_hindrance(
    tmp_path: Path,
) -> None:
    for _ in range(2):
        async with talking(MemoryInlet(), tmp_path) as talk:
            assert (await said(talk, 1, MAIL))[0].startswith("250 ")
        assert not (tmp_path / "lmtp.sock").exists()


async def test_the_peer_of_a_socket_has_no_address(tmp_path: Path) -> None:
    inlet = MemoryInlet()
    async with talking(inlet, tmp_path) as talk:
        await said(talk, 1, MAIL)
    assert inlet.arrivals[0].envelope.peer == "unix"

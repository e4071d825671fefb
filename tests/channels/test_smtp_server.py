"""Does the SMTP server store a mail before it says so, and blame nobody for our own trouble?"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from channels.contract import Inlet, Premises
from channels.smtp.channel import Settings, open_channel
from channels.smtp.listener import SharedListener
from inquiry import failpoints
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName, Spooled
from tests.channels.smtp_desk import HELP, MAIL, listening, serving
from tests.channels.suite import Receiving
from tests.fakes import MemoryInlet
from tests.servers.mta import Conversation, conversation
from tests.servers.ports import free_port


class World:
    """A mail server that keeps a mail in its queue until we have taken it."""

    secrets = ()

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._port = free_port()
        self._said: list[str] = []
        self._queue: list[str] = []
        self._confirmed: list[str] = []

    @asynccontextmanager
    async def running(self, inlet: Inlet) -> AsyncIterator[None]:
        async with serving(inlet, self._spool, listen=f"127.0.0.1:{self._port}"):
            queue = asyncio.create_task(self._run_queue())
            yield
            queue.cancel()

    async def say(self, text: str) -> None:
        self._said.append(text)
        self._queue.append(text)

    async def repeat(self) -> None:
        self._queue += self._said

    async def confirmed(self) -> list[str]:
        return self._confirmed

    async def _run_queue(self) -> None:
        while True:
            for text in list(self._queue):
                async with conversation(self._port) as talk:
                    await talk.greet()
                    raw = f"Message-ID: <{hash(text)}@x.example>\r\n\r\n{text}\r\n".encode()
                    reply = await talk.deliver("kari@fjell.example", [HELP], raw)
                assert not reply.startswith("5")
                if reply.startswith("250 2.6.0"):
                    self._queue.remove(text)
                    self._confirmed.append(text)
            await asyncio.sleep(0.01)


class TestSmtp(Receiving):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        return World(tmp_path)


@pytest.fixture
def inlet() -> MemoryInlet:
    return MemoryInlet()


@pytest.fixture
async def port(inlet: MemoryInlet, tmp_path: Path) -> AsyncIterator[int]:
    async with serving(inlet, tmp_path) as port:
        yield port


@pytest.fixture
async def talk(port: int) -> AsyncIterator[Conversation]:
    async with conversation(port) as talk:
        await talk.greet()
        yield talk


async def test_the_bytes_and_what_was_said_beside_them_are_kept(
    talk: Conversation, inlet: MemoryInlet
) -> None:
    raw = MAIL + b"..leading dots\r\n\r\n\0\xff\r\n"
    stuffed = MAIL + b"...leading dots\r\n\r\n\0\xff\r\n"
    reply = await talk.deliver(
        "Kari@fjell.example", [HELP, "Reply+x@desk.nordlys.example"], stuffed
    )
    assert reply == "250 2.6.0 Accepted as 1"
    (arrival,) = inlet.arrivals
    assert arrival.raw == raw
    assert arrival.envelope.mail_from == "Kari@fjell.example"
    assert arrival.envelope.rcpt_to == (HELP, "Reply+x@desk.nordlys.example")
    assert (arrival.envelope.peer, arrival.envelope.helo) == ("127.0.0.1", "mta.example")
    assert not arrival.envelope.tls
    beside = f"\0{HELP}\0reply+x@desk.nordlys.example".encode()
    assert arrival.remote_id == f"sha256:{hashlib.sha256(raw + beside).hexdigest()}"


async def test_the_order_of_recipients_makes_no_other_arrival(
    talk: Conversation, inlet: MemoryInlet
) -> None:
    await talk.deliver("a@b.example", [HELP, "x@desk.nordlys.example"], MAIL)
    await talk.deliver("a@b.example", ["X@desk.nordlys.example", HELP], MAIL)
    assert (len(inlet.arrivals), inlet.repeats) == (1, 1)


async def test_the_null_sender_is_empty(talk: Conversation, inlet: MemoryInlet) -> None:
    await talk.deliver("", [HELP], MAIL)
    assert inlet.arrivals[0].envelope.mail_from == ""


async def test_what_does_not_say_who_it_is_counts_as_new_after_a_while(
    talk: Conversation, inlet: MemoryInlet
) -> None:
    await talk.deliver("a@b.example", [HELP], b"\r\nanonymous\r\n")
    await talk.deliver("a@b.example", [HELP], MAIL)
    assert [a.repeat_within for a in inlet.arrivals] == [timedelta(minutes=10), None]


async def test_a_large_mail_lies_in_a_synced_file_and_the_file_is_gone_afterwards(
    talk: Conversation, inlet: MemoryInlet, tmp_path: Path
) -> None:
    raw = MAIL + b"line\r\n" * 200_000
    assert (await talk.deliver("a@b.example", [HELP], raw)).startswith("250 2.6.0")
    assert inlet.arrivals[0].raw == raw
    (spooled,) = inlet.spooled
    assert spooled == Spooled(spooled.path, len(raw), hashlib.sha256(raw).digest())
    assert list(tmp_path.iterdir()) == []


async def test_a_line_may_be_as_long_as_it_likes(talk: Conversation, inlet: MemoryInlet) -> None:
    raw = MAIL + b"x" * 1_000_000 + b"\r\n"
    assert (await talk.deliver("a@b.example", [HELP], raw)).startswith("250 2.6.0")
    assert inlet.arrivals[0].raw == raw


@pytest.mark.parametrize(
    ("trouble", "reply"),
    [
        pytest.param(
            TemporaryFailure("the queue of arrivals is full"),
            "452 4.3.1 Cannot take more messages now, please try again later",
            id="full",
        ),
        pytest.param(
            OSError(28, "No space left on device"),
            "451 4.3.0 Cannot store your message now, please try again later",
            id="a full disk",
        ),
        pytest.param(
            ZeroDivisionError("secret detail"),
            "451 4.3.0 Cannot store your message now, please try again later",
            id="a bug",
        ),
    ],
)
async def test_trouble_of_ours_is_temporary_and_says_nothing_of_itself(
    talk: Conversation, inlet: MemoryInlet, trouble: Exception, reply: str
) -> None:
    inlet.trouble = trouble
    assert await talk.deliver("a@b.example", [HELP], MAIL) == reply
    inlet.trouble = None
    assert (await talk.deliver("a@b.example", [HELP], MAIL)).startswith("250 2.6.0")


async def test_no_room_in_the_spool_is_temporary(inlet: MemoryInlet, tmp_path: Path) -> None:
    async with serving(inlet, tmp_path / "missing") as port, conversation(port) as talk:
        await talk.greet()
        reply = await talk.deliver("a@b.example", [HELP], MAIL + b"line\r\n" * 100_000)
        assert reply == "451 4.3.0 Cannot store your message now, please try again later"
        assert (await talk.deliver("a@b.example", [HELP], MAIL)).startswith("250 2.6.0")


@pytest.mark.parametrize(
    ("place", "stored"),
    [pytest.param("smtp.spooled", 0, id="before"), pytest.param("smtp.accepted", 1, id="after")],
)
async def test_a_failure_around_the_commit_makes_the_sender_come_again(
    talk: Conversation,
    inlet: MemoryInlet,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    stored: int,
) -> None:
    monkeypatch.setitem(failpoints._plan, place, ("raise", failpoints._passed[place] + 1))
    assert (await talk.deliver("a@b.example", [HELP], MAIL)).startswith("45")
    assert len(inlet.arrivals) == stored
    assert (await talk.deliver("a@b.example", [HELP], MAIL)).startswith("250 2.6.0")
    assert (len(inlet.arrivals), inlet.repeats) == (1, stored)


async def test_a_client_that_leaves_when_invited_has_said_nothing(
    port: int, inlet: MemoryInlet
) -> None:
    async with conversation(port) as talk:
        await talk.greet()
        await talk.address("a@b.example", [HELP])
        assert (await talk.ask("DATA")).startswith("354 ")
        talk.writer.write_eof()
        assert await talk.ended()
    assert inlet.arrivals == []


@pytest.mark.parametrize("reset", [False, True], ids=["in order", "by reset"])
async def test_a_client_that_leaves_after_the_dot_has_still_been_heard(
    port: int, inlet: MemoryInlet, reset: bool
) -> None:
    inlet.delay = timedelta(milliseconds=50)
    async with conversation(port) as talk:
        await talk.greet()
        await talk.address("a@b.example", [HELP])
        await talk.ask("DATA")
        await talk.say(MAIL + b".\r\n")
        if reset:
            talk.writer.transport.abort()
        else:
            talk.writer.close()
    await inlet.holds(1)


async def test_a_client_that_only_listens_after_the_dot_gets_its_word(
    talk: Conversation, inlet: MemoryInlet
) -> None:
    inlet.delay = timedelta(milliseconds=50)
    await talk.address("a@b.example", [HELP])
    await talk.ask("DATA")
    await talk.say(MAIL + b".\r\n")
    talk.writer.write_eof()
    assert await talk.reply() == "250 2.6.0 Accepted as 1"
    assert await talk.ended()


async def test_a_client_that_leaves_before_the_dot_has_said_nothing(
    port: int, inlet: MemoryInlet, tmp_path: Path
) -> None:
    async with conversation(port) as talk:
        await talk.greet()
        await talk.address("a@b.example", [HELP])
        await talk.ask("DATA")
        await talk.say(MAIL + b"line\r\n" * 50_000)
    listener = await listening(port)
    async with asyncio.timeout(30):
        while listener.connections:
            await asyncio.sleep(0.01)
    assert inlet.arrivals == []
    assert list(tmp_path.iterdir()) == []


async def test_a_commit_that_takes_too_long_is_abandoned_before_its_sender_gives_up(
    port: int, talk: Conversation, inlet: MemoryInlet
) -> None:
    inlet.delay = timedelta(minutes=1)
    (connection,) = (await listening(port)).connections
    await talk.address("a@b.example", [HELP])
    await talk.ask("DATA")
    await talk.say(MAIL + b".\r\n")
    await delivering(await listening(port))
    connection.deadline = 0.0
    reply = await talk.reply()
    assert reply == "451 4.3.0 Cannot store your message now, please try again later"
    assert inlet.arrivals == []
    inlet.delay = timedelta(0)
    assert (await talk.deliver("a@b.example", [HELP], MAIL)).startswith("250 2.6.0")


async def test_channels_share_an_address_and_the_recipient_decides(
    inlet: MemoryInlet, tmp_path: Path
) -> None:
    bills, listen = MemoryInlet(), f"127.0.0.1:{free_port()}"
    async with serving(inlet, tmp_path, listen=listen) as port:
        other = serving(bills, tmp_path, "bills", listen=listen, addresses=("bill@x.example",))
        async with other, conversation(port) as talk:
            await talk.greet()
            await talk.deliver("a@b.example", ["bill@x.example"], MAIL)
            large = MAIL + b"line\r\n" * 20_000
            await talk.deliver("a@b.example", ["bill@x.example", HELP], large)
        async with conversation(port) as talk:
            await talk.greet()
            reply = await talk.deliver("a@b.example", ["bill@x.example"], MAIL)
            assert reply == "550 5.1.1 No such mailbox here"
    assert [(a.channel, a.envelope.rcpt_to) for a in inlet.arrivals] == [("smtp-in", (HELP,))]
    assert [a.raw for a in bills.arrivals] == [MAIL, large]


async def test_who_names_an_address_comes_before_who_takes_its_whole_domain(
    inlet: MemoryInlet, tmp_path: Path
) -> None:
    everything, listen = MemoryInlet(), f"127.0.0.1:{free_port()}"
    catch_all = {"listen": listen, "addresses": ("*@nordlys.example",)}
    async with (
        serving(everything, tmp_path, "catch-all", **catch_all) as port,
        serving(inlet, tmp_path, listen=listen),
        conversation(port) as talk,
    ):
        await talk.greet()
        await talk.deliver("a@b.example", [HELP, "sales@nordlys.example"], MAIL)
    assert [a.envelope.rcpt_to for a in inlet.arrivals] == [(HELP,)]
    assert [a.envelope.rcpt_to for a in everything.arrivals] == [("sales@nordlys.example",)]


async def test_many_strange_recipients_are_forgotten_again(port: int, talk: Conversation) -> None:
    listener = await listening(port)
    for number in range(2500):
        assert listener.route_for(f"r{number}@evil.example") is None
    assert (await talk.deliver("a@b.example", [HELP], MAIL)).startswith("250 2.6.0")


async def test_if_one_of_two_channels_fails_the_sender_comes_again(
    inlet: MemoryInlet, tmp_path: Path
) -> None:
    bills = MemoryInlet(trouble=TemporaryFailure("full"))
    listen = f"127.0.0.1:{free_port()}"
    async with (
        serving(inlet, tmp_path, listen=listen) as port,
        serving(bills, tmp_path, "bills", listen=listen, addresses=("bill@x.example",)),
        conversation(port) as talk,
    ):
        await talk.greet()
        both = [HELP, "bill@x.example"]
        assert (await talk.deliver("a@b.example", both, MAIL)).startswith("452 ")
        bills.trouble = None
        assert (await talk.deliver("a@b.example", both, MAIL)).startswith("250 2.6.0")
    assert (len(inlet.arrivals), len(bills.arrivals)) == (1, 1)


async def test_a_taken_port_is_temporary(tmp_path: Path) -> None:
    taken = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    settings = Settings(listen=f"127.0.0.1:{port}", addresses=(HELP,))
    async with open_channel(ChannelName("m"), settings, Premises(spool=tmp_path)) as channel:
        with pytest.raises(TemporaryFailure, match=r"cannot listen on smtp 127\.0\.0\.1:"):
            await channel.receive(MemoryInlet())
    taken.close()


async def delivering(listener: SharedListener) -> None:
    """Wait until a mail is being handed to the inlet."""
    async with asyncio.timeout(20):
        while not any(one.delivering for one in listener.connections):
            await asyncio.sleep(0.01)


async def test_closing_asks_idle_clients_to_come_later_and_finishes_what_was_said(
    inlet: MemoryInlet, tmp_path: Path
) -> None:
    inlet.delay = timedelta(milliseconds=200)
    async with serving(inlet, tmp_path) as port:
        listener = await listening(port)
        busy = conversation(port)
        idle = conversation(port)
        talk, quiet = await busy.__aenter__(), await idle.__aenter__()
        await talk.greet()
        await quiet.greet()
        await talk.address("a@b.example", [HELP])
        await talk.ask("DATA")
        await talk.say(MAIL + b".\r\n")
        await delivering(listener)
    assert await quiet.reply() == "421 4.3.2 We are closing, please try again later"
    assert await talk.reply() == "250 2.6.0 Accepted as 1"
    assert await talk.ended()
    await busy.__aexit__(None, None, None)
    await idle.__aexit__(None, None, None)


async def test_closing_does_not_wait_for_a_commit_that_hangs(
    inlet: MemoryInlet, tmp_path: Path
) -> None:
    inlet.delay = timedelta(minutes=1)
    async with serving(inlet, tmp_path) as port:
        listener = await listening(port)
        talk = await (busy := conversation(port)).__aenter__()
        await talk.greet()
        await talk.address("a@b.example", [HELP])
        await talk.ask("DATA")
        await talk.say(MAIL + b".\r\n")
        await delivering(listener)
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert await talk.ended()
    await busy.__aexit__(None, None, None)

"""Does the SMTP server take what it may, store it before it says so, and refuse the rest well?"""

import asyncio
import hashlib
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP

from channels.contract import Inlet, Premises
from channels.smtp.channel import Settings, open_channel
from channels.smtp.connection import Connection
from channels.smtp.listener import Listen, SharedListener, open_listeners, parse_listen
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName, Spooled
from tests.channels.suite import Receiving, receiving
from tests.fakes import MemoryInlet
from tests.servers.mta import Conversation, conversation
from tests.servers.ports import free_port

MAIL = b"From: kari@fjell.example\r\nDate: Mon, 5 Jan 2026 10:00:00 +0100\r\n\r\nHello\r\n"
HELP = "help@nordlys.example"
SETTINGS = {"addresses": (HELP, "*@desk.nordlys.example")}


@asynccontextmanager
async def serving(
    inlet: Inlet, spool: Path, name: str = "smtp-in", **settings: Any
) -> AsyncIterator[int]:
    """Run an SMTP channel; yields its port."""
    settings = {**SETTINGS, "listen": f"127.0.0.1:{free_port()}", **settings}
    port = int(settings["listen"].rpartition(":")[2])
    opened = open_channel(ChannelName(name), Settings(**settings), Premises(spool=spool))
    async with opened as channel, receiving(channel, inlet):
        await listening(port)
        yield port


async def listening(port: int) -> SharedListener:
    """Wait until a port is served; return who serves it."""
    async with asyncio.timeout(5):
        while True:
            for listener in open_listeners():
                if str(listener).endswith(f":{port}") and listener.serving:
                    return listener
            await asyncio.sleep(0.01)


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
    ("line", "reply"),
    [
        pytest.param("RCPT TO:<a@evil.example>", "550 5.1.1 No such mailbox here", id="a relay"),
        pytest.param(
            "RCPT TO:<help%nordlys.example@evil.example>",
            "550 5.1.1 No such mailbox here",
            id="a relay in disguise",
        ),
        pytest.param(
            "RCPT TO:<@nordlys.example:a@evil.example>",
            "550 5.1.1 No such mailbox here",
            id="a source route",
        ),
        pytest.param("RCPT TO:<" + "(" * 900, "553 5.1.3 Error: malformed address", id="a nest"),
        pytest.param('RCPT TO:<"a', "550 5.1.1 No such mailbox here", id="an open quote"),
        pytest.param(
            "RCPT TO:<жалоба@nordlys.example>",
            "553 5.6.7 An address beyond ASCII needs SMTPUTF8",
            id="beyond ASCII",
        ),
        pytest.param("DATA", "503 5.5.1 No valid recipients", id="nobody to send it to"),
        pytest.param("AUTH PLAIN AAAA", "500 5.5.2 Command not recognized", id="no sign-in"),
        pytest.param("WHAT", "500 5.5.2 Command not recognized", id="no command"),
        pytest.param("RCPT TO:<a\0@b>", "500 5.5.2 Command not recognized", id="a control letter"),
        pytest.param("EHLO", "501 5.5.4 Who are you?", id="nobody says hello"),
        pytest.param("VRFY a", "252 2.1.5 Send some mail, we will see", id="curious"),
        pytest.param("STARTTLS", "454 TLS not available", id="no certificate"),
        pytest.param("NOOP", "250 OK", id="nothing to do"),
    ],
)
async def test_replies(talk: Conversation, line: str, reply: str) -> None:
    await talk.ask("MAIL FROM:<a@b.example>")
    assert await talk.ask(line) == reply
    assert (await talk.deliver_after_reset(MAIL)).startswith("250 2.6.0")


async def test_smtputf8_addresses_are_taken_when_announced(tmp_path: Path) -> None:
    inlet = MemoryInlet()
    served = serving(inlet, tmp_path, addresses=("*@näide.example",))
    async with served as port, conversation(port) as talk:
        await talk.greet()
        assert await talk.ask("MAIL FROM:<ä@b.example> SMTPUTF8") == "250 OK"
        assert await talk.ask("RCPT TO:<жалоба@näide.example>") == "250 OK"
        await talk.ask("DATA")
        assert (await talk.ask(MAIL + b".\r\n")).startswith("250 2.6.0")
    assert inlet.arrivals[0].envelope.rcpt_to == ("жалоба@näide.example",)


async def test_the_hundred_and_first_recipient_waits_for_another_mail(talk: Conversation) -> None:
    replies = await talk.address("a@b.example", [f"r{n}@desk.nordlys.example" for n in range(101)])
    assert replies == ["250 OK"] * 100 + ["452 4.5.3 Too many recipients"]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"a\nb\r\n", id="LF"),
        pytest.param(b"a\rb\r\n", id="CR"),
        pytest.param(b"x\n.\nMAIL FROM:<evil@x.example>\r\n", id="smuggled"),
    ],
)
async def test_a_bare_line_end_is_refused(
    talk: Conversation, inlet: MemoryInlet, raw: bytes
) -> None:
    reply = await talk.deliver("a@b.example", [HELP], MAIL + raw)
    assert reply == "550 5.5.2 A bare CR or LF is not allowed, lines must end in CRLF"
    assert (await talk.deliver("a@b.example", [HELP], MAIL)).startswith("250 2.6.0")
    assert len(inlet.arrivals) == 1


async def test_what_is_too_big_is_refused_before_it_comes_if_it_says_so(
    tmp_path: Path, inlet: MemoryInlet
) -> None:
    async with serving(inlet, tmp_path, max_size=1000) as port, conversation(port) as talk:
        assert "SIZE 1000" in await talk.greet()
        refusal = await talk.ask("MAIL FROM:<a@b.example> SIZE=1001")
        assert refusal == "552 Error: message size exceeds fixed maximum message size"
        reply = await talk.deliver("a@b.example", [HELP], MAIL + b"x" * 1000 + b"\r\n")
        assert reply == "552 5.3.4 The message is too big"
        assert (await talk.deliver("a@b.example", [HELP], MAIL)).startswith("250 2.6.0")


async def test_who_sends_without_end_is_cut_off(tmp_path: Path, inlet: MemoryInlet) -> None:
    async with serving(inlet, tmp_path, max_size=1000) as port, conversation(port) as talk:
        await talk.greet()
        await talk.address("a@b.example", [HELP])
        await talk.ask("DATA")
        await talk.say(b"x" * 1_200_000)
        assert await talk.reply() == "552 5.3.4 The message is too big"
        assert await talk.ended()
    assert inlet.arrivals == []


async def test_commands_may_be_sent_all_at_once(port: int, inlet: MemoryInlet) -> None:
    once = f"MAIL FROM:<a@b.example>\r\nRCPT TO:<{HELP}>\r\nDATA\r\n".encode()
    async with conversation(port) as talk:
        await talk.greet()
        await talk.say(once)
        assert [(await talk.reply())[:3] for _ in range(3)] == ["250", "250", "354"]
        await talk.say(MAIL + b".\r\n" + once)
        assert [(await talk.reply())[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        await talk.say(MAIL + b"again\r\n.\r\nQUIT\r\n")
        assert [(await talk.reply())[:3] for _ in range(2)] == ["250", "221"]
        assert await talk.ended()
    assert len(inlet.arrivals) == 2


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
    async with asyncio.timeout(5):
        while listener.connections:
            await asyncio.sleep(0.01)
    assert inlet.arrivals == []
    assert list(tmp_path.iterdir()) == []


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


async def test_too_many_connections_are_asked_to_come_later(port: int, talk: Conversation) -> None:
    (await listening(port)).most_connections = 1
    async with conversation(port) as another:
        assert await another.reply() == "421 4.3.2 Too many connections, please try again later"
        assert await another.ended()
    assert await talk.ask("NOOP") == "250 OK"


async def test_who_is_too_slow_loses_his_place(port: int, talk: Conversation) -> None:
    listener = await listening(port)
    (connection,) = listener.connections
    connection.deadline = 0.0
    assert await talk.reply() == "421 4.4.2 Too slow, please try again later"
    assert await talk.ended()
    assert not listener.connections


async def test_dripping_bytes_buy_little_time(port: int, talk: Conversation) -> None:
    (connection,) = (await listening(port)).connections
    await talk.address("a@b.example", [HELP])
    await talk.ask("DATA")
    await talk.say(b"x")
    await asyncio.sleep(0.02)
    left = connection.deadline - asyncio.get_running_loop().time()
    assert 170 < left < 181


async def test_nobody_may_chat_for_ever(talk: Conversation) -> None:
    await talk.say(b"NOOP\r\n" * 1001)
    replies = [await talk.reply() for _ in range(1000)]
    assert replies[-2:] == ["250 OK", "421 4.7.0 Too many commands"]


async def test_nobody_may_talk_nonsense_for_ever(talk: Conversation) -> None:
    await talk.say(b"GET / HTTP/1.1\r\n" * 6)
    replies = [await talk.reply() for _ in range(6)]
    assert replies[-1] == "421 4.7.0 Too many unrecognized commands"
    assert await talk.ended()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"NOOP\n", id="a bare LF"),
        pytest.param(b"NOOP " + b"x" * 4000 + b"\r\n", id="a long line"),
        pytest.param(b"x" * 300_000, id="no line at all"),
    ],
)
async def test_what_is_no_command_line_ends_the_talk(talk: Conversation, line: bytes) -> None:
    assert (await talk.ask(line)).startswith("500 5.5.2 ")
    assert await talk.ended()


async def test_closing_asks_idle_clients_to_come_later_and_finishes_what_was_said(
    inlet: MemoryInlet, tmp_path: Path
) -> None:
    inlet.delay = timedelta(milliseconds=200)
    async with serving(inlet, tmp_path) as port:
        busy = conversation(port)
        idle = conversation(port)
        talk, quiet = await busy.__aenter__(), await idle.__aenter__()
        await talk.greet()
        await quiet.greet()
        await talk.address("a@b.example", [HELP])
        await talk.ask("DATA")
        await talk.say(MAIL + b".\r\n")
        await asyncio.sleep(0.03)
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
        talk = await (busy := conversation(port)).__aenter__()
        await talk.greet()
        await talk.address("a@b.example", [HELP])
        await talk.ask("DATA")
        await talk.say(MAIL + b".\r\n")
        await asyncio.sleep(0.03)
        began = time.monotonic()
    assert time.monotonic() - began < 1
    assert await talk.ended()
    await busy.__aexit__(None, None, None)


async def test_starttls_protects_and_is_told(inlet: MemoryInlet, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    certificate.private_key_pem.write_to_path(str(key))
    for part in certificate.cert_chain_pems:
        part.write_to_path(str(chain), append=True)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    async with (
        serving(inlet, tmp_path, certificate=chain, key=key) as port,
        conversation(port) as talk,
    ):
        assert "STARTTLS" in await talk.greet()
        await talk.start_tls(client)
        assert "STARTTLS" not in await talk.ask("EHLO mta.example")
        assert (await talk.deliver("a@b.example", [HELP], MAIL)).startswith("250 2.6.0")
        await talk.ask("QUIT")
        async with conversation(port) as intruder:
            await intruder.greet()
            reply = await intruder.ask(b"STARTTLS\r\nMAIL FROM:<evil@x.example>\r\n")
            assert reply == "554 5.5.1 Nothing may follow STARTTLS"
            assert await intruder.ended()
        async with conversation(port) as faint:
            await faint.greet()
            await faint.ask("STARTTLS")
            await faint.say(b"this is no handshake\r\n")
            await faint.ended()
    assert inlet.arrivals[0].envelope.tls


def test_a_new_connection_has_all_that_aiosmtpd_gives_one() -> None:
    async def attributes() -> set[str]:
        listener = SharedListener(parse_listen("127.0.0.1:0"), lmtp=False)
        connection = Connection(listener)
        return set(vars(SMTP(None, hostname="x"))) - set(vars(connection))

    assert asyncio.run(attributes()) == set()


@pytest.mark.parametrize(
    ("text", "listen"),
    [
        pytest.param("127.0.0.1:25", Listen("127.0.0.1", 25), id="an address"),
        pytest.param("[::1]:25", Listen("::1", 25), id="the new kind of address"),
        pytest.param(":25", Listen("", 25), id="all addresses"),
        pytest.param("unix:/run/x.sock", Listen(path=Path("/run/x.sock")), id="a socket"),
    ],
)
def test_where_to_listen(text: str, listen: Listen) -> None:
    assert parse_listen(text) == listen


@pytest.mark.parametrize("text", ["25", "host", "host:", "host:smtp", "host:99999"])
def test_where_nobody_can_listen(text: str) -> None:
    with pytest.raises(ValueError, match="is not host:port or unix:PATH"):
        parse_listen(text)

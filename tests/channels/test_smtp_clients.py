"""Is every client answered rightly: the clumsy, the slow, the hostile and the ordinary one?"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import SMTP

from channels.smtp.commands import ESMTP
from channels.smtp.connection import Connection
from channels.smtp.listener import Listen, SharedListener, parse_listen
from tests.channels.smtp_desk import HELP, MAIL, listening, serving
from tests.channels.suite import a_while
from tests.fakes import MemoryInlet
from tests.servers.mta import Conversation, conversation


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
    ("lines", "reply"),
    [
        pytest.param(["mail from:<a@b.example> size=10"], "250 OK", id="small letters"),
        pytest.param(["MAIL FROM:<a@b.example> BODY=7BIT"], "250 OK", id="seven bits"),
        pytest.param(["MAIL FROM:<>"], "250 OK", id="nobody"),
        pytest.param(["MAIL FROM: <a@b.example>"], "250 OK", id="a space too many"),
        pytest.param(
            ["MAIL FROM:<a@b.example> RET=HDRS"],
            "555 MAIL FROM parameters not recognized or not implemented",
            id="an extension that we don't offer",
        ),
        pytest.param(["MAIL FROM:<a@b.example>"] * 2, "503 Error: nested MAIL command", id="twice"),
        pytest.param([f"RCPT TO:<{HELP}>"], "503 Error: need MAIL command", id="before MAIL"),
        pytest.param(
            ["MAIL FROM:<a@b.example>", "RSET", f"RCPT TO:<{HELP}>"],
            "503 Error: need MAIL command",
            id="after RSET",
        ),
        pytest.param(["HELO old.example", "MAIL FROM:<a@b.example>"], "250 OK", id="an old client"),
    ],
)
async def test_commands_mean_the_same_at_once_and_in_the_conversation(
    talk: Conversation, lines: list[str], reply: str
) -> None:
    assert [await talk.ask(line) for line in lines][-1] == reply
    await talk.ask("RSET")
    await talk.say("NOOP\r\n" + "\r\n".join(lines))
    replies = [await talk.reply() for _ in range(len(lines) + 1)]
    assert replies[-1] == reply


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
    await a_while(0.02)
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
        connection = Connection(listener, ESMTP)
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

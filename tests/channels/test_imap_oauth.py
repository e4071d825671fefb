"""Does a real Dovecot let us in with an access token, and a mail server take our answers so?"""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from channels.contract import Premises, Receiver, Sender
from channels.imap.channel import open_channel
from channels.imap.settings import Settings
from channels.mail.oauth import OAuth, Provider
from channels.mail.settings import Send, Tls
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from tests.builders import a_dispatch
from tests.channels.suite import receiving
from tests.fakes import MemoryInlet
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.oauth import TokenServer, token_server
from tests.servers.sink import Sink, smtp_sink

pytestmark = pytest.mark.server
USER = "help"
NAME = ChannelName("support-mail")
MAIL = b"Message-ID: <1@fjell.example>\r\nSubject: Help\r\n\r\nmy printer\r\n"


@pytest.fixture
async def tokens() -> AsyncIterator[TokenServer]:
    async with token_server() as server:
        server.user = USER
        yield server


@pytest.fixture
async def server(tokens: TokenServer) -> AsyncIterator[Dovecot]:
    with ExitStack() as stack:
        opened = dovecot(introspection=tokens.port)
        server = await asyncio.to_thread(stack.enter_context, opened)
        await asyncio.to_thread(server.append, USER, MAIL)
        yield server
        await asyncio.to_thread(stack.close)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with smtp_sink(Sink(plan={"AUTH": "235 2.7.0 Welcome"})) as sink:
        yield sink


def grant(tokens: TokenServer) -> OAuth:
    return OAuth(
        provider=Provider.CUSTOM,
        client_id="desk",
        refresh_token="the-first-refresh-token",
        token_url=tokens.url,
    )


def settings(server: Dovecot, tokens: TokenServer, sink: Sink | None = None) -> Settings:
    send = None
    if sink:
        send = Send(
            host="127.0.0.1",
            port=sink.port,
            tls=Tls.NONE,
            user=USER,
            oauth=grant(tokens),
            from_="Nordlys <help@nordlys.example>",
        )
    return Settings(
        host="127.0.0.1",
        port=server.port,
        tls=Tls.NONE,
        user=USER,
        oauth=grant(tokens),
        send=send,
    )


def premises(folder: Path) -> Premises:
    (folder / "spool").mkdir(exist_ok=True)
    return Premises(spool=folder / "spool", secrets=folder / "secrets")


async def test_one_grant_opens_the_way_in_and_the_way_out(
    server: Dovecot, tokens: TokenServer, sink: Sink, tmp_path: Path
) -> None:
    inlet, opened = MemoryInlet(), settings(server, tokens, sink)
    async with open_channel(NAME, opened, premises(tmp_path)) as channel:
        assert isinstance(channel, Sender)
        async with receiving(channel, inlet):
            await inlet.holds(1)
        await channel.send(a_dispatch())
    (shown,) = [line.split()[2] for line in sink.commands if line.startswith("AUTH XOAUTH2")]
    assert b64decode(shown) == b"user=help\x01auth=Bearer access-token-1\x01\x01"
    assert len(tokens.asked) == 1
    assert tokens.introspected >= 1


async def test_a_grant_that_has_ended_marks_no_mail_and_holds_up_nothing_after(
    server: Dovecot, tokens: TokenServer, tmp_path: Path
) -> None:
    tokens.instead = [(400, {"error": "invalid_grant"})]
    inlet = MemoryInlet()
    async with open_channel(NAME, settings(server, tokens), premises(tmp_path)) as channel:
        assert isinstance(channel, Receiver)
        with pytest.raises(TemporaryFailure, match="sign in once more") as failure:
            await channel.receive(inlet)
    assert failure.value.retry_after.total_seconds() == 600
    tokens.instead = []
    async with (
        open_channel(NAME, settings(server, tokens), premises(tmp_path)) as channel,
        receiving(channel, inlet),
    ):
        await inlet.holds(1)


async def test_a_revoked_token_is_said_and_a_new_one_is_not_asked_for_at_once(
    server: Dovecot, tokens: TokenServer, tmp_path: Path
) -> None:
    async with open_channel(NAME, settings(server, tokens), premises(tmp_path)) as channel:
        tokens.user = "somebody else"
        for _ in range(3):
            with pytest.raises(TemporaryFailure) as failure:
                await channel.receive(MemoryInlet())
            said = "cannot use the mailbox: the server refuses our user or password"
            assert str(failure.value) == said
    assert len(tokens.asked) == 1


async def test_a_mail_server_that_refuses_the_token_is_temporary(
    server: Dovecot, tokens: TokenServer, sink: Sink, tmp_path: Path
) -> None:
    sink.plan["AUTH"] = "535 5.7.3 Authentication unsuccessful"
    opened = settings(server, tokens, sink)
    async with open_channel(NAME, opened, premises(tmp_path)) as channel:
        assert isinstance(channel, Sender)
        with pytest.raises(TemporaryFailure) as failure:
            await channel.send(a_dispatch())
    said = "cannot use the mail server: 535 5.7.3 Authentication unsuccessful"
    assert str(failure.value) == said
    assert sink.mails == []

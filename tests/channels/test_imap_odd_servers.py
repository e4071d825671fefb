"""Does every mail come in once from servers that are odd for good?

The names of these tests are in the table in ``docs/mailboxes.md``, too.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from channels.imap.settings import After
from tests.channels.imap_world import ONE, Rows, World
from tests.channels.suite import receiving
from tests.servers.imap import FakeImap, fake_imap

ROWS = Rows()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with fake_imap(FakeImap()) as server:
        server.mails = {uid: ONE.replace(b"1", b"%d" % uid) for uid in (1, 2, 3)}
        yield World(server, tmp_path)


@ROWS.row(
    "a mail ends the line whenever it is asked for",
    "it is tried once more, alone; then the others come first, and it is tried every few minutes",
)
async def _poison(world: World) -> None:
    world.server.poisonous = {2}
    mailbox = world.mailbox()
    await world.fails(mailbox)
    assert world.uids == []
    assert str(await world.fails(mailbox)).endswith("; it was mail 2 in 'INBOX'")
    assert world.uids == [1]
    async with receiving(mailbox, world.inlet):
        await world.inlet.holds(2)
        world.server.mails[4] = ONE + b"4"
        await world.inlet.holds(3)
    assert world.uids == [1, 3, 4]
    world.server.poisonous = set()
    await world.takes(4)


@ROWS.row("a mail is much larger than the server says", "at the second try it is fetched in pieces")
async def _larger(world: World) -> None:
    world.server.mails[2] = ONE + b"a line of text\r\n" * 2_200_000
    world.server.size_said = 100
    world.answering = timedelta(seconds=4)  # 35 MB take their time on a busy machine
    mailbox = world.mailbox()
    assert "was not asked for" in str(await world.fails(mailbox))
    async with receiving(mailbox, world.inlet):
        await world.inlet.holds(3)
    assert world.uids == [1, 2, 3]


@ROWS.row(
    "the server calls with every answer, and there is nothing",
    "it is listened to less and less often, at least every 5 seconds",
)
async def _calls_in_vain(world: World) -> None:
    for noise in ("aside", "before_idle"):
        setattr(world.server, noise, b"* 7 EXISTS\r\n")
        world.server.commands.clear()
        async with receiving(world.mailbox(), world.inlet):
            await world.inlet.holds(3)
            await asyncio.sleep(1)
        assert 2 <= sum("SEARCH" in command for command in world.server.commands) <= 6, noise
        setattr(world.server, noise, b"")


@ROWS.row("IDLE is offered and refused", "the folder is asked every 15 seconds instead")
async def _no_idle(world: World) -> None:
    world.server.instead = {"IDLE": b"TAG BAD not here\r\n"}
    async with receiving(world.mailbox(), world.inlet):
        await world.inlet.holds(3)
        world.server.mails[4] = ONE + b"4"
        await world.inlet.holds(4)
    assert world.server.commands.count("IDLE") == 1


@ROWS.row("news come before the server is ready to idle", "they are a call like any other")
async def _early_news(world: World) -> None:
    async with receiving(world.mailbox(), world.inlet):
        await world.inlet.holds(3)
        world.server.before_idle = b"* 1 FETCH (FLAGS (\\Seen))\r\n* 4 EXISTS\r\n"
        world.server.while_idle = b"* 1 FETCH (FLAGS ())\r\n"
        world.server.mails[4] = ONE + b"4"
        await world.inlet.holds(4)


@ROWS.row(
    "UIDVALIDITY changes while the folder is open",
    "nothing more is taken or moved under the old numbers: a new connection compares all",
)
async def _numbered_anew(world: World) -> None:
    world.settings = {"after": After(delete=True)}
    world.server.aside = b"* OK [UIDVALIDITY 8] rebuilt\r\n"
    assert str(await world.fails()) == "cannot search the folder: the folder is numbered anew"
    assert (world.inlet.arrivals, world.server.deleted) == ([], set())
    world.server.aside = b""
    world.server.while_idle = b"* OK [UIDVALIDITY 8] rebuilt\r\n"
    assert str(await world.fails()).endswith(": the folder is numbered anew")
    await world.takes(3)


@ROWS.row("a search is answered in several lines", "all of them count")
async def _lines(world: World) -> None:
    world.server.instead = {"SEARCH": b"* SEARCH 1\r\n* SEARCH\r\n* SEARCH 3 2\r\nTAG OK done\r\n"}
    await world.takes(3)


@ROWS.row("200 000 mails are in the folder", "an answer of so many numbers is read, up to 16 MB")
async def _very_many(world: World) -> None:
    numbers = b" ".join(b"%d" % uid for uid in range(3_000_000, 3_200_000))
    world.server.instead = {"SEARCH": b"* SEARCH 1 2 3 " + numbers + b"\r\nTAG OK done\r\n"}
    await world.takes(3)


@ROWS.row("an answer never ends", "after 16 MB in one line it is given up")
async def _endless(world: World) -> None:
    world.server.instead = {"SEARCH": b"* SEARCH" + b" 1" * 9_000_000 + b"\r\nTAG OK done\r\n"}
    assert "a line of more than 16777216 bytes" in str(await world.fails())
    world.server.instead = {}
    await world.takes(3)


@ROWS.row("another folder has a name that is no IMAP", "the folder of a use is found all the same")
async def _names(world: World) -> None:
    listed = [
        b'* LIST () "/" "Entw&rfe"',
        b'* LIST () "/" "B\xfcro"',
        b'* LIST (\\Junk) "/" "Spam"',
    ]
    world.server.instead = {"LIST": b"\r\n".join([*listed, b"TAG OK done\r\n"])}
    world.settings = {"folders": (r"\junk",)}
    await world.takes(3)
    assert 'EXAMINE "Spam"' in world.server.commands


@ROWS.row(
    "neither MOVE nor UIDPLUS are known",
    "each mail is copied once and marked as deleted; whoever tidies up there removes it",
)
async def _only_copies(world: World) -> None:
    world.server.capabilities = "IMAP4rev1 IDLE"
    world.settings = {"after": After(move_to="Done")}
    for count in (3, 3, 4):
        async with receiving(world.mailbox(), world.inlet):
            await world.inlet.holds(count)
            while len(world.server.deleted) < count or "IDLE" not in world.server.commands[-1]:
                await asyncio.sleep(0.01)
        world.server.mails[4] = ONE + b"4"
    copies = [command for command in world.server.commands if "COPY" in command]
    assert copies == ['UID COPY 1,2,3 "Done"', 'UID COPY 4 "Done"']


@ROWS.row("the server takes no password without TLS", "none is sent; the channel says what to set")
async def _no_login(world: World) -> None:
    world.server.capabilities = "IMAP4rev1 LOGINDISABLED"
    said = "cannot use the mailbox: the server takes no password without TLS; set 'tls'"
    assert str(await world.fails()) == said
    assert not any("hunter2" in command for command in world.server.commands)
    world.server.capabilities = "IMAP4rev1"
    await world.takes(3)


@ROWS.row("the server's greeting is BYE, or no IMAP", "its words are told, and it is tried again")
async def _greeting(world: World) -> None:
    for greeting, told in (
        (b"* BYE [UNAVAILABLE] at work\r\n", "[UNAVAILABLE] at work"),
        (b"* BYE Too many connections\r\n", "Too many connections"),
        (b"220 smtp.example ESMTP\r\n", "unexpected response: 220 smtp.example ESMTP"),
    ):
        world.server.greeting = greeting
        failure = await world.fails()
        assert str(failure) == f"cannot use the mailbox: {told}"
        assert failure.retry_after == timedelta(minutes=2 if b"Too many" in greeting else 0)
    world.server.greeting = b"* OK hello\r\n"
    await world.takes(3)


@pytest.mark.parametrize("name", ROWS.names)
async def test_survived(world: World, name: str) -> None:
    await ROWS.survived(name, world)


def test_the_page_has_this_table() -> None:
    ROWS.are_on_the_page()

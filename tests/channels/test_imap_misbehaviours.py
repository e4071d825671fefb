"""Does every mail come in once, whatever a mailbox's server or its other readers do meanwhile?

The names of these tests are the table in ``docs/mailboxes.md``.
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
    "mails are removed or moved by a person between search and fetch",
    "what is still there comes in, nothing empty is made of the rest",
)
async def _removed(world: World) -> None:
    gone = world.server.mails.pop(2)
    world.server.mails[2] = gone
    world.server.missing = world.server.without_body = {2}
    await world.takes(2)
    assert world.uids == [1, 3]
    del world.server.mails[2]


@ROWS.row(
    "the line is cut at any byte of a mail",
    "half a mail is no mail: it is fetched anew, as a whole, at the next try",
)
async def _cut(world: World) -> None:
    world.server.mails = {1: ONE}
    whole = len(world.server.answer("TAG1", "UID FETCH 1 (BODY.PEEK[])"))
    for place in range(whole):
        world.server.cut_body = place
        await world.fails()
        assert world.inlet.arrivals == [], f"cut at {place}"
    world.server.cut_body = None
    await world.takes(1)


@ROWS.row(
    "the server stalls inside a mail",
    "after 60 s of silence the line counts as lost; the next try begins anew",
)
async def _stall(world: World) -> None:
    world.server.body = b"BODY[] {500}\r\nSubject: half"
    assert "timed out" in str(await world.fails())
    world.server.body = None
    await world.takes(3)


@ROWS.row("the server says BYE while idle", "a new connection; what came meanwhile comes in")
async def _bye(world: World) -> None:
    world.server.instead = {"IDLE": b"+ idling\r\n* BYE restarting\r\n"}
    assert str(await world.fails()).startswith("lost the mailbox: ")
    world.server.mails[4] = ONE + b"4"
    world.server.instead = {}
    await world.takes(4)


@ROWS.row("a mail's body is NIL", "no empty inquiry; it is asked for again when all is compared")
async def _nil(world: World) -> None:
    world.server.without_body = {2}
    await world.takes(2)
    world.server.without_body = set()
    await world.takes(3)
    assert world.uids == [1, 3, 2]


@ROWS.row(
    "a mail is found, but left out of the answer",
    "it is asked for again when all is compared, every 10 minutes and at each new connection",
)
async def _left_out(world: World) -> None:
    world.server.missing = {1}
    await world.takes(2)
    world.server.missing = set()
    await world.takes(3)
    assert world.uids == [2, 3, 1]


@ROWS.row(
    "a mail that the server can't read",
    "the others come in, one by one; the channel says what was refused and asks again",
)
async def _unreadable(world: World) -> None:
    world.server.refused = {2}
    said = "cannot fetch mails: fetch failed: [SERVERBUG] it is not here"
    assert str(await world.fails()) == said
    assert world.uids == [1, 3]
    world.server.refused = set()
    await world.takes(3)


@ROWS.row(
    "a search from n on names the last mail, though it is older",
    "it is left aside: only UIDs from n on count",
)
async def _echo(world: World) -> None:
    world.server.while_idle = b"* 3 EXISTS\r\n"
    async with receiving(world.mailbox(), world.inlet):
        await world.inlet.holds(3)
        async with asyncio.timeout(30):
            while sum("SEARCH" in command for command in world.server.commands) < 2:
                await asyncio.sleep(0.01)
    assert sum("BODY" in command for command in world.server.commands) == 1


@ROWS.row(
    "UIDVALIDITY changes and the same UIDs are other mails",
    "all are compared by their bytes: old ones are known, new ones come in",
)
async def _renumbered(world: World) -> None:
    await world.takes(3)
    world.server.uid_validity = 8
    world.server.mails = {1: world.server.mails[3], 2: ONE + b"new", 3: world.server.mails[1]}
    await world.takes(4)
    assert len(world.inlet.arrivals) == 4


@ROWS.row(
    "the server is restored from a snapshot and uses UIDs again",
    "seen by UIDNEXT, which went back: the second mail of a UID has another name and comes in",
)
async def _restored(world: World) -> None:
    await world.takes(3)
    kept = {1: world.server.mails[1]}
    world.server.mails = {**kept, 2: ONE + b"another under the same number"}
    await world.takes(4)
    world.server.mails[3] = ONE + b"and another"
    await world.takes(5)


@ROWS.row(
    "the server is down for a while",
    "tried again and again, at most a minute apart; then the oldest comes first",
)
async def _down(world: World) -> None:
    world.server.down = True
    for _ in range(20):
        await world.fails()
    world.server.down = False
    await world.takes(3)
    assert world.uids == [1, 2, 3]


@ROWS.row(
    "4 GB are announced", "more than 32 MB in one piece are never asked for: the line is given up"
)
async def _huge(world: World) -> None:
    world.server.body = b"BODY[] {4000000000}\r\n"
    assert "the server announces 4000000000 bytes" in str(await world.fails())
    world.server.body = None
    await world.takes(3)


@ROWS.row(
    "the server tells of other people's deletions in the middle of an answer",
    "nothing is mixed up: mails are known by UID, never by their place in the folder",
)
async def _expunged(world: World) -> None:
    world.server.aside = b"* 1 EXPUNGE\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 2 EXISTS\r\n"
    await world.takes(3)
    assert world.uids == [1, 2, 3]


@ROWS.row(
    "the folder is renamed or missing",
    "the channel says which; other folders come in; once it is back, so does all that is in it",
)
async def _renamed(world: World) -> None:
    await world.takes(2)
    world.server.no_folder = True
    said = "cannot select the folder 'INBOX': select failed: [SERVERBUG] it is not here"
    assert str(await world.fails()) == said
    world.server.no_folder = False
    await world.takes(3)


@ROWS.row(
    "the quota is full and nothing can be moved",
    "mails come in all the same and stay where they are; the channel says so and tries again",
)
async def _quota(world: World) -> None:
    world.settings = {"after": After(move_to="Done")}
    world.server.instead = {"MOVE": b"TAG NO [OVERQUOTA] the mailbox is full\r\n"}
    said = "cannot move or flag accepted mails: move failed: [OVERQUOTA] the mailbox is full"
    for count in (3, 4):
        assert str(await world.fails()) == said
        assert len(world.inlet.arrivals) == count
        world.server.mails[4] = ONE + b"4"
    world.server.instead = {}
    await world.takes(4)


@ROWS.row(
    "user or password are refused",
    "the channel says so and asks every 5 minutes, so that the account isn't locked",
)
async def _refused(world: World) -> None:
    world.server.instead = {"LOGIN": b"TAG NO [AUTHENTICATIONFAILED] not hunter2\r\n"}
    failure = await world.fails()
    assert str(failure) == "cannot use the mailbox: the server refuses our user or password"
    assert failure.retry_after == timedelta(minutes=5)
    world.server.instead = {}
    await world.takes(3)


@ROWS.row("too many connections", "told apart from a wrong password; tried again after 2 minutes")
async def _throttled(world: World) -> None:
    for said in (b"TAG NO [ALERT] Too many simultaneous connections\r\n", b"* BYE Too many\r\n"):
        world.server.instead = {"LOGIN": said}
        failure = await world.fails()
        assert str(failure) == "cannot use the mailbox: the server lets nobody else in now"
        assert failure.retry_after == timedelta(minutes=2)
    world.server.instead = {}
    await world.takes(3)


@ROWS.row("the server asks to back off", "for as long as it says, at most an hour")
async def _back_off(world: World) -> None:
    said = b"TAG NO Request is throttled. Suggested Backoff Time: 92415 milliseconds\r\n"
    world.server.instead = {"SEARCH": said}
    assert (await world.fails()).retry_after == timedelta(milliseconds=92415)
    world.server.instead = {}
    await world.takes(3)


@ROWS.row("no answer is IMAP", "the line is given up, and nothing of it is taken")
async def _garbage(world: World) -> None:
    for said in (b"BODY[] (((((\r\n", b"\xff\x00\r\n", b'BODY[] "\r\n', b"BODY[] {9}\r\n)\r\n"):
        world.server.body = said
        await world.fails()
        assert world.inlet.arrivals == []
    world.server.body = None
    await world.takes(3)


@pytest.mark.parametrize("name", ROWS.names)
async def test_survived(world: World, name: str) -> None:
    await ROWS.survived(name, world)


def test_the_page_has_this_table() -> None:
    ROWS.are_on_the_page()

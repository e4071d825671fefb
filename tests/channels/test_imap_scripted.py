"""Is the mailbox channel right when a server does what real ones do on bad days?"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Premises
from channels.imap.channel import Mailbox
from channels.imap.numbering import Numbering, numbering
from channels.imap.session import SMALL, Session, Sized, batches
from channels.imap.settings import After, Settings
from channels.mail.settings import Tls
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from tests.channels.suite import receiving
from tests.fakes import MemoryInlet
from tests.servers.imap import FakeImap, fake_imap

HELLO = b"Subject: hello\r\n\r\nhello\r\n"
LARGE = b"Subject: large\r\n\r\n" + b"a line of text\r\n" * 50_000


@pytest.fixture
async def server() -> AsyncIterator[FakeImap]:
    async with fake_imap(FakeImap()) as server:
        yield server


def mailbox(server: FakeImap, spool: Path, **more: Any) -> Mailbox:
    settings: dict[str, Any] = {"host": "127.0.0.1", "port": server.port, "tls": Tls.NONE}
    return Mailbox(
        ChannelName("support-mail"),
        Settings(**{**settings, "user": "help", "password": "hunter2", **more}),
        Premises(spool=spool),
        session=partial(Session, answering=timedelta(seconds=1)),
    )


def uids(inlet: MemoryInlet) -> list[int | None]:
    return [arrival.envelope.uid for arrival in inlet.arrivals]


@pytest.mark.parametrize("trouble", ["missing", "without_body"])
async def test_what_the_server_leaves_out_comes_another_time_and_holds_up_nobody(
    server: FakeImap, tmp_path: Path, trouble: str
) -> None:
    server.mails = {1: HELLO, 2: HELLO + b"2\r\n", 3: HELLO + b"3\r\n"}
    getattr(server, trouble).add(2)
    inlet = MemoryInlet()
    async with receiving(mailbox(server, tmp_path), inlet):
        await inlet.holds(2)
    assert uids(inlet) == [1, 3]
    getattr(server, trouble).clear()
    async with receiving(mailbox(server, tmp_path), inlet):
        await inlet.holds(3)
    assert uids(inlet) == [1, 3, 2]


async def test_the_echo_of_the_last_mail_is_not_taken_for_a_new_one(
    server: FakeImap, tmp_path: Path
) -> None:
    server.mails = {5: HELLO}
    server.while_idle = b"* 1 EXISTS\r\n"
    inlet = MemoryInlet()
    async with receiving(mailbox(server, tmp_path), inlet):
        await inlet.holds(1)
        async with asyncio.timeout(30):
            while sum("SEARCH" in command for command in server.commands) < 2:
                await asyncio.sleep(0.01)
    assert server.commands.count("UID FETCH 5 (BODY.PEEK[])") == 1
    assert (len(inlet.arrivals), inlet.repeats) == (1, 0)


async def test_a_large_mail_that_somebody_removes_half_way_is_no_arrival(
    server: FakeImap, tmp_path: Path
) -> None:
    server.mails = {1: LARGE, 2: HELLO}
    server.vanish_after = 2
    inlet = MemoryInlet()
    async with receiving(mailbox(server, tmp_path), inlet):
        await inlet.holds(1)
    assert uids(inlet) == [2]
    assert list(tmp_path.iterdir()) == []


async def test_a_spool_without_room_is_temporary(server: FakeImap, tmp_path: Path) -> None:
    server.mails = {1: LARGE}
    with pytest.raises(TemporaryFailure, match=r"^cannot write to the spool: No such file"):
        await mailbox(server, tmp_path / "missing").receive(MemoryInlet())


@pytest.mark.parametrize(
    ("instead", "reason"),
    [
        pytest.param({"IDLE": b"+ idling\r\n* BYE ended\r\n"}, "lost the mailbox", id="goodbye"),
        pytest.param({"IDLE": b""}, "lost the mailbox", id="cut while idle"),
        pytest.param({"SEARCH": b"* SEARCH x y\r\nTAG OK\r\n"}, "cannot search", id="no numbers"),
        pytest.param({"SEARCH": b"\xff\x00\r\n"}, "cannot search", id="garbage"),
        pytest.param({"SEARCH": b"TAG NO busy\r\n"}, "cannot search the folder", id="refused"),
        pytest.param({"FETCH": b"* 1 FETCH (UID\r\nTAG OK\r\n"}, "cannot ask", id="half an answer"),
        pytest.param({"FETCH": b"* 1 FETCH (UID 1 {4000000000}\r\n"}, "cannot ask", id="4 GB"),
        pytest.param(
            {"LOGIN": b"TAG NO [AUTHENTICATIONFAILED] hunter2\r\n"},
            "cannot use the mail",
            id="a wrong password",
        ),
        pytest.param({"LOGIN": b"* BYE overloaded\r\n"}, "cannot use the mailbox", id="overloaded"),
        pytest.param({"EXAMINE": b"TAG OK\r\n"}, "cannot select the folder", id="no UIDVALIDITY"),
    ],
)
async def test_a_bad_day_is_temporary(
    server: FakeImap, tmp_path: Path, instead: dict[str, bytes], reason: str
) -> None:
    server.mails = {1: HELLO}
    server.instead = instead
    with pytest.raises(TemporaryFailure) as failure:
        async with asyncio.timeout(30):
            await mailbox(server, tmp_path).receive(MemoryInlet())
    assert str(failure.value).startswith(reason)
    assert "hunter2" not in str(failure.value)


async def test_without_idle_the_mailbox_is_asked_now_and_then(
    server: FakeImap, tmp_path: Path
) -> None:
    server.capabilities = "IMAP4rev1"
    server.mails = {1: HELLO}
    inlet = MemoryInlet()
    async with receiving(mailbox(server, tmp_path), inlet):
        await inlet.holds(1)
        server.mails[2] = HELLO + b"2\r\n"
        await inlet.holds(2)
    assert not any(command.startswith("IDLE") for command in server.commands)


async def test_without_move_a_copy_is_made_and_only_this_mail_is_removed(
    server: FakeImap, tmp_path: Path
) -> None:
    server.capabilities = "IMAP4rev1 IDLE UIDPLUS"
    server.mails = {4: HELLO}
    inlet = MemoryInlet()
    async with receiving(mailbox(server, tmp_path, after=After(move_to="Done")), inlet):
        async with asyncio.timeout(30):
            while "UID EXPUNGE 4" not in server.commands:
                await asyncio.sleep(0.01)
    assert 'UID COPY 4 "Done"' in server.commands or "UID COPY 4 Done" in server.commands


async def test_reading_never_asks_for_anything_but_a_peek(server: FakeImap, tmp_path: Path) -> None:
    server.mails = {1: HELLO, 2: LARGE}
    inlet = MemoryInlet()
    async with receiving(mailbox(server, tmp_path), inlet):
        await inlet.holds(2)
    bodies = [command for command in server.commands if "BODY" in command]
    assert bodies
    assert all("BODY.PEEK[]" in command for command in bodies)
    assert not any(c.startswith(("SELECT", "UID STORE", "UID MOVE")) for c in server.commands)


@pytest.mark.parametrize(
    ("last", "uid_validity", "expected"),
    [
        pytest.param(None, 7, Numbering(7), id="the first time"),
        pytest.param("7/12/0", 7, Numbering(7), id="as ever"),
        pytest.param("6/12/0", 7, Numbering(7, 20), id="everything has a new number"),
        pytest.param("7/3/20", 7, Numbering(7, 20), id="interrupted while comparing"),
        pytest.param("6/3/15", 7, Numbering(7, 20), id="new numbers once more"),
        pytest.param("7/19/0", 7, Numbering(7), id="nothing new"),
        pytest.param("7/20/0", 7, Numbering(7, 20, 1), id="back in its numbers"),
        pytest.param("7/33/20/1", 7, Numbering(7, 20, 2), id="and once more"),
        pytest.param("7/12/20/1", 7, Numbering(7, 20, 1), id="as ever since"),
        pytest.param("6/12/20/1", 7, Numbering(7, 20), id="new numbers after all"),
    ],
)
def test_which_mails_may_be_old_ones(
    last: str | None, uid_validity: int, expected: Numbering
) -> None:
    assert numbering(last, uid_validity, 20) == expected


@pytest.mark.parametrize("numbers", [Numbering(7), Numbering(7, 20), Numbering(7, 20, 3)])
def test_a_cursor_is_read_as_it_was_written(numbers: Numbering) -> None:
    assert numbering(numbers.cursor(12), 7, 20) == numbers


def test_a_number_used_again_is_another_name() -> None:
    names = {Numbering(7, 0, turn).remote_id("INBOX", 3) for turn in range(3)}
    assert names == {"INBOX/7/3", "INBOX/7.1/3", "INBOX/7.2/3"}


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([1] * 250, [100, 100, 50], id="many small ones"),
        pytest.param([60_000] * 20, [17, 3], id="by their size"),
        pytest.param([1, SMALL + 1, 1, 1], [1, 1, 2], id="a large one alone, in its place"),
        pytest.param([SMALL + 1] * 2, [1, 1], id="large ones"),
    ],
)
def test_mails_are_fetched_in_order(sizes: list[int], expected: list[int]) -> None:
    mails = [Sized(uid, size) for uid, size in enumerate(sizes, start=1)]
    found = list(batches(mails))
    assert [len(batch) for batch in found] == expected
    assert [mail for batch in found for mail in batch] == mails

"""When is a mail asked for again, after the line broke over it?"""

import asyncio
from pathlib import Path

import pytest

from channels.imap.mishaps import Mishaps
from tests.channels.imap_world import World
from tests.channels.suite import receiving
from tests.servers.imap import FakeImap, fake_imap


def test_once_is_nothing_then_it_waits_longer_and_longer() -> None:
    mishaps = Mishaps()
    waits = []
    for _ in range(7):
        mishaps.broke(["INBOX/7/2"], 1000.0)
        waits.append(mishaps.put_off_until("INBOX/7/2"))
    assert waits == [0, 1060, 1120, 1240, 1480, 1600, 1600]
    assert mishaps.suspicious("INBOX/7/2")
    assert not mishaps.suspicious("INBOX/7/3")


def test_what_came_in_is_suspected_no_longer() -> None:
    mishaps = Mishaps()
    mishaps.broke(["INBOX/7/2"], 0.0)
    mishaps.broke(["INBOX/7/2"], 0.0)
    mishaps.taken(["INBOX/7/2", "INBOX/7/3"])
    assert not mishaps.suspicious("INBOX/7/2")
    assert mishaps.put_off_until("INBOX/7/2") == 0


async def test_a_mail_that_is_listed_but_never_given_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with fake_imap(FakeImap(mails={1: b"a", 2: b"b"}, without_body={1})) as server:
        world = World(server, tmp_path)
        mailbox = world.mailbox()
        for said in (0, 1, 1):
            server.commands.clear()
            async with receiving(mailbox, world.inlet), asyncio.timeout(30):
                while "IDLE" not in server.commands:
                    await asyncio.sleep(0.01)
            assert caplog.text.count("lists mail 1 in 'INBOX', but does not give it") == said
    assert world.uids == [2]

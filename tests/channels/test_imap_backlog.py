"""Does a mailbox unread for a month come in whole, oldest first, in bounded memory?"""

import asyncio
import logging
import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.contract import Inlet, Premises
from channels.imap.channel import Mailbox
from channels.imap.settings import Settings
from channels.mail.settings import Tls
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from storage.intake import Intake
from storage.sqlite import Sqlite
from tests.rows import rows
from tests.servers.dovecot import PASSWORD, Dovecot, dovecot

pytestmark = pytest.mark.server
log = logging.getLogger(__name__)
USER = "backlog"
NAME = ChannelName("support-mail")
A_MONTH_AGO = datetime(2026, 10, 23, 6, 0, tzinfo=UTC)
MEMORY = 64 * 1024
"""Kilobytes, beyond what was there before."""


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


def mail(number: int) -> bytes:
    """Write a mail. One in seven says neither when it was written nor who it is."""
    written = A_MONTH_AGO + timedelta(minutes=8 * number)
    known = (
        f"Message-ID: <{number}@fjell.example>\r\nDate: {written:%a, %d %b %Y %H:%M:%S +0000}\r\n"
    )
    text = f"the printer stands still, number {number}\r\n" * (1 + number % 50)
    head = "From: Kari <kari@fjell.example>\r\nSubject: Help\r\n"
    return f"{'' if number % 7 == 0 else known}{head}\r\n{text}".encode()


def fill(server: Dovecot, user: str, count: int) -> None:
    """Put mails in a mailbox, five hundred at a time."""
    with server.client(user) as client:
        for first in range(0, count, 500):
            client.multiappend("INBOX", [mail(n) for n in range(first, min(first + 500, count))])


def annoy(server: Dovecot, user: str, count: int) -> None:
    """Read some mails, move the first one away, and end all sessions."""
    with server.client(user) as client:
        client.select_folder("INBOX")
        uids = client.search()
        client.add_flags(uids[:: count // 20], [rb"\Seen"])
        client.create_folder("Elsewhere")
        client.move(uids[:1], "Elsewhere")
    server.kick()


async def numbers_of(db: Sqlite) -> list[int]:
    """Return the numbers of the mails that are here, in the order of their coming."""
    found = await rows(
        db,
        "SELECT o.content AS content FROM arrivals a JOIN originals o ON o.hash = a.original "
        "ORDER BY a.id",
    )
    return [int(bytes(row["content"]).split()[-1]) for row in found]


async def keep_receiving(mailbox: Mailbox, inlet: Inlet) -> None:
    while True:
        with suppress(TemporaryFailure):
            await mailbox.receive(inlet)


async def stored(db: Sqlite) -> int:
    (row,) = await rows(db, "SELECT count(*) AS n FROM arrivals")
    return int(row["n"])


@pytest.mark.parametrize("count", [500, pytest.param(5000, marks=pytest.mark.torture)])
async def test_a_backlog_comes_in_whole_and_oldest_first(
    server: Dovecot, sqlite: Sqlite, tmp_path: Path, count: int
) -> None:
    user = f"{USER}{count}"
    await asyncio.to_thread(fill, server, user, count)
    (spool := tmp_path / "spool").mkdir()
    settings = Settings(
        host="127.0.0.1", port=server.port, tls=Tls.NONE, user=user, password=PASSWORD
    )
    intake = Intake(sqlite)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    mailbox = Mailbox(NAME, settings, Premises(spool=spool))
    task = asyncio.create_task(keep_receiving(mailbox, intake.inlet(NAME)))
    annoyed = False
    async with asyncio.timeout(60):
        while (here := await stored(sqlite)) < count:
            if here > count // 2 and not annoyed:
                annoyed = True
                await asyncio.to_thread(annoy, server, user, count)
            await asyncio.sleep(0.02)
    took = time.monotonic() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    task.cancel()
    await asyncio.wait([task])
    await intake.close()
    log.info("%d mails: %.0f mails/s, %d KB more memory", count, count / took, grown)
    assert await numbers_of(sqlite) == list(range(count))
    assert grown < MEMORY

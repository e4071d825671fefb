"""Does every file that a message only names follow it once, or is it said why not?"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Fetcher
from inquiry.errors import Conflict, PermanentFailure, TemporaryFailure
from inquiry.journey import ChannelName
from inquiry.understood import Attachment
from normalizer.fetching.stage import LEASE, POLICY, step
from storage import arrivals, fetches
from storage.database import EPOCH, Database, Transaction
from storage.inquiries import reading
from storage.inquiries.shown import Attached
from storage.originals import SMALL, read
from tests.inquiries import NOW, TELEGRAM, Inquiries, Opened, a_message
from tests.rows import rows
from tests.storage.gate import Gate

SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class Shelf:
    """A channel with files, or with trouble on the way to them."""

    name: ChannelName = TELEGRAM
    files: dict[str, Sequence[bytes]] = field(default_factory=dict)
    trouble: Exception | None = None
    asked: list[str] = field(default_factory=list)
    wait: asyncio.Event | None = None

    async def fetch(self, reference: str) -> AsyncGenerator[bytes, None]:
        self.asked.append(reference)
        pieces = self.files.get(reference, [])
        yield b"".join(pieces[:1])
        if self.wait is not None:
            await self.wait.wait()
        if self.trouble is not None:
            raise self.trouble
        for piece in pieces[1:]:
            yield piece


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


def a_file(reference: str = "f1", **changes: Any) -> Attachment:
    values: dict[str, Any] = {
        "filename": "screen.png",
        "content_type": "image/png",
        "size": 6,
        "sha256": "",
        "remote": reference,
    }
    return Attachment(**{**values, **changes})


async def named(inquiries: Inquiries, *files: Attachment) -> Opened:
    """A message opens an inquiry whose files are only named."""
    opened = await inquiries.opened(a_message(), channel=TELEGRAM, contact="telegram")

    async def name(tx: Transaction) -> None:
        for file in files:
            await arrivals.add_attachment(tx, opened.arrival, file)
        await tx.run("opening.adopt_fetches", arrival=opened.arrival, message=1, blocked=False)

    await inquiries.db.write(name)
    return opened


async def shown(inquiries: Inquiries, opened: Opened) -> tuple[Attached, ...]:
    found = await inquiries.db.read(lambda tx: reading.shown(tx, opened.reference))
    return found.messages[0].files


async def content_of(db: Database, file: Attached, opened: Opened) -> bytes:
    async def look(tx: Transaction) -> bytes:
        kept = await reading.file(tx, opened.reference, file.id)
        assert kept
        return await read(tx, kept.hash)

    return await db.read(look)


def test_a_shelf_is_a_fetcher() -> None:
    assert isinstance(Shelf(), Fetcher)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b"pixels"], id="small, into the table"),
        pytest.param([b"x" * SMALL, b"y" * 10], id="large, into a file"),
        pytest.param([b""], id="empty"),
    ],
)
async def test_the_inquiry_is_open_and_the_file_follows(
    inquiries: Inquiries, spool: Path, pieces: list[bytes]
) -> None:
    opened = await named(inquiries, a_file())
    (coming,) = await shown(inquiries, opened)
    assert (coming.filename, coming.size, coming.state, coming.here) == (
        *("screen.png", 6, "waiting"),
        False,
    )
    shelf = Shelf(files={"f1": pieces})
    assert await step(inquiries.db, shelf, spool, now=NOW)
    assert not await step(inquiries.db, shelf, spool, now=NOW)
    (here,) = await shown(inquiries, opened)
    assert (here.here, here.size, here.reason) == (True, len(b"".join(pieces)), "")
    assert await content_of(inquiries.db, here, opened) == b"".join(pieces)
    assert list(spool.iterdir()) == []


async def test_a_file_that_comes_before_its_message_is_placed(
    inquiries: Inquiries, spool: Path
) -> None:
    arrival = await inquiries.arrived(a_message(), TELEGRAM, "x")

    async def name(tx: Transaction) -> None:
        await arrivals.add_attachment(tx, arrival, a_file())

    await inquiries.db.write(name)
    assert await step(inquiries.db, Shelf(files={"f1": [b"pixels"]}), spool, now=NOW)
    (row,) = await inquiries.rows("attachments")
    assert (row["arrival"], row["message"], row["size"]) == (arrival, None, 6)


async def test_only_the_channel_s_own_files_are_fetched(inquiries: Inquiries, spool: Path) -> None:
    await named(inquiries, a_file())
    other = Shelf(name=ChannelName("slack"))
    assert not await step(inquiries.db, other, spool, now=NOW)
    assert other.asked == []


async def test_what_fails_for_now_is_tried_again_with_patience(
    inquiries: Inquiries, spool: Path
) -> None:
    opened = await named(inquiries, a_file())
    shelf = Shelf(files={"f1": [b"pix", b"els"]}, trouble=TemporaryFailure("nobody listens there"))
    now, waits = NOW, []
    for _ in range(4):
        assert await step(inquiries.db, shelf, spool, now=now)
        (coming,) = await shown(inquiries, opened)
        assert (coming.state, coming.reason) == ("waiting", "nobody listens there")
        (row,) = await inquiries.rows("fetches")
        assert not await step(inquiries.db, shelf, spool, now=now)
        waits.append(timedelta(microseconds=row["due_at"]) - (now - EPOCH))
        now += waits[-1]
    assert waits == [10 * SECOND, 20 * SECOND, 40 * SECOND, 80 * SECOND]
    shelf.trouble = None
    assert await step(inquiries.db, shelf, spool, now=now)
    (here,) = await shown(inquiries, opened)
    assert here.here
    assert list(spool.iterdir()) == []


async def test_the_other_side_says_how_long_to_wait(inquiries: Inquiries, spool: Path) -> None:
    await named(inquiries, a_file())
    slow = TemporaryFailure("slow down", retry_after=timedelta(minutes=7))
    shelf = Shelf(trouble=slow)
    assert await step(inquiries.db, shelf, spool, now=NOW)
    assert not await step(inquiries.db, shelf, spool, now=NOW + timedelta(minutes=6))
    assert await step(inquiries.db, shelf, spool, now=NOW + timedelta(minutes=7))


async def test_what_will_never_come_says_why_and_can_be_tried_again(
    inquiries: Inquiries, spool: Path
) -> None:
    opened = await named(inquiries, a_file())
    shelf = Shelf(files={"f1": [b"pixels"]}, trouble=PermanentFailure("too large for them"))
    assert await step(inquiries.db, shelf, spool, now=NOW)
    assert not await step(inquiries.db, shelf, spool, now=NOW + POLICY.patience)
    (lost,) = await shown(inquiries, opened)
    assert (lost.state, lost.reason, lost.failed) == ("failed", "too large for them", True)
    shelf.trouble = None
    await inquiries.db.write(lambda tx: fetches.retry(tx, opened.reference, lost.id))
    assert await step(inquiries.db, shelf, spool, now=NOW)
    (here,) = await shown(inquiries, opened)
    assert here.here
    with pytest.raises(Conflict):
        await inquiries.db.write(lambda tx: fetches.retry(tx, opened.reference, lost.id))


async def test_nobody_waits_for_ever(inquiries: Inquiries, spool: Path) -> None:
    opened = await named(inquiries, a_file())
    shelf = Shelf(trouble=TemporaryFailure("the token is refused"))
    assert await step(inquiries.db, shelf, spool, now=NOW)
    assert await step(inquiries.db, shelf, spool, now=NOW + POLICY.patience)
    (lost,) = await shown(inquiries, opened)
    assert (lost.state, lost.reason) == ("failed", "given up after 2 days: the token is refused")


@pytest.mark.parametrize(
    ("told", "pieces"),
    [
        pytest.param(2_000_000, [], id="as it is told"),
        pytest.param(0, [b"x" * 900_000, b"x" * 900_000], id="as it turns out"),
    ],
)
async def test_what_is_larger_than_we_take_is_left_alone(
    inquiries: Inquiries, spool: Path, told: int, pieces: list[bytes]
) -> None:
    opened = await named(inquiries, a_file(size=told))
    shelf = Shelf(files={"f1": pieces})
    assert await step(inquiries.db, shelf, spool, now=NOW, largest=1_000_000)
    (lost,) = await shown(inquiries, opened)
    assert (lost.state, lost.reason) == ("failed", "it is larger than 1 MB")
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        pytest.param(KeyError("x"), "a fault of the channel: KeyError", id="a bug"),
        pytest.param(OSError(28, "No space"), "it can't be written to the disk: No space", id="io"),
    ],
)
async def test_a_fault_is_tried_again_too(
    inquiries: Inquiries, spool: Path, trouble: Exception, reason: str
) -> None:
    opened = await named(inquiries, a_file())
    assert await step(inquiries.db, Shelf(trouble=trouble), spool, now=NOW)
    (coming,) = await shown(inquiries, opened)
    assert (coming.state, coming.reason) == ("waiting", reason)


async def test_a_silent_line_is_left_after_a_while(inquiries: Inquiries, spool: Path) -> None:
    opened = await named(inquiries, a_file())
    shelf = Shelf(files={"f1": [b"pix"]}, wait=asyncio.Event())
    patience = timedelta(milliseconds=50)
    assert await step(inquiries.db, shelf, spool, now=NOW, patience=patience)
    (coming,) = await shown(inquiries, opened)
    assert (coming.state, coming.reason) == ("waiting", "it takes too long")


async def test_a_full_disk_asks_for_nothing(inquiries: Inquiries, spool: Path) -> None:
    opened = await named(inquiries, a_file())
    gate, shelf = Gate(inquiries.db), Shelf(files={"f1": [b"pixels"]})
    gate.room = False
    assert await step(gate, shelf, spool, now=NOW)
    (coming,) = await shown(inquiries, opened)
    assert (coming.reason, shelf.asked) == ("the disk is full", [])


async def test_who_died_over_a_file_is_followed_by_another_and_attaches_nothing(
    inquiries: Inquiries, spool: Path
) -> None:
    opened = await named(inquiries, a_file())
    slow = Shelf(files={"f1": [b"pixels"]}, wait=asyncio.Event())
    hanging = asyncio.create_task(step(inquiries.db, slow, spool, now=NOW))
    while not slow.asked:
        await asyncio.sleep(0.01)
    shelf = Shelf(files={"f1": [b"pixels"]})
    assert not await step(inquiries.db, shelf, spool, now=NOW)
    await rows(inquiries.db, "UPDATE fetches SET leased_until = 1")
    assert await step(inquiries.db, shelf, spool, now=NOW)
    assert slow.wait
    slow.wait.set()
    assert await hanging
    assert len(await inquiries.rows("attachments")) == 1
    (here,) = await shown(inquiries, opened)
    assert here.here


async def test_after_a_restart_nobody_waits_for_the_dead(inquiries: Inquiries, spool: Path) -> None:
    await named(inquiries, a_file())
    db, shelf = inquiries.db, Shelf(files={"f1": [b"pixels"]})

    async def claim(tx: Transaction) -> None:
        assert await fetches.claim(tx, TELEGRAM, lease=LEASE, now=NOW)

    await db.write(claim)
    assert not await step(db, shelf, spool, now=NOW)
    await db.write(fetches.abandon_leases)
    assert await step(db, shelf, spool, now=NOW)
    assert len(await inquiries.rows("attachments")) == 1


async def test_an_arrival_that_is_understood_once_more_names_its_files_once(
    inquiries: Inquiries, spool: Path
) -> None:
    opened = await named(inquiries, a_file(), a_file())
    assert len(await shown(inquiries, opened)) == 1


async def test_what_waits_for_a_channel_that_is_gone_says_so(
    inquiries: Inquiries, spool: Path
) -> None:
    opened = await named(inquiries, a_file())
    await inquiries.db.write(lambda tx: fetches.strand(tx, [TELEGRAM]))
    (coming,) = await shown(inquiries, opened)
    assert coming.reason == ""
    await inquiries.db.write(lambda tx: fetches.strand(tx, [ChannelName("slack")]))
    (coming,) = await shown(inquiries, opened)
    assert coming.reason == "no channel 'telegram' that could fetch it"
    assert await step(inquiries.db, Shelf(files={"f1": [b"pixels"]}), spool, now=NOW)

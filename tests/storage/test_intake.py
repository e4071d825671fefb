"""Is every arrival kept once, in few commits, or clearly not accepted?"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inquiry.errors import TemporaryFailure
from inquiry.journey import (
    Arrival,
    ArrivalId,
    ChannelName,
    DispatchId,
    Envelope,
    Receipt,
    Spooled,
    digest_of,
)
from inquiry.words import Delivery
from storage import arrivals, originals
from storage.database import Database, StorageUnavailable, clean
from storage.intake import Intake
from tests.rows import rows
from tests.storage.arrivals import MONDAY, an_arrival
from tests.storage.every_table import script
from tests.storage.gate import Gate

T = TypeVar("T")
MAIL = ChannelName("support-mail")
LARGE = bytes(range(256)) * 400


@pytest.fixture
def gate(database: Database) -> Gate:
    return Gate(database)


async def stored(db: Database) -> int:
    (row,) = await rows(db, "SELECT count(*) AS n FROM arrivals")
    return int(row["n"])


async def raw_of(db: Database, arrival: ArrivalId) -> bytes:
    return await db.read(lambda tx: arrivals.raw(tx, arrival))


async def begun(waiting: Awaitable[T]) -> "asyncio.Task[T]":
    """Start it, and let it get as far as it comes."""
    task = asyncio.ensure_future(waiting)
    await asyncio.sleep(0.01)
    assert isinstance(task, asyncio.Task)
    return task


def a_spooled(folder: Path, content: bytes = LARGE, name: str = "1.eml") -> Spooled:
    path = folder / name
    path.write_bytes(content)
    return Spooled(path=path, size=len(content), digest=digest_of(content))


async def test_accepting_again_returns_the_first_id(database: Database) -> None:
    inlet = Intake(database).inlet(MAIL)
    first = await inlet.accept(an_arrival(remote_id="1"))
    other = await inlet.accept(an_arrival(remote_id="2"))
    assert await inlet.accept(an_arrival(remote_id="1")) == first
    assert other != first
    assert await inlet.known(["1", "2", "3"]) == {"1", "2"}
    assert await Intake(database).inlet(ChannelName("other")).known(["1"]) == set()


async def test_the_same_id_on_another_channel_is_another_arrival(database: Database) -> None:
    intake = Intake(database)
    first, second = await intake.accept_all(
        [an_arrival(channel=ChannelName("a")), an_arrival(channel=ChannelName("b"))]
    )
    assert first != second


async def test_what_came_in_is_what_is_kept(database: Database) -> None:
    envelope = Envelope(mail_from="", rcpt_to=("help@nordlys.example",), uid=7, uid_validity=1)
    arrival = an_arrival(envelope=envelope, raw=b"\0\xff\r\n.\r\n")
    (kept,) = await Intake(database).accept_all([arrival])
    found = await database.read(lambda tx: arrivals.find(tx, kept))
    assert found.envelope == envelope
    assert (found.channel, found.remote_id, found.media_type, found.received_at) == (
        arrival.channel,
        arrival.remote_id,
        arrival.media_type,
        MONDAY,
    )
    assert await raw_of(database, kept) == arrival.raw


async def test_all_that_wait_for_a_commit_share_the_next(gate: Gate) -> None:
    intake = Intake(gate)
    gate.open.clear()
    calls = [
        await begun(intake.accept_all([an_arrival(remote_id=str(number))])) for number in range(30)
    ]
    gate.open.set()
    ids = [arrival for (arrival,) in await asyncio.gather(*calls)]
    assert sorted(set(ids)) == ids
    assert gate.writes == 2


async def test_a_batch_is_one_commit_in_its_order(gate: Gate) -> None:
    batch = [an_arrival(remote_id=str(number)) for number in range(100)]
    ids = await Intake(gate).accept_all(batch)
    assert sorted(set(ids)) == ids
    assert gate.writes == 1
    assert await Intake(gate).accept_all([]) == []


async def test_repeats_inside_one_batch_are_one_arrival(database: Database) -> None:
    batch = [an_arrival(remote_id=name) for name in ("1", "2", "1", "3", "2")]
    one, two, again, three, twice = await Intake(database).accept_all(batch)
    assert (again, twice) == (one, two)
    assert len({one, two, three}) == 3
    assert await stored(database) == 3


@pytest.mark.parametrize(
    ("later", "arrivals_kept"),
    [
        pytest.param(timedelta(minutes=9), 1, id="within the time it is a repeat"),
        pytest.param(timedelta(minutes=11), 2, id="later it counts as new"),
        pytest.param(-timedelta(hours=1), 1, id="a clock set back makes nothing new"),
    ],
)
async def test_a_repeat_may_have_its_time(
    database: Database, later: timedelta, arrivals_kept: int
) -> None:
    intake = Intake(database)
    within = timedelta(minutes=10)
    (first,) = await intake.accept_all([an_arrival(repeat_within=within)])
    repeat = an_arrival(repeat_within=within, received_at=MONDAY + later)
    (second,) = await intake.accept_all([repeat])
    assert await stored(database) == arrivals_kept
    assert await intake.accept_all([repeat]) == [second]
    assert (first == second) == (arrivals_kept == 1)


async def test_repeats_of_all_ages_may_come_in_one_batch(database: Database) -> None:
    intake, within, late = Intake(database), timedelta(minutes=10), MONDAY + timedelta(minutes=11)

    def one(name: str, at: datetime = MONDAY) -> Arrival:
        return an_arrival(remote_id=name, repeat_within=within, received_at=at)

    old, young = await intake.accept_all([one("old"), one("young", late)])
    batch = [one("new", late), one("old", late), one("young", late), one("new", late)]
    new, old_again, young_again, new_again = await intake.accept_all(batch)
    assert young_again == young
    assert new_again == new
    assert len({old, young, new, old_again}) == 4
    assert await intake.accept_all([one("old", late)]) == [old_again]
    assert await stored(database) == 4


async def test_the_same_bytes_are_known_again_after_the_mailbox_was_rebuilt(
    database: Database,
) -> None:
    intake = Intake(database)
    inlet = intake.inlet(MAIL)
    first = await inlet.accept(an_arrival(remote_id="INBOX/1/7"))
    renumbered = an_arrival(remote_id="INBOX/2/1", match_bytes=True)
    assert await inlet.accept(renumbered) == first
    assert await inlet.known(["INBOX/2/1"]) == {"INBOX/2/1"}
    assert await inlet.accept(an_arrival(remote_id="INBOX/2/1")) == first
    other = await inlet.accept(an_arrival(remote_id="INBOX/2/2", match_bytes=True, raw=b"other"))
    assert other != first
    elsewhere = an_arrival(channel=ChannelName("sales"), remote_id="1", match_bytes=True)
    assert await intake.accept_all([elsewhere]) != [first]


async def test_a_source_goes_on_after_its_last_arrival(database: Database) -> None:
    inlet = Intake(database).inlet(MAIL)
    assert await inlet.resume_from("INBOX") is None
    await inlet.accept_all(
        [
            an_arrival(remote_id="1", source="INBOX", cursor="1/1"),
            an_arrival(remote_id="2", source="INBOX", cursor="1/2"),
            an_arrival(remote_id="3", source="Junk", cursor="9/9"),
            an_arrival(remote_id="4", source="INBOX"),
        ]
    )
    assert await inlet.resume_from("INBOX") == "1/2"
    assert await inlet.resume_from("Junk") == "9/9"
    assert await Intake(database).inlet(ChannelName("other")).resume_from("INBOX") is None


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(StorageUnavailable("away"), id="the database is away"),
        pytest.param(ZeroDivisionError(), id="a bug"),
    ],
)
async def test_a_failed_commit_fails_all_who_wait_and_the_next_one_works(
    gate: Gate, trouble: Exception
) -> None:
    intake = Intake(gate)
    gate.open.clear()
    gate.trouble = trouble
    names = ("1", "2", "3")
    calls = [
        await begun(intake.accept_all([an_arrival(remote_id=name, cursor=name)])) for name in names
    ]
    gate.open.set()
    for call in calls:
        with pytest.raises(TemporaryFailure, match=r"^the arrival could not be stored$"):
            await call
    assert await intake.inlet(MAIL).known(names) == set()
    assert await intake.inlet(MAIL).resume_from() is None
    gate.trouble = None
    await intake.accept_all([an_arrival(remote_id="1")])
    assert await intake.inlet(MAIL).known(names) == {"1"}


async def test_one_that_cannot_be_stored_does_not_take_the_others_along(
    gate: Gate, tmp_path: Path
) -> None:
    intake = Intake(gate)
    gate.open.clear()
    gone = Spooled(path=tmp_path / "gone", size=100_000, digest=bytes(32))
    first = await begun(intake.accept_all([an_arrival(remote_id="1")]))
    bad = await begun(
        intake.accept_all([an_arrival(remote_id="2"), an_arrival(remote_id="3", raw=gone)])
    )
    good = await begun(intake.accept_all([an_arrival(remote_id="4")]))
    gate.open.set()
    await asyncio.gather(first, good)
    with pytest.raises(TemporaryFailure):
        await bad
    assert await intake.inlet(MAIL).known(["1", "2", "3", "4"]) == {"1", "4"}


async def test_a_caller_who_goes_away_disturbs_nobody(gate: Gate) -> None:
    intake = Intake(gate)
    gate.open.clear()
    calls = [
        await begun(intake.accept_all([an_arrival(remote_id=name)])) for name in ("1", "2", "3")
    ]
    calls[0].cancel()  # while its commit runs
    calls[1].cancel()  # while it waits for the next
    gate.open.set()
    await calls[2]
    assert await intake.inlet(MAIL).known(["1", "2", "3"]) == {"1", "3"}
    assert await asyncio.gather(*calls[:2], return_exceptions=True) != [None, None]


@pytest.mark.parametrize(
    ("queue", "queue_bytes"), [(2, 10_000), (10_000, 130)], ids=["in number", "in bytes"]
)
async def test_the_queue_is_bounded(gate: Gate, queue: int, queue_bytes: int) -> None:
    intake = Intake(gate, queue=queue, queue_bytes=queue_bytes)
    gate.open.clear()
    calls = [
        await begun(intake.accept_all([an_arrival(remote_id=str(number))])) for number in range(3)
    ]
    with pytest.raises(TemporaryFailure, match=r"^too much is coming in at once$"):
        await intake.accept_all([an_arrival(remote_id="4")])
    gate.open.set()
    await asyncio.gather(*calls)
    await intake.accept_all([an_arrival(remote_id="4")])


async def test_nothing_is_accepted_while_there_is_no_room(gate: Gate) -> None:
    intake = Intake(gate)
    gate.room = False
    with pytest.raises(TemporaryFailure):
        await intake.accept_all([an_arrival()])
    assert gate.writes == 0
    gate.room = True
    await intake.accept_all([an_arrival()])


async def test_the_bell_rings_after_a_commit_and_only_then(gate: Gate) -> None:
    rung: list[int] = []
    intake = Intake(gate, on_accepted=lambda: rung.append(gate.writes))
    gate.trouble = StorageUnavailable("away")
    with pytest.raises(TemporaryFailure):
        await intake.accept_all([an_arrival()])
    assert rung == []
    gate.trouble = None
    await intake.accept_all([an_arrival()])
    assert rung == [2]


async def test_closing_finishes_what_waits(gate: Gate) -> None:
    intake = Intake(gate)
    call = await begun(intake.accept_all([an_arrival()]))
    await intake.close()
    assert len(await call) == 1
    await intake.close()


async def test_large_bytes_become_a_file_of_their_own(database: Database) -> None:
    intake = Intake(database)
    (kept,) = await intake.accept_all([an_arrival(raw=LARGE)])
    assert await raw_of(database, kept) == LARGE
    await intake.close()  # what was set aside is removed after the commit
    files = [path for path in database.files.rglob("*") if path.is_file()]
    assert files == [originals.file_of(database.files, digest_of(LARGE))]


async def test_a_spooled_file_is_taken_over(database: Database, tmp_path: Path) -> None:
    intake = Intake(database)
    spooled = a_spooled(tmp_path)
    (kept,) = await intake.accept_all([an_arrival(raw=spooled)])
    await intake.close()
    assert not spooled.path.exists()
    assert await raw_of(database, kept) == LARGE
    again = a_spooled(tmp_path)
    assert await intake.accept_all([an_arrival(raw=again)]) == [kept]
    await intake.close()
    assert not again.path.exists()


async def test_a_spooled_file_stays_while_its_arrival_is_not_accepted(
    gate: Gate, tmp_path: Path
) -> None:
    intake = Intake(gate)
    spooled = a_spooled(tmp_path)
    gate.trouble = StorageUnavailable("away")
    with pytest.raises(TemporaryFailure):
        await intake.accept_all([an_arrival(raw=spooled), an_arrival(remote_id="2", raw=LARGE)])
    await intake.close()
    assert spooled.path.read_bytes() == LARGE
    assert [path for path in gate.files.rglob("*") if path.is_file()] == []


async def test_news_of_an_unknown_dispatch_is_no_trouble(database: Database) -> None:
    receipt = Receipt(delivery=Delivery.BOUNCED, at=MONDAY)
    assert not await Intake(database).inlet(MAIL).report(DispatchId(4711), receipt)


@pytest.mark.parametrize(
    ("news", "state"),
    [
        pytest.param(Delivery.DELIVERED, "delivered", id="delivered"),
        pytest.param(Delivery.READ, "read", id="read"),
        pytest.param(Delivery.BOUNCED, "dead", id="bounced"),
    ],
)
async def test_late_news_of_a_dispatch_stands_in_the_outbox(
    database: Database, news: Delivery, state: str
) -> None:
    await database.script(script(database.dialect, outbox={"state": "sent"}))
    receipt = Receipt(delivery=news, at=MONDAY, detail="mailbox full")
    assert await Intake(database).inlet(ChannelName("m")).report(DispatchId(1), receipt)
    (row,) = await rows(database, "SELECT state FROM outbox")
    assert row["state"] == state


async def test_no_channel_has_a_say_in_what_another_sent(database: Database) -> None:
    await database.script(script(database.dialect, outbox={"state": "sent"}))
    receipt = Receipt(delivery=Delivery.BOUNCED, at=MONDAY)
    assert not await Intake(database).inlet(ChannelName("other")).report(DispatchId(1), receipt)
    (row,) = await rows(database, "SELECT state FROM outbox")
    assert row["state"] == "sent"


NUMBERS = count()
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(remote_id=ANY_TEXT, helo=ANY_TEXT, raw=st.binary(max_size=200))
async def test_no_bytes_and_no_text_are_too_strange_to_be_kept(
    database: Database, remote_id: str, helo: str, raw: bytes
) -> None:
    remote_id = f"{next(NUMBERS)} {remote_id}"
    arrival = an_arrival(remote_id=remote_id, envelope=Envelope(helo=helo), raw=raw)
    intake = Intake(database)
    (kept,) = await intake.accept_all([arrival])
    assert await intake.accept_all([arrival]) == [kept]
    found = await database.read(lambda tx: arrivals.find(tx, kept))
    assert found.remote_id == clean(remote_id)
    assert clean(found.envelope.helo) == clean(helo)

"""Is every arrival understood once, with what the desk knows, or kept in quarantine?"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from inquiry.data import understood_from_text
from inquiry.errors import TemporaryFailure
from inquiry.journey import FORM, MAIL, Arrival, ArrivalId, ChannelName, Envelope
from inquiry.understood import Message
from inquiry.words import ArrivalState, Trust
from normalizer.normalize import VERSION
from normalizer.stage import Knowledge, step
from normalizer.workers import Outcome, Task, WorkerDied, Workers
from storage import arrivals
from storage.arrivals import DEATHS, Stored
from storage.database import Database, Transaction
from storage.intake import Intake
from storage.originals import file_of
from tests.rows import rows

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
MAIL_IN = ChannelName("support-mail")
KNOWLEDGE = Knowledge(languages=("nb", "en", "pl"), contacts={MAIL_IN: "mail"})
POLISH = (
    "From: Jan Kowalski <jan@kunde.example>\r\nTo: support@nordlys.example\r\n"
    "Subject: Drukarka\r\nMessage-ID: <1@kunde.example>\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    "Dzień dobry, moja drukarka nie działa od wczoraj. Proszę o pomoc.\r\n"
).encode()
WITH_FILE = (
    b'From: jan@kunde.example\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b"--b\r\n\r\nhere\r\n"
    b"--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nabc\r\n--b--\r\n"
)


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    pool = Workers(1)
    yield pool
    await pool.close()


async def comes(db: Database, raw: bytes) -> ArrivalId:
    arrival = Arrival(
        channel=MAIL_IN, remote_id=str(hash(raw)), media_type=MAIL, raw=raw, received_at=NOW
    )
    return await Intake(db).inlet(MAIL_IN).accept(arrival)


async def look(db: Database, arrival: ArrivalId) -> Stored:
    async def find(tx: Transaction) -> Stored:
        return await arrivals.find(tx, arrival)

    return await db.read(find)


async def message(db: Database, arrival: ArrivalId) -> Message:
    stored = await look(db, arrival)
    assert stored.understood
    found = understood_from_text(stored.understood)
    assert isinstance(found, Message)
    return found


async def test_a_mail_is_understood_and_due_for_the_next_stage(
    database: Database, workers: Workers
) -> None:
    arrival = await comes(database, POLISH)
    assert await step(database, workers, KNOWLEDGE, now=NOW)
    stored = await look(database, arrival)
    assert (stored.state, stored.normalizer) == (ArrivalState.UNDERSTOOD, VERSION)
    understood = await message(database, arrival)
    assert (understood.subject, understood.language) == ("Drukarka", "pl")


async def test_attachments_are_kept_by_their_hash(database: Database, workers: Workers) -> None:
    arrival = await comes(database, WITH_FILE)
    await step(database, workers, KNOWLEDGE, now=NOW)
    (attachment,) = await rows(database, "SELECT * FROM attachments")
    assert (attachment["arrival"], attachment["filename"]) == (arrival, "a.txt")
    kept = await rows(database, "SELECT hash FROM originals")
    assert bytes(attachment["original"]) in {bytes(row["hash"]) for row in kept}


async def test_a_large_mail_is_understood_from_its_file(
    database: Database, workers: Workers
) -> None:
    arrival = await comes(database, POLISH + b"." * 200_000)
    await step(database, workers, KNOWLEDGE, now=NOW)
    assert (await message(database, arrival)).subject == "Drukarka"


async def test_many_at_once_are_all_understood(database: Database, workers: Workers) -> None:
    found = [await comes(database, POLISH + str(n).encode()) for n in range(60)]
    while await step(database, workers, KNOWLEDGE, now=NOW):
        pass
    states = {(await look(database, arrival)).state for arrival in found}
    assert states == {ArrivalState.UNDERSTOOD}


async def test_one_over_which_processes_died_is_kept_in_quarantine(
    database: Database, workers: Workers
) -> None:
    deadly, harmless = await comes(database, POLISH), await comes(database, WITH_FILE)
    claim = partial(arrivals.claim, state=ArrivalState.WAITING, limit=1, lease=timedelta(0))
    for _ in range(1 + DEATHS):  # the first death sets it apart, and blames nobody
        await database.write(claim)
    while await step(database, workers, KNOWLEDGE, now=NOW):
        pass
    stored = await look(database, deadly)
    assert stored.state is ArrivalState.QUARANTINED
    assert stored.reason == f"{DEATHS} processes died over it"
    assert (await look(database, harmless)).state is ArrivalState.UNDERSTOOD


async def test_one_that_kills_its_worker_costs_only_itself(
    database: Database, workers: Workers
) -> None:
    deadly, harmless = await comes(database, POLISH + b"." * 200_000), await comes(database, POLISH)
    original = (await look(database, deadly)).original
    with file_of(database.files, original).open("r+b") as file:
        file.truncate(4 << 30)  # sparse: more than a worker may take
    await step(database, workers, KNOWLEDGE, now=NOW)
    stored = await look(database, deadly)
    assert stored.state is ArrivalState.QUARANTINED
    assert stored.reason == "understanding it takes too much memory"
    assert (await look(database, harmless)).state is ArrivalState.UNDERSTOOD


async def test_one_whose_original_is_gone_costs_only_itself(
    database: Database, workers: Workers
) -> None:
    gone, harmless = await comes(database, POLISH + b"." * 200_000), await comes(database, POLISH)
    file_of(database.files, (await look(database, gone)).original).unlink()
    await step(database, workers, KNOWLEDGE, now=NOW)
    stored = await look(database, gone)
    assert stored.state is ArrivalState.QUARANTINED
    assert stored.reason == "its original can't be read: No such file or directory"
    assert (await look(database, harmless)).state is ArrivalState.UNDERSTOOD


class NoWorkers(Workers):
    """On a machine where no process can be started."""

    def __init__(self, *, batches_die: bool) -> None:
        self.batches_die = batches_die

    async def many(self, _: Sequence[Task]) -> list[Outcome]:
        raise WorkerDied("died") if self.batches_die else TemporaryFailure("no worker")

    async def alone(self, _: Task) -> Outcome | WorkerDied:
        raise TemporaryFailure("no worker")


@pytest.mark.parametrize("batches_die", [False, True])
async def test_a_machine_without_workers_counts_against_no_message(
    database: Database, workers: Workers, batches_die: bool
) -> None:
    found = [await comes(database, POLISH + str(n).encode()) for n in range(3)]
    for _ in range(DEATHS + 1):
        with suppress(TemporaryFailure):
            await step(database, NoWorkers(batches_die=batches_die), KNOWLEDGE, now=NOW)
    assert await step(database, workers, KNOWLEDGE, now=NOW)
    states = {(await look(database, arrival)).state for arrival in found}
    assert states == {ArrivalState.UNDERSTOOD}


class NeverStarts(Workers):
    """On a machine so slow that we are dead before a worker runs."""

    def __init__(self) -> None:
        pass

    async def many(self, _: Sequence[Task]) -> list[Outcome]:
        await asyncio.Event().wait()
        return []


async def test_who_dies_before_a_worker_runs_blames_no_message(
    database: Database, workers: Workers
) -> None:
    arrival = await comes(database, POLISH)
    for _ in range(DEATHS + 1):
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await step(database, NeverStarts(), KNOWLEDGE, now=NOW)
    assert await step(database, workers, KNOWLEDGE, now=NOW)
    assert (await look(database, arrival)).state is ArrivalState.UNDERSTOOD


async def test_an_idle_stage_rests(database: Database, workers: Workers) -> None:
    assert not await step(database, workers, KNOWLEDGE, now=NOW)


async def test_what_we_find_out_about_senders_is_kept_with_the_message(
    database: Database, workers: Workers
) -> None:
    asked = []

    async def verify(
        channel: ChannelName, raw: bytes | Path, envelope: Envelope
    ) -> Mapping[str, str]:
        asked.append((channel, raw, envelope.mail_from))
        return {"dmarc": "pass", "dmarc.domain": "kunde.example"} if raw == POLISH else {}

    known, unknown = await comes(database, POLISH), await comes(database, WITH_FILE)
    await step(database, workers, KNOWLEDGE, now=NOW, verify=verify)
    understood = await message(database, known)
    assert understood.trust is Trust.VERIFIED
    assert understood.authentication == {
        **{"dmarc": "pass", "dmarc.domain": "kunde.example"},
        "by": "deskbridge",
    }
    other = await message(database, unknown)
    assert (other.trust, other.authentication) == (Trust.CLAIMED, {})
    assert asked == [(MAIL_IN, POLISH, None), (MAIL_IN, WITH_FILE, None)]


async def test_senders_of_one_batch_are_checked_at_the_same_time(
    database: Database, workers: Workers
) -> None:
    both = asyncio.Barrier(2)

    async def verify(
        _channel: ChannelName, _raw: bytes | Path, _envelope: Envelope
    ) -> Mapping[str, str]:
        async with asyncio.timeout(30):
            await both.wait()
        return {"dmarc": "fail", "dmarc.domain": "kunde.example"}

    found = [await comes(database, POLISH), await comes(database, WITH_FILE)]
    await step(database, workers, KNOWLEDGE, now=NOW, verify=verify)
    for arrival in found:
        assert (await message(database, arrival)).trust is Trust.UNVERIFIED


async def test_only_mail_has_a_sender_to_check(database: Database, workers: Workers) -> None:
    async def verify(
        _channel: ChannelName, _raw: bytes | Path, _envelope: Envelope
    ) -> Mapping[str, str]:
        raise AssertionError("nobody asked for this")

    arrival = Arrival(
        channel=MAIL_IN, remote_id="1", media_type=FORM, raw=b'{"fields": {}}', received_at=NOW
    )
    await Intake(database).inlet(MAIL_IN).accept(arrival)
    assert await step(database, workers, KNOWLEDGE, now=NOW, verify=verify)

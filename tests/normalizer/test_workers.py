"""Does a message that kills its worker cost only itself?"""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.processes import family
from inquiry.data import understood_from_text
from inquiry.journey import MAIL, Envelope
from inquiry.understood import Known, Message
from normalizer.workers import Outcome, Task, WorkerDied, Workers

HELLO = b"From: Jan <jan@kunde.example>\r\nSubject: Hei\r\n\r\nSkriveren virker ikke.\r\n"
WITH_FILE = (
    b'From: jan@kunde.example\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b"--b\r\n\r\nhere\r\n"
    b"--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nabc\r\n--b--\r\n"
)


def task(raw: bytes | Path) -> Task:
    return Task(media_type=MAIL, raw=raw, envelope=Envelope(), known=Known(languages=("nb",)))


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    pool = Workers(1, memory=800 * 1024 * 1024, patience=timedelta(seconds=5))
    yield pool
    await pool.close()


def understood(outcome: Outcome | WorkerDied) -> Message:
    assert isinstance(outcome, Outcome)
    found = understood_from_text(outcome.text)
    assert isinstance(found, Message)
    return found


async def test_messages_are_understood_in_their_order(workers: Workers, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(HELLO.replace(b"Hei", b"Stor"))
    found = await workers.many([task(HELLO), task(tmp_path / "large")])
    assert [understood(one).subject for one in found] == ["Hei", "Stor"]


async def test_attachments_come_back_as_bytes(workers: Workers) -> None:
    outcome = await workers.alone(task(WITH_FILE))
    assert isinstance(outcome, Outcome)
    assert [one.content.strip() for one in outcome.attachments] == [b"abc"]


async def test_one_that_takes_all_memory_is_found_out_alone(workers: Workers) -> None:
    with pytest.raises(WorkerDied):
        await workers.many([task(HELLO), task(Path("/dev/zero"))])
    assert isinstance(await workers.alone(task(Path("/dev/zero"))), WorkerDied)
    assert understood(await workers.alone(task(HELLO))).subject == "Hei"


async def test_one_that_never_ends_is_ended(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "never")
    pool = Workers(1, patience=timedelta(seconds=1), patience_with_many=timedelta(seconds=1))
    try:
        with pytest.raises(WorkerDied, match="not understood within 1 s"):
            await pool.many([task(HELLO), task(tmp_path / "never")])
        died = await pool.alone(task(tmp_path / "never"))
    finally:
        await pool.close()
    assert str(died) == "not understood within 1 s"


def starter_of(worker: int) -> int:
    return int(Path(f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()[1])


def worker_since(before: set[int]) -> int:
    """Return the one that no process of ours has started itself; numbers begin again some day."""
    new = set(family(os.getpid())) - before
    return next(one for one in new if starter_of(one) != os.getpid())


async def test_a_worker_that_is_killed_while_it_has_nothing_to_do_is_replaced() -> None:
    pool = Workers(1)
    try:
        before = set(family(os.getpid()))
        await pool.alone(task(HELLO))
        worker = worker_since(before)
        os.kill(worker, signal.SIGKILL)
        found = [await pool.alone(task(HELLO)) for _ in range(3)]
        assert [understood(one).subject for one in found] == ["Hei"] * 3
    finally:
        await pool.close()


async def test_a_fault_over_one_message_is_no_fault_of_the_workers(
    workers: Workers, tmp_path: Path
) -> None:
    died = await workers.alone(task(tmp_path / "missing"))
    assert re.fullmatch(
        r"a fault of deskbridge: FileNotFoundError in pathlib.py, line \d+", str(died)
    )
    with pytest.raises(WorkerDied):
        await workers.many([task(HELLO), task(tmp_path / "missing")])
    assert understood(await workers.alone(task(HELLO))).subject == "Hei"


@pytest.mark.parametrize("who", ["worker", "starter"])
async def test_processes_that_are_stopped_hold_up_nobody_for_long(who: str) -> None:
    pool = Workers(1, patience=timedelta(seconds=1), grace=timedelta(seconds=8))
    try:
        before = set(family(os.getpid()))
        await pool.alone(task(HELLO))
        worker = worker_since(before)
        if who == "starter":
            os.kill(starter_of(worker), signal.SIGSTOP)
        os.kill(worker, signal.SIGKILL if who == "starter" else signal.SIGSTOP)
        async with asyncio.timeout(30):
            assert understood(await pool.alone(task(HELLO))).subject == "Hei"
    finally:
        await pool.close()

"""Understanding in worker processes with limits: a bomb costs one worker, not the bridge."""

import asyncio
import logging
import multiprocessing
import os
import resource
import signal
import traceback
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import forkserver
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from inquiry.data import understood_as_text
from inquiry.errors import BridgeError, TemporaryFailure
from inquiry.journey import Envelope
from inquiry.understood import Attachment, Known, Message, Report, Understood
from normalizer.normalize import VERSION, normalize
from normalizer.outside import NotUnderstood

log = logging.getLogger(__name__)

MEMORY = 1 << 30
"""Bytes of address space that one worker may take: the libraries' share included."""
PATIENCE = timedelta(seconds=30)
"""For one message alone."""
PATIENCE_WITH_MANY = timedelta(seconds=4)
"""For a batch, which takes a fraction of a second; then each of it is tried alone, since one that
hangs shall not hold up the others for long."""

GRACE = timedelta(seconds=15)
"""For starting or ending a worker; one that doesn't answer by then never will."""


class WorkerDied(BridgeError):
    """The worker ran out of memory or time, crashed or failed, over one message alone."""


class _Broken(TemporaryFailure):
    """The processes can't be reached; nothing is said about the messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One arrival to understand."""

    media_type: str
    raw: bytes | Path = field(repr=False)
    envelope: Envelope
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What understanding made of it, ready to be stored."""

    text: str = field(repr=False)
    """JSON of the Understood, without the bytes of its attachments."""
    attachments: tuple[Attachment, ...]
    version: str = VERSION


class Workers:
    """A few processes that understand messages."""

    running = False
    """Has one of them been started?"""

    def __init__(
        self,
        count: int = 2,
        *,
        memory: int = MEMORY,
        patience: timedelta = PATIENCE,
        patience_with_many: timedelta = PATIENCE_WITH_MANY,
        grace: timedelta = GRACE,
        program: str = "",
    ) -> None:
        """``program`` is the main module, which every worker imports: better once for all."""
        self._patience = patience
        self._patience_with_many = patience_with_many
        self._grace = grace
        self._count = count
        self._memory = memory
        self._free = asyncio.Semaphore(count)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([*filter(None, [program]), "normalizer.preloaded"])
        self._pool = self._open()

    async def start(self) -> None:
        """Start one, which takes a moment, before anything is in hand.

        Raises:
            TemporaryFailure: no worker can be started.
        """
        with suppress(WorkerDied):  # slow or not, it is no message's fault
            await self.many([])
        self.running = True

    async def many(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Understand a batch.

        Raises:
            WorkerDied: over one of them, nobody knows which.
            TemporaryFailure: no worker can be started.
        """
        return await self._ask(list(tasks), self._patience_with_many)

    async def alone(self, task: Task) -> Outcome | WorkerDied:
        """Understand one, or say how its worker died.

        Raises:
            TemporaryFailure: no worker can be started.
        """
        try:
            (outcome,) = await self._ask([task], self._patience)
        except WorkerDied as death:
            return death
        return outcome

    async def close(self) -> None:
        """Stop the processes, whatever they do."""
        await _stop(self._pool, self._grace)

    async def _ask(self, tasks: list[Task], patience: timedelta) -> list[Outcome]:
        async with self._free:  # so that nobody's time runs while others are served
            try:
                return await self._once(tasks, patience)
            except _Broken:
                return await self._once(tasks, patience)

    async def _once(self, tasks: list[Task], patience: timedelta) -> list[Outcome]:
        pool, limit = self._pool, asyncio.timeout((patience + self._grace).total_seconds())
        try:
            async with limit:
                return await _asked(pool, tasks, patience)
        except TimeoutError as error:
            if not limit.expired():
                raise WorkerDied(f"not understood within {patience.seconds} s") from error
            broken: Exception = error
        except (BrokenProcessPool, RuntimeError) as error:
            broken = error
        await self._replace(pool)
        raise _Broken("no worker process can be started") from broken

    def _open(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._count,
            max_tasks=500,  # a worker that has grown is replaced now and then
            initializer=_confine,
            initargs=(self._memory,),
            context=self._context,
        )

    async def _replace(self, broken: ProcessPool) -> None:
        """Open a new pool: one whose worker was killed while it had nothing to do is of no use."""
        if self._pool is broken:
            log.warning("the worker processes are started anew")
            self._pool = self._open()
            await _stop(broken, self._grace)


async def _asked(pool: ProcessPool, tasks: list[Task], patience: timedelta) -> list[Outcome]:
    future: Future[list[Outcome]] = pool.schedule(
        understand_all, args=[tasks], timeout=patience.total_seconds()
    )
    try:
        return await asyncio.wrap_future(future)
    except ProcessExpired as error:
        raise WorkerDied(f"understanding it killed the worker: {error}") from error
    except MemoryError as error:
        raise WorkerDied("understanding it takes too much memory") from error


async def _stop(pool: ProcessPool, grace: timedelta) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble has no types here
    joined = asyncio.ensure_future(asyncio.to_thread(pool.join))
    await asyncio.wait([joined], timeout=grace.total_seconds())
    if not joined.done():
        _end_forkserver()
    await joined


def _end_forkserver() -> None:
    """End the process that forks the workers and tells of their ends; it is started when needed.

    One that is stopped or hangs does neither, and whoever asks it would wait for ever.
    """
    pid = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if pid is not None:
        log.warning("the process that starts workers does not answer; it is ended")
        os.kill(pid, signal.SIGKILL)


def understand_all(tasks: list[Task]) -> list[Outcome]:
    """Understand every task. Runs inside a worker.

    What fails in there is told apart from what fails around it: only this is one message's fault.
    """
    try:
        return [_understand(task) for task in tasks]
    except MemoryError:
        raise
    except NotUnderstood as failure:
        raise WorkerDied(str(failure)) from None
    except Exception as bug:
        place = traceback.extract_tb(bug.__traceback__)[-1]
        reason = f"{type(bug).__name__} in {Path(place.filename).name}, line {place.lineno}"
        raise WorkerDied(f"a fault of deskbridge: {reason}") from None


def _understand(task: Task) -> Outcome:
    raw = task.raw if isinstance(task.raw, bytes) else task.raw.read_bytes()
    understood = normalize(task.media_type, raw, task.envelope, task.known)
    return Outcome(text=understood_as_text(understood), attachments=attachments_of(understood))


def attachments_of(understood: Understood) -> tuple[Attachment, ...]:
    """Return the attachments of whatever it is."""
    if isinstance(understood, Message):
        return understood.attachments
    if isinstance(understood, Report):
        return understood.message.attachments
    return ()


def _confine(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

"""Understanding in worker processes with limits: a bomb costs one worker, not the bridge."""

import asyncio
import multiprocessing
import resource
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from inquiry.data import understood_as_text
from inquiry.errors import BridgeError
from inquiry.journey import Envelope
from inquiry.understood import Attachment, Known, Message, Report, Understood
from normalizer.normalize import VERSION, normalize

MEMORY = 1 << 30
"""Bytes of address space that one worker may take: the libraries' share included."""
PATIENCE = timedelta(seconds=30)
"""For one message alone."""
PATIENCE_WITH_MANY = timedelta(seconds=4)
"""For a batch, which takes a fraction of a second; then each of it is tried alone, since one that
hangs shall not hold up the others for long."""


class WorkerDied(BridgeError):
    """The worker ran out of memory or time, or crashed, over one message alone."""


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

    def __init__(
        self,
        count: int = 3,
        *,
        memory: int = MEMORY,
        patience: timedelta = PATIENCE,
        patience_with_many: timedelta = PATIENCE_WITH_MANY,
    ) -> None:
        self._patience = patience
        self._patience_with_many = patience_with_many
        self._pool = ProcessPool(
            max_workers=count,
            max_tasks=500,  # a worker that has grown is replaced now and then
            initializer=_confine,
            initargs=(memory,),
            context=multiprocessing.get_context("forkserver"),
        )

    async def many(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Understand a batch.

        Raises:
            WorkerDied: over one of them, nobody knows which.
        """
        return await self._ask(list(tasks), self._patience_with_many)

    async def alone(self, task: Task) -> Outcome | WorkerDied:
        """Understand one, or say how its worker died."""
        try:
            (outcome,) = await self._ask([task], self._patience)
        except WorkerDied as death:
            return death
        return outcome

    async def close(self) -> None:
        """Stop the processes, whatever they do."""
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble has no types here
        await asyncio.to_thread(self._pool.join)

    async def _ask(self, tasks: list[Task], patience: timedelta) -> list[Outcome]:
        future: Future[list[Outcome]] = self._pool.schedule(
            understand_all, args=[tasks], timeout=patience.total_seconds()
        )
        try:
            return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise WorkerDied(f"not understood within {patience.seconds} s") from error
        except ProcessExpired as error:
            raise WorkerDied(f"understanding it killed the worker: {error}") from error
        except MemoryError as error:
            raise WorkerDied("understanding it takes too much memory") from error


def understand_all(tasks: list[Task]) -> list[Outcome]:
    """Understand every task. Runs inside a worker."""
    return [_understand(task) for task in tasks]


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

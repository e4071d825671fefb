"""Accepting what the channels bring: many at once share one commit, and nobody waits for a timer.

Whatever has come in while the last COMMIT ran goes into the next transaction: one fsync for all of
them under load, and no added delay when there is only one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from channels.contract import Kept, Standing
from inquiry.errors import TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import Arrival, ArrivalId, ChannelName, DispatchId, Receipt, Spooled
from storage import originals, receipts
from storage.acceptance import Prepared, insert, prepared, source_key
from storage.database import Database, StorageUnavailable, Transaction
from storage.inquiries import chats

log = logging.getLogger(__name__)
QUEUE = 2_000
QUEUE_BYTES = 64 * 1024 * 1024
BATCH = 500


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """What one caller wants in one commit, all or none."""

    items: tuple[Prepared, ...]
    accepted: asyncio.Future[list[ArrivalId]] = field(repr=False)
    ours: tuple[Spooled, ...]
    """Files made for this acceptance only, of no use after it has failed."""

    @property
    def size(self) -> int:
        return sum(item.memory for item in self.items)

    @property
    def spooled(self) -> list[Spooled]:
        raws = (item.arrival.raw for item in self.items)
        return [raw for raw in raws if isinstance(raw, Spooled)]


async def _no_standing(_channel: ChannelName, _address: str) -> Sequence[Standing]:
    """Nobody knows how anything stands."""
    return ()


class Intake:
    """Takes responsibility for arrivals of all channels; ``inlet`` is what one channel sees."""

    def __init__(
        self,
        db: Database,
        on_accepted: Callable[[], None] = _nothing,
        *,
        queue: int = QUEUE,
        queue_bytes: int = QUEUE_BYTES,
    ) -> None:
        self._db = db
        self._on_accepted = on_accepted
        self.standing: Callable[[ChannelName, str], Awaitable[Sequence[Standing]]] = _no_standing
        """Says how the latest inquiries of one who writes by a channel stand."""
        self._queue = queue
        self._queue_bytes = queue_bytes
        self._waiting: deque[_Group] = deque()
        self._count = 0
        self._bytes = 0
        self._committing: asyncio.Task[None] | None = None

    def inlet(self, channel: ChannelName) -> "ChannelInlet":
        """Return the bridge as ``channel`` sees it."""
        return ChannelInlet(self, self._db, channel)

    async def accept_all(self, arrivals: Sequence[Arrival]) -> list[ArrivalId]:
        """Keep all of ``arrivals`` or none; see Inlet. A spooled file is ours from here on."""
        if not arrivals:
            return []
        light = [await self._lighten(arrival) for arrival in arrivals]
        ours = (new for new, old in zip(light, arrivals, strict=True) if new is not old)
        group = _Group(
            items=tuple(map(prepared, light)),
            accepted=asyncio.get_running_loop().create_future(),
            ours=tuple(new.raw for new in ours if isinstance(new.raw, Spooled)),
        )
        try:
            self._enqueue(group)
        except TemporaryFailure:
            await _remove(group.ours)
            raise
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all(), name="intake")
        return await group.accepted

    async def close(self) -> None:
        """Finish what is waiting."""
        if self._committing is not None:
            await self._committing

    def _enqueue(self, group: _Group) -> None:
        full = self._count + len(group.items) > self._queue
        if self._waiting and (full or self._bytes + group.size > self._queue_bytes):
            raise TemporaryFailure("too much is coming in at once")
        self._waiting.append(group)
        self._count += len(group.items)
        self._bytes += group.size

    def _next_batch(self) -> list[_Group]:
        batch: list[_Group] = []
        count = 0
        while self._waiting and (not batch or count + len(self._waiting[0].items) <= BATCH):
            group = self._waiting.popleft()
            self._bytes -= group.size
            batch.append(group)
            count += len(group.items)
        self._count -= count
        return batch

    async def _commit_all(self) -> None:
        try:
            while batch := self._next_batch():
                await self._commit([group for group in batch if not group.accepted.cancelled()])
                await _remove(raw for group in batch for raw in group.ours)
        finally:
            self._committing = None

    async def _commit(self, batch: Sequence[_Group]) -> None:
        """Commit a batch and tell its callers, whatever happens."""
        if not batch:
            return
        try:
            ids = await self._insert(batch)
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, TemporaryFailure):
                for group in batch:  # one of them is at fault: it shall not take the others along
                    await self._commit([group])
                return
            log.warning("%s groups of arrivals were not accepted: %r", len(batch), error)
            for group in batch:
                _fail(group, error)
        else:
            for group in batch:
                _succeed(group, [next(ids) for _ in group.items])
            self._on_accepted()
            await _remove(raw for group in batch for raw in group.spooled)

    async def _insert(self, batch: Sequence[_Group]) -> Iterator[ArrivalId]:
        if not await self._db.has_room():
            raise StorageUnavailable("the disk is full: nothing is accepted until there is room")
        items = [item for group in batch for item in group.items]
        ids = await self._db.write(partial(insert, items))
        failpoint("arrivals.committed")
        return iter(ids)

    async def _lighten(self, arrival: Arrival) -> Arrival:
        try:
            raw = await originals.set_aside(self._db.files, arrival.raw)
        except OSError as error:
            raise StorageUnavailable(f"cannot write to {self._db.files}: {error}") from error
        return arrival if raw is arrival.raw else replace(arrival, raw=raw)


class ChannelInlet:
    """The bridge as one channel sees it; see Inlet."""

    def __init__(self, intake: Intake, db: Database, channel: ChannelName) -> None:
        self._intake = intake
        self._db = db
        self._channel = channel

    async def accept(self, arrival: Arrival) -> ArrivalId:
        (arrival_id,) = await self._intake.accept_all([arrival])
        return arrival_id

    async def accept_all(self, arrivals: Sequence[Arrival]) -> list[ArrivalId]:
        return await self._intake.accept_all(arrivals)

    async def known(self, remote_ids: Collection[str]) -> set[str]:
        keys = {source_key(self._channel, remote_id): remote_id for remote_id in remote_ids}

        async def look(tx: Transaction) -> set[str]:
            rows = await tx.each("acceptance.by_key", [{"source_key": key} for key in keys])
            return {keys[bytes(row["source_key"])] for row in rows}

        return await self._db.read(look)

    async def kept(self, since: str) -> Sequence[Kept]:
        return await self._db.read(partial(chats.kept, channel=self._channel, since=since))

    async def resume_from(self, source: str = "") -> str | None:
        async def look(tx: Transaction) -> str | None:
            row = await tx.one("acceptance.position", channel=self._channel, source=source)
            return row["position"] if row else None

        return await self._db.read(look)

    async def standing(self, address: str) -> Sequence[Standing]:
        return await self._intake.standing(self._channel, address)

    async def report(self, dispatch: DispatchId, receipt: Receipt) -> bool:
        async def record(tx: Transaction) -> bool:
            if not await receipts.sent_by(tx, dispatch, self._channel):
                return False
            return await receipts.record(tx, dispatch, receipt, now=receipt.at)

        return await self._db.write(record)


def _fail(group: _Group, error: Exception) -> None:
    if not group.accepted.done():
        failure = TemporaryFailure("the arrival could not be stored")
        failure.__cause__ = error
        group.accepted.set_exception(failure)


def _succeed(group: _Group, ids: list[ArrivalId]) -> None:
    if not group.accepted.done():  # else its caller has gone away; the arrivals stay
        group.accepted.set_result(ids)


async def _remove(spooled: Iterable[Spooled]) -> None:
    """Remove files that have served. What can't be removed is tidied away at the next start."""
    if paths := [raw.path for raw in spooled]:
        await asyncio.to_thread(_remove_files, paths)


def _remove_files(paths: Sequence[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()

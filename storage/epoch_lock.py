"""Who of those that share a PostgreSQL server lives: each start holds a lock as long as it does.

The lock is one of a session: the server lets go of it when the connection ends, so whoever gets it
knows that its holder is gone, and need not wait for that one's leases to run out. It only makes
things quicker. What is right rests on the lease numbers: a late write is refused.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from storage import epochs
from storage.database import StorageUnavailable, Transaction
from storage.postgres import PATIENCE, REFUSED, SETTINGS, UNAVAILABLE, Postgres

log = logging.getLogger(__name__)

ROOM = 0x6465736B
"""The first half of the lock's key; the second is the epoch."""
CERTAIN = timedelta(seconds=1)
"""How long an epoch must have been found without its holder: after a restart of the server, they
come back one after the other."""
NOTICES = (
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
)
"""The server looks after a silent connection: a machine that has lost its power says no goodbye."""
LOCK = "SELECT pg_try_advisory_lock($1, $2)"
UNLOCK = "SELECT pg_advisory_unlock($1, $2)"
POOLER = (
    "a connection pooler stands before PostgreSQL: what a process that dies has in hand waits"
    " until its lease runs out, up to 4 minutes; see docs/operating.md"
)


class EpochLock:
    """Keeps the epoch of this process locked, and frees the leases of those that are gone."""

    def __init__(
        self, db: Postgres, dsn: str, node: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._db = db
        self._dsn = dsn
        self._node = node
        self._clock = clock
        self._connection: Any = None
        self._ours: list[int] = []
        """The epochs of this process, the youngest last."""
        self._alone: dict[int, float] = {}
        """Epochs of others that were found without a holder, and since when."""
        self._behind_pooler = False

    async def step(self, now: datetime) -> int:
        """Make sure that we hold our lock, and free what the dead held; return how many leases.

        Raises:
            StorageUnavailable: the server can't be reached; until it can, our leases end by time.
        """
        if self._behind_pooler:
            return 0
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                connection = await self._connected(now)
                return await self._free(connection, now) if connection else 0
        except (*UNAVAILABLE, *REFUSED) as error:
            self._let_go()
            raise StorageUnavailable(f"cannot hold the lock of this process: {error!r}") from error

    async def close(self) -> None:
        """Give the lock back: what we still hold is for others at once."""
        self._db.epoch = None
        if self._connection is not None:
            with suppress(*UNAVAILABLE):
                await self._connection.close(timeout=PATIENCE.total_seconds())

    async def _connected(self, now: datetime) -> Any:
        """Return the connection that holds our lock; None if there can't be one."""
        if self._connection is None or self._connection.is_closed():
            self._let_go()
            self._connection = await asyncpg.connect(self._dsn, server_settings=SETTINGS)
            self._connection.add_termination_listener(self._lost)
            await self._begin(self._connection, now)
        return self._connection

    async def _begin(self, connection: Any, now: datetime) -> None:
        """Take a new epoch; the former ones are ours, too, as long as we live."""
        if await connection.fetchval("SELECT pg_backend_pid()") != connection.get_server_pid():
            log.warning(POOLER)
            self._behind_pooler = True
            self._let_go()
            return
        await connection.execute(NOTICES)
        for former in self._ours:
            await connection.fetchval(LOCK, ROOM, former)
        epoch = await epochs.begin(self._db, self._node, now)
        self._ours.append(epoch)
        if await connection.fetchval(LOCK, ROOM, epoch) and connection is self._connection:
            self._db.epoch = epoch

    def _lost(self, connection: Any) -> None:
        """Others may take us for dead from now on: claim nothing more under this number."""
        if connection is self._connection:
            self._let_go()

    def _let_go(self) -> None:
        self._db.epoch = None
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            connection.terminate()

    async def _free(self, connection: Any, now: datetime) -> int:
        freed = 0
        others = [one for one in await self._db.read(epochs.not_ended) if one not in self._ours]
        self._alone = {one: since for one, since in self._alone.items() if one in others}
        for epoch in others:
            async with _held(connection, epoch) as gone:
                if not gone:
                    self._alone.pop(epoch, None)
                elif self._certain(epoch):
                    freed += await self._end(epoch, now)
        return freed

    def _certain(self, epoch: int) -> bool:
        since = self._alone.setdefault(epoch, self._clock())
        return self._clock() - since >= CERTAIN.total_seconds()

    async def _end(self, epoch: int, now: datetime) -> int:
        async def work(tx: Transaction) -> int:
            return await epochs.end(tx, epoch, now=now)

        freed = await self._db.write(work)
        log.info("start %d is gone: %d of its leases are free", epoch, freed)
        return freed


@asynccontextmanager
async def _held(connection: Any, epoch: int) -> AsyncIterator[bool]:
    """Try another's lock; held to the block's end, so that its holder can't come back meanwhile."""
    gone = await connection.fetchval(LOCK, ROOM, epoch)
    try:
        yield gone
    finally:
        if gone and not connection.is_closed():
            await connection.fetchval(UNLOCK, ROOM, epoch)

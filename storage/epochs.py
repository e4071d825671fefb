"""Starts of processes, numbered: a number that no other start has ever had or will have."""

from datetime import datetime
from functools import partial

from storage.database import Database, Transaction


async def begin(db: Database, node: str, now: datetime) -> int:
    """Return the number of this start."""
    return await db.write(partial(_begin, node, now))


async def seen(db: Database, epoch: int, now: datetime) -> None:
    """Note that this process still lives."""
    await db.write(partial(_seen, epoch, now))


async def _begin(node: str, now: datetime, tx: Transaction) -> int:
    row = await tx.one("epochs.begin", node=node, now=now)
    assert row
    return int(row["id"])


async def _seen(epoch: int, now: datetime, tx: Transaction) -> None:
    await tx.run("epochs.seen", id=epoch, now=now)

"""Starts of processes, numbered: a number that no other start has ever had or will have."""

from datetime import datetime
from functools import partial

from storage.database import Database, Transaction

LEASED = ("arrivals", "outbox", "fetches", "commands")
"""The tables whose leases name the epoch that they were taken under."""


async def begin(db: Database, node: str, now: datetime) -> int:
    """Return the number of this start."""
    return await db.write(partial(_begin, node, now))


async def seen(db: Database, epoch: int, now: datetime) -> None:
    """Note that this process still lives."""
    await db.write(partial(_seen, epoch, now))


async def not_ended(tx: Transaction) -> list[int]:
    """Return the epochs under which somebody may hold leases."""
    return [int(row["id"]) for row in await tx.all("epochs.not_ended")]


async def end(tx: Transaction, epoch: int, *, now: datetime) -> int:
    """Free all leases of an epoch whose process is gone; return how many there were.

    Whoever lives after all and writes late is refused: another claim has another lease number.
    """
    await tx.run("epochs.end", id=epoch, now=now)
    return sum([len(await tx.all(f"{table}.release", epoch=epoch)) for table in LEASED])


async def _begin(node: str, now: datetime, tx: Transaction) -> int:
    row = await tx.one("epochs.begin", node=node, now=now)
    assert row
    return int(row["id"])


async def _seen(epoch: int, now: datetime, tx: Transaction) -> None:
    await tx.run("epochs.seen", id=epoch, now=now)

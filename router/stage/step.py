"""A batch of understood arrivals is placed: each by itself, all in one transaction."""

import asyncio
import logging
from datetime import datetime, timedelta

from inquiry.failpoints import failpoint
from inquiry.understood import Message, Report, Understood
from inquiry.words import ArrivalState
from router.messengers import stage as messengers
from router.stage import message
from router.stage.ahead import BUGS, Read, keys, read
from router.stage.desk import Desk
from router.stage.placing import Placing
from storage import arrivals, receipts
from storage.arrivals import Claimed
from storage.customers import hold
from storage.database import Database, Transaction

log = logging.getLogger(__name__)

BATCH = 20
"""Small: while it is placed nobody else writes, neither who accepts nor who sends."""
LEASE = timedelta(minutes=1)


async def step(db: Database, desk: Desk, *, now: datetime) -> bool:
    """Place a batch of understood arrivals; False if there was none."""

    async def claim(tx: Transaction) -> list[Claimed]:
        return await arrivals.claim(tx, ArrivalState.UNDERSTOOD, limit=BATCH, lease=LEASE)

    claimed = await db.write(claim)
    if not claimed:
        return False
    failpoint("router.claimed")
    ahead = await asyncio.to_thread(lambda: [read(desk, one, now) for one in claimed])

    async def place_all(tx: Transaction) -> None:
        await hold(tx, await keys(tx, desk, claimed, ahead, now))
        for one, each in zip(claimed, ahead, strict=True):
            await _place_safely(tx, desk, one, each, now)
        failpoint("router.inserted")

    await db.write(place_all)
    failpoint("router.committed")
    return True


async def _place_safely(
    tx: Transaction, desk: Desk, one: Claimed, ahead: Read, now: datetime
) -> None:
    """Place one arrival; a bug over it costs this one a place in quarantine, the others nothing."""
    if one.blamed:
        await arrivals.quarantine(tx, one, one.blamed, now=now)
        return
    try:
        async with tx.savepoint():
            await _place(Placing(tx, desk, one, ahead.text, now), ahead.understood)
    except BUGS as bug:
        log.exception("arrival %s: not placed", one.id)
        await arrivals.quarantine(tx, one, f"a fault of deskbridge: {type(bug).__name__}", now=now)


async def _place(at: Placing, understood: Understood | None) -> None:
    """Bring a report to its dispatch, a change to what it changes, a message to its inquiry."""
    if understood is None:
        raise ValueError("what was understood can't be read back")
    if isinstance(understood, Report):
        if await receipts.reported(at.tx, understood, now=at.now):
            await at.done()
            return
        await message.place(at, understood.message, understood)
        return
    left = await messengers.place(at.tx, at.one, understood, at.contact, now=at.now)
    if left is None:
        return
    if isinstance(left, Message):
        await message.place(at, left, left)
        return
    await at.quarantine(f"nothing handles a {type(understood).__name__.lower()} yet")

"""The hop from opened to assigned, and back from sleep: who sees to what nobody sees to."""

import logging
from collections.abc import Mapping
from datetime import datetime

from inquiry.journey import QueueName
from specialists.assignment import choose
from specialists.people import Queue
from storage import history
from storage.database import Database, Transaction
from storage.inquiries import assignment, snoozing, transitions
from storage.inquiries.assignment import Unassigned

log = logging.getLogger(__name__)

BATCH = 50


async def step(db: Database, queues: Mapping[QueueName, Queue], *, now: datetime) -> bool:
    """Give the oldest unassigned inquiries to somebody, or leave them to whoever takes them.

    False if there was none.
    """

    async def give_all(tx: Transaction) -> int:
        found = await assignment.claim(tx, limit=BATCH)
        for one in found:
            await _give(tx, queues.get(one.queue), one, now)
        return len(found)

    return await db.read(assignment.any_waiting) and await db.write(give_all) > 0


async def wake_step(db: Database, *, now: datetime) -> bool:
    """Open the inquiries that have slept long enough; False if there was none."""

    async def wake(tx: Transaction) -> int:
        return len(await snoozing.wake(tx, limit=BATCH, now=now))

    async def any_due(tx: Transaction) -> bool:
        return await snoozing.any_due(tx, now)

    return await db.read(any_due) and await db.write(wake) > 0


async def _give(tx: Transaction, queue: Queue | None, one: Unassigned, now: datetime) -> None:
    last = await assignment.hold_turn(tx, one.queue)
    specialist = choose(queue, one.assign_by, last)
    if specialist is None:
        await assignment.leave(tx, one.id)
        return
    standing = await transitions.hold(tx, one.id)
    await transitions.assign(tx, standing, specialist, by=history.RULES, now=now)
    await assignment.take_turn(tx, one.queue, specialist)
    log.info("inquiry %s: assigned to %s in turn", standing.reference, specialist)

"""The hop from a file that is only named to one that is here."""

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from channels.contract import Fetcher
from inquiry.errors import PermanentFailure, TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import Spooled
from inquiry.retry import RetryPolicy
from storage import fetches
from storage.database import Database, Transaction
from storage.fetches import Wanted
from storage.spooling import TooLarge, spooled

log = logging.getLogger(__name__)

LARGEST = 100_000_000
"""Bytes of one file."""
PATIENCE = timedelta(minutes=3)
"""For one attempt."""
LEASE = timedelta(minutes=4)
POLICY = RetryPolicy()
SHORT_OF_ROOM = timedelta(minutes=5)
NO_DELAY = timedelta(0)


async def step(
    db: Database,
    fetcher: Fetcher,
    spool: Path,
    *,
    now: datetime,
    largest: int = LARGEST,
    patience: timedelta = PATIENCE,
) -> bool:
    """Try the file of one channel that is longest due; False if there was none."""
    wanted = await db.write(partial(fetches.claim, channel=fetcher.name, lease=LEASE, now=now))
    if wanted is None:
        return False
    failpoint("fetches.claimed")
    try:
        await _fetch(db, fetcher, spool, wanted, now=now, largest=largest, patience=patience)
    except TemporaryFailure as failure:
        await _try_later(db, wanted, str(failure), now, at_least=failure.retry_after)
    except PermanentFailure as failure:
        await _give_up(db, wanted, str(failure), now)
    except TimeoutError:
        await _try_later(db, wanted, "it takes too long", now)
    except OSError as error:
        reason = f"it can't be written to the disk: {error.strerror}"
        await _try_later(db, wanted, reason, now, at_least=SHORT_OF_ROOM)
    except Exception as bug:
        log.exception("channel %s: file %s", fetcher.name, wanted.id)
        await _try_later(db, wanted, f"a fault of the channel: {type(bug).__name__}", now)
    failpoint("fetches.committed")
    return True


async def _fetch(
    db: Database,
    fetcher: Fetcher,
    spool: Path,
    wanted: Wanted,
    *,
    now: datetime,
    largest: int,
    patience: timedelta,
) -> None:
    if wanted.size > largest:
        raise TooLarge(f"it is larger than {largest // 1_000_000} MB")
    if not await db.has_room():
        raise TemporaryFailure("the disk is full", retry_after=SHORT_OF_ROOM)
    async with asyncio.timeout(patience.total_seconds()) as limit:
        async with spooled(fetcher.fetch(wanted.reference), spool, most=largest) as file:
            limit.reschedule(None)  # what is here is kept, however slow the database
            failpoint("fetches.fetched")
            await _keep(db, wanted, file, now)


async def _keep(db: Database, wanted: Wanted, file: Spooled, now: datetime) -> None:
    if await db.write(partial(fetches.keep, wanted=wanted, content=file, now=now)):
        log.info("file %s is here: %d bytes", wanted.id, file.size)
    else:
        log.warning("file %s: somebody else has it by now", wanted.id)


async def _try_later(
    db: Database,
    wanted: Wanted,
    reason: str,
    now: datetime,
    *,
    at_least: timedelta = NO_DELAY,
) -> None:
    due_at = POLICY.next_attempt(
        attempts=wanted.attempts,
        first_tried_at=wanted.first_tried_at,
        now=now,
        at_least=at_least,
    )
    if due_at is None:
        await _give_up(db, wanted, f"given up after {POLICY.patience.days} days: {reason}", now)
        return
    log.warning("file %s: again at %s: %s", wanted.id, due_at, reason)

    async def postpone(tx: Transaction) -> bool:
        return await fetches.postpone(tx, wanted, reason, due_at)

    await db.write(postpone)


async def _give_up(db: Database, wanted: Wanted, reason: str, now: datetime) -> None:
    log.warning("file %s: given up: %s", wanted.id, reason)

    async def fail(tx: Transaction) -> bool:
        return await fetches.fail(tx, wanted, reason, now=now)

    await db.write(fail)

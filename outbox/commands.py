"""The hop from a command to its answer: said by the channel itself, tried again like a dispatch."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from channels.contract import Attendant, Inlet
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.retry import RetryPolicy
from storage import commands
from storage.commands import Claim
from storage.database import Database, Transaction

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=1)
PATIENCE = timedelta(seconds=45)
"""For one attempt; less than the lease."""
POLICY = RetryPolicy(
    first_delay=timedelta(seconds=2),
    longest_delay=timedelta(minutes=10),
    patience=timedelta(days=1),  # after it was asked: then nobody waits for it any more
)


async def step(db: Database, attendant: Attendant, inlet: Inlet, *, now: datetime) -> bool:
    """Answer the command of one channel that is longest due; False if there was none."""
    claim = await db.write(partial(commands.claim, channel=attendant.name, lease=LEASE, now=now))
    if claim is None:
        return False
    failpoint("commands.claimed")
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await attendant.answer(claim.asked, inlet)
    except TemporaryFailure as failure:
        await _later(db, claim, failure, now)
    except PermanentFailure as failure:
        await _settle(db, partial(commands.fail, claim_=claim, reason=str(failure), now=now))
    except (OutcomeUnknown, TimeoutError) as failure:
        # Perhaps it has arrived. Who sees nothing asks again; twice the same would puzzle.
        reason = f"perhaps: {str(failure) or 'no answer in time'}"
        await _settle(db, partial(commands.answered, claim_=claim, reason=reason, now=now))
    except Exception as bug:
        log.exception("channel %s: command %s", attendant.name, claim.id)
        fault = TemporaryFailure(f"a fault of the channel: {type(bug).__name__}")
        await _later(db, claim, fault, now)
    else:
        failpoint("commands.said")
        log.info("channel %s: command %s is answered", attendant.name, claim.id)
        await _settle(db, partial(commands.answered, claim_=claim, now=now))
    return True


async def _later(db: Database, claim: Claim, failure: TemporaryFailure, now: datetime) -> None:
    due_at = POLICY.next_attempt(
        attempts=claim.attempts,
        first_tried_at=claim.created_at,
        now=now,
        at_least=failure.retry_after,
    )
    if due_at is None:
        reason = f"given up after {POLICY.patience.days} day: {failure}"
        await _settle(db, partial(commands.fail, claim_=claim, reason=reason, now=now))
        return
    log.warning("command %s: again at %s: %s", claim.id, due_at, failure)

    async def postpone(tx: Transaction) -> bool:
        return await commands.postpone(tx, claim, str(failure), due_at, went=failure.went, now=now)

    await _settle(db, postpone)


async def _settle(db: Database, work: Callable[[Transaction], Awaitable[bool]]) -> None:
    if not await db.write(work):
        log.warning("a command was answered that somebody else has by now")

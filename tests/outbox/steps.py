"""Sending one after the other, for tests that ask what becomes of a single attempt."""

import asyncio
from datetime import datetime

from channels.contract import Limits, Sender
from inquiry.retry import RetryPolicy
from outbox.outgoing import Outgoing
from storage.database import Database


async def send_step(
    db: Database,
    sender: Sender,
    policy: RetryPolicy,
    *,
    now: datetime,
    at_once: int = 1,
) -> bool:
    """Try the oldest dispatches that are due, and write down their ends; False if none was."""
    async with asyncio.TaskGroup() as attempts:
        outgoing = Outgoing(db, sender, policy, attempts, limits=Limits(at_once=at_once))
        step = await asyncio.gather(outgoing.step(now), return_exceptions=True)
    await outgoing.write_down(now)
    (tried,) = step
    if isinstance(tried, BaseException):
        raise tried
    return tried

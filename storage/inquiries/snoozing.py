"""Inquiries that sleep until their time has come."""

from datetime import datetime

from inquiry.journey import InquiryId
from storage import history
from storage.database import Transaction


async def any_due(tx: Transaction, now: datetime) -> bool:
    """Is it time for any to wake up?"""
    return await tx.one("snoozing.any_due", now=now) is not None


async def wake(tx: Transaction, *, limit: int, now: datetime) -> list[InquiryId]:
    """Open those whose time has come, the most overdue first."""
    found = [InquiryId(row["id"]) for row in await tx.all("snoozing.due", limit=limit, now=now)]
    for inquiry in found:
        await tx.run("snoozing.wake", id=inquiry, now=now)
        await history.add(tx, inquiry, "woken", history.DESK, now=now)
    return found

"""Files that a message only names: on their way under a lease, then attachments, or given up.

Whoever settles one names the lease it was given; a repeat after a crash attaches nothing twice.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from inquiry.errors import Conflict
from inquiry.journey import ArrivalId, ChannelName, Raw, Reference
from inquiry.understood import Attachment
from storage import originals
from storage.database import Transaction, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file to be fetched, and the right to one attempt."""

    id: int
    reference: str
    size: int
    """Bytes, as its channel says; 0 where that says nothing."""
    lease: int
    attempts: int
    first_tried_at: datetime


async def add(tx: Transaction, arrival: ArrivalId, attachment: Attachment) -> None:
    """Have a file fetched that an arrival names."""
    await tx.run(
        "fetches.add",
        arrival=arrival,
        reference=attachment.remote,
        filename=attachment.filename,
        content_type=attachment.content_type,
        size=attachment.size,
        inline=attachment.inline,
        content_id=attachment.content_id,
    )


async def claim(
    tx: Transaction, channel: ChannelName, *, lease: timedelta, now: datetime
) -> Wanted | None:
    """Lease the file of a channel that is longest due, also one whose lease ran out."""
    row = await tx.one("fetches.claim", channel=channel, lease_time=lease, epoch=tx.epoch, now=now)
    if row is None:
        return None
    return Wanted(**{**row, "first_tried_at": moment(row["first_tried_at"])})


async def keep(tx: Transaction, wanted: Wanted, content: Raw, *, now: datetime) -> bool:
    """Make an attachment of it; False if somebody else has it by now."""
    if await tx.one("fetches.here", id=wanted.id, lease=wanted.lease, now=now) is None:
        return False
    await tx.run(
        "fetches.attach",
        id=wanted.id,
        original=await originals.put(tx, content),
        size=originals.size_of(content),
    )
    return True


async def postpone(tx: Transaction, wanted: Wanted, reason: str, due_at: datetime) -> bool:
    """Let go of it until ``due_at``, and say why."""
    values = {"id": wanted.id, "lease": wanted.lease, "reason": reason}
    return await tx.one("fetches.postpone", **values, due_at=due_at) is not None


async def fail(tx: Transaction, wanted: Wanted, reason: str, *, now: datetime) -> bool:
    """Give it up, and say why."""
    values = {"id": wanted.id, "lease": wanted.lease, "reason": reason}
    return await tx.one("fetches.fail", **values, now=now) is not None


async def retry(tx: Transaction, reference: Reference, number: int) -> None:
    """Try a file of an inquiry once more that was given up. Raises Conflict if it is not."""
    if await tx.one("fetches.retry", id=number, reference=reference) is None:
        raise Conflict("the file is not one that could not be fetched")


async def strand(tx: Transaction, channels: Collection[ChannelName]) -> None:
    """Write at all that wait for none of ``channels`` why nothing happens."""
    for row in await tx.all("fetches.channels"):
        if (channel := row["channel"]) not in channels:
            reason = f"no channel {channel!r} that could fetch it"
            await tx.run("fetches.strand", channel=channel, reason=reason)


async def abandon_leases(tx: Transaction) -> None:
    """Forget who is at work: for the start of a desk's only process, whose forerunner is dead."""
    await tx.run("fetches.abandon_leases")

"""Arrivals kept aside: what people can do with them. Their bytes are ``arrivals.raw``."""

from inquiry.journey import ArrivalId
from storage.arrivals import Stored, stored
from storage.database import Transaction

NEWEST = ArrivalId(2**63 - 1)


async def listed(tx: Transaction, *, limit: int, before: ArrivalId = NEWEST) -> list[Stored]:
    """Return the quarantined arrivals below ``before``, the newest first."""
    rows = await tx.all("quarantine.listed", limit=limit, before=before)
    return [stored(row) for row in rows]


async def retry(tx: Transaction, id_: ArrivalId) -> bool:
    """Let it be understood and routed anew; False if it is not in quarantine."""
    return await tx.one("quarantine.retry", id=id_) is not None


async def release(tx: Transaction, id_: ArrivalId) -> bool:
    """Make an inquiry of it whatever the rules say; False if it is not in quarantine."""
    return await tx.one("quarantine.release", id=id_) is not None

"""What has happened since, for pages that stay open; it costs the same however much is stored."""

from dataclasses import dataclass

from inquiry.journey import Reference
from storage.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """An event of an inquiry's history, by its number and kind alone."""

    event: int
    kind: str
    reference: Reference


async def newest(tx: Transaction) -> int:
    """Return the number of the newest event there is; 0 before the first."""
    row = await tx.one("news.newest")
    return int(row["id"]) if row else 0


async def since(tx: Transaction, after: int, *, limit: int) -> list[News]:
    """Return the events numbered above ``after``, oldest first, at most ``limit``."""
    rows = await tx.all("news.since", after=after, limit=limit)
    return [News(event=row["id"], kind=row["kind"], reference=row["reference"]) for row in rows]


async def quarantine(tx: Transaction) -> tuple[int, int]:
    """Return the oldest and the newest arrival in quarantine; zeros while it is empty."""
    row = await tx.one("news.quarantine")
    return (int(row["first"]), int(row["last"])) if row else (0, 0)

"""Imports of files of customers: the newest that has ended is in force, as a whole, at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from inquiry.errors import Conflict, TemporaryFailure
from storage.database import Transaction, moment

SILENT = timedelta(minutes=1)
"""An import that has written nothing for so long has died."""
AT_ONCE = 1_000
"""Records that are dropped in one transaction: others want to write, too."""


class Busy(TemporaryFailure):
    """Another process imports this very file at the moment, or died over it a moment ago."""

    def __init__(self) -> None:
        super().__init__("another process imports this file at the moment; try again in a minute")


class Overtaken(Conflict):
    """A later import came first; nothing of this one counts."""

    def __init__(self) -> None:
        super().__init__("another import of customers began later and came first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import that has ended."""

    file: Path
    fingerprint: str
    configured: str
    """Fingerprint of the configured file when it was last imported; "" if it never was."""
    ended_at: datetime
    lines: int
    left_out: int
    """Lines of these that were wrong, or named nobody."""


async def begin(tx: Transaction, file: Path, *, alone: bool, now: datetime) -> int:
    """Begin one; return its number.

    ``alone`` says that no other process writes to this database: what has begun has died.

    Raises:
        Busy: somebody imports this very file.
    """
    since = now if alone else now - SILENT
    await tx.run("records.drop_dead", since=since)
    if await tx.one("records.running", file=str(file), since=since):
        raise Busy
    before = await newest(tx)
    row = await tx.one(
        "records.begin",
        file=str(file),
        configured=before.configured if before else "",
        now=now,
    )
    assert row
    return int(row["id"])


async def go_on(tx: Transaction, import_: int, now: datetime) -> None:
    """Hold the import while this transaction writes some of it. Raises Overtaken."""
    if not await tx.one("records.touch", number=import_, now=now):
        raise Overtaken


async def finish(
    tx: Transaction,
    import_: int,
    *,
    fingerprint: str,
    configured: bool,
    lines: int,
    left_out: int,
    now: datetime,
) -> None:
    """Put it in force in place of all earlier ones. Raises Overtaken.

    ``configured``: is it the file that the configuration names?
    """
    ended = await tx.one(
        "records.finish",
        number=import_,
        fingerprint=fingerprint,
        configured=fingerprint if configured else None,
        lines=lines,
        left_out=left_out,
        now=now,
    )
    if not ended:
        raise Overtaken
    await tx.run("records.drop_earlier", number=import_)


async def abandon(tx: Transaction, import_: int) -> None:
    """Give it up: what it has written never counts."""
    await tx.run("records.abandon", number=import_)


async def forget(tx: Transaction) -> None:
    """Let no import be in force any more."""
    await tx.run("records.forget")


async def newest(tx: Transaction) -> Import | None:
    """Return the one in force."""
    row = await tx.one("records.newest")
    if row is None:
        return None
    return Import(
        file=Path(row["file"]),
        fingerprint=row["fingerprint"],
        configured=row["configured"],
        ended_at=moment(row["ended_at"]),
        lines=row["lines"],
        left_out=row["left_out"],
    )


async def tidy(tx: Transaction) -> bool:
    """Drop some of the records that no import stands for any more; False if there are none."""
    left = await tx.one("records.left_behind")
    if left is None:
        return False
    await tx.run("records.drop_some", number=left["import"], at_once=AT_ONCE)
    return True

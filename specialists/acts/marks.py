"""What all shall see of an inquiry at once: how pressing it is, and which labels it bears."""

from collections.abc import Sequence
from datetime import datetime

from inquiry.journey import InquiryId, SpecialistName
from inquiry.words import Priority
from storage import history
from storage.database import Database, Transaction
from storage.inquiries import transitions


async def prioritise(
    db: Database,
    *,
    inquiry: InquiryId,
    specialist: SpecialistName,
    priority: Priority,
    now: datetime,
) -> None:
    """Say how pressing it is."""

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        if standing.priority is not priority:
            by = history.specialist(specialist)
            await transitions.set_priority(tx, standing, priority, by=by, now=now)

    await db.write(work)


async def tag(
    db: Database,
    *,
    inquiry: InquiryId,
    specialist: SpecialistName,
    tags: Sequence[str],
    now: datetime,
) -> None:
    """Give the inquiry exactly these labels."""
    wanted = tuple(dict.fromkeys(filter(None, (tag.strip() for tag in tags))))

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        if standing.tags != wanted:
            by = history.specialist(specialist)
            await transitions.set_tags(tx, standing, wanted, by=by, now=now)

    await db.write(work)

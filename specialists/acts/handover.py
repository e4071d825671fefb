"""Who sees to an inquiry from now on: a specialist, or the queue it is handed over to."""

from datetime import datetime

from inquiry.journey import InquiryId, QueueName, SpecialistName
from specialists.acts.progress import take_up
from storage import history
from storage.database import Database, Transaction
from storage.inquiries import transitions


async def assign(
    db: Database,
    *,
    inquiry: InquiryId,
    specialist: SpecialistName,
    to: SpecialistName | None,
    now: datetime,
) -> None:
    """Make ``to`` responsible; oneself takes it, None gives it back to the queue."""
    by = history.specialist(specialist)

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        if standing.assignee == to:
            return
        await transitions.assign(tx, standing, to, by=by, now=now)
        if to is not None:
            await take_up(tx, standing, specialist, now)

    await db.write(work)


async def move(
    db: Database,
    *,
    inquiry: InquiryId,
    specialist: SpecialistName,
    queue: QueueName,
    now: datetime,
) -> None:
    """Hand the inquiry over to another queue, where somebody else will be given it or take it."""

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        if standing.queue != queue:
            by = history.specialist(specialist)
            await transitions.move_queue(tx, standing, queue, by=by, now=now)

    await db.write(work)

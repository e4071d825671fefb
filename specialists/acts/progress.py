"""How an inquiry gets on: taken up, resolved, closed, reopened, or what it waits for."""

from datetime import datetime

from inquiry.errors import Conflict
from inquiry.journey import InquiryId, SpecialistName
from inquiry.words import State
from specialists.states import check, event_kind
from storage import history
from storage.database import Database, Transaction
from storage.inquiries import transitions
from storage.inquiries.transitions import Standing


async def take_up(
    tx: Transaction, standing: Standing, specialist: SpecialistName, now: datetime
) -> None:
    """What somebody has looked at is not new any more."""
    if standing.state is State.NEW:
        by = history.specialist(specialist)
        await transitions.move(tx, standing, State.OPEN, by=by, now=now)


async def set_state(
    db: Database, *, inquiry: InquiryId, specialist: SpecialistName, to: State, now: datetime
) -> None:
    """Resolve, close, reopen, or say what it waits for.

    Raises:
        Conflict: there is no way from where it stands.
    """

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        check(standing.reference, standing.state, to)
        kind = event_kind(standing.state, to)
        by = history.specialist(specialist)
        await transitions.move(tx, standing, to, by=by, kind=kind, now=now)

    await db.write(work)


async def resolve(
    db: Database, *, inquiry: InquiryId, specialist: SpecialistName, now: datetime
) -> None:
    """Say that the customer is helped."""
    await set_state(db, inquiry=inquiry, specialist=specialist, to=State.RESOLVED, now=now)


async def close(
    db: Database, *, inquiry: InquiryId, specialist: SpecialistName, now: datetime
) -> None:
    """Put it away: what the customer writes next opens a new inquiry, linked to this one."""
    await set_state(db, inquiry=inquiry, specialist=specialist, to=State.CLOSED, now=now)


async def reopen(
    db: Database, *, inquiry: InquiryId, specialist: SpecialistName, now: datetime
) -> None:
    """Take a resolved or closed inquiry up again.

    Raises:
        Conflict: it is neither.
    """

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        if standing.state.active:
            raise Conflict(f"{standing.reference} is {standing.state}: there is nothing to reopen")
        by = history.specialist(specialist)
        await transitions.move(tx, standing, State.OPEN, by=by, kind="reopened", now=now)

    await db.write(work)


async def works(db: Database, *, inquiry: InquiryId, now: datetime) -> None:
    """The customer says that it works now: resolved, unless it is already."""

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        if standing.state.active:
            await transitions.move(
                tx, standing, State.RESOLVED, by=history.CUSTOMER, kind="works", now=now
            )

    await db.write(work)

"""Two contact points are one person, or they aren't: a specialist says so, and may undo it."""

from datetime import datetime

from inquiry.errors import Conflict
from inquiry.journey import ContactPointId, InquiryId
from inquiry.words import JoinWay
from storage import history, joins
from storage.database import Database, Transaction

OPERATOR = "operator"
"""Who acts where no specialist is named."""


async def join(
    db: Database,
    one: ContactPointId,
    other: ContactPointId,
    *,
    inquiry: InquiryId | None,
    specialist: str,
    now: datetime,
) -> int:
    """Say that two contact points are the same person; return the join's number.

    Raises:
        NotFound: there is no such contact point.
        Conflict: they are joined already.
    """
    by = history.specialist(specialist) if specialist else OPERATOR

    async def work(tx: Transaction) -> int:
        made = await joins.join(
            tx, one, other, way=JoinWay.SPECIALIST, by=by, inquiry=inquiry, now=now
        )
        if made is None:
            raise Conflict("they are joined already")
        return made

    return await db.write(work)


async def part(db: Database, join_: int, *, specialist: str, now: datetime) -> None:
    """Undo a join. Raises NotFound, and Conflict where it is undone already."""
    by = history.specialist(specialist) if specialist else OPERATOR
    await db.write(lambda tx: joins.end(tx, join_, by=by, now=now))


async def say_strangers(
    db: Database, one: ContactPointId, other: ContactPointId, *, specialist: str, now: datetime
) -> None:
    """Say that two are not the same person: they aren't suggested again. Raises Conflict."""
    by = history.specialist(specialist)
    await db.write(lambda tx: joins.say_strangers(tx, one, other, by=by, now=now))

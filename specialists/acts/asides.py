"""A message kept beside its inquiry: a specialist lets it in, or leaves it out for good."""

from datetime import datetime

from inquiry.journey import SpecialistName
from storage.database import Database, Transaction
from storage.inquiries import asides


async def confirm(
    db: Database,
    *,
    aside: int,
    specialist: SpecialistName,
    contact: str = "mail",
    now: datetime,
) -> None:
    """Let a message kept beside its inquiry in, and its writer take part.

    Raises:
        NotFound: there is no such message.
        Conflict: it is decided already, or the inquiry is closed.
    """

    async def work(tx: Transaction) -> None:
        held = await asides.hold(tx, aside)
        await asides.confirm(tx, held, specialist, contact=contact, now=now)

    await db.write(work)


async def refuse(db: Database, *, aside: int, specialist: SpecialistName, now: datetime) -> None:
    """Leave a message kept beside its inquiry out for good. Raises like ``confirm``."""

    async def work(tx: Transaction) -> None:
        await asides.refuse(tx, await asides.hold(tx, aside), specialist, now=now)

    await db.write(work)

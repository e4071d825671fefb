"""Codes by which a customer proves to be the same person on another channel.

What is kept of a code is its hash. Each is good once, for a short time; who tries too many wrong
ones is not listened to for a while, and all wrong codes are alike.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from inquiry.codes import hashed, new_code, plain
from inquiry.journey import ContactPointId, InquiryId
from storage.database import Transaction

GOOD_FOR = timedelta(minutes=15)
MAIL_GOOD_FOR = timedelta(hours=1)
"""Mail takes its time."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_MADE = 10
"""Codes an hour from the status pages of one contact point."""
MOST_ASKED = 3
"""Codes an hour that one contact point has sent to mail addresses."""
MOST_MAILED = 5
"""Codes a day that one mail address is sent, whoever asks."""
MOST_WRONG = 5
"""Wrong codes an hour of one contact point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a code proves: whoever has it is this contact point, at this inquiry."""

    id: int
    inquiry: InquiryId
    contact_point: ContactPointId
    by_mail: bool
    """Was it sent to an address that the one who uses it has named?"""


async def make(
    tx: Transaction, inquiry: InquiryId, contact_point: ContactPointId, *, now: datetime
) -> str | None:
    """Return a code for whoever holds the status link; None where too many were made."""
    row = await tx.one("proofs.made_of", contact_point=contact_point, since=now - HOUR)
    if row and row["count"] >= MOST_MADE:
        return None
    return await _make(tx, inquiry, contact_point, None, GOOD_FOR, now)


async def make_for_mail(
    tx: Transaction,
    inquiry: InquiryId,
    contact_point: ContactPointId,
    *,
    asked_by: ContactPointId,
    now: datetime,
) -> str | None:
    """Return a code to be sent to ``contact_point`` for ``asked_by`` alone; None: too many."""
    asked = await tx.one("proofs.asked_by", contact_point=asked_by, since=now - HOUR)
    mailed = await tx.one("proofs.mailed_to", contact_point=contact_point, since=now - DAY)
    if (asked and asked["count"] >= MOST_ASKED) or (mailed and mailed["count"] >= MOST_MAILED):
        return None
    return await _make(tx, inquiry, contact_point, asked_by, MAIL_GOOD_FOR, now)


async def look(tx: Transaction, code: str, by: ContactPointId, *, now: datetime) -> Proof | None:
    """Return what a code proves when ``by`` uses it; None alike for all that are not good."""
    wrong = await tx.one("proofs.wrong_since", contact_point=by, since=now - HOUR)
    row = await tx.one("proofs.look", code=hashed(plain(code)), by=by, now=now)
    if row is None or (wrong and wrong["count"] >= MOST_WRONG):
        return None
    return Proof(
        id=row["id"],
        inquiry=row["inquiry"],
        contact_point=row["contact_point"],
        by_mail=row["only_by"] is not None,
    )


async def use(tx: Transaction, proof: Proof, by: ContactPointId, *, now: datetime) -> bool:
    """Use a code up; False if somebody else was faster."""
    return await tx.one("proofs.use", id=proof.id, by=by, now=now) is not None


async def note_wrong(tx: Transaction, by: ContactPointId, *, now: datetime) -> None:
    """Count a code that was not good."""
    await tx.run("proofs.forget_wrong", before=now - DAY)
    await tx.run("proofs.wrong", contact_point=by, now=now)


async def _make(
    tx: Transaction,
    inquiry: InquiryId,
    contact_point: ContactPointId,
    only_by: ContactPointId | None,
    good_for: timedelta,
    now: datetime,
) -> str:
    who = {"inquiry": inquiry, "contact_point": contact_point, "only_by": only_by}
    await tx.run("proofs.withdraw", now=now, **who)
    code = new_code()
    await tx.run("proofs.add", code=hashed(plain(code)), now=now, expires_at=now + good_for, **who)
    return code

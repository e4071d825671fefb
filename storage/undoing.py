"""Notices of joins: who was known before is told, and may undo the join by the notice's link.

A notice is made in the transaction of its join, so there is one for each who is told, or none of
the join either.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from inquiry.errors import Conflict
from inquiry.journey import ChannelName, ContactPointId, CustomerId
from inquiry.tokens import KeyRing
from storage import history, joins, portal
from storage.database import Row, Transaction, moment

PURPOSE = "undo-join"
GOOD_FOR = timedelta(days=30)
DAY = timedelta(days=1)
MOST_A_DAY = 5
"""Notices to one contact point: who joins and undoes all day is no reason to flood a mailbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Somebody's contact point, as one that can be told something."""

    id: ContactPointId
    contact: str
    address: str
    hearsay: bool
    language: str
    channel: ChannelName | None
    """By which they wrote last."""
    automatic: bool
    """Has only a program ever written from it?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a link speaks of."""

    id: int
    join: int
    contact: str
    """The sort of contact point that was joined, and its address."""
    address: str
    language: str
    """Of who was told."""
    joined_at: datetime
    open: bool
    """Can the join still be undone by it?"""


async def known(tx: Transaction, customer: CustomerId) -> list[Known]:
    """Return all contact points of a person."""
    return [
        Known(
            id=row["id"],
            contact=row["contact"],
            address=row["address"],
            hearsay=bool(row["hearsay"]),
            language=row["language"],
            channel=row["channel"],
            automatic=bool(row["automatic"]),
        )
        for row in await tx.all("undoing.known", customer=customer)
    ]


async def add(
    tx: Transaction, join: int, told: ContactPointId, other: ContactPointId, *, now: datetime
) -> str | None:
    """Return the key of a new notice to ``told``; None where there were too many today.

    What is not told is written down as well, as a notice that nobody gets: see :func:`undo`.
    """
    row = await tx.one("undoing.told_since", contact_point=told, since=now - DAY)
    too_many = row is not None and row["count"] >= MOST_A_DAY
    key = str(uuid4())
    made = await tx.one(
        "undoing.add",
        joined=join,
        contact_point=told,
        other=other,
        key=key,
        now=now,
        expires_at=now if too_many else now + GOOD_FOR,
    )
    return key if made and not too_many else None


def address(url: str, ring: KeyRing, key: str) -> str:
    """Return the link: ``https://help.example/u/<uuid>.<mac>``."""
    return f"{url.rstrip('/')}/u/{key}.{ring.mac(PURPOSE, key)}"


async def find(tx: Transaction, ring: KeyRing, token: str, *, now: datetime) -> Notice | None:
    """Return what a link speaks of; None alike for all that nobody was ever given."""
    row = await _row(tx, ring, token)
    if row is None:
        return None
    return Notice(
        id=row["id"],
        join=row["joined"],
        contact=row["contact"],
        address=row["address"],
        language=row["language"],
        joined_at=moment(row["joined_at"]),
        open=row["used_at"] is None and row["ended_at"] is None and moment(row["expires_at"]) > now,
    )


async def undo(tx: Transaction, ring: KeyRing, token: str, *, now: datetime) -> bool:
    """Undo a join by its notice; False where that was done already, or is too late.

    What was proved with is worth nothing any more: somebody else had it. So what else was joined at
    that inquiry without telling this one, for they were too many, ends with it.
    """
    row = await _row(tx, ring, token)
    if row is None or row["ended_at"] is not None:
        return False
    if not await tx.one("undoing.use", id=row["id"], now=now):
        return False
    if not await _part(tx, row, now):
        return False
    for other in await tx.all("undoing.untold", told=row["told"], inquiry=row["inquiry"]):
        await _part(tx, other, now)
    return True


async def _part(tx: Transaction, join: Row, now: datetime) -> bool:
    """End a join, and what proved it; False where a specialist was faster."""
    try:
        await joins.end(tx, join["joined"], by=history.CUSTOMER, now=now)
    except Conflict:
        return False
    inquiry = join["inquiry"]
    if inquiry is not None:
        for each in (join["one"], join["second"]):
            await portal.revoke_of(tx, inquiry, each, now=now)
            await tx.run("undoing.void_proofs", inquiry=inquiry, contact_point=each, now=now)
    return True


async def _row(tx: Transaction, ring: KeyRing, token: str) -> Row | None:
    key, _, mac = token.partition(".")
    if not _is_uuid(key) or not ring.holds(PURPOSE, key, mac):
        return None
    return await tx.one("undoing.find", key=key)


def _is_uuid(key: str) -> bool:
    try:
        return str(UUID(key)) == key
    except ValueError:
        return False

"""One person on several channels: contact points that proof or a specialist has joined.

While nothing joins it, a contact point is a customer of its own. Joined ones are the customer of
the first among them, and so are their inquiries; which those are follows from the joins in force
alone, so that ending a join restores what was.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inquiry.errors import Conflict, NotFound
from inquiry.journey import ContactPointId, CustomerId, InquiryId
from inquiry.words import JoinWay
from storage import history, portal
from storage.customers import address_key, hold
from storage.database import Row, Transaction, moment, moment_or_none

_GUEST = re.compile(r"visitor (\w{4})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A contact point, and whose it is now."""

    id: ContactPointId
    customer: CustomerId
    contact: str
    address: str
    name: str
    hearsay: bool
    """Has nobody written from it yet?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """What makes two contact points one person, or did so until it was ended."""

    id: int
    one: ContactPointId
    other: ContactPointId
    way: JoinWay
    actor: str
    """As in history."""
    reference: str
    """The inquiry that it was made at; "" if it was none."""
    joined_at: datetime
    ended_at: datetime | None
    ended_by: str

    @property
    def in_force(self) -> bool:
        return self.ended_at is None


async def point(tx: Transaction, contact_point: ContactPointId) -> Point:
    """Return a contact point. Raises NotFound."""
    return _point(await _row(tx, contact_point))


async def find(tx: Transaction, contact: str, address: str) -> Point | None:
    """Return the contact point with this address."""
    row = await tx.one("joins.find", address_key=address_key(contact, address))
    return _point(row) if row else None


async def points(tx: Transaction, customer: CustomerId) -> list[Point]:
    """Return all contact points of a customer, the oldest first."""
    return [_point(row) for row in await tx.all("joins.points", customer=customer)]


async def of(tx: Transaction, customer: CustomerId) -> list[Join]:
    """Return what joins or ever joined a customer's contact points, the oldest first."""
    return [_join(row) for row in await tx.all("joins.of_customer", customer=customer)]


async def called(tx: Transaction, written: str) -> Point | None:
    """Return the contact point that somebody means: ``jan@kunde.example``, ``telegram 501``.

    Without its sort a mail address is one by mail, all else whatever has this address. ``visitor
    7f3a`` is how pages and commands call a chat's guest.

    Raises:
        Conflict: several guests are called so.
    """
    if guest := _GUEST.fullmatch(written.strip()):
        found_guests = await tx.all("joins.guests", begin=f"visitor-{guest[1].casefold()}")
        if len(found_guests) > 1:
            raise Conflict(f"several are called {written.strip()}: use the address, see --json")
        return _point(found_guests[0]) if found_guests else None
    sort, _, address = written.strip().partition(" ")
    if address and (found := await find(tx, sort.casefold(), address)):
        return found
    wanted = written.strip()
    rows = await tx.all("joins.called", address=wanted, folded=wanted.casefold())
    mails = [row for row in rows if row["contact"] == "mail"]
    return _point((mails or rows)[0]) if rows else None


async def without(tx: Transaction, customer: CustomerId, join_: int) -> list[list[Point]]:
    """Return the persons that a customer would be if a join were undone."""
    touched = await tx.all("joins.points", customer=customer)
    links = await tx.all("joins.in_force", customer=customer)
    groups = _connected(touched, [link for link in links if link["id"] != join_])
    return [[_point(row) for row in group] for group in groups]


async def keys(tx: Transaction, contact_points: Iterable[ContactPointId]) -> list[bytes]:
    """Return the address keys of everybody whom a join of these would touch: to be held."""
    found = []
    for one in contact_points:
        if row := await tx.one("joins.point", id=one):
            touched = await tx.all("joins.points", customer=row["customer"])
            found += [bytes(each["address_key"]) for each in touched]
    return found


async def join(
    tx: Transaction,
    one: ContactPointId,
    other: ContactPointId,
    *,
    way: JoinWay,
    by: str,
    inquiry: InquiryId | None,
    now: datetime,
) -> int | None:
    """Make two contact points one person; None if they are already.

    ``by`` is an actor of history. The caller has held :func:`keys` of both, or holds them by this.
    """
    await hold(tx, await keys(tx, (one, other)))
    first, second = await _row(tx, one), await _row(tx, other)
    if first["customer"] == second["customer"]:
        return None
    low, high = sorted((one, other))
    row = await tx.one(
        "joins.add", one=low, other=high, way=way, actor=by, inquiry=inquiry, now=now
    )
    assert row
    await tx.run("joins.forget_strangers", one=low, other=high)
    touched = [
        *await tx.all("joins.points", customer=first["customer"]),
        *await tx.all("joins.points", customer=second["customer"]),
    ]
    await _settle(tx, touched, min(each["alone"] for each in touched))
    if inquiry is not None:
        await _tell(tx, inquiry, "joined", by, now, (first, second), way)
    return int(row["id"])


async def end(tx: Transaction, join_: int, *, by: str, now: datetime) -> None:
    """Undo a join: what came before it is as it was; what was sent meanwhile stays sent.

    Raises:
        NotFound: there is no such join.
        Conflict: it is ended already.
    """
    row = await tx.one("joins.by_id", id=join_)
    if row is None:
        raise NotFound(f"there is no join {join_}")
    await hold(tx, await keys(tx, (row["one"],)))
    if not await tx.one("joins.end", id=join_, actor=by, now=now):
        raise Conflict(f"join {join_} has been undone already")
    one, other = await _row(tx, row["one"]), await _row(tx, row["other"])
    touched = await tx.all("joins.points", customer=one["customer"])
    links = await tx.all("joins.in_force", customer=one["customer"])
    for group in _connected(touched, links):
        await _settle(tx, group, min(each["alone"] for each in group))
    told = {row["inquiry"]} - {None}
    for each in touched:
        told |= await _leave(tx, each["id"], now)
    for inquiry in sorted(told):
        await _tell(tx, inquiry, "parted", by, now, (one, other))


async def same_person(tx: Transaction, one: ContactPointId, other: ContactPointId) -> bool:
    """Are two contact points, of which the first may not exist, one person's?"""
    row = await tx.one("joins.point", id=one)
    return row is not None and row["customer"] == (await _row(tx, other))["customer"]


async def take_part(
    tx: Transaction, inquiry: InquiryId, contact_point: ContactPointId, *, now: datetime
) -> None:
    """Let another contact point of the same person take part, until they are parted."""
    await tx.run("joins.take_part", inquiry=inquiry, contact_point=contact_point, now=now)


async def stand_by(
    tx: Transaction, inquiry: InquiryId, contact_point: ContactPointId, *, now: datetime
) -> None:
    """Let something be sent to one who takes no part: a code, to prove that it should."""
    await tx.run("joins.stand_by", inquiry=inquiry, contact_point=contact_point, now=now)


async def say_strangers(
    tx: Transaction, one: ContactPointId, other: ContactPointId, *, by: str, now: datetime
) -> None:
    """Write down that two are not the same person: it isn't suggested again.

    Raises:
        Conflict: they are joined.
        NotFound: there is no such contact point.
    """
    first, second = await point(tx, one), await point(tx, other)
    if first.customer == second.customer:
        raise Conflict("they are joined: undo that first")
    low, high = sorted((one, other))
    await tx.run("joins.say_strangers", one=low, other=high, actor=by, now=now)


async def _row(tx: Transaction, contact_point: ContactPointId) -> Row:
    row = await tx.one("joins.point", id=contact_point)
    if row is None:
        raise NotFound(f"there is no contact point {contact_point}")
    return row


async def _settle(tx: Transaction, group: Sequence[Row], customer: int) -> None:
    for each in group:
        await tx.run("joins.settle_point", id=each["id"], customer=customer)
        await tx.run("joins.settle_inquiries", id=each["id"], customer=customer)


async def _leave(tx: Transaction, contact_point: ContactPointId, now: datetime) -> set[InquiryId]:
    """Let it take part no more where it did so as the same person; its links there end."""
    now_of = (await _row(tx, contact_point))["customer"]
    left = await tx.all("joins.end_parts", id=contact_point, customer=now_of, now=now)
    await tx.run("joins.end_continuations", id=contact_point, now=now)
    for row in left:
        await portal.revoke_of(tx, row["inquiry"], contact_point, now=now)
    return {row["inquiry"] for row in left}


def _connected(touched: Sequence[Row], links: Iterable[Row]) -> list[list[Row]]:
    """Return the contact points that are still joined to each other, group by group."""
    leads = {each["id"]: each["id"] for each in touched}
    for link in links:
        kept, given_up = leads[link["one"]], leads[link["other"]]
        leads = {who: kept if lead == given_up else lead for who, lead in leads.items()}
    groups: dict[int, list[Row]] = {}
    for each in touched:
        groups.setdefault(leads[each["id"]], []).append(each)
    return list(groups.values())


async def _tell(
    tx: Transaction,
    inquiry: InquiryId,
    kind: str,
    by: str,
    now: datetime,
    pair: Sequence[Row],
    way: str = "",
) -> None:
    named = [f"{each['contact']} {each['address']}" for each in pair]
    await history.add(tx, inquiry, kind, by, now=now, to=named, way=way)


def _point(row: Row) -> Point:
    return Point(
        id=row["id"],
        customer=row["customer"],
        contact=row["contact"],
        address=row["address"],
        name=row["name"],
        hearsay=bool(row["hearsay"]),
    )


def _join(row: Row) -> Join:
    return Join(
        id=row["id"],
        one=row["one"],
        other=row["other"],
        way=JoinWay(row["way"]),
        actor=row["actor"],
        reference=row["reference"] or "",
        joined_at=moment(row["joined_at"]),
        ended_at=moment_or_none(row["ended_at"]),
        ended_by=row["ended_by"] or "",
    )

"""What is said of a contact point besides its address, and whom it suggests to be the same person.

A suggestion is for specialists only, and joins nobody: addresses and numbers are easily said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inquiry.claims import Claim, Sort
from inquiry.journey import ContactPointId, CustomerId
from storage import joins
from storage.database import Row, Transaction
from storage.records import key_of

MOST = 5
"""Suggestions that are shown of one customer."""
LONGEST = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Two contact points that may be the same person, and why."""

    mine: joins.Point
    other: joins.Point
    sort: Sort
    value: str
    sources: tuple[str, ...]
    """Where it was said: words of :class:`inquiry.words.ClaimSource`, ``address``, ``customer
    file``."""
    verified: bool
    """Does every channel on which it was said vouch for it?"""


async def note(
    tx: Transaction, contact_point: ContactPointId, claims: Iterable[Claim], *, now: datetime
) -> None:
    """Write down what is said of a contact point."""
    for claim in claims:
        key = key_of(claim.sort, claim.value)
        if key.strip("+") and len(claim.value) <= LONGEST:
            await tx.run(
                "claims.note",
                contact_point=contact_point,
                sort=claim.sort,
                key=key,
                value=claim.value,
                source=claim.source,
                verified=claim.verified,
                now=now,
            )


async def suggested(tx: Transaction, customer: CustomerId) -> list[Suggestion]:
    """Return who may be the same person, the surest first; nobody of whom it was denied."""
    own = {point.id: point for point in await joins.points(tx, customer)}
    denied = await _denied(tx, customer)
    found: dict[CustomerId, Suggestion] = {}
    for fact in await _facts(tx, customer, list(own.values())):
        for suggestion in await _alike(tx, fact, own[fact.contact_point]):
            other = suggestion.other
            before = found.get(other.customer)
            if other.customer in denied or other.customer == customer or other.hearsay:
                continue
            if before is None or suggestion.verified > before.verified:
                found[other.customer] = suggestion
    return sorted(found.values(), key=lambda one: not one.verified)[:MOST]


async def all_suggested(tx: Transaction, *, limit: int) -> list[Suggestion]:
    """Return the suggestions of the whole desk, each pair once."""
    found: dict[frozenset[CustomerId], Suggestion] = {}
    after = 0
    while rows := await tx.all("claims.who", after=after, limit=200):
        for row in rows:
            for one in await suggested(tx, CustomerId(row["customer"])):
                found.setdefault(frozenset((one.mine.customer, one.other.customer)), one)
            if len(found) >= limit:
                return list(found.values())[:limit]
        after = rows[-1]["customer"]
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Fact:
    contact_point: ContactPointId
    sort: Sort
    key: str
    value: str
    source: str
    verified: bool


async def _facts(
    tx: Transaction, customer: CustomerId, points: Sequence[joins.Point]
) -> list[_Fact]:
    said = [_fact(row) for row in await tx.all("claims.of_customer", customer=customer)]
    mails = [
        _Fact(point.id, "email", key_of("email", point.address), point.address, "address", True)
        for point in points
        if point.contact == "mail" and not point.hearsay
    ]
    facts = [*said, *mails]
    for fact in tuple(facts):
        for row in await tx.all("claims.beside", sort=fact.sort, key=fact.key):
            sort: Sort = "email" if row["matched_by"] == "email" else "phone"
            source = "customer file"
            facts.append(
                _Fact(fact.contact_point, sort, row["key"], row["key"], source, fact.verified)
            )
    return facts


async def _alike(tx: Transaction, fact: _Fact, mine: joins.Point) -> list[Suggestion]:
    """Return whoever else has this address or number, or says so."""
    others = []
    if fact.sort == "email" and (other := await joins.find(tx, "mail", fact.value)):
        others.append((other, "address", True))
    same = await tx.all("claims.same", sort=fact.sort, key=fact.key, customer=mine.customer)
    for row in same:
        point = await joins.point(tx, row["contact_point"])
        others.append((point, row["source"], bool(row["verified"])))
    return [
        Suggestion(
            mine=mine,
            other=other,
            sort=fact.sort,
            value=fact.value,
            sources=(fact.source, source),
            verified=fact.verified and verified,
        )
        for other, source, verified in others
    ]


async def _denied(tx: Transaction, customer: CustomerId) -> set[CustomerId]:
    rows = await tx.all("joins.strangers", customer=customer)
    pairs = [(row["one"], row["other"]) for row in rows]
    return {(await joins.point(tx, each)).customer for pair in pairs for each in pair}


def _fact(row: Row) -> _Fact:
    return _Fact(
        row["contact_point"],
        row["sort"],
        row["key"],
        row["value"],
        row["source"],
        bool(row["verified"]),
    )

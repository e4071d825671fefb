"""One person on several channels, as an inquiry's page shows it: joined, or only suggested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inquiry.journey import ContactPointId, CustomerId
from storage import claims, joins
from storage.claims import Suggestion
from storage.database import Transaction
from storage.joins import Join, Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whose an inquiry is."""

    points: Mapping[ContactPointId, Point]
    joins: Sequence[Join]
    """Those in force."""
    suggestions: Sequence[Suggestion]


async def person_of(tx: Transaction, customer: CustomerId) -> Person:
    """Return what is joined and what is suggested of a customer."""
    return Person(
        points={one.id: one for one in await joins.points(tx, customer)},
        joins=[one for one in await joins.of(tx, customer) if one.in_force],
        suggestions=await claims.suggested(tx, customer),
    )

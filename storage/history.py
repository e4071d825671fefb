"""What happened to an inquiry: append-only, and the event number that the send guard compares."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inquiry.journey import InquiryId, MessageId
from storage.database import Row, Transaction, moment

CUSTOMER = "customer"
RULES = "rules"
DESK = "deskbridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of an inquiry's history."""

    id: int
    at: datetime
    kind: str
    actor: str
    message: MessageId | None
    note: int | None
    data: Mapping[str, Any]


def specialist(name: str) -> str:
    """Name a specialist as an actor."""
    return f"specialist:{name}"


async def add(
    tx: Transaction,
    inquiry: InquiryId,
    kind: str,
    actor: str,
    *,
    now: datetime,
    message: int | None = None,
    note: int | None = None,
    **data: object,
) -> int:
    """Write down what happened; the inquiry's newest event becomes this one. Returns its number."""
    row = await tx.one(
        "history.add",
        inquiry=inquiry,
        at=now,
        kind=kind,
        actor=actor,
        message=message,
        note=note,
        data=data,
    )
    assert row
    await tx.run("history.advance", inquiry=inquiry, event=row["id"], now=now)
    return int(row["id"])


async def add_all(
    tx: Transaction,
    kind: str,
    actor: str,
    about: Sequence[tuple[InquiryId, int, Mapping[str, object]]],
    *,
    now: datetime,
) -> None:
    """Write down the same of several inquiries, with the message and the data of each, at once."""
    rows = [
        {"inquiry": one, "at": now, "kind": kind, "actor": actor, "message": message, "data": data}
        for one, message, data in about
    ]
    newest = {row["inquiry"]: row["id"] for row in await tx.each("history.add_all", rows)}
    advanced = [{"inquiry": one, "event": event, "now": now} for one, event in newest.items()]
    await tx.each("history.advance_all", advanced)


async def of(tx: Transaction, inquiry: InquiryId) -> list[Event]:
    """Return the whole history of an inquiry, oldest first."""
    return [event_of(row) for row in await tx.all("history.of", inquiry=inquiry)]


def event_of(row: Row) -> Event:
    """Read a row of history."""
    return Event(
        id=row["id"],
        at=moment(row["at"]),
        kind=row["kind"],
        actor=row["actor"],
        message=row["message"],
        note=row["note"],
        data=json.loads(row["data"]),
    )

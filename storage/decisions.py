"""Decisions as they were made: with their facts, and the configuration that made them."""

import json
from dataclasses import dataclass
from datetime import datetime

from inquiry.data import from_data
from inquiry.decision import Decision, Facts
from inquiry.journey import ArrivalId, InquiryId
from storage.database import Row, Transaction, moment
from storage.message_ids import message_id_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One stored decision."""

    arrival: ArrivalId
    decided_at: datetime
    normalizer: str
    decision: Decision
    facts: Facts
    understood: str
    """The message as the rules saw it (``inquiry.data.understood_from_text`` reads it)."""
    reference: str | None = None
    """Of its inquiry; None where it led to none."""


async def remember_configuration(tx: Transaction, hash_: str, text: str, now: datetime) -> None:
    """Keep the text of a configuration, so that its decisions can be explained later."""
    await tx.run("decisions.remember_configuration", hash=hash_, text=text, now=now)


async def record(
    tx: Transaction,
    arrival: ArrivalId,
    inquiry: InquiryId | None,
    *,
    decision: Decision,
    facts: Facts,
    normalizer: str,
    now: datetime,
) -> None:
    """Write down a decision."""
    await tx.run(
        "decisions.record",
        arrival=arrival,
        inquiry=inquiry,
        now=now,
        configuration=decision.configuration,
        normalizer=normalizer,
        decision=decision,
        facts=facts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One stored decision as it is written down, to be read by whoever has time for it."""

    id: int
    arrival: ArrivalId
    reference: str | None
    """Of its inquiry; None where it led to none."""
    decision: str
    facts: str
    understood: str


async def since(tx: Transaction, when: datetime) -> tuple[int, int]:
    """Return the number of the first decision since then (0 = none), and how many there are."""
    row = await tx.one("decisions.first_since", since=when)
    return (row["first"], row["count"]) if row else (0, 0)


async def following(tx: Transaction, first: int, limit: int) -> list[Written]:
    """Return decisions from number ``first`` on, oldest first."""
    return [Written(**row) for row in await tx.all("decisions.following", first=first, limit=limit)]


async def configuration_text(tx: Transaction, hash_: str) -> str | None:
    """Return the kept text of a configuration."""
    row = await tx.one("decisions.configuration", hash=hash_)
    return None if row is None else str(row["text"])


async def last_configuration(tx: Transaction) -> tuple[str, str] | None:
    """Return hash and kept text of the configuration that was put in force last."""
    row = await tx.one("decisions.last_configuration")
    return None if row is None else (row["hash"], row["text"])


async def of_inquiry(tx: Transaction, inquiry: InquiryId) -> list[Recorded]:
    """Return all decisions about an inquiry's messages, oldest first."""
    return [_recorded(row) for row in await tx.all("decisions.of_inquiry", inquiry=inquiry)]


async def of_arrival(tx: Transaction, arrival: ArrivalId) -> list[Recorded]:
    """Return the decisions about one arrival: several where a person let it be decided again."""
    return [_recorded(row) for row in await tx.all("decisions.of_arrival", arrival=arrival)]


async def of_message_id(tx: Transaction, message_id: str) -> list[Recorded]:
    """Return the decisions about the customer's message with this Message-ID."""
    hash_ = message_id_hash(message_id)
    return [_recorded(row) for row in await tx.all("decisions.of_message_id", hash=hash_)]


def _recorded(row: Row) -> Recorded:
    return Recorded(
        arrival=row["arrival"],
        decided_at=moment(row["decided_at"]),
        normalizer=row["normalizer"],
        decision=from_data(Decision, json.loads(row["decision"])),
        facts=from_data(Facts, json.loads(row["facts"])),
        understood=row["understood"],
        reference=row["reference"],
    )

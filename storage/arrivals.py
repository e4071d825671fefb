"""Arrivals on their way through the stages: claimed under a lease, understood, done or kept aside.

Acceptance is in ``intake.py``, what people do with quarantined ones in ``quarantine.py``. Every
step names the lease it was given; once somebody else has claimed the arrival it changes nothing
and returns False.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from inquiry.data import from_data
from inquiry.errors import NotFound
from inquiry.journey import ArrivalId, ChannelName, Envelope
from inquiry.understood import Attachment
from inquiry.words import ArrivalState
from storage import fetches, originals
from storage.acceptance import source_key
from storage.database import Row, Transaction, moment, moment_or_none

DEATHS = 5
"""At so many deaths of processes an arrival was tried again, alone: then it is not any more."""
TOO_OFTEN = 10
"""In hand so often without an end, it is not tried again, whatever else was in hand then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An arrival and the right to take it one step further."""

    id: ArrivalId
    channel: ChannelName
    remote_id: str
    media_type: str
    original: bytes
    envelope: Envelope
    received_at: datetime
    state: ArrivalState
    attempts: int
    """How often it was claimed in this state. More than once: a worker died or put it off."""
    deaths: int
    """How many processes died that were trying it again and had nothing else in hand."""
    lease: int
    understood: str | None
    normalizer: str | None
    released: bool
    """A person took it out of quarantine: it becomes an inquiry whatever ``handle`` says."""

    @property
    def blamed(self) -> str:
        """Why it is not to be tried any more; ``""`` if it is."""
        if self.deaths >= DEATHS:
            return f"{DEATHS} processes died over it"
        if self.attempts > TOO_OFTEN:
            return f"it was in hand {TOO_OFTEN} times when processes died"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An arrival as people look at it."""

    id: ArrivalId
    channel: ChannelName
    remote_id: str
    media_type: str
    original: bytes
    size: int
    envelope: Envelope
    received_at: datetime
    state: ArrivalState
    attempts: int
    understood: str | None
    normalizer: str | None
    reason: str | None
    """Why it is in quarantine, or what went wrong last."""
    released: bool
    settled_at: datetime | None


async def claim(
    tx: Transaction, state: ArrivalState, *, limit: int, lease: timedelta
) -> list[Claimed]:
    """Lease the arrivals that are longest due in ``state``, also those whose lease ran out.

    What was in hand when a process died comes alone. What is understood waits a moment for earlier
    arrivals of its channel, so that they are placed in the order in which they came.
    """
    rows = await tx.all("arrivals.claim", state=state, limit=limit, lease=lease, epoch=tx.epoch)
    return [
        Claimed(lease=row["lease"], deaths=row["deaths"], **_told(row))
        for row in sorted(rows, key=lambda row: row["id"])
    ]


async def understood(tx: Transaction, claimed: Claimed, text: str, normalizer: str) -> bool:
    """Write down what understanding made of it; it is due at once for the next stage."""
    row = await tx.one(
        "arrivals.understood", **_held(claimed), understood=text, normalizer=normalizer
    )
    return row is not None


async def done(tx: Transaction, claimed: Claimed, *, now: datetime) -> bool:
    """It has become a message, or what it reported is written down."""
    return await tx.one("arrivals.done", **_held(claimed), now=now) is not None


async def quarantine(tx: Transaction, claimed: Claimed, reason: str, *, now: datetime) -> bool:
    """Keep it aside for people, and say why."""
    row = await tx.one("arrivals.quarantine", **_held(claimed), reason=reason, now=now)
    return row is not None


async def postpone(tx: Transaction, claimed: Claimed, reason: str, due_at: datetime) -> bool:
    """Let go of it until ``due_at``; the attempt counts."""
    row = await tx.one("arrivals.postpone", **_held(claimed), reason=reason, due_at=due_at)
    return row is not None


async def give_back(tx: Transaction, claimed: Claimed) -> bool:
    """Let go of it untouched, for anybody to claim; the attempt does not count."""
    return await tx.one("arrivals.give_back", **_held(claimed)) is not None


async def put_off(tx: Transaction, claimed: Claimed, due_at: datetime) -> bool:
    """Let go of it until ``due_at``, since it waits for another; the attempt does not count."""
    return await tx.one("arrivals.put_off", **_held(claimed), due_at=due_at) is not None


async def near(
    tx: Transaction, claimed: Claimed, *, most: int, within: timedelta
) -> list[str | None]:
    """Return what was made of those that came just before and after it, and are not placed yet.

    Of the same channel, among so many arrivals and within so much time either way; None stands
    for one that is not understood yet.
    """
    rows = await tx.all(
        "arrivals.near",
        id=claimed.id,
        channel=claimed.channel,
        first=claimed.id - most,
        last=claimed.id + most,
        since=claimed.received_at - within,
        until=claimed.received_at + within,
    )
    return [row["understood"] for row in rows]


async def abandon_leases(tx: Transaction) -> None:
    """Forget who is at work: for the start of a desk's only process, whose forerunner is dead."""
    await tx.run("arrivals.abandon_leases")


async def add_attachment(tx: Transaction, id_: ArrivalId, attachment: Attachment) -> None:
    """Keep a file that came with it, or fetch it later, until a message takes it over."""
    if attachment.remote:
        await fetches.add(tx, id_, attachment)
        return
    await tx.run(
        "arrivals.add_attachment",
        arrival=id_,
        original=await originals.put(tx, attachment.content),
        filename=attachment.filename,
        content_type=attachment.content_type,
        size=attachment.size,
        inline=attachment.inline,
        content_id=attachment.content_id,
    )


async def find(tx: Transaction, id_: ArrivalId) -> Stored:
    """Return one arrival.

    Raises:
        NotFound: there is none of this number.
    """
    row = await tx.one("arrivals.find", id=id_)
    if row is None:
        raise NotFound(f"there is no arrival {id_}")
    return stored(row)


async def accepted_as(tx: Transaction, channel: ChannelName, remote_id: str) -> Stored | None:
    """Return the arrival that was accepted under this name, None if there is none."""
    rows = await tx.each("acceptance.by_key", [{"source_key": source_key(channel, remote_id)}])
    return await find(tx, ArrivalId(rows[0]["id"])) if rows else None


async def raw(tx: Transaction, id_: ArrivalId) -> bytes:
    """Return an arrival's bytes as they came in. Raises like ``find`` and ``originals.read``."""
    return await originals.read(tx, (await find(tx, id_)).original)


async def counts(tx: Transaction) -> dict[ArrivalState, int]:
    """Return how many are on their way or kept aside; those done are not counted."""
    rows = await tx.all("arrivals.counts")
    return {ArrivalState(row["state"]): row["count"] for row in rows}


async def oldest_waiting_since(tx: Transaction) -> datetime | None:
    """Return when the oldest arrival that is not done was received."""
    row = await tx.one("arrivals.oldest")
    return moment_or_none(row["received_at"] if row else None)


def stored(row: Row) -> Stored:
    """Read a row of ``arrivals.find``."""
    return Stored(
        size=row["size"],
        reason=row["reason"],
        settled_at=moment_or_none(row["settled_at"]),
        **_told(row),
    )


def _told(row: Row) -> dict[str, Any]:
    return {
        "id": ArrivalId(row["id"]),
        "channel": ChannelName(row["channel"]),
        "remote_id": row["remote_id"],
        "media_type": row["media_type"],
        "original": bytes(row["original"]),
        "envelope": from_data(Envelope, json.loads(row["envelope"])),
        "received_at": moment(row["received_at"]),
        "state": ArrivalState(row["state"]),
        "attempts": row["attempts"],
        "understood": row["understood"],
        "normalizer": row["normalizer"],
        "released": bool(row["released"]),
    }


def _held(claimed: Claimed) -> Mapping[str, object]:
    return {"id": claimed.id, "state": claimed.state, "lease": claimed.lease}

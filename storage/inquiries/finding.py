"""The inquiry that a message may belong to: found by number, by place, or by a mere hint."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from inquiry.journey import ChannelName, ContactPointId, InquiryId, QueueName, Reference
from inquiry.words import Priority, State
from storage.database import Row, Transaction
from storage.message_ids import message_id_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What the router must know of an inquiry to place a message in it."""

    id: InquiryId
    reference: Reference
    state: State
    channel: ChannelName
    queue: QueueName
    category: str
    priority: Priority
    tags: tuple[str, ...]
    fields: Mapping[str, str]
    participants: frozenset[ContactPointId]
    companions: frozenset[ContactPointId] = frozenset()
    """Who may write in it because they read it where it is talked about; nothing goes to them."""
    in_one_breath: bool = False
    """Is the message another beginning by the same person, a moment apart?"""


async def by_id(tx: Transaction, inquiry: InquiryId) -> Placed | None:
    """Return an inquiry as the router sees it, and hold it until the transaction ends."""
    return await _placed(tx, await tx.one("finding.by_id", id=inquiry))


async def by_reference(tx: Transaction, reference: str) -> Placed | None:
    """Return the inquiry of a reference as the router sees it, and hold it."""
    row = await tx.one("finding.number", reference=reference)
    return await by_id(tx, InquiryId(row["id"])) if row else None


async def latest_in_conversation(
    tx: Transaction, channel: ChannelName, contact_point: ContactPointId, conversation: str
) -> Placed | None:
    """Return the newest inquiry of a messenger conversation that isn't closed."""
    found = await tx.one(
        "finding.latest_in_conversation",
        channel=channel,
        contact_point=contact_point,
        conversation=conversation,
    )
    return await _placed(tx, found)


async def latest_in_place(
    tx: Transaction, channel: ChannelName, conversation: str
) -> Placed | None:
    """Return the newest inquiry of a thread that isn't closed, whoever's it is.

    That is one which was opened there, or the one to which the thread's first message belongs.
    """
    first = conversation.rpartition("/")[2]
    where = {"channel": channel, "conversation": conversation, "first": first}
    return await _placed(tx, await tx.one("finding.latest_in_place", **where))


async def begun_between(
    tx: Transaction,
    channel: ChannelName,
    contact_point: ContactPointId,
    place: str,
    *,
    since: datetime,
    until: datetime,
) -> Placed | None:
    """Return the inquiry of the last thread that somebody has begun in a place meanwhile.

    Only one of their own that isn't closed.
    """
    found = await tx.one(
        "finding.begun_between",
        channel=channel,
        contact_point=contact_point,
        place=place,
        since=since,
        until=until,
    )
    return await _placed(tx, found)


async def is_in_place(
    tx: Transaction, inquiry: InquiryId, channel: ChannelName, conversation: str
) -> bool:
    """Is it this conversation where the inquiry is talked about, and is it not closed?"""
    where = {"channel": channel, "conversation": conversation}
    return await tx.one("finding.in_place", inquiry=inquiry, **where) is not None


async def related(tx: Transaction, message_ids: Iterable[str]) -> Reference | None:
    """Return an inquiry that knows one of these Message-IDs: a hint, never a proof."""
    for message_id in message_ids:
        if row := await tx.one("finding.related", hash=message_id_hash(message_id)):
            return Reference(row["reference"])
    return None


async def with_reference(tx: Transaction, written: str) -> Reference | None:
    """Return the inquiry of a reference that somebody wrote, if there is one: a hint, no proof."""
    row = await tx.one("finding.with_reference", reference=written)
    return None if row is None else Reference(row["reference"])


async def _placed(tx: Transaction, row: Row | None) -> Placed | None:
    if row is None:
        return None
    people = await tx.all("finding.participants", inquiry=row["id"])
    return Placed(
        id=row["id"],
        reference=row["reference"],
        state=State(row["state"]),
        channel=row["channel"],
        queue=row["queue"],
        category=row["category"],
        priority=Priority(row["priority"]),
        tags=tuple(json.loads(row["tags"])),
        fields=json.loads(row["fields"]),
        participants=frozenset(person["contact_point"] for person in people),
    )

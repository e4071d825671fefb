"""The same mail once more, by another of our addresses: both queues shall know."""

import json
from dataclasses import dataclass
from datetime import datetime

from inquiry.data import from_data, understood_from_text
from inquiry.journey import ChannelName, Envelope, InquiryId, QueueName
from inquiry.understood import Message
from storage import history
from storage.database import Transaction
from storage.inquiries.finding import Placed
from storage.inquiries.opening import Coming
from storage.message_ids import message_id_hash

ALSO = "also-"
"""Begins the tag that names a further queue which received the same mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A message that is here already, as it came."""

    inquiry: InquiryId
    channel: ChannelName
    envelope: Envelope
    message: Message


async def with_message_id(tx: Transaction, coming: Coming, *, since: datetime) -> list[Earlier]:
    """Return the same writer's messages under the same Message-ID: it alone proves nothing."""
    if not coming.message.message_id:
        return []
    found = await tx.all(
        "copies.with_message_id",
        hash=message_id_hash(coming.message.message_id),
        contact_point=coming.contact_point.id,
        arrival=coming.arrival,
        since=since,
    )
    return [
        Earlier(
            inquiry=InquiryId(row["inquiry"]),
            channel=row["channel"],
            envelope=from_data(Envelope, json.loads(row["envelope"])),
            message=message,
        )
        for row in found
        if isinstance(message := understood_from_text(row["understood"]), Message)
    ]


async def also_came(
    tx: Transaction, inquiry: Placed, where: str, queue: QueueName | None, now: datetime
) -> None:
    """Write down that the same mail came to a channel or address too, for which is ``queue``."""
    tag = f"{ALSO}{queue}"
    if queue and queue != inquiry.queue and tag not in inquiry.tags:
        await tx.run("copies.retag", inquiry=inquiry.id, tags=[*inquiry.tags, tag])
    await history.add(
        tx, inquiry.id, "also-came", history.DESK, now=now, to=where, queue=queue or ""
    )

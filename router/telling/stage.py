"""Who was known before is told that somebody has been joined to them, and how to undo it.

A proof may have been stolen: whoever uses it can't be asked whether it is theirs. So nobody is
joined unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inquiry.journey import ChannelName, ContactPointId, InquiryId
from inquiry.words import Purpose
from router.continuity.said import half_hidden
from storage import answers, history, joins, undoing
from storage.database import Transaction
from storage.joins import Point
from storage.undoing import Known

JOINED_ELSEWHERE = "joined-elsewhere"
"""A template."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Two persons before they become one: who wrote now, and who is proved."""

    writer: Point
    holder: Point
    writers: Sequence[Known]
    holders: Sequence[Known]


async def before(tx: Transaction, writer: ContactPointId, holder: ContactPointId) -> Sides:
    """Remember who was whose."""
    one, other = await joins.point(tx, writer), await joins.point(tx, holder)
    return Sides(
        one,
        other,
        await undoing.known(tx, one.customer),
        await undoing.known(tx, other.customer),
    )


async def tell(
    tx: Transaction,
    sides: Sides,
    join: int,
    inquiry: InquiryId,
    channel: ChannelName,
    *,
    now: datetime,
) -> None:
    """Tell everybody but the writer, who has just said yes, of the one who is new to them."""
    for known in sides.holders:
        await _tell_one(tx, known, sides.writer, sides, join, inquiry, channel, now)
    for known in sides.writers:
        if known.id != sides.writer.id:
            await _tell_one(tx, known, sides.holder, sides, join, inquiry, channel, now)


async def _tell_one(
    tx: Transaction,
    known: Known,
    other: Point,
    sides: Sides,
    join: int,
    inquiry: InquiryId,
    channel: ChannelName,
    now: datetime,
) -> None:
    if known.automatic or (known.hearsay and known.id != sides.holder.id):
        return  # nobody reads it, or nobody has proved to read it
    key = await undoing.add(tx, join, known.id, other.id, now=now)
    if key is None:
        reason = "it was told of several joins today"
        await history.add(
            tx,
            inquiry,
            "not-acknowledged",
            history.DESK,
            now=now,
            reason=reason,
            template=JOINED_ELSEWHERE,
        )
        return
    await joins.stand_by(tx, inquiry, known.id, now=now)
    await answers.add(
        tx,
        inquiry=inquiry,
        contact_point=known.id,
        purpose=Purpose.ACKNOWLEDGEMENT,
        channel=known.channel or channel,
        template=JOINED_ELSEWHERE,
        about={
            "undo": key,
            "sort": other.contact,
            "address": half_hidden(other.address) if other.contact == "mail" else "",
            "language": known.language,
        },
        now=now,
    )

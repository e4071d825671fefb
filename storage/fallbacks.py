"""Saying it another way: an answer that can't go where it was meant to goes where it still can.

Only to contact points that were the same person's when the answer was written, and still are.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inquiry.journey import ChannelName, ContactPointId, DispatchId, InquiryId, MessageId
from inquiry.words import Purpose
from storage import answers, history, joins
from storage.database import Row, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What is said once more: one answer, or several that nobody has seen."""

    inquiry: InquiryId
    of: tuple[MessageId, ...]
    """In their order; the files of all of them go along."""
    text: str
    subject: str
    language: str
    specialist: str | None


async def others(tx: Transaction, contact_point: ContactPointId) -> tuple[ContactPointId, ...]:
    """Return the same person's other contact points, the one used last first: to be frozen."""
    rows = await tx.all("answers.reaches", contact_point=contact_point)
    return tuple(row["id"] for row in rows)


async def take_over(
    tx: Transaction, dispatch: DispatchId, reason: str, *, now: datetime
) -> MessageId | None:
    """Let a dead answer go by the first of its fallbacks that is still the same person's.

    None if there is none: then it stays dead, and on somebody's screen.
    """
    row = await tx.one("fallbacks.dead", id=dispatch)
    if row is None:
        return None
    ways: list[tuple[int, str | None]] = json.loads(row["fallbacks"])
    still = await answers.reaches(tx, row["contact_point"], [ContactPointId(w[0]) for w in ways])
    if not still:
        return None
    to = still[0].contact_point
    channel = ChannelName(dict(ways)[to] or row["channel"])
    rest = [reach.contact_point for reach in still[1:]]
    message = await say_again(tx, _saying(row), to, channel, fallbacks=rest, now=now)
    await tx.run("fallbacks.replaced", id=dispatch, message=message)
    await history.add(
        tx,
        row["inquiry"],
        "fell-back",
        history.DESK,
        now=now,
        message=message,
        to=channel,
        was=row["channel"],
        reason=reason,
    )
    return message


async def say_again(
    tx: Transaction,
    saying: Saying,
    to: ContactPointId,
    channel: ChannelName,
    *,
    fallbacks: Sequence[ContactPointId] = (),
    now: datetime,
) -> MessageId:
    """Make an answer of its own of it, for another contact point that takes part from now on."""
    await joins.take_part(tx, saying.inquiry, to, now=now)
    message = await answers.add_message(
        tx,
        inquiry=saying.inquiry,
        contact_point=to,
        channel=channel,
        specialist=saying.specialist,
        subject=saying.subject,
        text=saying.text,
        language=saying.language,
        now=now,
    )
    await tx.run("fallbacks.say_instead", message=message, of=saying.of[-1])
    for each in saying.of:
        await tx.run("fallbacks.copy_files", message=message, of=each)
    await answers.add(
        tx,
        inquiry=saying.inquiry,
        contact_point=to,
        purpose=Purpose.ANSWER,
        channel=channel,
        message=message,
        fallbacks=fallbacks,
        now=now,
    )
    return message


def _saying(row: Row) -> Saying:
    return Saying(
        inquiry=row["inquiry"],
        of=(MessageId(row["message"]),),
        text=row["text"],
        subject=row["subject"],
        language=row["language"],
        specialist=row["specialist"],
    )

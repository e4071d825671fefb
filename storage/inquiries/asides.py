"""Messages kept beside an inquiry: a specialist lets one in, or leaves it out for good."""

from dataclasses import dataclass
from datetime import datetime

from inquiry.data import understood_from_text
from inquiry.decision import Decision
from inquiry.errors import Conflict, NotFound
from inquiry.journey import ArrivalId, ChannelName, InquiryId, SpecialistName
from inquiry.understood import Message
from inquiry.words import State
from storage import history
from storage.customers import find_or_add
from storage.database import Transaction
from storage.inquiries import finding, opening
from storage.inquiries.opening import Coming


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """One that waits for a decision, held until the transaction ends."""

    id: int
    inquiry: InquiryId
    arrival: ArrivalId
    channel: ChannelName
    message: Message


async def hold(tx: Transaction, aside: int) -> Aside:
    """Return a waiting one.

    Raises:
        NotFound: there is none of this number.
        Conflict: it is decided already.
    """
    row = await tx.one("asides.hold", id=aside)
    if row is None:
        raise NotFound(f"there is no message {aside} kept aside")
    if row["state"] != "waiting":
        raise Conflict(f"message {aside} kept aside is {row['state']} already")
    message = understood_from_text(row["understood"])
    assert isinstance(message, Message)
    return Aside(
        id=row["id"],
        inquiry=row["inquiry"],
        arrival=row["arrival"],
        channel=row["channel"],
        message=message,
    )


async def confirm(
    tx: Transaction, aside: Aside, specialist: SpecialistName, *, contact: str, now: datetime
) -> None:
    """Let it in: its writer takes part from now on, and it is a message like the others.

    Raises:
        Conflict: its inquiry is closed, or nobody can be read as its writer.
    """
    placed = await finding.by_id(tx, aside.inquiry)
    assert placed
    if placed.state is State.CLOSED:
        raise Conflict(f"{placed.reference} is closed: reopen it first")
    sender = aside.message.sender
    if sender is None or not sender.address:
        raise Conflict(f"nobody can be read as the writer of message {aside.id} kept aside")
    who = await find_or_add(tx, contact, sender, language=aside.message.language, now=now)
    await tx.run(
        "opening.add_participant",
        inquiry=aside.inquiry,
        contact_point=who.id,
        role="confirmed",
        now=now,
    )
    by = history.specialist(specialist)
    await _settle(tx, aside, "confirmed", specialist, now)
    await history.add(tx, aside.inquiry, "confirmed", by, now=now, address=sender.address)
    coming = Coming(
        arrival=aside.arrival, channel=aside.channel, contact_point=who, message=aside.message
    )
    await opening.follow_up(tx, placed, coming, Decision(priority=placed.priority), now=now)


async def refuse(
    tx: Transaction, aside: Aside, specialist: SpecialistName, *, now: datetime
) -> None:
    """Leave it out for good; specialists still see it."""
    by = history.specialist(specialist)
    await _settle(tx, aside, "refused", specialist, now)
    await history.add(tx, aside.inquiry, "refused", by, now=now)


async def _settle(
    tx: Transaction, aside: Aside, state: str, by: SpecialistName, now: datetime
) -> None:
    row = await tx.one("asides.settle", id=aside.id, state=state, by=by, now=now)
    assert row

"""Saying something to the customer, and taking it back before it leaves."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from inquiry.errors import Conflict
from inquiry.journey import (
    AnswerId,
    ChannelName,
    ContactPointId,
    File,
    InquiryId,
    SpecialistName,
)
from inquiry.words import Purpose, State
from specialists.acts.words import words_in
from specialists.states import check, event_kind
from storage import answers, dispatches, fallbacks, history, joins
from storage.database import Database, Transaction
from storage.history import Event
from storage.inquiries import transitions
from storage.inquiries.transitions import Standing

NO_TIME = timedelta(0)
NONE_OF_ITS_OWN: Mapping[ChannelName, timedelta] = {}


class Overtaken(Conflict):
    """Something happened that whoever writes has not seen: nothing was sent."""

    def __init__(self, events: Sequence[Event]) -> None:
        super().__init__("something newer has happened to this inquiry: read it first")
        self.events = tuple(events)


async def answer(
    db: Database,
    *,
    inquiry: InquiryId,
    specialist: SpecialistName,
    text: str,
    then: State = State.WAITING_FOR_CUSTOMER,
    seen_event: int | None = None,
    undo: timedelta = NO_TIME,
    undo_by: Mapping[ChannelName, timedelta] = NONE_OF_ITS_OWN,
    channel: ChannelName | None = None,
    contact_point: ContactPointId | None = None,
    files: Sequence[File] = (),
    now: datetime,
) -> AnswerId:
    """Say something to the customer, not before ``undo`` has passed, or the channel's own time.

    It goes to the participant who wrote last, by the channel used then, unless the specialist has
    chosen; the recipient is fixed here, and so are the person's other contact points, to which it
    may fall back. ``seen_event`` is the newest event the writer knew, None
    sends whatever has happened. Whoever answers an inquiry of nobody's takes it.

    Raises:
        Overtaken: there is something newer to read first.
        Conflict: the inquiry is closed, or ``contact_point`` is neither a participant nor the same
            person.
    """
    words = words_in(text, "an answer")

    async def work(tx: Transaction) -> AnswerId:
        standing = await _guarded(tx, inquiry, seen_event)
        recipient, last_way = await _recipient(tx, standing, contact_point, now)
        way = channel or last_way
        message = await transitions.add_answer(
            tx,
            standing,
            specialist,
            words,
            contact_point=recipient,
            channel=way,
            then=then,
            files=files,
            now=now,
        )
        await _answered(tx, standing, specialist, then, now)
        return await answers.add(
            tx,
            inquiry=inquiry,
            contact_point=recipient,
            purpose=Purpose.ANSWER,
            channel=way,
            message=message,
            fallbacks=await fallbacks.others(tx, recipient),
            send_at=now + undo_by.get(way, undo),
            now=now,
        )

    return await db.write(work)


async def _guarded(tx: Transaction, inquiry: InquiryId, seen: int | None) -> Standing:
    """Hold an inquiry, if its writer has seen all there is to see."""
    standing = await transitions.hold(tx, inquiry)
    if seen is not None and (events := await transitions.newer(tx, inquiry, seen)):
        raise Overtaken(events)
    if standing.state is State.CLOSED:
        raise Conflict(f"{standing.reference} is closed: reopen it first")
    return standing


async def _recipient(
    tx: Transaction, standing: Standing, chosen: ContactPointId | None, now: datetime
) -> tuple[ContactPointId, ChannelName]:
    if chosen is None:
        return await transitions.last_writer(tx, standing)
    if await joins.same_person(tx, chosen, standing.contact_point):
        await joins.take_part(tx, standing.id, chosen, now=now)
    return chosen, await transitions.way_to(tx, standing, chosen)


async def _answered(
    tx: Transaction, standing: Standing, specialist: SpecialistName, then: State, now: datetime
) -> None:
    """Take the inquiry to the state that the answer leaves it in; nobody's becomes the writer's."""
    by = history.specialist(specialist)
    if then is not standing.state:
        check(standing.reference, standing.state, then)
        kind = event_kind(standing.state, then)
        kind = "" if kind == "state" else kind  # the answer itself tells of an ordinary change
        await transitions.move(tx, standing, then, by=by, kind=kind, now=now)
    if standing.assignee is None:
        await transitions.assign(tx, standing, specialist, by=by, now=now)


async def undo(db: Database, *, answer: AnswerId, specialist: SpecialistName, now: datetime) -> str:
    """Take an answer back before it leaves; return its text, to be written again.

    Raises:
        NotFound: there is no such answer.
        Conflict: it has left, or is leaving just now.
    """
    by = history.specialist(specialist)

    async def work(tx: Transaction) -> str:
        found = await transitions.find_answer(tx, answer)
        if not await answers.withdraw(tx, answer, "taken back"):
            dispatched = await dispatches.of_answer(tx, answer)
            if dispatched is None:
                raise Conflict("the answer was taken back already")
            await dispatches.act(tx, dispatched[0], dispatches.UNDO, by=by, now=now)
        standing = await transitions.hold(tx, found.inquiry)
        await transitions.take_back(tx, standing, found.message, by=by, now=now)
        return found.text

    return await db.write(work)

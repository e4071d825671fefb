"""What a specialist does with an inquiry: each act is one transaction, with its history."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from inquiry.errors import BridgeError, Conflict
from inquiry.journey import (
    AnswerId,
    ChannelName,
    ContactPointId,
    File,
    InquiryId,
    QueueName,
    SpecialistName,
)
from inquiry.words import JoinWay, Priority, Purpose, State
from specialists.states import check, event_kind
from storage import answers, dispatches, fallbacks, history, joins
from storage.database import Database, Transaction
from storage.history import Event
from storage.inquiries import asides, transitions
from storage.inquiries.transitions import Standing

NO_TIME = timedelta(0)
OPERATOR = "operator"
"""Who acts where no specialist is named."""
NONE_OF_ITS_OWN: Mapping[ChannelName, timedelta] = {}


class Overtaken(Conflict):
    """Something happened that whoever writes has not seen: nothing was sent."""

    def __init__(self, events: Sequence[Event]) -> None:
        super().__init__("something newer has happened to this inquiry: read it first")
        self.events = tuple(events)


class NoWords(BridgeError):
    """An answer or a note without a text."""


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
    words = _words(text, "an answer")

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


async def note(
    db: Database, *, inquiry: InquiryId, specialist: SpecialistName, text: str, now: datetime
) -> int:
    """Tell the other specialists something; return the note's number."""

    async def work(tx: Transaction) -> int:
        standing = await transitions.hold(tx, inquiry)
        await _touch(tx, standing, specialist, now)
        return await transitions.add_note(tx, inquiry, specialist, _words(text, "a note"), now=now)

    return await db.write(work)


async def assign(
    db: Database,
    *,
    inquiry: InquiryId,
    specialist: SpecialistName,
    to: SpecialistName | None,
    now: datetime,
) -> None:
    """Make ``to`` responsible; oneself takes it, None gives it back to the queue."""
    by = history.specialist(specialist)

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        if standing.assignee == to:
            return
        await transitions.assign(tx, standing, to, by=by, now=now)
        if to is not None:
            await _touch(tx, standing, specialist, now)

    await db.write(work)


async def move(
    db: Database,
    *,
    inquiry: InquiryId,
    specialist: SpecialistName,
    queue: QueueName,
    now: datetime,
) -> None:
    """Hand the inquiry over to another queue, where somebody else will be given it or take it."""

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        if standing.queue != queue:
            by = history.specialist(specialist)
            await transitions.move_queue(tx, standing, queue, by=by, now=now)

    await db.write(work)


async def prioritise(
    db: Database,
    *,
    inquiry: InquiryId,
    specialist: SpecialistName,
    priority: Priority,
    now: datetime,
) -> None:
    """Say how pressing it is."""

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        if standing.priority is not priority:
            by = history.specialist(specialist)
            await transitions.set_priority(tx, standing, priority, by=by, now=now)

    await db.write(work)


async def tag(
    db: Database,
    *,
    inquiry: InquiryId,
    specialist: SpecialistName,
    tags: Sequence[str],
    now: datetime,
) -> None:
    """Give the inquiry exactly these labels."""
    wanted = tuple(dict.fromkeys(filter(None, (tag.strip() for tag in tags))))

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        if standing.tags != wanted:
            by = history.specialist(specialist)
            await transitions.set_tags(tx, standing, wanted, by=by, now=now)

    await db.write(work)


async def set_state(
    db: Database, *, inquiry: InquiryId, specialist: SpecialistName, to: State, now: datetime
) -> None:
    """Resolve, close, reopen, or say what it waits for.

    Raises:
        Conflict: there is no way from where it stands.
    """

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        check(standing.reference, standing.state, to)
        kind = event_kind(standing.state, to)
        by = history.specialist(specialist)
        await transitions.move(tx, standing, to, by=by, kind=kind, now=now)

    await db.write(work)


async def resolve(
    db: Database, *, inquiry: InquiryId, specialist: SpecialistName, now: datetime
) -> None:
    """Say that the customer is helped."""
    await set_state(db, inquiry=inquiry, specialist=specialist, to=State.RESOLVED, now=now)


async def reopen(
    db: Database, *, inquiry: InquiryId, specialist: SpecialistName, now: datetime
) -> None:
    """Take a resolved or closed inquiry up again.

    Raises:
        Conflict: it is neither.
    """

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        if standing.state.active:
            raise Conflict(f"{standing.reference} is {standing.state}: there is nothing to reopen")
        by = history.specialist(specialist)
        await transitions.move(tx, standing, State.OPEN, by=by, kind="reopened", now=now)

    await db.write(work)


async def close(
    db: Database, *, inquiry: InquiryId, specialist: SpecialistName, now: datetime
) -> None:
    """Put it away: what the customer writes next opens a new inquiry, linked to this one."""
    await set_state(db, inquiry=inquiry, specialist=specialist, to=State.CLOSED, now=now)


async def works(db: Database, *, inquiry: InquiryId, now: datetime) -> None:
    """The customer says that it works now: resolved, unless it is already."""

    async def work(tx: Transaction) -> None:
        standing = await transitions.hold(tx, inquiry)
        if standing.state.active:
            await transitions.move(
                tx, standing, State.RESOLVED, by=history.CUSTOMER, kind="works", now=now
            )

    await db.write(work)


async def confirm_aside(
    db: Database,
    *,
    aside: int,
    specialist: SpecialistName,
    contact: str = "mail",
    now: datetime,
) -> None:
    """Let a message kept beside its inquiry in, and its writer take part.

    Raises:
        NotFound: there is no such message.
        Conflict: it is decided already, or the inquiry is closed.
    """

    async def work(tx: Transaction) -> None:
        held = await asides.hold(tx, aside)
        await asides.confirm(tx, held, specialist, contact=contact, now=now)

    await db.write(work)


async def refuse_aside(
    db: Database, *, aside: int, specialist: SpecialistName, now: datetime
) -> None:
    """Leave a message kept beside its inquiry out for good. Raises like ``confirm_aside``."""

    async def work(tx: Transaction) -> None:
        await asides.refuse(tx, await asides.hold(tx, aside), specialist, now=now)

    await db.write(work)


async def join(
    db: Database,
    one: ContactPointId,
    other: ContactPointId,
    *,
    inquiry: InquiryId | None,
    specialist: str,
    now: datetime,
) -> int:
    """Say that two contact points are the same person; return the join's number.

    Raises:
        NotFound: there is no such contact point.
        Conflict: they are joined already.
    """
    by = history.specialist(specialist) if specialist else OPERATOR

    async def work(tx: Transaction) -> int:
        made = await joins.join(
            tx, one, other, way=JoinWay.SPECIALIST, by=by, inquiry=inquiry, now=now
        )
        if made is None:
            raise Conflict("they are joined already")
        return made

    return await db.write(work)


async def part(db: Database, join_: int, *, specialist: str, now: datetime) -> None:
    """Undo a join. Raises NotFound, and Conflict where it is undone already."""
    by = history.specialist(specialist) if specialist else OPERATOR
    await db.write(lambda tx: joins.end(tx, join_, by=by, now=now))


async def say_strangers(
    db: Database, one: ContactPointId, other: ContactPointId, *, specialist: str, now: datetime
) -> None:
    """Say that two are not the same person: they aren't suggested again. Raises Conflict."""
    by = history.specialist(specialist)
    await db.write(lambda tx: joins.say_strangers(tx, one, other, by=by, now=now))


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


async def _touch(
    tx: Transaction, standing: Standing, specialist: SpecialistName, now: datetime
) -> None:
    """What somebody has looked at is not new any more."""
    if standing.state is State.NEW:
        by = history.specialist(specialist)
        await transitions.move(tx, standing, State.OPEN, by=by, now=now)


def _words(text: str, what: str) -> str:
    if not text.strip():
        raise NoWords(f"{what} needs words")
    return text.strip("\n").rstrip()

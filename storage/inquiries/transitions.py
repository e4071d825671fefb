"""How an inquiry changes: one function per transition, guarded by what it expects, with history."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inquiry.errors import Conflict, NotFound
from inquiry.journey import (
    AnswerId,
    ChannelName,
    ContactPointId,
    File,
    InquiryId,
    MessageId,
    QueueName,
    Reference,
    SpecialistName,
)
from inquiry.words import Priority, State
from storage import answers, history, originals
from storage.database import Transaction
from storage.history import Event, event_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An inquiry as acts need it, held until the transaction ends."""

    id: InquiryId
    reference: Reference
    state: State
    queue: QueueName
    assignee: SpecialistName | None
    priority: Priority
    channel: ChannelName
    contact_point: ContactPointId
    subject: str
    language: str
    tags: tuple[str, ...]
    unanswered: int
    event: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a specialist said in an answer."""

    inquiry: InquiryId
    message: MessageId
    text: str


async def by_reference(tx: Transaction, reference: str) -> InquiryId:
    """Return the inquiry with this public number.

    Raises:
        NotFound: there is none.
    """
    wanted = reference.strip()
    row = await tx.one("transitions.by_reference", reference=wanted, shouted=wanted.upper())
    if row is None:
        raise NotFound(f"there is no inquiry {wanted}")
    return InquiryId(row["id"])


async def hold(tx: Transaction, inquiry: InquiryId) -> Standing:
    """Return an inquiry and let nobody else change it until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    row = await tx.one("transitions.hold", id=inquiry)
    if row is None:
        raise NotFound(f"there is no inquiry {inquiry}")
    return Standing(
        id=row["id"],
        reference=row["reference"],
        state=State(row["state"]),
        queue=row["queue"],
        assignee=row["assignee"],
        priority=Priority(row["priority"]),
        channel=row["channel"],
        contact_point=row["contact_point"],
        subject=row["subject"],
        language=row["language"],
        tags=tuple(json.loads(row["tags"])),
        unanswered=row["unanswered"],
        event=row["event"],
    )


async def newer(tx: Transaction, inquiry: InquiryId, seen: int) -> list[Event]:
    """Return what a writer should have read first: newer messages, answers, notes, assignments."""
    return [event_of(row) for row in await tx.all("transitions.newer", inquiry=inquiry, seen=seen)]


async def move(
    tx: Transaction,
    standing: Standing,
    to: State,
    *,
    by: str,
    kind: str = "state",
    now: datetime,
) -> None:
    """Change the state; ``kind`` is what history calls it, "" leaves it to another event."""
    row = await tx.one(
        "transitions.move_state",
        id=standing.id,
        expected=standing.state,
        state=to,
        keep=to is State.CLOSED,
        resolved_at=now if to is State.RESOLVED else None,
        closed_at=now if to is State.CLOSED else None,
        now=now,
    )
    _must(row, f"{standing.reference} is no longer {standing.state}")
    if kind:
        await history.add(tx, standing.id, kind, by, now=now, was=standing.state, to=to)


async def count_unanswered(tx: Transaction, standing: Standing, unanswered: int) -> None:
    """Write down how many of the customer's messages nobody has answered."""
    await tx.run("transitions.count_unanswered", id=standing.id, unanswered=unanswered)


async def assign(
    tx: Transaction, standing: Standing, to: SpecialistName | None, *, by: str, now: datetime
) -> None:
    """Make ``to`` responsible instead of whoever is; None is nobody."""
    before = standing.assignee or ""
    row = await tx.one("transitions.assign", id=standing.id, expected=before, assignee=to, now=now)
    _must(row, f"{standing.reference} is no longer assigned to {before or 'nobody'}")
    kind = "assigned" if to else "unassigned"
    await history.add(tx, standing.id, kind, by, now=now, was=before, to=to or "")


async def move_queue(
    tx: Transaction, standing: Standing, to: QueueName, *, by: str, now: datetime
) -> None:
    """Hand it over to another queue; nobody there is responsible yet."""
    row = await tx.one(
        "transitions.move_queue", id=standing.id, expected=standing.queue, queue=to, now=now
    )
    _must(row, f"{standing.reference} is no longer in queue {standing.queue}")
    await history.add(tx, standing.id, "moved", by, now=now, was=standing.queue, to=to)


async def set_priority(
    tx: Transaction, standing: Standing, to: Priority, *, by: str, now: datetime
) -> None:
    """Change how pressing it is."""
    row = await tx.one(
        "transitions.set_priority",
        id=standing.id,
        expected=standing.priority,
        priority=to,
        now=now,
    )
    _must(row, f"{standing.reference} no longer has priority {standing.priority}")
    await history.add(tx, standing.id, "priority", by, now=now, was=standing.priority, to=to)


async def set_tags(
    tx: Transaction, standing: Standing, tags: Sequence[str], *, by: str, now: datetime
) -> None:
    """Change the free labels."""
    row = await tx.one(
        "transitions.tag", id=standing.id, expected=standing.tags, tags=tuple(tags), now=now
    )
    _must(row, f"the tags of {standing.reference} have changed")
    await history.add(tx, standing.id, "tagged", by, now=now, was=standing.tags, to=tuple(tags))


async def add_note(
    tx: Transaction, inquiry: InquiryId, specialist: SpecialistName, text: str, *, now: datetime
) -> int:
    """Write down what only specialists see; return its number."""
    row = await tx.one(
        "transitions.add_note", inquiry=inquiry, specialist=specialist, text=text, now=now
    )
    assert row
    note = int(row["id"])
    by = history.specialist(specialist)
    await history.add(tx, inquiry, "noted", by, now=now, note=note)
    return note


async def add_answer(
    tx: Transaction,
    standing: Standing,
    specialist: SpecialistName,
    text: str,
    *,
    contact_point: ContactPointId,
    channel: ChannelName,
    then: State,
    files: Sequence[File] = (),
    now: datetime,
) -> MessageId:
    """Write down what a specialist says to a customer; it gets its form when it is composed."""
    message = await answers.add_message(
        tx,
        inquiry=standing.id,
        contact_point=contact_point,
        channel=channel,
        specialist=specialist,
        subject=standing.subject,
        text=text,
        language=standing.language,
        now=now,
    )
    for file in files:
        await _add_file(tx, message, file)
    await tx.run("transitions.count_unanswered", id=standing.id, unanswered=0)
    await history.add(
        tx,
        standing.id,
        "answered",
        history.specialist(specialist),
        now=now,
        message=message,
        was=standing.state,
        then=then,
        unanswered=standing.unanswered,
    )
    return message


async def take_back(
    tx: Transaction, standing: Standing, message: MessageId, *, by: str, now: datetime
) -> None:
    """Undo what an answer did to its inquiry, as far as nothing else has happened since."""
    row = await tx.one("transitions.answer_event", inquiry=standing.id, message=message)
    assert row
    before = json.loads(row["data"])
    await tx.run("outbox.withdraw_message", message=message, now=now)
    await history.add(tx, standing.id, "withdrawn", by, now=now, message=message)
    if standing.state == before["then"] != before["was"]:
        await move(tx, standing, State(before["was"]), by=by, kind="", now=now)
    if not standing.unanswered:
        await tx.run(
            "transitions.count_unanswered", id=standing.id, unanswered=before["unanswered"]
        )


async def last_writer(tx: Transaction, standing: Standing) -> tuple[ContactPointId, ChannelName]:
    """Return whom an answer goes to: the participant who wrote last, by the channel used then."""
    row = await tx.one("transitions.last_writer", inquiry=standing.id)
    if row is None:
        return standing.contact_point, standing.channel
    return row["contact_point"], row["channel"]


async def way_to(tx: Transaction, standing: Standing, contact_point: ContactPointId) -> ChannelName:
    """Return the channel that a participant used last, or the one it all began with.

    Raises:
        Conflict: the contact point takes no part: answers may not go there.
    """
    who = {"inquiry": standing.id, "contact_point": contact_point}
    _must(
        await tx.one("transitions.participant", **who),
        f"this contact point takes no part in {standing.reference}",
    )
    row = await tx.one("transitions.last_way", **who)
    return ChannelName(row["channel"]) if row else standing.channel


async def find_answer(tx: Transaction, answer: AnswerId) -> Written:
    """Return what a specialist wrote, and hold it until the transaction ends.

    Raises:
        NotFound: there is no such answer of a specialist.
    """
    row = await tx.one("transitions.answer", id=answer)
    if row is None or row["message"] is None:
        raise NotFound(f"there is no answer {answer}")
    text = await tx.one("transitions.text_of", message=row["message"])
    assert text
    return Written(inquiry=row["inquiry"], message=row["message"], text=text["text"])


def _must(row: Any, otherwise: str) -> None:
    if not row:
        raise Conflict(otherwise)


async def _add_file(tx: Transaction, message: MessageId, file: File) -> None:
    await tx.run(
        "transitions.add_file",
        message=message,
        original=await originals.put(tx, file.content),
        filename=file.filename,
        content_type=file.content_type,
        size=len(file.content),
    )

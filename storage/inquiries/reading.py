"""Inquiries for people to look at: lists, numbers, and one inquiry with all that happened."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from inquiry.errors import NotFound
from inquiry.journey import (
    ArrivalId,
    ContactPointId,
    InquiryId,
    MessageId,
    Reference,
    SpecialistName,
)
from inquiry.words import FetchState, OutboxState, Priority, Purpose, State
from storage import history, records
from storage.database import Row, Transaction, moment, moment_or_none
from storage.inquiries.filled import Filled, filled_in
from storage.inquiries.query import SORT, Query
from storage.inquiries.shown import (
    Attached,
    Entry,
    Kept,
    Listed,
    Load,
    Other,
    Person,
    Sending,
    Shown,
    ShownAside,
    ShownMessage,
    ShownNote,
)

PAGE = 50
COUNTED = 1000


async def listed(
    tx: Transaction,
    query: Query,
    viewer: SpecialistName | None,
    *,
    limit: int = PAGE,
    before: tuple[int, int] | None = None,
) -> list[Listed]:
    """Return one page of what a query finds; ``before`` is the last line of the page above."""
    conditions, values = query.where(viewer)
    position = SORT[query.sort]
    if before is not None:
        conditions += f" AND ({position}, i.id) < (:before_position, :before_id)"
        values |= {"before_position": before[0], "before_id": before[1]}
    blanks = {"conditions": conditions, "position": position}
    rows = await tx.filled("reading.listed", blanks, limit=limit, **values)
    return [_listed(row) for row in rows]


async def counted(tx: Transaction, query: Query, viewer: SpecialistName | None) -> int:
    """Return how many inquiries a query finds, up to ``COUNTED``: more are not counted."""
    conditions, values = query.where(viewer)
    blanks = {"conditions": conditions}
    rows = await tx.filled("reading.counted", blanks, limit=COUNTED, **values)
    return int(rows[0]["count"])


async def load(tx: Transaction) -> list[Load]:
    """Return how much there is to do, by queue and assignee ("" while nobody has it)."""
    return [
        Load(row["queue"], row["assignee"], row["count"], row["new"], moment(row["oldest"]))
        for row in await tx.all("reading.load")
    ]


async def trouble(tx: Transaction) -> dict[str, int]:
    """Count what waits for a person: ``quarantined``, ``held``, ``dead``, ``doubtful``."""
    row = await tx.one("reading.quarantined")
    counts = {"quarantined": int(row["count"]) if row else 0}
    return counts | {row["state"]: row["count"] for row in await tx.all("reading.trouble")}


async def shown(tx: Transaction, reference: Reference) -> Shown:
    """Return an inquiry with its whole timeline, oldest first.

    Raises:
        NotFound: nobody has this reference.
    """
    row = await tx.one("reading.inquiry", reference=reference)
    if row is None:
        raise NotFound(f"there is no inquiry {reference}")
    ids = {"inquiry": row["id"]}
    others = await tx.all("reading.others", customer=row["customer"], **ids)
    people = await tx.all("reading.participants", **ids)
    points = await tx.all("reading.contact_points", customer=row["customer"])
    last = await tx.one("transitions.last_writer", **ids)
    return Shown(
        **{name: row[name] for name in PLAIN},
        state=State(row["state"]),
        priority=Priority(row["priority"]),
        assignee=row["assignee"] or "",
        tags=tuple(json.loads(row["tags"])),
        fields=json.loads(row["fields"]),
        recorded=await _recorded(tx, points, row["contact_point"]),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        continues=row["continues_reference"],
        people=tuple(Person(**person) for person in people),
        contact_points=tuple(Person(**person) for person in points),
        used_last=last["contact_point"] if last else row["contact_point"],
        others=tuple(map(_other, others)),
        timeline=await _timeline(tx, row["id"]),
    )


async def _recorded(tx: Transaction, points: Sequence[Row], first: int) -> dict[str, str]:
    """Return what a file says of a person: of this contact point before all others."""
    known: dict[str, str] = {}
    for point in sorted(points, key=lambda one: (one["id"] == first, -one["id"])):
        known |= await records.of(tx, point["contact"], point["address"])
    return known


PLAIN = (
    *("id", "public_key", "reference", "subject", "queue", "category", "language", "channel"),
    *("event", "unanswered", "customer", "customer_name", "customer_language", "contact_point"),
)


async def reference_of(tx: Transaction, inquiry: InquiryId) -> Reference:
    """Return the public number of an inquiry. Raises NotFound."""
    row = await tx.one("reading.reference", id=inquiry)
    if row is None:
        raise NotFound(f"there is no inquiry with the number {inquiry}")
    return Reference(row["reference"])


async def of_points(tx: Transaction, points: Sequence[ContactPointId]) -> tuple[Other, ...]:
    """Return the inquiries that these contact points have opened, those of late first."""
    found: list[Row] = []
    for point in points:
        found += await tx.all("reading.of_point", contact_point=point)
    return tuple(map(_other, sorted(found, key=lambda row: -row["updated_at"])[:6]))


async def file(tx: Transaction, reference: Reference, number: int) -> Kept | None:
    """Return where an attachment of this inquiry is kept."""
    row = await tx.one("reading.file", reference=reference, file=number)
    if row is None:
        return None
    return Kept(
        hash=row["original"],
        filename=row["filename"],
        content_type=row["content_type"],
        blocked=bool(row["blocked"]),
    )


async def original(
    tx: Transaction, reference: Reference, message: MessageId
) -> tuple[ArrivalId, Kept] | None:
    """Return the arrival that a message of this inquiry came in, and where its bytes are kept."""
    row = await tx.one("reading.original", reference=reference, message=message)
    if row is None:
        return None
    return row["arrival"], Kept(hash=row["original"], filename="", content_type=row["media_type"])


async def html(tx: Transaction, reference: Reference, message: MessageId) -> tuple[str, str] | None:
    """Return the sanitised HTML of a message of this inquiry, and its language."""
    row = await tx.one("reading.html", reference=reference, message=message)
    return (row["html"], row["language"]) if row else None


async def _timeline(tx: Transaction, inquiry: InquiryId) -> tuple[Entry, ...]:
    files: dict[int, list[Attached]] = {}
    rows = await tx.all("reading.files", inquiry=inquiry)
    for row in sorted(rows, key=lambda row: (row["state"] != FetchState.HERE, row["id"])):
        attached = Attached(
            **{
                **row,
                "inline": bool(row["inline"]),
                "blocked": bool(row["blocked"]),
                "state": FetchState(row["state"]),
            }
        )
        files.setdefault(attached.message, []).append(attached)
    filled = await filled_in(tx, inquiry)
    messages = [
        _message(row, tuple(files.get(row["id"], ())), filled.get(row["id"], {}))
        for row in await tx.all("reading.messages", inquiry=inquiry)
    ]
    notes = [
        ShownNote(
            id=row["id"],
            at=moment(row["created_at"]),
            specialist=row["specialist"],
            text=row["text"],
        )
        for row in await tx.all("reading.notes", inquiry=inquiry)
    ]
    asides = [_aside(row) for row in await tx.all("reading.asides", inquiry=inquiry)]
    # What these events tell stands at their message, note or aside already.
    events = [event for event in await history.of(tx, inquiry) if event.kind not in SAID]
    entries: list[Entry] = [*messages, *asides, *notes, *events]
    return tuple(sorted(entries, key=lambda entry: entry.at))


SAID = {
    *("opened", "followed-up", "automatic-mail", "answered", "acknowledged"),
    *("sent", "delivered", "read", "noted", "kept-aside"),
}


def _listed(row: Row) -> Listed:
    known: dict[str, Any] = {
        **row,
        "assignee": row["assignee"] or "",
        "first_words": " ".join((row["first_words"] or "").split()),
        "state": State(row["state"]),
        "priority": Priority(row["priority"]),
        "tags": tuple(json.loads(row["tags"])),
        "files": bool(row["files"]),
        "created_at": moment(row["created_at"]),
        "updated_at": moment(row["updated_at"]),
    }
    return Listed(**known)


def _other(row: Row) -> Other:
    values: Mapping[str, Any] = {
        **row,
        "state": State(row["state"]),
        "updated_at": moment(row["updated_at"]),
    }
    return Other(**values)


def _message(row: Row, files: tuple[Attached, ...], filled: Filled) -> ShownMessage:
    return ShownMessage(
        **{name: row[name] for name in TEXTS},
        at=moment(row["created_at"]),
        incoming=row["direction"] == "in",
        purpose=Purpose(row["purpose"]) if row["purpose"] else None,
        specialist=row["specialist"] or "",
        html=bool(row["html"]),
        edited_at=moment_or_none(row["edited_at"]),
        deleted_at=moment_or_none(row["deleted_at"]),
        files=files,
        filled=filled,
        sending=_sending(row),
        instead_of=row["instead_of"],
    )


TEXTS = (
    *("id", "channel", "who", "contact", "address", "subject", "text", "new_text", "quoted_text"),
    *("signature", "language", "automated", "trust", "too_complex"),
)


def _sending(row: Row) -> Sending | None:
    """An answer that is not yet composed waits like a dispatch; a dropped one is cancelled."""
    if row["dispatch"] is not None:
        return Sending(
            state=OutboxState(row["dispatch_state"]),
            answer=row["answer"],
            dispatch=row["dispatch"],
            due_at=moment(row["due_at"]),
            attempts=row["attempts"],
            error=row["last_error"] or "",
            instead=row["instead"],
        )
    if row["answer"] is None:
        return None
    dropped = row["answer_state"] == "dropped"
    return Sending(
        state=OutboxState.CANCELLED if dropped else OutboxState.WAITING,
        answer=row["answer"],
        dispatch=None,
        due_at=moment(row["send_at"]),
        error=row["answer_reason"] or "",
    )


def _aside(row: Row) -> ShownAside:
    return ShownAside(
        id=row["id"],
        at=moment(row["created_at"]),
        sender=row["sender"],
        subject=row["subject"],
        text=row["text"],
        reason=row["reason"],
        state=row["state"],
        decided_by=row["decided_by"] or "",
    )

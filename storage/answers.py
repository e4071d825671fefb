"""Answers decided but not yet in form: added, put into the outbox in order, or dropped aloud."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inquiry.data import from_data, understood_from_text
from inquiry.journey import (
    AnswerId,
    ArrivalId,
    ChannelName,
    ContactPointId,
    Dispatch,
    Envelope,
    InquiryId,
    MessageId,
    QueueName,
    Reference,
    SpecialistName,
)
from inquiry.tokens import new_nonce
from inquiry.understood import Edit, Message, Understood
from inquiry.words import Purpose
from storage import history
from storage.database import Row, Transaction, moment, moment_or_none
from storage.message_ids import message_id_hash

NOTHING_MORE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Uttered:
    """A message of the inquiry that has a Message-ID: what an answer refers to."""

    message_id: str
    ours: bool


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an answer, by its hash."""

    filename: str
    content_type: str
    original: bytes
    size: int = 0
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A contact point that an answer may fall back to, and the channel that it used last."""

    contact_point: ContactPointId
    contact: str
    channel: ChannelName | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An answer that waits for its form, and everything that its form depends on."""

    id: AnswerId
    inquiry: InquiryId
    contact_point: ContactPointId
    message: MessageId | None
    """What a specialist wrote; None for a template."""
    purpose: Purpose
    channel: ChannelName
    template: str
    nonce: str
    send_at: datetime
    reference: Reference
    subject: str
    language: str
    queue: QueueName
    conversation: str
    in_thread: str = ""
    """The thread inside the conversation in which its recipient wrote last; "" in no thread."""
    inquiry_channel: ChannelName
    contact: str
    address: str
    customer_name: str
    text: str
    specialist: SpecialistName | None
    instead: bool = False
    """Was it meant for another contact point, and could not go there?"""
    media_type: str
    """Of the arrival that it answers, likewise the next two; "" and None if there is none."""
    envelope: Envelope | None
    understood: Understood | None
    about: Mapping[str, str] = field(default_factory=dict)
    """Further words of its template."""
    fallbacks: tuple[Reach, ...] = ()
    """Where else the same person may be reached, in this order."""
    thread: tuple[Uttered, ...] = ()
    files: tuple[StoredFile, ...] = ()

    @property
    def answered(self) -> Message | None:
        """The message that it answers."""
        return self.understood if isinstance(self.understood, Message) else None


async def add(
    tx: Transaction,
    *,
    inquiry: InquiryId,
    contact_point: ContactPointId,
    purpose: Purpose,
    channel: ChannelName,
    template: str = "",
    message: MessageId | None = None,
    arrival: ArrivalId | None = None,
    send_at: datetime | None = None,
    about: Mapping[str, str] = NOTHING_MORE,
    fallbacks: Sequence[ContactPointId] = (),
    now: datetime,
) -> AnswerId:
    """Decide to say something: a template, or what a specialist wrote as ``message``.

    ``about`` are further words of the template; ``fallbacks`` further contact points of the same
    person, to which it goes in this order if it can't go to ``contact_point``. The same template
    for the same arrival is said once, however often this is called.
    """
    row = await tx.one(
        "answers.add",
        inquiry=inquiry,
        contact_point=contact_point,
        message=message,
        purpose=purpose,
        channel=channel,
        template=template,
        arrival=arrival,
        nonce=new_nonce(),
        about=about,
        fallbacks=tuple(fallbacks),
        send_at=send_at or now,
        now=now,
    )
    row = row or await tx.one("answers.same", arrival=arrival, template=template)
    assert row
    return AnswerId(row["id"])


async def add_message(
    tx: Transaction,
    *,
    inquiry: InquiryId,
    contact_point: ContactPointId,
    channel: ChannelName,
    subject: str,
    text: str,
    language: str,
    purpose: Purpose = Purpose.ANSWER,
    specialist: str | None = None,
    message_id: str = "",
    conversation: str = "",
    now: datetime,
) -> MessageId:
    """Write down what a contact point is told; what a specialist wrote has no form yet."""
    row = await tx.one(
        "answers.add_out_message",
        inquiry=inquiry,
        purpose=purpose,
        channel=channel,
        contact_point=contact_point,
        specialist=specialist,
        subject=subject,
        text=text,
        language=language,
        message_id=message_id,
        conversation=conversation,
        now=now,
    )
    assert row
    return MessageId(row["id"])


async def waiting(tx: Transaction, *, limit: int) -> list[Waiting]:
    """Return the oldest waiting answer of each of so many inquiries."""
    return [await _waiting(tx, row) for row in await tx.all("answers.waiting", limit=limit)]


async def compose(
    tx: Transaction, answer: Waiting, dispatch: Dispatch, *, now: datetime
) -> MessageId | None:
    """Write down the message as it leaves; None if the answer no longer waits."""
    if not await tx.one("answers.settle", id=answer.id, state="composed", reason=None):
        return None
    form: dict[str, Any] = {
        "subject": dispatch.subject,
        "channel": dispatch.channel,
        "message_id": dispatch.message_id,
        "conversation": dispatch.conversation,
        "language": dispatch.language,
    }
    message = answer.message
    if message is None:
        message = await add_message(
            tx,
            inquiry=answer.inquiry,
            contact_point=answer.contact_point,
            purpose=answer.purpose,
            text=_as_kept(answer, dispatch.text),
            now=now,
            **form,
        )
        await history.add(
            tx,
            answer.inquiry,
            "acknowledged",
            history.RULES,
            now=now,
            message=message,
            template=answer.template,
            language=dispatch.language,
        )
    else:
        await tx.run("answers.word", message=message, **form)
    if dispatch.message_id:
        await tx.run(
            "answers.add_message_id",
            hash=message_id_hash(dispatch.message_id),
            message=message,
            inquiry=answer.inquiry,
        )
    return message


async def drop(tx: Transaction, answer: Waiting, reason: str, *, now: datetime) -> bool:
    """Decide not to say it after all; the inquiry's history says why."""
    if not await tx.one("answers.settle", id=answer.id, state="dropped", reason=reason):
        return False
    await history.add(
        tx,
        answer.inquiry,
        "not-acknowledged" if answer.message is None else "not-answered",
        history.DESK,
        now=now,
        message=answer.message,
        reason=reason,
        template=answer.template,
    )
    return True


async def withdraw(tx: Transaction, answer: AnswerId, reason: str) -> bool:
    """Take back an answer that has no form yet; False if it has."""
    row = await tx.one("answers.settle", id=answer, state="dropped", reason=reason)
    return row is not None


async def last_automatic(
    tx: Transaction, contact_point: ContactPointId, since: datetime
) -> datetime | None:
    """Return when a contact point was last written to by a program, if after ``since``.

    Holds the contact point until the transaction ends, so that two nodes can't both find nothing.
    """
    await tx.one("answers.hold_contact_point", contact_point=contact_point)
    row = await tx.one("answers.recently_acknowledged", contact_point=contact_point, since=since)
    return moment_or_none(row["created_at"]) if row else None


def _as_kept(answer: Waiting, text: str) -> str:
    """Return what specialists may read of it: a code or key is for its recipient alone."""
    for secret in (answer.about.get("code", ""), answer.about.get("undo", "")):
        text = text.replace(secret, "•" * len(secret)) if secret else text
    return text


async def _waiting(tx: Transaction, row: Row) -> Waiting:
    thread = await tx.all("answers.thread", inquiry=row["inquiry"])
    return Waiting(
        id=row["id"],
        inquiry=row["inquiry"],
        contact_point=row["contact_point"],
        message=row["message"],
        purpose=Purpose(row["purpose"]),
        channel=row["channel"],
        template=row["template"],
        nonce=row["nonce"],
        send_at=moment(row["send_at"]),
        reference=row["reference"],
        subject=row["subject"],
        language=row["language"],
        queue=row["queue"],
        conversation=row["conversation"],
        in_thread=await _in_thread(tx, row) if row["conversation"] else "",
        inquiry_channel=row["inquiry_channel"],
        contact=row["contact"],
        address=row["address"],
        customer_name=row["customer_name"],
        text=row["text"] or "",
        specialist=row["specialist"],
        instead=row["instead_of"] is not None,
        media_type=row["media_type"] or "",
        envelope=from_data(Envelope, json.loads(row["envelope"])) if row["envelope"] else None,
        understood=understood_from_text(row["understood"]) if row["understood"] else None,
        about=json.loads(row["about"]),
        fallbacks=await reaches(tx, row["contact_point"], json.loads(row["fallbacks"])),
        thread=tuple(Uttered(u["message_id"], u["direction"] == "out") for u in thread),
        files=await files_of(tx, row["message"]),
    )


async def _in_thread(tx: Transaction, row: Row) -> str:
    last = await tx.one(
        "answers.last_words",
        inquiry=row["inquiry"],
        contact_point=row["contact_point"],
        channel=row["inquiry_channel"],
        conversation=row["conversation"],
    )
    said = understood_from_text(last["understood"]) if last and last["understood"] else None
    message = said.message if isinstance(said, Edit) else said
    return message.thread if isinstance(message, Message) else ""


async def reaches(
    tx: Transaction, contact_point: ContactPointId, others: Sequence[ContactPointId]
) -> tuple[Reach, ...]:
    """Return those of ``others`` that are still the same person, in their order."""
    if not others:
        return ()
    rows = {row["id"]: row for row in await tx.all("answers.reaches", contact_point=contact_point)}
    same = (rows[one] for one in others if one in rows)
    return tuple(Reach(row["id"], row["contact"], row["channel"]) for row in same)


async def files_of(tx: Transaction, message: MessageId | None) -> tuple[StoredFile, ...]:
    """Return the files of a message, by hash."""
    if message is None:
        return ()
    rows: Sequence[Row] = await tx.all("answers.files", message=message)
    return tuple(
        StoredFile(row["filename"], row["content_type"], bytes(row["original"]), row["size"])
        for row in rows
    )

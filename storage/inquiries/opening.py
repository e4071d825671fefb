"""How an inquiry begins and grows: opened by a message, joined by later ones."""

import textwrap
from dataclasses import dataclass
from datetime import datetime

from uuid_utils import uuid7

from inquiry.decision import Decision
from inquiry.folding import fold
from inquiry.journey import (
    ArrivalId,
    ChannelName,
    InquiryId,
    MessageId,
    Reference,
)
from inquiry.understood import Message
from inquiry.words import State
from storage import history
from storage.customers import ContactPoint
from storage.database import Transaction
from storage.inquiries.finding import Placed
from storage.message_ids import message_id_hash

TITLE = 80
"""Characters of a subject that is made of the message itself."""
SEARCHED = 4000
"""Characters of an inquiry's first message that search looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A message on its way into an inquiry."""

    arrival: ArrivalId
    channel: ChannelName
    contact_point: ContactPoint
    message: Message
    blocked_attachments: bool = False
    null_sender: bool = False
    """Sent from <>: nobody wants an answer."""
    by_form: bool = False
    """Typed into a form, where anybody's address may stand: it is answered with fixed words."""


async def next_reference(tx: Transaction, pattern: str, now: datetime) -> Reference:
    """Return the next public number: ``pattern`` knows ``{year}`` and ``{seq}``."""
    row = await tx.one("opening.next_number", name=f"reference-{now.year}")
    assert row
    return Reference(pattern.format(year=now.year, seq=row["value"]))


async def open_inquiry(
    tx: Transaction,
    coming: Coming,
    decision: Decision,
    *,
    reference_format: str,
    continues: InquiryId | None,
    snoozed_until: datetime | None = None,
    now: datetime,
) -> tuple[InquiryId, Reference]:
    """Open an inquiry with its first message and its only participant, as the rules decided."""
    message, who = coming.message, coming.contact_point
    reference = await next_reference(tx, reference_format, now)
    row = await tx.one(
        "opening.open",
        public_key=str(uuid7()),
        reference=reference,
        opened_by=coming.arrival,
        continues=continues,
        customer=who.customer,
        contact_point=who.id,
        channel=coming.channel,
        conversation=message.conversation,
        subject=message.subject or first_words(message.new_text or message.text),
        language=message.language or who.language,
        queue=decision.queue,
        category=decision.category,
        priority=decision.priority,
        assign_by=decision.assign_by,
        assignee=decision.assign_to,
        assignment="done" if decision.assign_to else "waiting",
        tags=list(decision.tags),
        fields=decision.set,
        state=State.SNOOZED if snoozed_until else State.NEW,
        snoozed_until=snoozed_until,
        search=_excerpt(reference, coming),
        now=now,
    )
    assert row
    inquiry = InquiryId(row["id"])
    await tx.run(
        "opening.add_participant", inquiry=inquiry, contact_point=who.id, role="customer", now=now
    )
    stored = await add_message(tx, inquiry, coming, now=now)
    await history.add(tx, inquiry, "opened", history.CUSTOMER, now=now, message=stored)
    return inquiry, reference


async def add_message(
    tx: Transaction, inquiry: InquiryId, coming: Coming, *, now: datetime
) -> MessageId:
    """Write down a customer's message, its Message-ID and its attachments."""
    message = coming.message
    row = await tx.one(
        "opening.add_message",
        inquiry=inquiry,
        arrival=coming.arrival,
        channel=coming.channel,
        contact_point=coming.contact_point.id,
        subject=message.subject,
        text=message.text,
        new_text=message.new_text,
        quoted_text=message.quoted_text,
        signature=message.signature,
        html=message.html,
        language=message.language,
        message_id=message.message_id,
        conversation=message.conversation,
        remote_id=message.remote_id,
        automated=message.automated,
        trust=message.trust,
        too_complex=message.too_complex,
        album=message.album,
        sent_at=message.sent_at,
        now=now,
    )
    assert row
    stored = MessageId(row["id"])
    if message.message_id:
        await tx.run(
            "opening.add_message_id",
            hash=message_id_hash(message.message_id),
            message=stored,
            inquiry=inquiry,
            ours=False,
        )
    await _adopt_files(tx, coming, stored)
    return stored


async def follow_up(
    tx: Transaction, inquiry: Placed, coming: Coming, decision: Decision, *, now: datetime
) -> MessageId:
    """Add a customer's further message: a resolved inquiry is open again, a waiting one too."""
    if coming.contact_point.id in inquiry.companions:
        await _joins_in(tx, inquiry.id, coming.contact_point, now)
    if inquiry.in_one_breath:
        await history.add(tx, inquiry.id, "in-one-breath", history.DESK, now=now)
    stored = await add_message(tx, inquiry.id, coming, now=now)
    await history.add(tx, inquiry.id, "followed-up", history.CUSTOMER, now=now, message=stored)
    await tx.run(
        "opening.follow_up",
        inquiry=inquiry.id,
        queue=decision.queue or inquiry.queue,
        category=decision.category or inquiry.category,
        priority=decision.priority,
        tags=list(dict.fromkeys((*inquiry.tags, *decision.tags))),
        fields={**inquiry.fields, **decision.set},
        now=now,
    )
    if inquiry.state is State.RESOLVED:
        await history.add(tx, inquiry.id, "reopened", history.CUSTOMER, now=now)
    return stored


async def _joins_in(tx: Transaction, inquiry: InquiryId, who: ContactPoint, now: datetime) -> None:
    """Say once that somebody else writes in it; each message has its writer's name anyway."""
    if await tx.one("opening.has_written", inquiry=inquiry, contact_point=who.id) is None:
        name = who.name or who.address
        await history.add(tx, inquiry, "joined-in", history.DESK, now=now, to=name)


async def add_quietly(
    tx: Transaction, inquiry: InquiryId, coming: Coming, *, now: datetime
) -> MessageId:
    """Add automatic mail to an inquiry's history: nothing is reopened, nobody is disturbed."""
    stored = await add_message(tx, inquiry, coming, now=now)
    await history.add(tx, inquiry, "automatic-mail", history.CUSTOMER, now=now, message=stored)
    return stored


async def keep_aside(
    tx: Transaction, inquiry: InquiryId, coming: Coming, *, reason: str, now: datetime
) -> None:
    """Keep a message beside an inquiry, for specialists only, until one of them confirms it."""
    message = coming.message
    await tx.run(
        "opening.keep_aside",
        inquiry=inquiry,
        arrival=coming.arrival,
        sender=message.sender.address if message.sender else "",
        subject=message.subject,
        text=message.text,
        reason=reason,
        now=now,
    )
    await history.add(tx, inquiry, "kept-aside", history.DESK, now=now, reason=reason)


async def edit_message(
    tx: Transaction, channel: ChannelName, edited: Message, *, now: datetime
) -> tuple[InquiryId, MessageId] | None:
    """Change a message where its author changed it; None if it is not (or no longer) here."""
    row = await tx.one(
        "opening.edit",
        channel=channel,
        conversation=edited.conversation,
        remote_id=edited.remote_id,
        text=edited.text,
        new_text=edited.new_text,
        written_at=edited.sent_at,
        now=now,
    )
    if row is None:
        return None
    inquiry, message = InquiryId(row["inquiry"]), MessageId(row["id"])
    await history.add(tx, inquiry, "edited", history.CUSTOMER, now=now, message=message)
    return inquiry, message


async def _adopt_files(tx: Transaction, coming: Coming, message: MessageId) -> None:
    """Let a message have the files of its arrival, also those that are still on their way."""
    for query in ("opening.adopt_fetches", "opening.adopt_attachments"):
        await tx.run(
            query, arrival=coming.arrival, message=message, blocked=coming.blocked_attachments
        )


def first_words(text: str) -> str:
    """Return what a message without a subject is called: its first line, cut between words.

    What a line such as ``[photo]`` only names is called so where there is nothing else.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = (line for line in lines if not (line.startswith("[") and line.endswith("]")))
    line = next(said, lines[0] if lines else "")
    short = textwrap.shorten(line, TITLE, placeholder="…")
    return f"{line[: TITLE - 1]}…" if short == "…" else short


def _excerpt(reference: Reference, coming: Coming) -> str:
    who, message = coming.contact_point, coming.message
    words = (reference, message.subject, who.name, who.address, message.new_text or message.text)
    return fold(" ".join(words)[:SEARCHED])

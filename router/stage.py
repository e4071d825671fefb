"""The hop from understood to decided: a message opens an inquiry, joins one, or lies aside."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from inquiry.data import understood_from_text
from inquiry.decision import Decision, Facts
from inquiry.failpoints import failpoint
from inquiry.journey import FORM, MAIL, ChannelName, InquiryId, SpecialistName
from inquiry.tokens import KeyRing, proven_inquiry
from inquiry.understood import Edit, Message, Party, Report, Understood
from inquiry.words import ArrivalState, Automated, Handle, Purpose, Trust
from router.customers import Organizations
from router.decide import decide
from router.join import Claim as Pointer
from router.join import Course, Way, course, hints, is_copy
from router.rules import Rules
from storage import answers, arrivals, decisions, history, outbox
from storage.arrivals import Claimed
from storage.customers import ContactPoint, address_key, by_id, find_or_add, hold
from storage.database import ConstraintViolated, Database, Transaction
from storage.inquiries import copies, opening, transitions
from storage.inquiries.opening import Coming, Placed

log = logging.getLogger(__name__)

BATCH = 20
"""Small: while it is placed nobody else writes, neither who accepts nor who sends."""
LEASE = timedelta(minutes=1)
DEATHS = 3
COPY_WITHIN = timedelta(days=1)
"""Copies of one mail for two of our addresses travel apart, but not for longer than this."""
BUGS = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError),
    *(TypeError, ValueError, ConstraintViolated),
)
"""What a bug looks like from outside; trouble with the database is none of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What deciding needs to know of the desk."""

    rules: Rules
    reference_format: str
    key_ring: KeyRing = field(repr=False)
    contacts: Mapping[ChannelName, str]
    """The sort of contact point that each channel brings: ``mail``, ``telegram``."""
    own_addresses: frozenset[str] = frozenset()
    organizations: Organizations = field(default_factory=Organizations)


async def step(db: Database, desk: Desk, *, now: datetime) -> bool:
    """Place a batch of understood arrivals; False if there was none."""

    async def claim(tx: Transaction) -> list[Claimed]:
        return await arrivals.claim(tx, ArrivalState.UNDERSTOOD, limit=BATCH, lease=LEASE)

    claimed = await db.write(claim)
    if not claimed:
        return False
    failpoint("router.claimed")

    async def place_all(tx: Transaction) -> None:
        await hold(tx, [_writer_key(desk, one) for one in claimed])
        for one in claimed:
            await _place_safely(tx, desk, one, now)
        failpoint("router.inserted")

    await db.write(place_all)
    failpoint("router.committed")
    return True


def _writer_key(desk: Desk, one: Claimed) -> bytes:
    """Return the key of whoever wrote it, as far as that can be seen without reading it whole."""
    data = json.loads(one.understood or "{}")
    sender = (data.get("message") or data).get("sender") or {}
    return address_key(desk.contacts.get(one.channel, "mail"), sender.get("address", ""))


async def _place_safely(tx: Transaction, desk: Desk, one: Claimed, now: datetime) -> None:
    """Place one arrival; a bug over it costs this one a place in quarantine, the others nothing."""
    if one.attempts > DEATHS:
        await arrivals.quarantine(tx, one, f"{DEATHS} processes died over it", now=now)
        return
    try:
        async with tx.savepoint():
            await _place(tx, desk, one, now)
    except BUGS as bug:
        log.exception("arrival %s: not placed", one.id)
        await arrivals.quarantine(tx, one, f"a fault of deskbridge: {type(bug).__name__}", now=now)


async def _place(tx: Transaction, desk: Desk, one: Claimed, now: datetime) -> None:
    assert one.understood is not None
    understood = understood_from_text(one.understood)
    if isinstance(understood, Report):
        if await outbox.reported(tx, understood, now=now):
            await arrivals.done(tx, one, now=now)
            return
        await _place_message(tx, desk, one, understood.message, understood, now)
        return
    if isinstance(understood, Edit):
        if await opening.edit_message(tx, one.channel, understood.message, now=now):
            await arrivals.done(tx, one, now=now)
            return
        understood = understood.message  # its message never came: then this is the message
    if not isinstance(understood, Message):
        await arrivals.quarantine(tx, one, f"nothing handles a {_word(understood)} yet", now=now)
        return
    await _place_message(tx, desk, one, understood, understood, now)


def _word(understood: Understood) -> str:
    return type(understood).__name__.lower()


async def _place_message(
    tx: Transaction,
    desk: Desk,
    one: Claimed,
    message: Message,
    ruled_on: Message | Report,
    now: datetime,
) -> None:
    writer = await _writer(tx, desk, one, message, now)
    if writer is None:
        await arrivals.quarantine(tx, one, "no sender can be read", now=now)
        return
    coming = Coming(
        arrival=one.id,
        channel=one.channel,
        contact_point=writer,
        message=message,
        null_sender=one.envelope.mail_from == "",
        by_form=one.media_type == FORM,
    )
    if one.media_type == MAIL and (first := await _copied(tx, one, coming, now)):
        await _note_copy(tx, desk, one, first, coming, ruled_on, now)
        return
    placed = await _pointed_at(tx, desk, one, coming)
    way = course(message, writer.id, _pointer(placed), by_mail=writer.contact == "mail")
    if way.way is Way.ASIDE or way.way is Way.QUIET:
        assert placed
        await _lay(tx, placed, coming, way, now)
        await arrivals.done(tx, one, now=now)
        return
    joined = placed if way.way is Way.FOLLOW_UP else None
    facts = _facts(one, writer, joined, now)
    decided = decide(desk.rules, ruled_on, facts)
    failpoint("router.decided")
    handle = _handle(one, message, decided, joined)
    inquiry = joined.id if joined else None
    if handle is not Handle.INQUIRY:
        await arrivals.quarantine(tx, one, decided.reason or f"handle: {handle}", now=now)
    else:
        coming = replace(coming, blocked_attachments=decided.attachments == "block")
        inquiry = await _take_in(tx, desk, coming, decided, joined, way.inquiry, now)
        await arrivals.done(tx, one, now=now)
    await decisions.record(
        tx,
        one.id,
        inquiry,
        decision=decided,
        facts=facts,
        normalizer=one.normalizer or "",
        now=now,
    )


async def _copied(tx: Transaction, one: Claimed, coming: Coming, now: datetime) -> Placed | None:
    """Return the inquiry that holds this very mail already: it was sent to two of our addresses."""
    for earlier in await copies.with_message_id(tx, coming, since=now - COPY_WITHIN):
        same = earlier.channel == one.channel
        before = earlier.message, earlier.envelope
        if is_copy(*before, coming.message, one.envelope, same_channel=same):
            return await opening.by_id(tx, earlier.inquiry)
    return None


async def _note_copy(
    tx: Transaction,
    desk: Desk,
    one: Claimed,
    first: Placed,
    coming: Coming,
    ruled_on: Message | Report,
    now: datetime,
) -> None:
    """Let the rules choose the copy's queue too; nothing is added, answered or opened twice."""
    facts = _facts(one, coming.contact_point, None, now)
    decided = decide(desk.rules, ruled_on, facts)
    await copies.also_came(tx, first, one.channel, decided.queue, now)
    await arrivals.done(tx, one, now=now)
    name = one.normalizer or ""
    await decisions.record(
        tx, one.id, first.id, decision=decided, facts=facts, normalizer=name, now=now
    )


async def _writer(
    tx: Transaction, desk: Desk, one: Claimed, message: Message, now: datetime
) -> ContactPoint | None:
    if one.envelope.contact_point is not None:
        return await by_id(tx, one.envelope.contact_point)
    who = message.sender
    if who is None or not who.address:
        if not one.released:
            return None
        who = Party(f"unknown-{one.id}")
    return await find_or_add(
        tx, desk.contacts.get(one.channel, "mail"), who, language=message.language, now=now
    )


async def _pointed_at(tx: Transaction, desk: Desk, one: Claimed, coming: Coming) -> Placed | None:
    """Return the inquiry that a valid proof speaks of."""
    if one.envelope.inquiry is not None:
        return await opening.by_id(tx, one.envelope.inquiry)
    if coming.message.conversation:
        return await opening.latest_in_conversation(
            tx, coming.channel, coming.contact_point.id, coming.message.conversation
        )
    proven = proven_inquiry(desk.key_ring, coming.message.thread_keys)
    return None if proven is None else await opening.by_id(tx, proven)


def _pointer(placed: Placed | None) -> Pointer | None:
    if placed is None:
        return None
    return Pointer(inquiry=placed.id, state=placed.state, participants=placed.participants)


async def _lay(tx: Transaction, placed: Placed, coming: Coming, way: Course, now: datetime) -> None:
    if way.way is Way.QUIET:
        await opening.add_quietly(tx, placed.id, coming, now=now)
    else:
        await opening.keep_aside(tx, placed.id, coming, reason=way.reason, now=now)


def _facts(one: Claimed, writer: ContactPoint, joined: Placed | None, now: datetime) -> Facts:
    known = {
        "now": now,
        "channel": one.channel,
        "customer_known": writer.known,
        "customer": {"address": writer.address, "name": writer.name, "language": writer.language},
    }
    if joined is None:
        return Facts(**known)  # type: ignore[arg-type]  # one dict for both calls
    return Facts(
        **known,  # type: ignore[arg-type]
        follow_up=True,
        queue=joined.queue,
        category=joined.category,
        priority=joined.priority,
        tags=joined.tags,
    )


def _handle(one: Claimed, message: Message, decided: Decision, joined: Placed | None) -> Handle:
    """Return what becomes of it; a person's release outweighs the rules."""
    if one.released:
        return Handle.INQUIRY
    ruled = any(winner.field == "handle" for winner in decided.winners)
    if message.automated is Automated.LOOP and not ruled and joined is None:
        return Handle.QUARANTINE
    return decided.handle


async def _take_in(
    tx: Transaction,
    desk: Desk,
    coming: Coming,
    decided: Decision,
    joined: Placed | None,
    continues: InquiryId | None,
    now: datetime,
) -> InquiryId:
    """Open or continue an inquiry, and promise the reply that the rules ask for."""
    if joined:
        await opening.follow_up(tx, joined, coming, decided, now=now)
        inquiry, reference = joined.id, joined.reference
    else:
        inquiry, reference = await opening.open_inquiry(
            tx,
            coming,
            decided,
            reference_format=desk.reference_format,
            continues=continues,
            now=now,
        )
        if hint := await opening.related(tx, hints(coming.message)):
            await history.add(tx, inquiry, "related", history.DESK, now=now, reference=hint)
    if by := coming.message.forwarded_by:
        await history.add(tx, inquiry, "forwarded", history.DESK, now=now, to=by.address)
        note, writer = coming.message.forwarding_note, SpecialistName(by.address)
        await transitions.add_note(tx, inquiry, writer, note, now=now)
    await history.add(tx, inquiry, "decided", history.RULES, now=now, winners=decided.winners)
    log.info("inquiry %s: %s from channel %s", reference, decided.queue or "–", coming.channel)
    if decided.reply and _may_be_answered(desk, coming):
        await answers.add(
            tx,
            inquiry=inquiry,
            contact_point=coming.contact_point.id,
            purpose=Purpose.ACKNOWLEDGEMENT,
            channel=coming.channel,
            template=decided.reply,
            arrival=coming.arrival,
            now=now,
        )
    return inquiry


def _may_be_answered(desk: Desk, coming: Coming) -> bool:
    """Never answer automatic mail, lists, senders in doubt or ourselves by a program (RFC 3834)."""
    message = coming.message
    return (
        message.automated is Automated.NONE
        and not coming.null_sender
        and not message.mailing_list
        and (message.trust is not Trust.UNVERIFIED or coming.by_form)
        and coming.contact_point.address.casefold() not in desk.own_addresses
    )

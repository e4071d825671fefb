"""The hop from understood to decided: a message opens an inquiry, joins one, or lies aside."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from inquiry.calendar import next_opening
from inquiry.data import understood_from_text
from inquiry.decision import Decision, Facts
from inquiry.failpoints import failpoint
from inquiry.journey import FORM, MAIL, ChannelName, InquiryId, QueueName, Reference, SpecialistName
from inquiry.tokens import KeyRing, proven_inquiry
from inquiry.understood import Edit, Message, Party, Report, Understood
from inquiry.words import ArrivalState, Audience, Automated, Handle, Purpose, State, Trust
from router.continuity import stage as continuity
from router.customers import Organizations, with_organization
from router.decide import decide
from router.join import Claim as Pointer
from router.join import Course, Way, course, hints, is_copy
from router.messengers import stage as messengers
from router.rules import Rules
from router.several import other_queues
from router.text import Text
from storage import answers, arrivals, decisions, history, joins, outbox, records
from storage import facts as past
from storage.arrivals import Claimed
from storage.customers import ContactPoint, address_key, by_id, find_or_add, hold
from storage.database import ConstraintViolated, Database, Transaction
from storage.inquiries import copies, opening, transitions
from storage.inquiries.opening import Coming, Placed

log = logging.getLogger(__name__)

BATCH = 20
"""Small: while it is placed nobody else writes, neither who accepts nor who sends."""
LEASE = timedelta(minutes=1)
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
    sends_mail: bool = False
    """Is there a channel that can send a code by mail?"""


async def step(db: Database, desk: Desk, *, now: datetime) -> bool:
    """Place a batch of understood arrivals; False if there was none."""

    async def claim(tx: Transaction) -> list[Claimed]:
        return await arrivals.claim(tx, ArrivalState.UNDERSTOOD, limit=BATCH, lease=LEASE)

    claimed = await db.write(claim)
    if not claimed:
        return False
    failpoint("router.claimed")
    read = await asyncio.to_thread(lambda: [_read(desk, one, now) for one in claimed])

    async def place_all(tx: Transaction) -> None:
        await hold(tx, await _keys(tx, desk, claimed, read, now))
        for one, each in zip(claimed, read, strict=True):
            await _place_safely(tx, desk, one, each, now)
        failpoint("router.inserted")

    await db.write(place_all)
    failpoint("router.committed")
    return True


@dataclass(frozen=True, slots=True)
class _Read:
    """A claimed arrival, read before anything is held up by it."""

    understood: Understood | None
    """None where what is stored can't be read: a fault of ours, told when it is placed."""
    keys: tuple[bytes, ...]
    """Of the writer, and of the thread that is one inquiry whoever writes in it."""
    text: Text | None = None
    """The words found in it, for the rules."""


def _read(desk: Desk, one: Claimed, now: datetime) -> _Read:
    contact = desk.contacts.get(one.channel, "mail")
    try:
        understood = understood_from_text(one.understood or "")
        mail = message_of(understood)
        sender = mail.sender.address if mail and mail.sender else ""
        ruled_on = understood if isinstance(understood, Report) else mail
        known = Facts(now=now, channel=one.channel)
        text = desk.rules.read_ahead(ruled_on, known) if ruled_on else None
    except BUGS:
        log.exception("arrival %s: not read", one.id)
        return _Read(None, (address_key(contact, ""),))
    keys = [address_key(contact, sender)]
    if mail and mail.audience is Audience.THREAD:
        keys.append(address_key(f"thread of {one.channel}", mail.conversation))
    return _Read(understood, tuple(keys), text)


async def _keys(
    tx: Transaction, desk: Desk, claimed: list[Claimed], read: list[_Read], now: datetime
) -> list[bytes]:
    """Return the keys of all contact points that placing will touch."""
    keys = [key for each in read for key in each.keys]
    for one, each in zip(claimed, read, strict=True):
        if isinstance(each.understood, Message) and each.understood.conversation:
            contact = desk.contacts.get(one.channel, "mail")
            keys += await continuity.keys(
                tx, desk.key_ring, each.understood, contact, one.channel, now=now
            )
    return keys


def message_of(understood: Understood) -> Message | None:
    """Return the message in what was understood, if there is one."""
    if isinstance(understood, (Report, Edit)):
        return understood.message
    return understood if isinstance(understood, Message) else None


async def _place_safely(
    tx: Transaction, desk: Desk, one: Claimed, read: _Read, now: datetime
) -> None:
    """Place one arrival; a bug over it costs this one a place in quarantine, the others nothing."""
    if one.blamed:
        await arrivals.quarantine(tx, one, one.blamed, now=now)
        return
    try:
        async with tx.savepoint():
            await _Placing(tx, desk, one, read.text, now).place(read.understood)
    except BUGS as bug:
        log.exception("arrival %s: not placed", one.id)
        await arrivals.quarantine(tx, one, f"a fault of deskbridge: {type(bug).__name__}", now=now)


@dataclass(frozen=True, slots=True)
class _Placing:
    """One arrival while it is placed."""

    tx: Transaction
    desk: Desk
    one: Claimed
    text: Text | None
    now: datetime

    async def place(self, understood: Understood | None) -> None:
        if understood is None:
            raise ValueError("what was understood can't be read back")
        if isinstance(understood, Report):
            if await outbox.reported(self.tx, understood, now=self.now):
                await arrivals.done(self.tx, self.one, now=self.now)
                return
            await self._message(understood.message, understood)
            return
        contact = self.desk.contacts.get(self.one.channel, "mail")
        left = await messengers.place(self.tx, self.one, understood, contact, now=self.now)
        if left is None:
            return
        if isinstance(left, Message):
            await self._message(left, left)
            return
        word = type(understood).__name__.lower()
        await self._quarantine(f"nothing handles a {word} yet")

    async def _message(self, message: Message, ruled_on: Message | Report) -> None:
        one = self.one
        writer = await self._writer(message)
        if writer is None:
            await self._quarantine("no sender can be read")
            return
        coming = Coming(
            arrival=one.id,
            channel=one.channel,
            contact_point=writer,
            message=message,
            null_sender=one.envelope.mail_from == "",
            by_form=one.media_type == FORM,
        )
        if one.media_type == MAIL and (first := await self._copied(coming)):
            await self._note_copy(first, coming, ruled_on)
            return
        taken = await continuity.take(self.tx, self.desk.key_ring, coming, now=self.now)
        if taken.settled:
            await arrivals.done(self.tx, one, now=self.now)
            return
        coming = taken.coming
        placed = await self._pointed_at(coming)
        way = course(message, writer.id, _pointer(placed), by_mail=writer.contact == "mail")
        if way.way is Way.ASIDE or way.way is Way.QUIET:
            assert placed
            await self._lay(placed, coming, way)
            await arrivals.done(self.tx, one, now=self.now)
            return
        joined = placed if way.way is Way.FOLLOW_UP else None
        facts = await self._facts(coming, joined)
        decided = self._decide(ruled_on, facts)
        failpoint("router.decided")
        # A person's release outweighs the rules.
        handle = Handle.INQUIRY if one.released else decided.handle
        inquiry = joined.id if joined else None
        if handle is not Handle.INQUIRY:
            await self._quarantine(decided.reason or f"handle: {handle}")
        else:
            coming = replace(coming, blocked_attachments=decided.attachments == "block")
            inquiry = await self._take_in(coming, decided, joined, way.inquiry)
            sends_mail = self.desk.sends_mail
            await continuity.answer(self.tx, taken, inquiry, sends_mail=sends_mail, now=self.now)
            if joined is None and isinstance(ruled_on, Message):
                await self._tell_others(inquiry, decided, facts)
            await arrivals.done(self.tx, one, now=self.now)
        await self._record(inquiry, decided, facts)

    def _decide(self, ruled_on: Message | Report, facts: Facts) -> Decision:
        return decide(self.desk.rules, ruled_on, facts, self.text)

    async def _record(self, inquiry: InquiryId | None, decided: Decision, facts: Facts) -> None:
        await decisions.record(
            self.tx,
            self.one.id,
            inquiry,
            decision=decided,
            facts=facts,
            normalizer=self.one.normalizer or "",
            now=self.now,
        )

    async def _quarantine(self, reason: str) -> None:
        await arrivals.quarantine(self.tx, self.one, reason, now=self.now)

    async def _copied(self, coming: Coming) -> Placed | None:
        """Return the inquiry that holds this very mail: it was sent to two of our addresses."""
        since = self.now - COPY_WITHIN
        for earlier in await copies.with_message_id(self.tx, coming, since=since):
            same = earlier.channel == self.one.channel
            before, envelope = (earlier.message, earlier.envelope), self.one.envelope
            if is_copy(*before, coming.message, envelope, same_channel=same):
                return await opening.by_id(self.tx, earlier.inquiry)
        return None

    async def _note_copy(self, first: Placed, coming: Coming, ruled_on: Message | Report) -> None:
        """Let the rules choose the copy's queue too; nothing is added, answered or opened twice."""
        facts = await self._facts(coming, None)
        decided = self._decide(ruled_on, facts)
        await copies.also_came(self.tx, first, self.one.channel, decided.queue, self.now)
        await arrivals.done(self.tx, self.one, now=self.now)
        await self._record(first.id, decided, facts)

    async def _tell_others(self, inquiry: InquiryId, decided: Decision, facts: Facts) -> None:
        """Let all queues know whose addresses the mail names, though it came only once."""
        if self.text is None:
            return
        own = self.desk.own_addresses
        for address, queue in other_queues(self.desk.rules, self.text, facts, decided, own):
            if placed := await opening.by_id(self.tx, inquiry):
                await copies.also_came(self.tx, placed, address, queue, self.now)

    async def _writer(self, message: Message) -> ContactPoint | None:
        one = self.one
        if one.envelope.contact_point is not None:
            return await by_id(self.tx, one.envelope.contact_point)
        who = message.sender
        if who is None or not who.address:
            if not one.released:
                return None
            who = Party(f"unknown-{one.id}")
        contact = self.desk.contacts.get(one.channel, "mail")
        return await find_or_add(self.tx, contact, who, language=message.language, now=self.now)

    async def _pointed_at(self, coming: Coming) -> Placed | None:
        """Return the inquiry that a valid proof speaks of."""
        if self.one.envelope.inquiry is not None:
            return await opening.by_id(self.tx, self.one.envelope.inquiry)
        if coming.message.conversation:
            return await messengers.continued(self.tx, coming)
        proven = proven_inquiry(self.desk.key_ring, coming.message.thread_keys)
        return None if proven is None else await opening.by_id(self.tx, proven)

    async def _lay(self, placed: Placed, coming: Coming, way: Course) -> None:
        if way.way is Way.QUIET:
            await opening.add_quietly(self.tx, placed.id, coming, now=self.now)
        else:
            await opening.keep_aside(self.tx, placed.id, coming, reason=way.reason, now=self.now)

    async def _facts(self, coming: Coming, joined: Placed | None) -> Facts:
        """Look up what the rules may ask besides the message."""
        writer, in_doubt = coming.contact_point, coming.message.trust is Trust.UNVERIFIED
        person = [] if in_doubt else await joins.points(self.tx, writer.customer)
        known: dict[str, str] = {}
        # Last, and so before all others, what is known of the very address it came from.
        for point in sorted(person, key=lambda one: (one.id == writer.id, -one.id)):
            known |= await records.of(self.tx, point.contact, point.address)
        others = [point for point in person if point.id != writer.id]
        answers_ = await past.look_up(
            self.tx,
            self.desk.rules.asks,
            writer,
            joined.id if joined else None,
            reopens=joined is not None and joined.state is State.RESOLVED,
            now=self.now,
        )
        facts = Facts(
            now=self.now,
            channel=self.one.channel,
            customer_known=writer.known or bool(known) or not all(one.hearsay for one in others),
            customer={
                "address": writer.address,
                "name": writer.name,
                "language": writer.language,
            },
            also=tuple(one.address for one in others if one.contact == "mail"),
            recorded=known,
            in_doubt=in_doubt,
            counted=answers_.counted,
            at_least=answers_.at_least,
            last_category=answers_.last_category,
        )
        facts = with_organization(facts, self.desk.organizations)
        if joined is None:
            return facts
        return replace(
            facts,
            follow_up=True,
            queue=joined.queue,
            category=joined.category,
            priority=joined.priority,
            tags=joined.tags,
        )

    async def _take_in(
        self,
        coming: Coming,
        decided: Decision,
        joined: Placed | None,
        continues: InquiryId | None,
    ) -> InquiryId:
        """Open or continue an inquiry, and promise the reply that the rules ask for."""
        tx, now = self.tx, self.now
        if joined:
            await opening.follow_up(tx, joined, coming, decided, now=now)
            inquiry, reference = joined.id, joined.reference
        else:
            if decided.queue is None and (default := self.desk.rules.default):  # it was released
                decided = replace(decided, queue=QueueName(default.value))
            inquiry, reference = await self._open(coming, decided, continues)
        if by := coming.message.forwarded_by:
            await history.add(tx, inquiry, "forwarded", history.DESK, now=now, to=by.address)
            note, writer = coming.message.forwarding_note, SpecialistName(by.address)
            await transitions.add_note(tx, inquiry, writer, note, now=now)
        await history.add(tx, inquiry, "decided", history.RULES, now=now, winners=decided.winners)
        log.info("inquiry %s: %s from channel %s", reference, decided.queue or "–", coming.channel)
        alone = joined is None or coming.contact_point.id in joined.participants
        if decided.reply and alone and _may_be_answered(self.desk, coming):
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

    async def _open(
        self, coming: Coming, decided: Decision, continues: InquiryId | None
    ) -> tuple[InquiryId, Reference]:
        inquiry, reference = await opening.open_inquiry(
            self.tx,
            coming,
            decided,
            reference_format=self.desk.reference_format,
            continues=continues,
            snoozed_until=_snoozed_until(self.desk.rules, decided, self.now),
            now=self.now,
        )
        related = await opening.related(self.tx, hints(coming.message))
        if not related and decided.link_to_inquiry:
            related = await opening.with_reference(self.tx, decided.link_to_inquiry)
        if related:
            await history.add(
                self.tx, inquiry, "related", history.DESK, now=self.now, reference=related
            )
        return inquiry, reference


def _snoozed_until(rules: Rules, decided: Decision, now: datetime) -> datetime | None:
    """Return when an inquiry comes back that the rules put to sleep."""
    if not decided.snooze:
        return None
    if calendar := rules.calendars.get(decided.snooze):
        opens = next_opening(calendar, now)
        return opens if opens and opens > now else None
    return now + rules.durations[decided.snooze]


def _pointer(placed: Placed | None) -> Pointer | None:
    if placed is None:
        return None
    writers = placed.participants | placed.companions
    return Pointer(inquiry=placed.id, state=placed.state, writers=writers)


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

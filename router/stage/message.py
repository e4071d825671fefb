"""A message finds its inquiry: by a proof that it carries, or by the operator's rules."""

from dataclasses import replace

from inquiry.failpoints import failpoint
from inquiry.journey import FORM, MAIL, InquiryId
from inquiry.tokens import proven_inquiry
from inquiry.understood import Message, Party, Report
from inquiry.words import Handle
from router.continuity import stage as continuity
from router.continuity.stage import Taken
from router.join import Claim, Course, Way, course
from router.messengers import stage as messengers
from router.stage import copies, inquiries
from router.stage.facts import facts_for
from router.stage.placing import Placing
from storage.customers import ContactPoint, by_id, find_or_add
from storage.inquiries import finding, opening
from storage.inquiries.finding import Placed
from storage.inquiries.opening import Coming


async def place(at: Placing, message: Message, ruled_on: Message | Report) -> None:
    """Join a message to an inquiry, lay it beside one, open one, or leave it in quarantine."""
    writer = await _writer(at, message)
    if writer is None:
        await at.quarantine("no sender can be read")
        return
    coming = _coming(at, message, writer)
    if at.one.media_type == MAIL and (first := await copies.first_of(at, coming)):
        await copies.note(at, first, coming, ruled_on)
        return
    taken = await continuity.take(at.tx, at.desk.key_ring, coming, now=at.now)
    if taken.settled:
        await at.done()
        return
    placed = await _pointed_at(at, taken.coming)
    way = course(message, writer.id, _claim(placed), by_mail=writer.contact == "mail")
    if way.way is Way.ASIDE or way.way is Way.QUIET:
        assert placed
        await _lay(at, placed, taken.coming, way)
        await at.done()
        return
    await _by_rules(at, taken, placed if way.way is Way.FOLLOW_UP else None, way, ruled_on)


async def _writer(at: Placing, message: Message) -> ContactPoint | None:
    one = at.one
    if one.envelope.contact_point is not None:
        return await by_id(at.tx, one.envelope.contact_point)
    who = message.sender
    if who is None or not who.address:
        if not one.released:
            return None
        who = Party(f"unknown-{one.id}")
    return await find_or_add(at.tx, at.contact, who, language=message.language, now=at.now)


def _coming(at: Placing, message: Message, writer: ContactPoint) -> Coming:
    return Coming(
        arrival=at.one.id,
        channel=at.one.channel,
        contact_point=writer,
        message=message,
        null_sender=at.one.envelope.mail_from == "",
        by_form=at.one.media_type == FORM,
    )


async def _pointed_at(at: Placing, coming: Coming) -> Placed | None:
    """Return the inquiry that a valid proof speaks of."""
    if at.one.envelope.inquiry is not None:
        return await finding.by_id(at.tx, at.one.envelope.inquiry)
    if coming.message.conversation:
        return await messengers.continued(at.tx, coming)
    proven = proven_inquiry(at.desk.key_ring, coming.message.thread_keys)
    return None if proven is None else await finding.by_id(at.tx, proven)


def _claim(placed: Placed | None) -> Claim | None:
    if placed is None:
        return None
    writers = placed.participants | placed.companions
    return Claim(inquiry=placed.id, state=placed.state, writers=writers)


async def _lay(at: Placing, placed: Placed, coming: Coming, way: Course) -> None:
    if way.way is Way.QUIET:
        await opening.add_quietly(at.tx, placed.id, coming, now=at.now)
    else:
        await opening.keep_aside(at.tx, placed.id, coming, reason=way.reason, now=at.now)


async def _by_rules(
    at: Placing, taken: Taken, joined: Placed | None, way: Course, ruled_on: Message | Report
) -> None:
    """Let the rules decide about a message that joins an inquiry or opens one."""
    coming = taken.coming
    facts = await facts_for(at, coming, joined)
    decided = at.decide(ruled_on, facts)
    failpoint("router.decided")
    # A person's release outweighs the rules.
    handle = Handle.INQUIRY if at.one.released else decided.handle
    inquiry: InquiryId | None = joined.id if joined else None
    if handle is not Handle.INQUIRY:
        await at.quarantine(decided.reason or f"handle: {handle}")
    else:
        coming = replace(coming, blocked_attachments=decided.attachments == "block")
        inquiry = await inquiries.take_in(at, coming, decided, joined, way.inquiry)
        sends_mail = at.desk.sends_mail
        await continuity.answer(at.tx, taken, inquiry, sends_mail=sends_mail, now=at.now)
        if joined is None and isinstance(ruled_on, Message):
            await copies.tell_others(at, inquiry, decided, facts)
        await at.done()
    await at.record(inquiry, decided, facts)

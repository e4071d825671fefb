"""An inquiry is opened or goes on, as the rules have decided, and the reply is promised."""

import logging
from dataclasses import replace
from datetime import datetime

from inquiry.calendar import next_opening
from inquiry.decision import Decision
from inquiry.journey import InquiryId, QueueName, Reference, SpecialistName
from inquiry.words import Automated, Purpose, Trust
from router.join import hints
from router.rules import Rules
from router.stage.desk import Desk
from router.stage.placing import Placing
from storage import answers, history
from storage.inquiries import finding, opening, transitions
from storage.inquiries.finding import Placed
from storage.inquiries.opening import Coming

log = logging.getLogger(__name__)


async def take_in(
    at: Placing,
    coming: Coming,
    decided: Decision,
    joined: Placed | None,
    continues: InquiryId | None,
) -> InquiryId:
    """Open or continue an inquiry, and promise the reply that the rules ask for.

    ``continues`` is the closed inquiry that a new one follows.
    """
    tx, now = at.tx, at.now
    if joined:
        await opening.follow_up(tx, joined, coming, decided, now=now)
        inquiry, reference = joined.id, joined.reference
    else:
        if decided.queue is None and (default := at.desk.rules.default):  # it was released
            decided = replace(decided, queue=QueueName(default.value))
        inquiry, reference = await _open(at, coming, decided, continues)
    if by := coming.message.forwarded_by:
        await history.add(tx, inquiry, "forwarded", history.DESK, now=now, to=by.address)
        note, writer = coming.message.forwarding_note, SpecialistName(by.address)
        await transitions.add_note(tx, inquiry, writer, note, now=now)
    await history.add(tx, inquiry, "decided", history.RULES, now=now, winners=decided.winners)
    log.info("inquiry %s: %s from channel %s", reference, decided.queue or "–", coming.channel)
    alone = joined is None or coming.contact_point.id in joined.participants
    if decided.reply and alone and _may_be_answered(at.desk, coming):
        await _promise_reply(at, inquiry, coming, decided.reply)
    return inquiry


async def _open(
    at: Placing, coming: Coming, decided: Decision, continues: InquiryId | None
) -> tuple[InquiryId, Reference]:
    inquiry, reference = await opening.open_inquiry(
        at.tx,
        coming,
        decided,
        reference_format=at.desk.reference_format,
        continues=continues,
        snoozed_until=_snoozed_until(at.desk.rules, decided, at.now),
        now=at.now,
    )
    related = await finding.related(at.tx, hints(coming.message))
    if not related and decided.link_to_inquiry:
        related = await finding.with_reference(at.tx, decided.link_to_inquiry)
    if related:
        await history.add(at.tx, inquiry, "related", history.DESK, now=at.now, reference=related)
    return inquiry, reference


def _snoozed_until(rules: Rules, decided: Decision, now: datetime) -> datetime | None:
    """Return when an inquiry comes back that the rules put to sleep."""
    if not decided.snooze:
        return None
    if calendar := rules.calendars.get(decided.snooze):
        opens = next_opening(calendar, now)
        return opens if opens and opens > now else None
    return now + rules.durations[decided.snooze]


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


async def _promise_reply(at: Placing, inquiry: InquiryId, coming: Coming, template: str) -> None:
    await answers.add(
        at.tx,
        inquiry=inquiry,
        contact_point=coming.contact_point.id,
        purpose=Purpose.ACKNOWLEDGEMENT,
        channel=coming.channel,
        template=template,
        arrival=coming.arrival,
        now=at.now,
    )

"""One mail to several of our addresses: it is one inquiry, and every queue concerned knows."""

from datetime import timedelta

from inquiry.decision import Decision, Facts
from inquiry.journey import InquiryId
from inquiry.understood import Message, Report
from router.join import is_copy
from router.several import other_queues
from router.stage.facts import facts_for
from router.stage.placing import Placing
from storage.inquiries import copies, finding
from storage.inquiries.finding import Placed
from storage.inquiries.opening import Coming

COPY_WITHIN = timedelta(days=1)
"""Copies of one mail for two of our addresses travel apart, but not for longer than this."""


async def first_of(at: Placing, coming: Coming) -> Placed | None:
    """Return the inquiry that holds this very mail: it was sent to two of our addresses."""
    since = at.now - COPY_WITHIN
    for earlier in await copies.with_message_id(at.tx, coming, since=since):
        same = earlier.channel == at.one.channel
        before, envelope = (earlier.message, earlier.envelope), at.one.envelope
        if is_copy(*before, coming.message, envelope, same_channel=same):
            return await finding.by_id(at.tx, earlier.inquiry)
    return None


async def note(at: Placing, first: Placed, coming: Coming, ruled_on: Message | Report) -> None:
    """Let the rules choose the copy's queue too; nothing is added, answered or opened twice."""
    facts = await facts_for(at, coming, None)
    decided = at.decide(ruled_on, facts)
    await copies.also_came(at.tx, first, at.one.channel, decided.queue, at.now)
    await at.done()
    await at.record(first.id, decided, facts)


async def tell_others(at: Placing, inquiry: InquiryId, decided: Decision, facts: Facts) -> None:
    """Let all queues know whose addresses the mail names, though it came only once."""
    if at.text is None:
        return
    own = at.desk.own_addresses
    for address, queue in other_queues(at.desk.rules, at.text, facts, decided, own):
        if placed := await finding.by_id(at.tx, inquiry):
            await copies.also_came(at.tx, placed, address, queue, at.now)

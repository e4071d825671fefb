"""What the rules may ask besides the message: who writes, what is recorded, what went before."""

from dataclasses import replace

from inquiry.decision import Facts
from inquiry.words import State, Trust
from router.customers import with_organization
from router.stage.placing import Placing
from storage import facts as past
from storage import joins, records
from storage.inquiries.finding import Placed
from storage.inquiries.opening import Coming


async def facts_for(at: Placing, coming: Coming, joined: Placed | None) -> Facts:
    """Look up what the rules may ask of a message, and of the inquiry that it joins."""
    facts = with_organization(await _looked_up(at, coming, joined), at.desk.organizations)
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


async def _looked_up(at: Placing, coming: Coming, joined: Placed | None) -> Facts:
    writer, in_doubt = coming.contact_point, coming.message.trust is Trust.UNVERIFIED
    person = [] if in_doubt else await joins.points(at.tx, writer.customer)
    known: dict[str, str] = {}
    # Last, and so before all others, what is known of the very address it came from.
    for point in sorted(person, key=lambda one: (one.id == writer.id, -one.id)):
        known |= await records.of(at.tx, point.contact, point.address)
    others = [point for point in person if point.id != writer.id]
    answers = await past.look_up(
        at.tx,
        at.desk.rules.asks,
        writer,
        joined.id if joined else None,
        reopens=joined is not None and joined.state is State.RESOLVED,
        now=at.now,
    )
    return Facts(
        now=at.now,
        channel=at.one.channel,
        customer_known=writer.known or bool(known) or not all(one.hearsay for one in others),
        customer={"address": writer.address, "name": writer.name, "language": writer.language},
        also=tuple(one.address for one in others if one.contact == "mail"),
        recorded=known,
        in_doubt=in_doubt,
        counted=answers.counted,
        at_least=answers.at_least,
        last_category=answers.last_category,
    )

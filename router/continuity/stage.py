"""The part of placing that knows one person on several channels.

Before a message is placed its proof is used; afterwards what it says of its writer is written down,
and what belongs to a code is answered. Codes and links can be sent to somebody else, to get at what
he writes: so who uses one is asked first, and only his yes joins.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from inquiry.journey import ChannelName, ContactPointId, InquiryId
from inquiry.tokens import KeyRing
from inquiry.understood import Message, Party
from inquiry.words import JoinWay, Purpose
from router.continuity.said import (
    LEFT,
    Offered,
    agreed,
    between_two,
    claims_in,
    half_hidden,
    offered,
    without_link,
)
from router.telling import stage as telling
from storage import answers, claims, history, joins, portal, proofs
from storage.customers import address_key, find_or_add, heard_from
from storage.database import Transaction
from storage.inquiries import continuing
from storage.inquiries.opening import Coming

log = logging.getLogger(__name__)
JOINED, WRONG_CODE, CODE, CODE_SENT = "joined", "wrong-code", "code", "code-sent"
GO_ON_HERE = "go-on-here"
"""Templates."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message whose proof, if it had one, was used."""

    coming: Coming
    settled: bool = False
    """Was the proof all that it said?"""
    template: str = ""
    """What it is answered with once it is placed."""
    address: str = ""
    """Where a code is to be sent."""


@dataclass(frozen=True, slots=True)
class _Proven:
    """A proof that is good at this moment."""

    inquiry: InquiryId
    holder: ContactPointId
    way: JoinWay
    proof: proofs.Proof | None


async def keys(
    tx: Transaction,
    ring: KeyRing,
    message: Message | None,
    contact: str,
    channel: ChannelName,
    *,
    now: datetime,
) -> list[bytes]:
    """Return the address keys that using a message's proof will touch: to be held beforehand."""
    if message is None or message.sender is None or not between_two(message):
        return []
    yes, given = agreed(message), offered(message)
    if not yes and given is None:
        return []
    if given and given.address:
        return [address_key("mail", given.address)]
    writer = await joins.find(tx, contact, message.sender.address)
    by = writer.id if writer else ContactPointId(0)
    if given:
        proven = await _proven(tx, ring, given, by, now)
        return await joins.keys(tx, (by, proven.holder)) if proven else []
    asked = await proofs.question(tx, by, proofs.Where(channel, message.conversation), now=now)
    return await joins.keys(tx, (by, asked.contact_point)) if asked else []


async def take(tx: Transaction, ring: KeyRing, coming: Coming, *, now: datetime) -> Taken:
    """Use the proof in a message, if there is a good one, or what was said to it."""
    message, writer = coming.message, coming.contact_point
    if not between_two(message):
        return Taken(coming)
    if (yes := agreed(message)) is not None:
        return Taken(coming, settled=await _decided(tx, coming, yes, now))
    given = offered(message)
    if given is None:
        return Taken(coming)
    if given.address:
        return Taken(coming, template=CODE_SENT, address=given.address)
    proven = await _proven(tx, ring, given, writer.id, now)
    if proven is None or not await _taken(tx, proven, coming, now):
        if not given.code:
            return Taken(coming)
        await proofs.note_wrong(tx, writer.id, now=now)
        return Taken(coming, template=WRONG_CODE if given.meant else "")
    if not given.rest and not message.attachments:
        return Taken(coming, settled=True)
    return Taken(replace(coming, message=without_link(message, given.rest or LEFT)))


async def _decided(tx: Transaction, coming: Coming, yes: bool, now: datetime) -> bool:
    """Go on with the inquiry that its writer was asked about, or don't; False if none was."""
    writer = coming.contact_point.id
    where = _where(coming)
    asked = await proofs.question(tx, writer, where, now=now)
    if asked is None:
        return False
    await proofs.ask_no_more(tx, writer, where)
    if yes:
        await _bring(tx, _Proven(asked.inquiry, asked.contact_point, asked.way, None), coming, now)
    else:
        to = coming.channel
        await history.add(tx, asked.inquiry, "not-continued", history.DESK, now=now, to=to)
    return True


async def _taken(tx: Transaction, proven: _Proven, coming: Coming, now: datetime) -> bool:
    """Use a proof, or ask first; False if somebody else was faster.

    An address that its writer has named himself, and a chat that is the same person's already, ask
    for nothing more.
    """
    writer, holder = coming.contact_point.id, proven.holder
    if proven.way is JoinWay.MAIL_CODE or await joins.same_person(tx, writer, holder):
        if proven.proof and not await proofs.use(tx, proven.proof, writer, now=now):
            return False
        await _bring(tx, proven, coming, now)
        return True
    inquiry, code = proven.inquiry, proven.proof
    where = _where(coming)
    if not await proofs.ask(tx, inquiry, holder, writer, code=code, where=where, now=now):
        return False
    await joins.stand_by(tx, inquiry, writer, now=now)
    await _say_of_holder(tx, GO_ON_HERE, proven, coming, now)
    return True


def _where(coming: Coming) -> proofs.Where:
    return proofs.Where(coming.channel, coming.message.conversation)


async def answer(
    tx: Transaction, taken: Taken, inquiry: InquiryId, *, sends_mail: bool, now: datetime
) -> None:
    """Write down what the message says of its writer, and answer what has to do with codes."""
    coming = taken.coming
    said = claims_in(coming.message, coming.contact_point.contact)
    await claims.note(tx, coming.contact_point.id, said, now=now)
    about: Mapping[str, str] = {}
    if taken.address:
        if not sends_mail or not await _send_code(tx, taken, inquiry, now):
            return
        about = {"address": half_hidden(taken.address)}
    if taken.template:
        await _say(tx, taken.template, inquiry, coming, coming.contact_point.id, about, now)


async def _proven(
    tx: Transaction, ring: KeyRing, given: Offered, by: ContactPointId, now: datetime
) -> _Proven | None:
    if given.link:
        link = await portal.find(tx, ring, given.link, now=now)
        if link is None:
            return None
        return _Proven(link.inquiry, link.contact_point, JoinWay.LINK, None)
    proof = await proofs.look(tx, given.code, by, now=now) if given.code else None
    if proof is None:
        return None
    return _Proven(proof.inquiry, proof.contact_point, proof.way, proof)


async def _bring(tx: Transaction, proven: _Proven, coming: Coming, now: datetime) -> None:
    """Join the two, let whichever is new to the inquiry take part in it, and say so."""
    writer = coming.contact_point.id
    sides = await telling.before(tx, writer, proven.holder)
    join = await joins.join(
        tx,
        writer,
        proven.holder,
        way=proven.way,
        by=history.CUSTOMER,
        inquiry=proven.inquiry,
        now=now,
    )
    if proven.way is JoinWay.MAIL_CODE:
        await heard_from(tx, proven.holder)
        await joins.take_part(tx, proven.inquiry, proven.holder, now=now)
    else:
        await continuing.go_on(
            tx,
            proven.inquiry,
            writer,
            channel=coming.channel,
            conversation=coming.message.conversation,
            now=now,
        )
        log.info("inquiry number %d goes on by channel %s", proven.inquiry, coming.channel)
    await _say_of_holder(tx, JOINED, proven, coming, now)
    if join is not None:
        await telling.tell(tx, sides, join, proven.inquiry, coming.channel, now=now)


async def _say_of_holder(
    tx: Transaction, template: str, proven: _Proven, coming: Coming, now: datetime
) -> None:
    holder = await joins.point(tx, proven.holder)
    about = {"address": half_hidden(holder.address) if holder.contact == "mail" else ""}
    await _say(tx, template, proven.inquiry, coming, coming.contact_point.id, about, now)


async def _send_code(tx: Transaction, taken: Taken, inquiry: InquiryId, now: datetime) -> bool:
    """Send a code to the address; False if there is nothing to prove any more.

    Whether the address is known changes nothing that its asker could see, nor do limits.
    """
    coming = taken.coming
    asker, language = coming.contact_point, coming.message.language
    who = Party(taken.address)
    named = await find_or_add(tx, "mail", who, language=language, hearsay=True, now=now)
    if named.customer == asker.customer:
        return False
    await joins.stand_by(tx, inquiry, named.id, now=now)
    code = await proofs.make_for_mail(tx, inquiry, named.id, asked_by=asker.id, now=now)
    if code is not None:
        await _say(tx, CODE, inquiry, coming, named.id, {"code": code}, now)
    return True


async def _say(
    tx: Transaction,
    template: str,
    inquiry: InquiryId,
    coming: Coming,
    to: ContactPointId,
    about: Mapping[str, str],
    now: datetime,
) -> None:
    await answers.add(
        tx,
        inquiry=inquiry,
        contact_point=to,
        purpose=Purpose.ACKNOWLEDGEMENT,
        channel=coming.channel,
        template=template,
        arrival=coming.arrival,
        about=about,
        now=now,
    )

"""The part of placing that knows one person on several channels.

Before a message is placed its proof is used; afterwards what it says of its writer is written down,
and what belongs to a code is answered.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from inquiry.journey import ContactPointId, InquiryId
from inquiry.tokens import KeyRing
from inquiry.understood import Message, Party
from inquiry.words import JoinWay, Purpose
from router.continuity.said import (
    Offered,
    between_two,
    claims_in,
    half_hidden,
    offered,
    without_link,
)
from storage import answers, claims, history, joins, portal, proofs
from storage.customers import address_key, find_or_add, heard_from
from storage.database import Transaction
from storage.inquiries import continuing
from storage.inquiries.opening import Coming

log = logging.getLogger(__name__)
JOINED, WRONG_CODE, CODE, CODE_SENT = "joined", "wrong-code", "code", "code-sent"
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


async def keys(
    tx: Transaction, ring: KeyRing, message: Message | None, contact: str, *, now: datetime
) -> list[bytes]:
    """Return the address keys that using a message's proof will touch: to be held beforehand."""
    given = offered(message) if message and between_two(message) else None
    if given is None or message is None or message.sender is None:
        return []
    writer = await joins.find(tx, contact, message.sender.address)
    if given.address:
        return [address_key("mail", given.address)]
    proven = await _proven(tx, ring, given, ContactPointId(writer.id if writer else 0), now)
    points = [point for point in (writer and writer.id, proven and proven.holder) if point]
    return await joins.keys(tx, points) if proven else []


async def take(tx: Transaction, ring: KeyRing, coming: Coming, *, now: datetime) -> Taken:
    """Use the proof in a message, if there is a good one: its writer is the same person then."""
    message, writer = coming.message, coming.contact_point
    given = offered(message) if between_two(message) else None
    if given is None:
        return Taken(coming)
    if given.address:
        return Taken(coming, template=CODE_SENT, address=given.address)
    proven = await _proven(tx, ring, given, writer.id, now)
    if proven is None or not await _use(tx, proven, writer.id, now):
        if not given.code:
            return Taken(coming)
        await proofs.note_wrong(tx, writer.id, now=now)
        return Taken(coming, template=WRONG_CODE if given.meant else "")
    await _bring(tx, proven, coming, now)
    if not given.rest:
        await _say_joined(tx, proven, coming, now)
        return Taken(coming, settled=True)
    return Taken(replace(coming, message=without_link(message, given.rest)))


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


@dataclass(frozen=True, slots=True)
class _Proven:
    """A proof that is good at this moment."""

    inquiry: InquiryId
    holder: ContactPointId
    way: JoinWay
    proof: proofs.Proof | None


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
    way = JoinWay.MAIL_CODE if proof.by_mail else JoinWay.CODE
    return _Proven(proof.inquiry, proof.contact_point, way, proof)


async def _use(tx: Transaction, proven: _Proven, by: ContactPointId, now: datetime) -> bool:
    return proven.proof is None or await proofs.use(tx, proven.proof, by, now=now)


async def _bring(tx: Transaction, proven: _Proven, coming: Coming, now: datetime) -> None:
    """Join the two, and let whichever is new to the inquiry take part in it."""
    writer = coming.contact_point.id
    await joins.join(
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
        return
    await continuing.go_on(
        tx,
        proven.inquiry,
        writer,
        channel=coming.channel,
        conversation=coming.message.conversation,
        now=now,
    )
    log.info("inquiry number %d goes on by channel %s", proven.inquiry, coming.channel)


async def _say_joined(tx: Transaction, proven: _Proven, coming: Coming, now: datetime) -> None:
    holder = await joins.point(tx, proven.holder)
    about = {"address": half_hidden(holder.address) if holder.contact == "mail" else ""}
    await _say(tx, JOINED, proven.inquiry, coming, coming.contact_point.id, about, now)


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

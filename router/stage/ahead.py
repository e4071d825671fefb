"""A batch read ahead: what takes long and asks no database, before anybody is held up by it."""

import logging
from dataclasses import dataclass
from datetime import datetime

from inquiry.data import understood_from_text
from inquiry.decision import Facts
from inquiry.understood import Edit, Message, Report, Understood
from inquiry.words import Audience
from router.continuity import stage as continuity
from router.stage.desk import Desk
from router.text import Text
from storage.arrivals import Claimed
from storage.customers import address_key
from storage.database import ConstraintViolated, Transaction

log = logging.getLogger(__name__)

BUGS = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError),
    *(TypeError, ValueError, ConstraintViolated),
)
"""What a bug looks like from outside; trouble with the database is none of these."""


@dataclass(frozen=True, slots=True)
class Read:
    """A claimed arrival, read before anything is held up by it."""

    understood: Understood | None
    """None where what is stored can't be read: a fault of ours, told when it is placed."""
    keys: tuple[bytes, ...]
    """Of the writer, and of the thread that is one inquiry whoever writes in it."""
    text: Text | None = None
    """The words found in it, for the rules."""


def read(desk: Desk, one: Claimed, now: datetime) -> Read:
    """Read an arrival back, and find its words for the rules. Never raises because of it."""
    contact = desk.contact_of(one.channel)
    try:
        understood = understood_from_text(one.understood or "")
        mail = message_of(understood)
        sender = mail.sender.address if mail and mail.sender else ""
        ruled_on = understood if isinstance(understood, Report) else mail
        known = Facts(now=now, channel=one.channel)
        text = desk.rules.read_ahead(ruled_on, known) if ruled_on else None
    except BUGS:
        log.exception("arrival %s: not read", one.id)
        return Read(None, (address_key(contact, ""),))
    keys = [address_key(contact, sender)]
    if mail and mail.audience is Audience.THREAD:
        keys.append(address_key(f"thread of {one.channel}", mail.conversation))
    return Read(understood, tuple(keys), text)


async def keys(
    tx: Transaction, desk: Desk, claimed: list[Claimed], ahead: list[Read], now: datetime
) -> list[bytes]:
    """Return the keys of all contact points that placing will touch."""
    found = [key for each in ahead for key in each.keys]
    for one, each in zip(claimed, ahead, strict=True):
        if isinstance(each.understood, Message) and each.understood.conversation:
            contact = desk.contact_of(one.channel)
            found += await continuity.keys(
                tx, desk.key_ring, each.understood, contact, one.channel, now=now
            )
    return found


def message_of(understood: Understood) -> Message | None:
    """Return the message in what was understood, if there is one."""
    if isinstance(understood, (Report, Edit)):
        return understood.message
    return understood if isinstance(understood, Message) else None

"""Customers and their contact points: found by address, made at the first message."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from inquiry.journey import ContactPointId, CustomerId
from inquiry.understood import Party
from storage.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPoint:
    """One address of a customer on one sort of channel, and whose it is."""

    id: ContactPointId
    customer: CustomerId
    contact: str
    """The sort: ``mail``, ``telegram``."""
    address: str
    name: str
    language: str
    """The customer's; "" while unknown."""
    known: bool
    """Had anybody written from it before this look-up?"""


def address_key(contact: str, address: str) -> bytes:
    """Return what two spellings of one address have in common, as a hash."""
    return hashlib.sha256(f"{contact}\0{address.strip().casefold()}".encode()).digest()


async def hold(tx: Transaction, keys: Iterable[bytes]) -> None:
    """Let nobody else place messages of these contact points until the transaction ends.

    All at once and in one order, so that two that place batches can't lock each other out.
    """
    await tx.each("customers.hold", [{"address_key": key} for key in sorted(set(keys))])


async def find(tx: Transaction, contact: str, address: str) -> ContactPoint | None:
    """Return the contact point with this address, if it has ever written."""
    row = await tx.one("customers.find", address_key=address_key(contact, address))
    return None if row is None else ContactPoint(**row, known=True)


async def by_id(tx: Transaction, contact_point: ContactPointId) -> ContactPoint | None:
    """Return a contact point."""
    row = await tx.one("customers.by_id", id=contact_point)
    return None if row is None else ContactPoint(**row, known=True)


async def heard_from(tx: Transaction, contact_point: ContactPointId) -> None:
    """Know a contact point for somebody's that others had only named."""
    await tx.run("customers.heard_from", id=contact_point)


async def readdress(tx: Transaction, contact: str, old: str, new: str) -> None:
    """Let a contact point have another address, unless somebody has that already."""
    await tx.run(
        "customers.readdress",
        old_key=address_key(contact, old),
        new_key=address_key(contact, new),
        address=new,
    )


async def find_or_add(
    tx: Transaction,
    contact: str,
    who: Party,
    *,
    language: str,
    hearsay: bool = False,
    now: datetime,
) -> ContactPoint:
    """Return the contact point of ``who``, with a new customer behind it if nobody is there yet.

    ``hearsay``: somebody else names it, it writes not itself.
    Locks the row until the transaction ends: two messages of one sender are placed one after the
    other, also on two nodes.
    """
    key = address_key(contact, who.address)
    if row := await tx.one("customers.lock", address_key=key):
        known = not row["hearsay"]
        found = ContactPoint(**{n: row[n] for n in row if n != "hearsay"}, known=known)
        if not known and not hearsay:
            await heard_from(tx, found.id)
        if language and not found.language:
            await tx.run("customers.learn_language", id=found.customer, language=language)
        if who.name and not found.name:
            await tx.run("customers.learn_name", id=found.id, name=who.name)
        return found
    customer = await tx.one("customers.add", name=who.name, language=language, now=now)
    assert customer
    made = await tx.one(
        "customers.add_contact_point",
        customer=customer["id"],
        contact=contact,
        address=who.address.strip(),
        address_key=key,
        name=who.name,
        hearsay=hearsay,
        now=now,
    )
    if made is None:  # another node was faster: its row is committed now, and ours is not needed
        await tx.run("customers.remove", id=customer["id"])
        return await find_or_add(tx, contact, who, language=language, hearsay=hearsay, now=now)
    return ContactPoint(
        id=made["id"],
        customer=customer["id"],
        contact=contact,
        address=who.address.strip(),
        name=who.name,
        language=language,
        known=False,
    )

"""What a file says of customers: read in as a whole, found by address, number or domain."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage.database import Transaction

AT_ONCE = 1_000
_SORTS = {"mail": "email", "phone": "phone", "fax": "phone"}
"""What a contact point of a channel may be matched by, besides its domain."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a customer beforehand."""

    organization: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file under one of its keys."""

    matched_by: str
    """``email``, ``phone`` or ``domain``."""
    key: str
    record: Record


def key_of(matched_by: str, written: str) -> str:
    """Return what two spellings of an address, a number or a domain have in common."""
    plain = written.strip().casefold()
    if matched_by == "phone":
        return "".join(c for c in plain if c.isdigit() or c == "+")
    return plain.removeprefix("@") if matched_by == "domain" else plain


async def of(tx: Transaction, contact: str, address: str) -> dict[str, str]:
    """Return what is known of a contact point: attributes, and ``organization`` if it has one.

    Its own line comes before its domain's.
    """
    sort = _SORTS.get(contact, contact)
    wanted = [(sort, key_of(sort, address))]
    domain = key_of("domain", address.rpartition("@")[2]) if "@" in address else ""
    if domain:
        wanted.append(("domain", domain))
    known: dict[str, str] = {}
    for matched_by, key in reversed(wanted):
        row = await tx.one("records.find", matched_by=matched_by, key=key)
        if row:
            known.update(json.loads(row["attributes"]))
            if row["organization"]:
                known["organization"] = row["organization"]
    return known


async def put(tx: Transaction, lines: Iterable[Line], now: datetime) -> None:
    """Write lines of one import, told apart from others by its time."""
    rows = [
        {
            "matched_by": line.matched_by,
            "key": line.key,
            "organization": line.record.organization,
            "attributes": line.record.attributes,
            "imported_at": now,
        }
        for line in lines
    ]
    await tx.many("records.put", rows)


async def drop_others(tx: Transaction, now: datetime) -> None:
    """Forget what the import of this time did not name."""
    await tx.run("records.drop_others", imported_at=now)

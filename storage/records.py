"""What a file says of customers: found by address, number or domain."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from inquiry.domains import domain_key, domain_of, with_those_above
from storage.database import Row, Transaction

MatchedBy = Literal["email", "phone", "domain"]
AT_ONCE = 1_000
_SORTS: Mapping[str, MatchedBy] = {"mail": "email", "phone": "phone", "fax": "phone"}
"""What a contact point of a channel may be matched by, besides its domain."""
_DOMAINS = ("domain", "above", "second", "third", "fourth")
"""How far above an address its domain may be: the values of the query."""
_PHONE = re.compile(r"\+[0-9][0-9 ()./-]{5,24}")
_ZERO = re.compile(r"\(0\)")


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
    number: int = 0


def key_of(matched_by: str, written: str) -> str:
    """Return what two spellings of an address, a number or a domain have in common.

    Of a number these are its digits, after a ``+`` if it has its country's; ``00`` is one, too, and
    ``(0)`` stands for nothing.
    """
    if matched_by == "domain":
        return domain_key(written)
    plain = written.strip().casefold()
    if matched_by == "phone":
        return _digits(plain)
    name, at, _ = plain.rpartition("@")
    return f"{name}@{domain_of(plain)}" if at else plain


def _digits(written: str) -> str:
    plain = _ZERO.sub("", unicodedata.normalize("NFKC", written))
    digits = "".join(letter for letter in plain if letter.isascii() and letter.isdigit())
    if plain.lstrip("( ").startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits


async def of(tx: Transaction, contact: str, address: str) -> dict[str, str]:
    """Return what is known of a contact point: attributes, and ``organization`` if it has one.

    Its own line comes before its domain's, and that one before those of domains above.
    """
    known: dict[str, str] = {}
    for line in reversed(await about(tx, contact, address)):
        known.update(line.record.attributes)
        if line.record.organization:
            known["organization"] = line.record.organization
    return known


async def about(tx: Transaction, contact: str, address: str) -> list[Line]:
    """Return the lines about a contact point, the nearest first: its own, then its domains'."""
    sort, plain = _sort_of(contact, address)
    above = list(with_those_above(domain_of(address)))[: len(_DOMAINS)]
    domains = dict.fromkeys(_DOMAINS, "") | dict(zip(_DOMAINS, above, strict=False))
    own = key_of(sort, plain)
    found = [
        _line(row) for row in await tx.all("records.find", matched_by=sort, key=own, **domains)
    ]
    return sorted(found, key=lambda line: (line.matched_by == "domain", -len(line.key)))


def _sort_of(contact: str, address: str) -> tuple[str, str]:
    """Return what a contact point may be matched by.

    What another system calls its people by is a phone number only if it begins with a plus: bare
    digits may be anything that it counts.
    """
    named = address.partition(":")[2]
    if contact == "webhook" and _PHONE.fullmatch(named):
        return "phone", named
    return _SORTS.get(contact, contact), address


async def put(tx: Transaction, import_: int, lines: Iterable[Line]) -> list[tuple[Line, Line]]:
    """Write lines of one import. Of two that say different things under one key the first stays.

    Returns these pairs: the one that stays, and the one that was to be written.
    """
    clashes = []
    wanted: dict[tuple[str, str], Line] = {}
    for line in lines:
        first = wanted.setdefault((line.matched_by, line.key), line)
        if first.record != line.record:
            clashes.append((first, line))
    rows = [
        {
            "number": import_,
            "matched_by": line.matched_by,
            "key": line.key,
            "organization": line.record.organization,
            "attributes": line.record.attributes,
            "line": line.number,
        }
        for line in wanted.values()
    ]
    for row in await tx.each("records.put", rows) if rows else ():
        there = _line(row)
        line = wanted[there.matched_by, there.key]
        if there.record != line.record:
            clashes.append((there, line))
    return clashes


def _line(row: Row) -> Line:
    record = Record(row["organization"], json.loads(row["attributes"]))
    return Line(row["matched_by"], row["key"], record, row["line"])

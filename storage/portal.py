"""Links to status pages: whoever holds one is that contact point, for that inquiry, for a time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from inquiry.journey import ContactPointId, InquiryId, Reference
from inquiry.tokens import KeyRing
from inquiry.words import State
from storage.database import Transaction, moment

PURPOSE = "portal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What a link proves."""

    inquiry: InquiryId
    contact_point: ContactPointId
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """An inquiry that a contact point takes part in."""

    inquiry: InquiryId
    reference: Reference
    subject: str
    state: State


async def latest(tx: Transaction, contact_point: ContactPointId, *, limit: int) -> list[Theirs]:
    """Return the newest inquiries that a contact point takes part in."""
    rows = await tx.all("portal.latest", contact_point=contact_point, limit=limit)
    return [
        Theirs(
            inquiry=row["id"],
            reference=row["reference"],
            subject=row["subject"],
            state=State(row["state"]),
        )
        for row in rows
    ]


def new_key() -> str:
    """Return the random half of a link."""
    return str(uuid4())


def address(url: str, ring: KeyRing, key: str) -> str:
    """Return the link: ``https://help.example/s/<uuid>.<mac>``."""
    return f"{url.rstrip('/')}/s/{key}.{ring.mac(PURPOSE, key)}"


async def usable(
    tx: Transaction, inquiry: InquiryId, contact_point: ContactPointId, *, now: datetime
) -> str | None:
    """Return the newest key of a contact point that is still good."""
    row = await tx.one("portal.usable", inquiry=inquiry, contact_point=contact_point, now=now)
    return str(row["key"]) if row else None


async def keep(
    tx: Transaction,
    key: str,
    inquiry: InquiryId,
    contact_point: ContactPointId,
    *,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Make a key good until ``expires_at``; one that is good longer stays so."""
    await tx.run(
        "portal.keep",
        key=key,
        inquiry=inquiry,
        contact_point=contact_point,
        expires_at=expires_at,
        now=now,
    )


async def find(tx: Transaction, ring: KeyRing, token: str, *, now: datetime) -> Holder | None:
    """Return what ``<uuid>.<mac>`` proves; None alike for forged, unknown, expired and revoked."""
    key, _, mac = token.partition(".")
    if not _is_uuid(key) or not ring.holds(PURPOSE, key, mac):
        return None
    row = await tx.one("portal.find", key=key, now=now)
    if row is None:
        return None
    return Holder(
        inquiry=row["inquiry"],
        contact_point=row["contact_point"],
        expires_at=moment(row["expires_at"]),
    )


async def revoke(tx: Transaction, inquiry: InquiryId, *, now: datetime) -> None:
    """Make all links of an inquiry useless."""
    await tx.run("portal.revoke", inquiry=inquiry, now=now)


async def revoke_of(
    tx: Transaction, inquiry: InquiryId, contact_point: ContactPointId, *, now: datetime
) -> None:
    """Make the links of one who takes no part any more useless."""
    await tx.run("portal.revoke_of", inquiry=inquiry, contact_point=contact_point, now=now)


def _is_uuid(key: str) -> bool:
    try:
        return str(UUID(key)) == key
    except ValueError:
        return False

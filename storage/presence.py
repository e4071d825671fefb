"""Who has which inquiry open at this moment, and whether they write: courtesy, never a lock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from inquiry.errors import NotFound
from inquiry.journey import Reference, SpecialistName
from storage.database import Transaction

LASTS = timedelta(seconds=90)
"""How long a tab is believed after it was last heard of; a hidden one speaks once a minute."""
MOST = 40
"""So many tabs of one specialist count."""


class Doing(StrEnum):
    """What somebody does with an open inquiry; a later word outweighs one before it."""

    IDLE = "idle"
    VIEWING = "viewing"
    WRITING = "writing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Somebody who has an inquiry open."""

    specialist: SpecialistName
    reference: Reference
    doing: Doing


async def keep(
    tx: Transaction,
    *,
    specialist: SpecialistName,
    tab: str,
    reference: Reference,
    doing: Doing,
    now: datetime,
) -> None:
    """Note what ``specialist`` does in one tab, and forget whom nobody has heard of lately.

    Raises:
        NotFound: nobody has this reference.
    """
    await tx.run("presence.forget", since=now - LASTS)
    others = await tx.one("presence.others", specialist=specialist, tab=tab)
    if others and others["count"] >= MOST:
        return
    kept = await tx.one(
        "presence.keep", specialist=specialist, tab=tab, reference=reference, doing=doing, now=now
    )
    if kept is None:
        raise NotFound(f"there is no inquiry {reference}")


async def leave(tx: Transaction, *, specialist: SpecialistName, tab: str) -> None:
    """Note that a tab shows no inquiry any more."""
    await tx.run("presence.leave", specialist=specialist, tab=tab)


async def present(tx: Transaction, now: datetime) -> list[Present]:
    """Return everybody at every inquiry, once each, by what they do most."""
    found: dict[tuple[Reference, SpecialistName], Doing] = {}
    rank = list(Doing).index
    for row in await tx.all("presence.present", since=now - LASTS):
        key = Reference(row["reference"]), SpecialistName(row["specialist"])
        found[key] = max(Doing(row["doing"]), found.get(key, Doing.IDLE), key=rank)
    return [
        Present(reference=reference, specialist=name, doing=doing)
        for (reference, name), doing in found.items()
    ]

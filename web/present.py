"""Who else has an inquiry open: as the pages say it."""

from collections.abc import Mapping
from dataclasses import dataclass

from inquiry.journey import SpecialistName
from storage import presence
from storage.database import Transaction
from storage.presence import Doing
from web.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody else at an inquiry."""

    full_name: str
    doing: Doing


async def others(
    tx: Transaction, desk: Desk, viewer: SpecialistName
) -> Mapping[str, tuple[Colleague, ...]]:
    """Return everybody but the viewer, by the inquiries they have open; who writes comes first."""
    rank = list(Doing).index
    found: dict[str, list[Colleague]] = {}
    for one in sorted(await presence.present(tx, desk.now()), key=lambda p: -rank(p.doing)):
        if one.specialist != viewer and one.specialist in desk.people:
            colleague = Colleague(full_name=desk.full_name(one.specialist), doing=one.doing)
            found.setdefault(one.reference, []).append(colleague)
    return {reference: tuple(colleagues) for reference, colleagues in found.items()}

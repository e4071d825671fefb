"""Who else has an inquiry open: as the pages say it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from inquiry.journey import SpecialistName
from storage import news, presence
from storage.database import Transaction
from storage.presence import Doing, Present
from web.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody else at an inquiry."""

    full_name: str
    doing: Doing


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What pages show and history doesn't tell: the ends of quarantine, and who is where."""

    quarantine: tuple[int, int]
    present: frozenset[Present]

    def mark(self, viewer: SpecialistName) -> str:
        """Return a text that is another one as soon as ``viewer`` would see something else."""
        others = sorted(
            (one.reference, one.specialist, one.doing)
            for one in self.present
            if one.specialist != viewer
        )
        return hashlib.sha256(repr((self.quarantine, others)).encode()).hexdigest()[:16]


async def unwritten(tx: Transaction, desk: Desk) -> Unwritten:
    """Look at both."""
    present = await presence.present(tx, desk.now())
    return Unwritten(await news.quarantine(tx), frozenset(present))


def others(
    present: Iterable[Present], desk: Desk, viewer: SpecialistName
) -> Mapping[str, tuple[Colleague, ...]]:
    """Return everybody but the viewer, by the inquiries they have open; who writes comes first."""
    rank = list(Doing).index
    found: dict[str, list[Colleague]] = {}
    for one in sorted(present, key=lambda p: (-rank(p.doing), p.specialist)):
        if one.specialist != viewer and one.specialist in desk.people:
            colleague = Colleague(full_name=desk.full_name(one.specialist), doing=one.doing)
            found.setdefault(one.reference, []).append(colleague)
    return {reference: tuple(colleagues) for reference, colleagues in found.items()}

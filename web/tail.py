"""Following the numbers of history, where a lower one may be committed after a higher."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from storage.news import News

PATIENCE = timedelta(seconds=10)
"""How long a missing number may still come: PostgreSQL numbers rows before they are committed."""
BEHIND = 100
"""So many of the newest numbers are looked through for missing ones at the beginning."""


@dataclass(slots=True)
class Tail:
    """What of history has been told."""

    floor: int
    """Everything up to this number has been told, or will never be."""
    _told: set[int] = field(default_factory=set)
    _missing: dict[int, float] = field(default_factory=dict)

    def fresh(self, found: Sequence[News], moment: float) -> list[News]:
        """Return what of ``found``, all above the floor, is new; ``moment`` in seconds."""
        new = [one for one in found if one.event not in self._told]
        self._told.update(one.event for one in new)
        self._advance(moment)
        return new

    def _advance(self, moment: float) -> None:
        top = max(self._told, default=self.floor)
        for number in range(self.floor + 1, top):
            if number not in self._told:
                self._missing.setdefault(number, moment)
        while self.floor < top and self._is_over(self.floor + 1, moment):
            self.floor += 1
            self._told.discard(self.floor)
            self._missing.pop(self.floor, None)

    def _is_over(self, number: int, moment: float) -> bool:
        if number in self._told:
            return True
        return moment - self._missing.get(number, moment) >= PATIENCE.total_seconds()

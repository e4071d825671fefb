"""How much somebody may do in a time: counted in memory, so a restart forgives."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from inquiry.errors import TemporaryFailure

MOST_KNOWN = 50_000
"""Whoever comes from more addresses than that makes us forget the oldest."""


class TooMuch(TemporaryFailure):
    """Slow down: 429, and come again after ``retry_after``."""


@dataclass(slots=True)
class Allowance:
    """At most so much per key in a sliding time."""

    within: timedelta
    _spent: dict[str, deque[datetime]] = field(default_factory=dict)

    def spend(self, key: str, most: int, *, amount: int = 1, now: datetime) -> None:
        """Count ``amount`` of it. Raises TooMuch, and counts nothing, where it is not granted."""
        spent = self._spent.get(key) or deque()
        while spent and spent[0] <= now - self.within:
            spent.popleft()
        if len(spent) + amount > most:
            wait = spent[0] + self.within - now if spent else self.within
            raise TooMuch("too much at once", retry_after=wait)
        spent.extend([now] * amount)
        self._spent.pop(key, None)
        self._spent[key] = spent  # the newest last
        if len(self._spent) > MOST_KNOWN:
            del self._spent[next(iter(self._spent))]

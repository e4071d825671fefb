"""Which mails were being fetched when a line broke, and when each is asked for again."""

from collections import Counter
from collections.abc import Collection
from datetime import timedelta

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=10)


class Mishaps:
    """What happened to mails, by their remote ids; it outlives the lines.

    A line breaks for many reasons. So a mail is tried once more, alone; if that breaks the line
    too, it is the mail, and the others come first.
    """

    def __init__(self) -> None:
        self._breaks: Counter[str] = Counter()
        self._until: dict[str, float] = {}
        self._absent: Counter[str] = Counter()

    def broke(self, names: Collection[str], now: float) -> None:
        """Note what was asked for when the line broke; ``now`` in seconds of the event loop."""
        self._breaks.update(names)
        for name in names:
            if (again := self._breaks[name] - 2) >= 0:
                pause = min(FIRST_PAUSE * 2 ** min(again, 9), LONGEST_PAUSE)
                self._until[name] = now + pause.total_seconds()

    def suspicious(self, name: str) -> bool:
        """Is it to be asked for alone, and in pieces?"""
        return name in self._breaks

    def put_off_until(self, name: str) -> float:
        """Return when it may be asked for, in seconds of the event loop; 0 for any time."""
        return self._until.get(name, 0.0)

    def taken(self, names: Collection[str]) -> None:
        """All is well with these."""
        for name in names:
            for notes in (self._breaks, self._until, self._absent):
                notes.pop(name, None)

    def absent(self, name: str) -> bool:
        """Note that the server listed it and did not give it; True the second time.

        Once is nothing: somebody has just removed it.
        """
        self._absent[name] += 1
        return self._absent[name] == 2

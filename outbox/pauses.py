"""How long a channel as a whole is left alone. What concerns one chat delays that chat only."""

from datetime import datetime, timedelta

from inquiry.errors import TemporaryFailure

FIRST = timedelta(seconds=2)
LONGEST = timedelta(minutes=1)
"""Of the pauses after trouble that is the channel's own and names no time."""
AT_MOST = timedelta(days=1)
"""Of those that name one."""
CHATS = 3
"""So many that were told to slow down, all at the same time, mean the whole channel."""


class Pauses:
    """What one channel has asked for."""

    def __init__(self) -> None:
        self._until: datetime | None = None
        self._failures = 0
        """Of the channel as a whole, one after the other."""
        self._slow: dict[str, datetime] = {}
        """Chats that were told to slow down, and until when."""

    def room(self, at_once: int, now: datetime) -> int:
        """Return how many sends the channel bears now: one alone finds out if trouble is over."""
        if self._until is not None and now < self._until:
            return 0
        return 1 if self._failures else at_once

    def went(self) -> None:
        """Something went: the channel as a whole is well."""
        self._failures = 0
        self._until = None

    def failed(self, chat: str, failure: TemporaryFailure, now: datetime) -> None:
        """Take note of why an attempt for ``chat`` came to nothing."""
        asked = min(failure.retry_after, AT_MOST)
        if failure.whole_channel or self._all_slow(chat, asked, now):
            self._failures += 1
            wait = asked or min(FIRST * 2.0 ** min(self._failures - 1, 9), LONGEST)
            self._until = max(self._until or now, now + wait)

    def _all_slow(self, chat: str, wait: timedelta, now: datetime) -> bool:
        self._slow = {one: until for one, until in self._slow.items() if until > now}
        if wait:
            self._slow[chat] = now + wait
        return bool(wait) and len(self._slow) >= CHATS

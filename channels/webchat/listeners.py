"""Browsers that listen: told that there is news, never what it is; they ask for it themselves."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from channels.allowance import TooMuch
from channels.peer import counted_as


class News(StrEnum):
    """What a browser is nudged with."""

    ENTRIES = "entries"  # the transcript has grown
    TYPING = "typing"  # a specialist is writing
    STILL = "still"  # nothing, and the line is not dead
    BYE = "bye"  # come again, the channel closes


STILL = timedelta(seconds=6)
"""How long after the last key somebody counts as writing."""
MOST_WAITING = 20
"""Nudges that nobody has taken yet; more would say nothing new."""


@dataclass(slots=True, eq=False)
class Listener:
    """One open connection of a visitor."""

    visitor: int
    peer: str
    news: asyncio.Queue[News] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))

    def nudge(self, news: News) -> None:
        if not self.news.full() or news is News.BYE:
            if self.news.full():
                self.news.get_nowait()
            self.news.put_nowait(news)


class Listeners:
    """All open connections of one channel."""

    def __init__(self) -> None:
        self._by_visitor: dict[int, list[Listener]] = defaultdict(list)
        self._by_peer: dict[str, int] = defaultdict(int)
        self._at_the_door: dict[str, int] = defaultdict(int)
        self._closed = False
        self._writing: dict[str, datetime] = {}

    @contextmanager
    def listening(self, visitor: int, peer: str, most: int) -> Iterator[Listener]:
        """Keep a connection until the block ends. Raises TooMuch where there are ``most``."""
        peer = counted_as(peer)
        if len(self._by_visitor[visitor]) >= most or self._by_peer[peer] >= 10 * most:
            raise TooMuch("too many connections")
        listener = Listener(visitor, peer)
        self._by_visitor[visitor].append(listener)
        self._by_peer[peer] += 1
        if self._closed:
            listener.nudge(News.BYE)
        try:
            yield listener
        finally:
            self._by_visitor[visitor].remove(listener)
            self._by_peer[peer] -= 1
            if not self._by_visitor[visitor]:
                del self._by_visitor[visitor]
            if not self._by_peer[peer]:
                del self._by_peer[peer]

    @contextmanager
    def knocking(self, peer: str, most: int) -> Iterator[None]:
        """Keep a line open for somebody who has not said yet who they are. Raises TooMuch."""
        if self._at_the_door[peer] >= 10 * most:
            raise TooMuch("too many at the door")
        self._at_the_door[peer] += 1
        try:
            yield
        finally:
            self._at_the_door[peer] -= 1
            if not self._at_the_door[peer]:
                del self._at_the_door[peer]

    def nudge(self, visitor: int, news: News) -> None:
        """Tell all windows of a visitor."""
        for listener in self._by_visitor.get(visitor, ()):
            listener.nudge(news)

    def connected(self, visitor: int) -> bool:
        """Has the visitor a window open?"""
        return bool(self._by_visitor.get(visitor))

    def writing(self, key: str, now: datetime) -> None:
        """Note that a visitor is writing at this moment."""
        self._writing = {k: at for k, at in self._writing.items() if now - at < STILL}
        self._writing[key] = now

    def is_writing(self, key: str, now: datetime) -> bool:
        """Has the visitor with this address been writing just now?"""
        at = self._writing.get(key)
        return at is not None and now - at < STILL

    def close(self) -> None:
        """Send everybody away."""
        self._closed = True
        for visitor in list(self._by_visitor):
            self.nudge(visitor, News.BYE)

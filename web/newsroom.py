"""Telling open pages that something has changed: ids and kinds, never a word of what was written.

One task looks at the database for all pages together, and only while there are any.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from aiohttp import web

from inquiry.errors import TemporaryFailure
from inquiry.journey import SpecialistName
from storage import credentials, news
from storage.database import Transaction
from web.front import Front
from web.present import Unwritten, unwritten
from web.tail import BEHIND, Tail

log = logging.getLogger(__name__)
AT_ONCE = 500
"""Events that are told one by one; of more, pages are told to look at everything."""
WAITING = 200
"""Things that wait for one slow page, each once; more become one: look at everything."""
MOST = 20
"""Streams of one specialist. A browser needs one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often, and how long."""

    look: timedelta = timedelta(milliseconds=500)
    """Between two looks at the database."""
    check: timedelta = timedelta(seconds=5)
    """After that, sessions are looked at although there is nothing to tell."""
    beat: timedelta = timedelta(seconds=15)
    """After that, something is written, so that proxies and browsers see that a stream lives."""
    slow: timedelta = timedelta(seconds=10)
    """Who takes longer to read is dropped; the browser comes back by itself."""


class Subject(StrEnum):
    """What may have changed."""

    INQUIRY = "inquiry"
    COUNTS = "counts"
    PRESENCE = "presence"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to tell."""

    subject: Subject
    reference: str = ""
    event: int = 0
    kind: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return what is sent of it."""
        found = {"inquiry": self.reference, "event": self.event, "kind": self.kind}
        return {name: value for name, value in found.items() if value}


class TooMany(Exception):
    """Somebody has more streams open than anybody needs, or the desk is stopping."""


@dataclass(slots=True, eq=False)
class Reader:
    """One open stream, and what it has not been told yet."""

    session: bytes
    specialist: SpecialistName
    closed: bool = False
    _waiting: dict[tuple[Subject, str], Item] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, items: Iterable[Item]) -> None:
        """Let it know; the same thing twice is one."""
        for item in items:
            self._waiting[item.subject, item.reference] = item
        if len(self._waiting) > WAITING:
            newest = max(item.event for item in self._waiting.values())
            everything = Item(subject=Subject.EVERYTHING, event=newest)
            self._waiting = {(Subject.EVERYTHING, ""): everything}
        self._wake.set()

    def close(self) -> None:
        """Tell it nothing more."""
        self.closed = True
        self._waiting.clear()
        self._wake.set()

    async def news(self, at_most: timedelta) -> list[Item]:
        """Wait for something to tell, at most so long; then there is nothing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most.total_seconds()):
                await self._wake.wait()
        self._wake.clear()
        items = list(self._waiting.values())
        self._waiting.clear()
        return items


class Newsroom:
    """Holds the streams of a server, and tells them what is new."""

    def __init__(self, front: Front, pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self._front = front
        self._readers: set[Reader] = set()
        self._anybody = asyncio.Event()
        self._stopping = False
        self._looked = asyncio.Event()
        self._position = 0
        self._tail: Tail | None = None
        self._seen: Unwritten | None = None
        self._checked = float("-inf")

    @property
    def position(self) -> int:
        """Where to go on: whatever has a number up to this one has been told."""
        return self._position

    @contextmanager
    def reading(self, session: bytes, specialist: SpecialistName) -> Iterator[Reader]:
        """Hold a stream open.

        Raises:
            TooMany: this one can't be.
        """
        own = sum(one.specialist == specialist for one in self._readers)
        if self._stopping or own >= MOST:
            raise TooMany
        reader = Reader(session, specialist)
        self._readers.add(reader)
        self._anybody.set()
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    async def catch_up(self, reader: Reader, after: int, mark: str) -> None:
        """Tell a stream what it has missed, once it misses nothing more.

        ``after`` is the newest event that the page knows, ``mark`` that of all the rest.

        Raises:
            TemporaryFailure: the database can't be asked now.
        """
        try:
            async with asyncio.timeout(self.pace.check.total_seconds()):
                await self._looked.wait()
        except TimeoutError:
            raise TemporaryFailure("nobody knows what is new") from None

        async def look(tx: Transaction) -> tuple[int, list[news.News]]:
            return await news.newest(tx), await news.since(tx, after, limit=WAITING)

        newest, found = await self._front.face.desk.db.read(look)
        if self._seen and self._seen.mark(reader.specialist) != mark:
            reader.tell([Item(subject=Subject.COUNTS)])
        if after > newest or len(found) >= WAITING:
            reader.tell([Item(subject=Subject.EVERYTHING, event=newest)])
        else:
            reader.tell(map(_item, found))

    async def run(self) -> None:
        """Look for news until cancelled; a database that is away is asked again."""
        while True:
            if not self._readers:
                self._tail = self._seen = None
                self._looked.clear()
                self._anybody.clear()
                await self._anybody.wait()
            try:
                await self._look()
            except TemporaryFailure as failure:
                log.info("live pages: no news: %s", failure)
            except Exception:
                log.exception("live pages")
            await asyncio.sleep(self.pace.look.total_seconds())

    def stop(self) -> None:
        """Close every stream, and open no other."""
        self._stopping = True
        for reader in self._readers:
            reader.close()

    async def _look(self) -> None:
        first, moment = self._tail is None, asyncio.get_running_loop().time()
        found, seen = await self._read()
        assert self._tail
        items = _changes(self._seen, seen) if self._seen else []
        self._seen = seen
        if len(found) >= AT_ONCE:
            newest = found[-1].event
            self._tail = Tail(max(newest - BEHIND, 0))
            self._tail.fresh([one for one in found if one.event > self._tail.floor], moment)
            items = [Item(subject=Subject.EVERYTHING, event=newest)]
        else:
            fresh = self._tail.fresh(found, moment)
            items += map(_item, () if first else fresh)
        if items or moment - self._checked >= self.pace.check.total_seconds():
            await self._close_who_left()
            self._checked = moment
        for reader in self._readers:
            reader.tell(items)
        self._position = self._tail.floor
        self._looked.set()

    async def _read(self) -> tuple[list[news.News], Unwritten]:
        desk = self._front.face.desk

        async def look(tx: Transaction) -> tuple[Tail, list[news.News], Unwritten]:
            tail = self._tail or Tail(max(await news.newest(tx) - BEHIND, 0))
            found = await news.since(tx, tail.floor, limit=AT_ONCE)
            return tail, found, await unwritten(tx, desk)

        self._tail, found, seen = await desk.db.read(look)
        return found, seen

    async def _close_who_left(self) -> None:
        """Close the streams of who has signed out, was signed out, or is no specialist any more."""
        desk = self._front.face.desk
        lasting = await desk.db.read(lambda tx: credentials.sessions(tx, now=desk.now()))
        for reader in [*self._readers]:
            if lasting.get(reader.session) != reader.specialist or (
                reader.specialist not in desk.people
            ):
                reader.close()


def _item(one: news.News) -> Item:
    return Item(subject=Subject.INQUIRY, reference=one.reference, event=one.event, kind=one.kind)


def _changes(before: Unwritten, now: Unwritten) -> list[Item]:
    moved = {one.reference for one in now.present ^ before.present}
    found = [Item(subject=Subject.PRESENCE, reference=one) for one in sorted(moved)]
    if now.quarantine != before.quarantine:
        found.append(Item(subject=Subject.COUNTS))
    return found


NEWSROOM = web.AppKey("newsroom", Newsroom)


async def keep_telling(app: web.Application) -> AsyncIterator[None]:
    """Run the newsroom of an application from its start to its end."""
    task = asyncio.create_task(app[NEWSROOM].run(), name="live pages")
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def stop_telling(app: web.Application) -> None:
    """End all streams, so that a server that ends waits for none."""
    app[NEWSROOM].stop()

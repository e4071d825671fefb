"""A chat on somebody's pages: messages in, entries of a transcript out.

Sending is a commit to the visitor's transcript, so a repeat does no harm; open connections are
only nudged. Who visits, from where and by which signature is checked in ``web/chat``.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Never
from unicodedata import category
from weakref import WeakValueDictionary

from channels.allowance import Allowance
from channels.contract import Inlet, Limits, Premises, Store
from channels.peer import counted_as
from channels.webchat.listeners import Listeners, News
from channels.webchat.settings import Settings
from channels.webchat.visitors import Visitors
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import CHAT, Arrival, ChannelName, Dispatch, Envelope, File, Receipt
from inquiry.words import Delivery, Purpose
from storage import arrivals, chat_mail, chats, originals
from storage.chats import Entry, Visitor
from storage.database import Transaction
from storage.together import Together

__all__ = ["LIMITS", "Settings", "WebChat", "open_channel"]

LIMITS = Limits(subject=False, files=True)
LONGEST = 10_000
"""Letters of one message."""
MOST_FILES = 5
LARGEST = 25_000_000
"""Bytes of all files of a message together."""
LOOK = timedelta(seconds=10)
"""How often it looks who has left, and who has read."""
RECENTLY = timedelta(minutes=10)


class NotTaken(PermanentFailure):
    """A message that will never be taken as it is: empty, too long, too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a visitor sends."""

    id: str
    """The browser's own: the same message sent twice is one."""
    text: str
    language: str = ""
    page: str = ""
    """Where the visitor was."""
    files: tuple[File, ...] = field(default=(), repr=False)


@asynccontextmanager
async def open_channel(
    name: ChannelName, settings: Settings, premises: Premises
) -> AsyncIterator["WebChat"]:
    """Open the chat; there is nothing to connect to. Needs the desk's database."""
    assert premises.store is not None, "a web chat keeps its transcripts in the desk's database"
    channel = WebChat(name, settings, premises.store)
    try:
        yield channel
    finally:
        channel.listeners.close()
        await channel.close()


class WebChat:
    """Talks to visitors of somebody's pages."""

    repeatable = True

    def __init__(self, name: ChannelName, settings: Settings, store: Store) -> None:
        self.name = name
        self.settings = settings
        self.listeners = Listeners()
        self.messages = Allowance(timedelta(minutes=1))
        self.uploads = Allowance(timedelta(hours=1))
        self.visitors = Visitors(name, settings, store)
        self._store = store
        self._showing = Together[tuple[Visitor, Said, datetime], int](
            store.write, _add, order=lambda shown: shown[0].id
        )
        self._at_work: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def receive(self, inlet: Inlet) -> Never:  # noqa: ARG002  (messages come over HTTP)
        """Look after those who have left, and after what was read."""
        while True:
            await self.look_after(now=datetime.now(UTC))
            await asyncio.sleep(LOOK.total_seconds())

    async def look_after(self, *, now: datetime) -> int:
        """Let what nobody has seen in time go by mail; return how many mails."""
        by_mail = self.settings.by_mail
        await self._store.write(lambda tx: chats.tell_read(tx, self.name, since=RECENTLY, now=now))
        if by_mail is None:
            return 0
        by = ChannelName(by_mail.channel)
        mails: int = await self._store.write(lambda tx: chat_mail.go_on(tx, self.name, by, now=now))
        return mails

    async def take(
        self, inlet: Inlet, visitor: Visitor, said: Said, peer: str, *, now: datetime
    ) -> int:
        """Accept a message; its number in the transcript may be told once this has returned.

        Raises:
            NotTaken: 422 or 413: nothing was stored, and nothing will be.
            TooMuch: 429: nothing was stored.
            TemporaryFailure: 503: nothing was stored.
        """
        self._check(said)
        async with self._alone(visitor.id):
            known = await self._store.read(lambda tx: chats.number_of(tx, visitor.id, said.id))
            if known is not None:
                return int(known)
            self._grant(visitor, said, peer, now)
            await inlet.accept(self.arrival(visitor, said, peer, now=now))
            failpoint("webchat.accepted")
            seq = await self._show(visitor, said, now)
            failpoint("webchat.shown")
        self.listeners.nudge(visitor.id, News.ENTRIES)
        return seq

    async def catch_up(self, inlet: Inlet, visitor: Visitor, *, now: datetime) -> None:
        """Show a message that was accepted just before we died."""
        async with self._alone(visitor.id):
            last = await inlet.resume_from(visitor.key)
            if last is None:
                return
            remote_id = _remote_id(visitor, last)

            async def look(tx: Transaction) -> bytes | None:
                if await chats.number_of(tx, visitor.id, last) is not None:
                    return None
                found = await arrivals.accepted_as(tx, self.name, remote_id)
                return await originals.read(tx, found.original) if found else None

            if raw := await self._store.read(look):
                await self._show(visitor, _said(json.loads(raw)), now)

    async def entries(self, visitor: Visitor, after: int) -> list[Entry]:
        """Return what this visitor's transcript has after number ``after``."""
        found: list[Entry] = await self._store.read(
            lambda tx: chats.entries(tx, visitor.id, after=after)
        )
        return found

    async def entries_before(self, visitor: Visitor, before: int) -> list[Entry]:
        """Return the last page of what this visitor's transcript has before number ``before``."""
        found: list[Entry] = await self._store.read(
            lambda tx: chats.entries_before(tx, visitor.id, before=before)
        )
        return found

    async def file(self, visitor: Visitor, number: int) -> tuple[str, bytes] | None:
        """Return the name and bytes of a file in this visitor's transcript."""
        found: tuple[str, bytes] | None = await self._store.read(
            lambda tx: chats.file(tx, visitor.id, number)
        )
        return found

    async def read(self, visitor: Visitor, seq: int, *, now: datetime) -> None:
        """The visitor has seen the transcript up to ``seq``."""
        await self._store.write(lambda tx: chats.read(tx, visitor.id, seq, now=now))

    def writes(self, visitor: Visitor, *, now: datetime) -> None:
        """The visitor is writing something."""
        self.listeners.writing(visitor.key, now)

    async def typing(self, recipient: str) -> None:
        """Let a visitor see that a specialist is writing."""
        visitor = await self._store.read(lambda tx: chats.by_key(tx, recipient))
        if visitor is not None:
            self.listeners.nudge(visitor.id, News.TYPING)

    async def send(self, dispatch: Dispatch) -> Receipt:
        """Put an answer into the visitor's transcript."""
        visitor = await self._store.read(lambda tx: chats.by_key(tx, dispatch.recipient))
        if visitor is None:
            raise PermanentFailure("there is no such visitor")
        now = datetime.now(UTC)
        by_mail = self.settings.by_mail
        goes_on = by_mail is not None and dispatch.purpose is Purpose.ANSWER
        mail_at = now + by_mail.after if by_mail and goes_on else None
        try:
            seq = await self._store.write(
                lambda tx: chats.say(tx, visitor.id, dispatch, mail_at=mail_at, now=now)
            )
        except TemporaryFailure as failure:  # a commit whose end nobody knows
            raise OutcomeUnknown(f"the transcript could not be written: {failure}") from failure
        self.listeners.nudge(visitor.id, News.ENTRIES)
        return Receipt(delivery=Delivery.ACCEPTED, remote_id=str(seq), at=now)

    async def close(self) -> None:
        """Finish what is being written."""
        await self._showing.close()

    def arrival(self, visitor: Visitor, said: Said, peer: str, *, now: datetime) -> Arrival:
        """Write a message down."""
        raw = json.dumps(_data(visitor, said), ensure_ascii=False).encode(errors="replace")
        return Arrival(
            channel=self.name,
            remote_id=_remote_id(visitor, said.id),
            media_type=CHAT,
            raw=raw,
            envelope=Envelope(peer=peer, authenticated_as=visitor.user_id),
            received_at=now,
            source=visitor.key,
            cursor=said.id,
        )

    async def _show(self, visitor: Visitor, said: Said, now: datetime) -> int:
        return await self._showing.write((visitor, said, now))

    def _check(self, said: Said) -> None:
        if _nothing_to_see(said.text) and not said.files:
            raise NotTaken("empty")
        if len(said.text) > LONGEST:
            raise NotTaken("too-long")
        sizes = [len(file.content) for file in said.files]
        if (
            len(sizes) > min(MOST_FILES, self.settings.at_most.uploads)
            or sum(sizes) > LARGEST
            or any(s > self.settings.at_most.file_size for s in sizes)
        ):
            raise NotTaken("too-large")

    def _grant(self, visitor: Visitor, said: Said, peer: str, now: datetime) -> None:
        most, peer = self.settings.at_most, counted_as(peer)
        if said.files:
            count = len(said.files)
            self.uploads.spend(f"address {peer}", 3 * most.uploads, amount=count, now=now)
            self.uploads.spend(f"visitor {visitor.id}", most.uploads, amount=count, now=now)
        self.messages.spend(f"address {peer}", 3 * most.messages, now=now)
        self.messages.spend(f"visitor {visitor.id}", most.messages, now=now)

    def _alone(self, visitor: int) -> asyncio.Lock:
        """One message of a visitor after the other: the last one accepted says where we were."""
        lock = self._at_work.get(visitor)
        if lock is None:
            lock = self._at_work[visitor] = asyncio.Lock()
        return lock


async def _add(tx: Transaction, shown: tuple[Visitor, Said, datetime]) -> int:
    visitor, said, now = shown
    return await chats.add(
        tx,
        visitor.id,
        said.id,
        said.text,
        files=said.files,
        language=said.language,
        author=visitor.name,
        now=now,
    )


def _nothing_to_see(text: str) -> bool:
    """Is there no letter in it but spaces, and marks without a width?"""
    return all(letter.isspace() or category(letter) in ("Cf", "Cc") for letter in text)


def _remote_id(visitor: Visitor, id_: str) -> str:
    return f"{visitor.key}:{id_}"


def _data(visitor: Visitor, said: Said) -> dict[str, object]:
    return {
        "id": said.id,
        "visitor": visitor.key,
        "name": visitor.name,
        "email": visitor.email,
        "text": said.text,
        "language": said.language,
        "page": said.page,
        "files": [file.in_json() for file in said.files],
    }


def _said(data: dict[str, str]) -> Said:
    """Read back what ``_data`` has written."""
    files: list[dict[str, str]] = data["files"]  # type: ignore[assignment]
    return Said(
        id=data["id"],
        text=data["text"],
        language=data["language"],
        page=data["page"],
        files=tuple(
            File(
                filename=file["filename"],
                content_type=file["content_type"],
                content=base64.b64decode(file["content"]),
            )
            for file in files
        ),
    )

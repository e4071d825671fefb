"""Web chat: visitors and their transcripts, numbered so that a browser can go on where it ended."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inquiry.journey import (
    ChannelName,
    Dispatch,
    DispatchId,
    File,
    MessageId,
    Receipt,
    Reference,
)
from inquiry.words import Delivery
from storage import originals, receipts
from storage.database import Row, Transaction, moment

AT_ONCE = 200
"""Entries of one answer to a browser."""
A_PAGE = 50
"""Entries that a browser begins with, and of each earlier page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who chats: a guest, or a user whom the host page's server vouches for."""

    id: int
    channel: ChannelName
    key: str
    """The address of their contact point."""
    user_id: str
    """"" is a guest."""
    name: str
    email: str
    language: str
    last_seq: int
    read_seq: int
    """What the visitor has seen."""
    seen_seq: int
    """What a specialist has seen of theirs."""

    @property
    def verified(self) -> bool:
        return bool(self.user_id)


@dataclass(frozen=True, slots=True)
class Chatting:
    """A visitor who takes part in an inquiry."""

    id: int
    channel: ChannelName
    key: str
    email: str
    """For answers that they do not see; "" where they have left none."""


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of an entry, to be asked for by its number."""

    id: int
    filename: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a visitor wrote or was answered."""

    seq: int
    remote_id: str
    mine: bool
    """Did the visitor write it?"""
    author: str
    text: str
    language: str
    at: datetime
    files: tuple[ShownFile, ...] = ()


async def add_visitor(
    tx: Transaction,
    *,
    channel: ChannelName,
    key: str,
    secret: str,
    user_id: str = "",
    name: str = "",
    email: str = "",
    language: str = "",
    now: datetime,
) -> Visitor:
    """Add a visitor, unless this user is known already; ``secret`` is what a guest will show."""
    await tx.run(
        "webchat.add_visitor",
        channel=channel,
        key=key,
        user_id=user_id,
        secret=_hashed(secret),
        name=name,
        email=email,
        language=language,
        now=now,
    )
    found = await (by_user(tx, channel, user_id) if user_id else by_secret(tx, channel, secret))
    assert found
    return found


async def by_secret(tx: Transaction, channel: ChannelName, secret: str) -> Visitor | None:
    """Return the guest whose browser keeps this."""
    return _visitor(await tx.one("webchat.by_secret", channel=channel, secret=_hashed(secret)))


async def is_taken(tx: Transaction, secret: str) -> bool:
    """Does a guest of any chat show this?"""
    return await tx.one("webchat.is_taken", secret=_hashed(secret)) is not None


async def by_user(tx: Transaction, channel: ChannelName, user_id: str) -> Visitor | None:
    """Return a user of the host page."""
    return _visitor(await tx.one("webchat.by_user", channel=channel, user_id=user_id))


async def by_key(tx: Transaction, key: str) -> Visitor | None:
    """Return whom an answer is for."""
    return _visitor(await tx.one("webchat.by_key", key=key))


async def by_id(tx: Transaction, visitor: int) -> Visitor | None:
    """Return a visitor."""
    return _visitor(await tx.one("webchat.by_id", id=visitor))


async def learn(
    tx: Transaction, visitor: int, *, name: str = "", email: str = "", language: str = ""
) -> None:
    """Write down what a visitor says of themselves; what is empty stays as it was."""
    await tx.run("webchat.learn", id=visitor, name=name, email=email, language=language)


async def add(
    tx: Transaction,
    visitor: int,
    remote_id: str,
    text: str,
    *,
    files: Sequence[File] = (),
    language: str = "",
    author: str = "",
    dispatch: DispatchId | None = None,
    mail_at: datetime | None = None,
    now: datetime,
) -> int:
    """Add an entry and return its number; one that is there already keeps its own."""
    held = await tx.one("webchat.hold", id=visitor)
    assert held
    if known := await tx.one("webchat.entry", visitor=visitor, remote_id=remote_id):
        return int(known["seq"])
    seq = int(held["last_seq"]) + 1
    await tx.run("webchat.advance", id=visitor, seq=seq)
    row = await tx.one(
        "webchat.add_entry",
        visitor=visitor,
        seq=seq,
        remote_id=remote_id,
        dispatch=dispatch,
        author=author,
        text=text,
        language=language,
        at=now,
        mail_at=mail_at,
    )
    assert row
    for file in files:
        await tx.run(
            "webchat.add_file",
            entry=row["id"],
            original=await originals.put(tx, file.content),
            filename=file.filename,
            content_type=file.content_type,
            size=len(file.content),
        )
    return seq


async def say(
    tx: Transaction, visitor: int, dispatch: Dispatch, *, mail_at: datetime | None, now: datetime
) -> int:
    """Put an answer into the transcript, once however often it is sent."""
    return await add(
        tx,
        visitor,
        f"dispatch-{dispatch.id}",
        dispatch.text,
        files=dispatch.files,
        language=dispatch.language,
        author=dispatch.from_name,
        dispatch=dispatch.id,
        mail_at=mail_at,
        now=now,
    )


async def number_of(tx: Transaction, visitor: int, remote_id: str) -> int | None:
    """Return the number of an entry; None while it isn't in the transcript."""
    row = await tx.one("webchat.entry", visitor=visitor, remote_id=remote_id)
    return int(row["seq"]) if row else None


async def entries(
    tx: Transaction, visitor: int, *, after: int, limit: int = AT_ONCE
) -> list[Entry]:
    """Return what follows number ``after``, in order."""
    rows = await tx.all("webchat.entries", visitor=visitor, after=after, limit=limit)
    if not rows:
        return []
    files = await tx.all("webchat.files", visitor=visitor, after=after, last=rows[-1]["seq"])
    return [_entry(row, files) for row in rows]


async def entries_before(
    tx: Transaction, visitor: int, *, before: int, limit: int = A_PAGE
) -> list[Entry]:
    """Return the last entries before number ``before``, in order."""
    rows = await tx.all("webchat.entries_before", visitor=visitor, before=before, limit=limit)
    if not rows:
        return []
    rows = list(reversed(rows))
    first, last = rows[0]["seq"] - 1, rows[-1]["seq"]
    files = await tx.all("webchat.files", visitor=visitor, after=first, last=last)
    return [_entry(row, files) for row in rows]


async def file(tx: Transaction, visitor: int, number: int) -> tuple[str, bytes] | None:
    """Return the name and the bytes of a file, if it is in this visitor's transcript."""
    row = await tx.one("webchat.file", visitor=visitor, id=number)
    return (row["filename"], await originals.read(tx, row["original"])) if row else None


async def read(tx: Transaction, visitor: int, seq: int, *, now: datetime) -> None:
    """The visitor has seen everything up to ``seq``."""
    if await tx.one("webchat.read", id=visitor, seq=seq, now=now):
        await tx.run("webchat.nothing_to_mail", visitor=visitor, seq=seq)
        await _tell(tx, visitor, seq, now)


async def visitors_of(tx: Transaction, reference: Reference) -> list[Chatting]:
    """Return who chats in an inquiry."""
    rows = await tx.all("webchat.visitors_of", reference=reference)
    return [
        Chatting(row["id"], ChannelName(row["channel"]), row["key"], row["email"]) for row in rows
    ]


async def seen(
    tx: Transaction, reference: Reference, visitor: Chatting, message: MessageId
) -> bool:
    """A specialist has seen an inquiry's messages up to ``message``; was any of them new?"""
    row = await tx.one(
        "webchat.newest_seen",
        reference=reference,
        visitor=visitor.id,
        key=visitor.key,
        message=message,
    )
    if row is None or row["seq"] is None:
        return False
    return await tx.one("webchat.seen", id=visitor.id, seq=row["seq"]) is not None


async def tell_read(
    tx: Transaction, channel: ChannelName, *, since: timedelta, now: datetime
) -> None:
    """Tell of answers that were read before they were written down as sent."""
    for row in await tx.all("webchat.read_since", channel=channel, since=now - since):
        await _tell(tx, row["id"], row["read_seq"], now)


async def _tell(tx: Transaction, visitor: int, seq: int, now: datetime) -> None:
    for row in await tx.all("webchat.untold", visitor=visitor, seq=seq):
        receipt = Receipt(delivery=Delivery.READ, at=now)
        await receipts.record(tx, DispatchId(row["id"]), receipt, now=now)


def _visitor(row: Row | None) -> Visitor | None:
    if row is None:
        return None
    return Visitor(**{name: row[name] for name in Visitor.__slots__})


def _entry(row: Row, files: Sequence[Row]) -> Entry:
    own = (ShownFile(f["id"], f["filename"], f["size"]) for f in files if f["entry"] == row["id"])
    return Entry(
        seq=row["seq"],
        remote_id=row["remote_id"],
        mine=row["dispatch"] is None,
        author=row["author"],
        text=row["text"],
        language=row["language"],
        at=moment(row["at"]),
        files=tuple(own),
    )


def _hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()

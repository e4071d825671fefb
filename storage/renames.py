"""Names of queues, specialists and channels as they are stored: which are in use, and new ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from inquiry.journey import ChannelName
from storage import customers
from storage.acceptance import source_key
from storage.database import Database, Transaction, moment

AT_ONCE = 2_000
"""Arrivals in one transaction."""
Thing = Literal["queue", "specialist", "channel"]
_COUNTED: Mapping[Thing, str] = {
    "queue": "renames.inquiries_in_queue",
    "specialist": "renames.inquiries_of_specialist",
    "channel": "renames.inquiries_by_channel",
}
_STEPS: Mapping[Thing, tuple[str, ...]] = {
    "queue": ("queue_of_inquiries", "drop_turn", "turn"),
    "specialist": (
        *("assignee_of_inquiries", "last_turn", "drop_password", "password"),
        *("sessions", "sign_in_links"),
    ),
    "channel": (
        *("channel_of_inquiries", "channel_of_messages"),
        *("channel_of_answers", "channel_of_outbox", "channel_of_fetches"),
        *("drop_commands", "channel_of_commands", "channel_of_continuations"),
        "channel_of_questions",
        *("drop_cursors", "cursors"),
        *("drop_chat_users", "chat_visitors"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A thing of the configuration that has another name now."""

    thing: Thing
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """What followed a new name, and when."""

    rename: Rename
    at: datetime
    inquiries: int
    dispatches: int

    def __str__(self) -> str:
        rename = self.rename
        return (
            f"{rename.thing} {rename.old!r} is called {rename.new!r} now:"
            f" {self.inquiries} inquiries and {self.dispatches} dispatches followed"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """How many open inquiries, or dispatches to be sent, have a name."""

    thing: Thing
    name: str
    inquiries: int = 0
    dispatches: int = 0


async def follow(db: Database, renames: Iterable[Rename], *, now: datetime) -> list[Renamed]:
    """Let what is stored follow new names; return what was changed. Repeating it changes nothing.

    History, decisions and the authors of messages keep the names of their time. A channel that is
    renamed must not take anything in meanwhile.
    """
    done = [await _follow(db, rename, now) for rename in renames]
    return [each for each in done if each is not None]


async def _follow(db: Database, rename: Rename, now: datetime) -> Renamed | None:
    if not await db.read(partial(_is_left, rename)):
        return None
    if rename.thing == "channel":
        last: int | None = 0
        while last is not None:
            last = await db.write(partial(_give_keys, rename, last))
    return await db.write(partial(_apply, rename, now))


async def _is_left(rename: Rename, tx: Transaction) -> bool:
    named = {"thing": rename.thing, "old": rename.old, "new": rename.new}
    inquiries, dispatches = await _numbers(tx, rename)
    return bool(inquiries or dispatches) or not await tx.one("renames.remembered", **named)


async def _give_keys(rename: Rename, after: int, tx: Transaction) -> int | None:
    """Let what a channel took be known again under its new name: some at a time, so that others
    come to write in between. Returns the last one's number.
    """
    old, new = ChannelName(rename.old), ChannelName(rename.new)
    rows = await tx.all("renames.arrivals_of_channel", old=rename.old, after=after, most=AT_ONCE)
    await tx.many(
        "renames.arrival",
        [
            {
                "id": row["id"],
                "new": new,
                "fresh": source_key(new, row["remote_id"])
                if bytes(row["source_key"]) == source_key(old, row["remote_id"])
                else bytes(row["source_key"]),  # retired: another mail has this name now
            }
            for row in rows
        ],
    )
    return rows[-1]["id"] if rows else None


async def _apply(rename: Rename, now: datetime, tx: Transaction) -> Renamed | None:
    inquiries, dispatches = await _numbers(tx, rename)
    for step in _STEPS[rename.thing]:
        await tx.run(f"renames.{step}", old=rename.old, new=rename.new)
    if rename.thing == "channel":
        await _readdress(tx, rename)
    await tx.run(
        "renames.remember",
        thing=rename.thing,
        old=rename.old,
        new=rename.new,
        now=now,
        inquiries=inquiries,
        dispatches=dispatches,
    )
    if not inquiries and not dispatches:
        return None
    return Renamed(rename=rename, at=now, inquiries=inquiries, dispatches=dispatches)


async def _readdress(tx: Transaction, rename: Rename) -> None:
    """Know those again who write by another system: its channel is part of their address."""
    old = f"{rename.old}:"
    for row in await tx.all("renames.people_of_channel", old=old):
        new = f"{rename.new}:{row['address'].removeprefix(old)}"
        await customers.readdress(tx, "webhook", row["address"], new)


async def _numbers(tx: Transaction, rename: Rename) -> tuple[int, int]:
    """Count the inquiries and the unsent dispatches that have the old name."""
    inquiries = await _number(tx, _COUNTED[rename.thing], rename.old)
    if rename.thing != "channel":
        return inquiries, 0
    return inquiries, await _number(tx, "renames.dispatches_by_channel", rename.old)


async def _number(tx: Transaction, query: str, old: str) -> int:
    row = await tx.one(query, old=old)
    return int(row["number"]) if row else 0


async def done(tx: Transaction) -> list[Renamed]:
    """Return everything that was ever renamed, oldest first."""
    return [
        Renamed(
            rename=Rename(thing=row["thing"], old=row["old"], new=row["new"]),
            at=moment(row["at"]),
            inquiries=row["inquiries"],
            dispatches=row["dispatches"],
        )
        for row in await tx.all("renames.all")
    ]


async def in_use(tx: Transaction) -> list[InUse]:
    """Return the names that matter still: of open inquiries and of dispatches to be sent."""
    things: tuple[tuple[Thing, str], ...] = (
        ("queue", "renames.queues_in_use"),
        ("specialist", "renames.assignees_in_use"),
        ("channel", "renames.channels_in_use"),
    )
    found = [
        InUse(thing=thing, name=row["name"], inquiries=row["number"])
        for thing, query in things
        for row in await tx.all(query)
    ]
    waiting = await tx.all("renames.channels_to_send_by")
    return found + [
        InUse(thing="channel", name=row["name"], dispatches=row["number"]) for row in waiting
    ]

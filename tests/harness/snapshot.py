"""What the bridge holds, read from its tables without its own code."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

AT_REST = frozenset({"sent", "delivered", "read", "dead", "doubtful", "cancelled", "held"})
Row = Mapping[str, Any]
ARRIVALS = """
    SELECT arrivals.id, arrivals.channel, arrivals.state, arrivals.reason, originals.hash,
           originals.content,
           (SELECT count(*) FROM messages WHERE messages.arrival = arrivals.id) AS messages,
           (SELECT count(*) FROM asides WHERE asides.arrival = arrivals.id) AS asides,
           (SELECT min(inquiries.reference) FROM messages
              JOIN inquiries ON inquiries.id = messages.inquiry
             WHERE messages.arrival = arrivals.id) AS reference,
           (SELECT max(messages.text) FROM messages
             WHERE messages.arrival = arrivals.id) AS text
      FROM arrivals JOIN originals ON originals.hash = arrivals.original
     ORDER BY arrivals.id"""
OUTBOX = """
    SELECT outbox.id, outbox.channel, outbox.state, outbox.leased_until, outbox.dispatch,
           outbox.possible_repeat, inquiries.reference
      FROM outbox JOIN inquiries ON inquiries.id = outbox.inquiry ORDER BY outbox.id"""
FILES = """
    SELECT arrivals.id AS arrival, attachments.original FROM attachments
      JOIN arrivals ON arrivals.id = attachments.arrival
     WHERE attachments.message IS NOT NULL ORDER BY attachments.id"""
SHOWN = """
    SELECT chat_visitors.key, chat_entries.text FROM chat_entries
      JOIN chat_visitors ON chat_visitors.id = chat_entries.visitor
     WHERE chat_entries.dispatch IS NOT NULL ORDER BY chat_entries.id"""
FETCHES = "SELECT state, leased_until FROM fetches"
UNCOMPOSED = "SELECT count(*) AS waiting FROM answers WHERE state = 'waiting'"
CURSORS = "SELECT channel, source, position FROM cursors"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptArrival:
    """One arrival and what has become of it."""

    id: int
    channel: str
    state: str
    raw: bytes | None
    """None: its bytes are gone."""
    messages: int = 0
    asides: int = 0
    files: tuple[str, ...] = ()
    """SHA-256 of those that stand at its message."""
    reference: str | None = None
    reason: str | None = None
    """Why it is in quarantine."""
    text: str = ""
    """Of its message, as it reads now."""

    @property
    def events(self) -> int:
        """How often it stands in an inquiry or in quarantine."""
        return self.messages + self.asides + (self.state == "quarantined")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDispatch:
    """One row of the outbox."""

    id: int
    channel: str
    state: str
    recipient: str
    reference: str
    text: str = ""
    possible_repeat: bool = False
    """Is it marked as one that may come for a second time?"""
    leased: bool = False
    """Somebody may still be sending it; nobody else can know better before the lease ends."""

    @property
    def at_rest(self) -> bool:
        """Is it where only time, a person or the other side moves it?"""
        return self.state in AT_REST


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFetch:
    """A file that was only named."""

    state: str
    leased: bool = False

    @property
    def at_rest(self) -> bool:
        return self.state in ("here", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEntry:
    """An answer in the transcript of a chat: whoever visits sees it."""

    visitor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything a checker wants to know."""

    arrivals: tuple[KeptArrival, ...] = ()
    outbox: tuple[KeptDispatch, ...] = ()
    fetches: tuple[KeptFetch, ...] = ()
    uncomposed: int = 0
    shown: tuple[KeptEntry, ...] = ()
    cursors: Mapping[tuple[str, str], str]

    def idle(self, *, leases: bool = False) -> bool:
        """Has everything come to where it stays? Doubtful dispatches wait for ten minutes.

        A process that died may have left leases; whether it did is known when they end: with
        ``leases`` that counts too.
        """
        return (
            not any(arrival.state in ("waiting", "understood") for arrival in self.arrivals)
            and all(one.at_rest or (one.leased and not leases) for one in self.outbox)
            and all(one.at_rest or (one.leased and not leases) for one in self.fetches)
            and self.uncomposed == 0
        )


async def look(database: str, data_dir: Path) -> Snapshot:
    """Read ``sqlite`` (in ``data_dir``) or the database of a ``postgresql://`` URL."""
    if database == "sqlite":
        return _snapshot(_sqlite_reader(data_dir / "deskbridge.db"), data_dir / "originals")
    return await _postgres(database, data_dir / "originals")


def _sqlite_reader(path: Path) -> Callable[[str], Sequence[Row]]:
    def read(query: str) -> Sequence[Row]:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query).fetchall()

    return read


async def _postgres(dsn: str, originals: Path) -> Snapshot:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found = {
                query: await connection.fetch(query)
                for query in (ARRIVALS, OUTBOX, FILES, FETCHES, UNCOMPOSED, SHOWN, CURSORS)
            }
    finally:
        await connection.close()
    return _snapshot(found.__getitem__, originals)


def _snapshot(read: Callable[[str], Sequence[Row]], originals: Path) -> Snapshot:
    return Snapshot(
        arrivals=tuple(_arrivals(read(ARRIVALS), read(FILES), originals)),
        outbox=tuple(_dispatch(row) for row in read(OUTBOX)),
        fetches=tuple(KeptFetch(state=row["state"], leased=_leased(row)) for row in read(FETCHES)),
        uncomposed=read(UNCOMPOSED)[0]["waiting"],
        shown=tuple(KeptEntry(visitor=row["key"], text=row["text"]) for row in read(SHOWN)),
        cursors={(row["channel"], row["source"]): row["position"] for row in read(CURSORS)},
    )


def _arrivals(
    rows: Sequence[Row], attached: Sequence[Row], originals: Path
) -> Iterator[KeptArrival]:
    files: dict[int, list[str]] = {}
    for row in attached:
        files.setdefault(row["arrival"], []).append(bytes(row["original"]).hex())
    for row in rows:
        yield KeptArrival(
            id=row["id"],
            channel=row["channel"],
            state=row["state"],
            raw=_original(row, originals),
            messages=row["messages"],
            asides=row["asides"],
            files=tuple(files.get(row["id"], ())),
            reference=row["reference"],
            reason=row["reason"],
            text=row["text"] or "",
        )


def _original(row: Row, originals: Path) -> bytes | None:
    if row["content"] is not None:
        return bytes(row["content"])
    name = bytes(row["hash"]).hex()
    file = originals / name[:2] / name
    return file.read_bytes() if file.exists() else None


def _dispatch(row: Row) -> KeptDispatch:
    frozen = json.loads(row["dispatch"])
    return KeptDispatch(
        id=row["id"],
        channel=row["channel"],
        state=row["state"],
        recipient=frozen["recipient"],
        reference=row["reference"],
        text=frozen["text"],
        possible_repeat=bool(row["possible_repeat"]),
        leased=_leased(row),
    )


def _leased(row: Row) -> bool:
    return (row["leased_until"] or 0) > time.time() * 1e6

"""One transaction that takes arrivals in: originals, dedup keys, rows and cursors."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inquiry.failpoints import failpoint
from inquiry.journey import Arrival, ArrivalId, ChannelName, digest_of
from storage import originals
from storage.database import Row, Transaction, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An arrival and its hashes, made before anybody waits for the transaction."""

    arrival: Arrival
    source_key: bytes
    original: bytes

    @property
    def plain(self) -> bool:
        """Does its source's identity alone say whether it is a repeat?"""
        return self.arrival.repeat_within is None and not self.arrival.match_bytes

    @property
    def memory(self) -> int:
        """Bytes it holds while it waits."""
        return len(self.arrival.raw) if isinstance(self.arrival.raw, bytes) else 0


def prepared(arrival: Arrival) -> Prepared:
    """Hash what has to be hashed."""
    return Prepared(
        arrival=arrival,
        source_key=source_key(arrival.channel, arrival.remote_id),
        original=digest_of(arrival.raw),
    )


def source_key(channel: ChannelName, remote_id: str) -> bytes:
    """Return the identity of an arrival (I4), short whatever the source makes of it."""
    return _hashed(channel, remote_id)


async def insert(items: Sequence[Prepared], tx: Transaction) -> list[ArrivalId]:
    """Keep those that are new; return the ids of all, in the same order."""
    await originals.put_all(tx, [item.arrival.raw for item in items])
    # All that may be new in one go; then one by one those whose repeats are no simple matter.
    first = {item.source_key: item for item in reversed(items) if not item.arrival.match_bytes}
    ids = await _add(tx, list(reversed(first.values())))
    repeats = [item.source_key for item in items if item.plain and item.source_key not in ids]
    ids |= await _known(tx, repeats)
    found = [ids.get(item.source_key) or await _insert_special(tx, item) for item in items]
    if cursors := _cursors(items):
        await tx.many("acceptance.advance", cursors)
    failpoint("arrivals.inserted")
    return found


async def _add(tx: Transaction, items: Sequence[Prepared]) -> dict[bytes, ArrivalId]:
    """Add those whose key is new, and return only these."""
    return _ids(await tx.each("acceptance.add", list(map(_row, items))))


async def _known(tx: Transaction, keys: Sequence[bytes]) -> dict[bytes, ArrivalId]:
    """Return what is here under these keys."""
    if not keys:
        return {}
    return _ids(await tx.each("acceptance.by_key", [{"source_key": key} for key in keys]))


async def _insert_special(tx: Transaction, item: Prepared) -> ArrivalId:
    """Look before inserting: a repeat may be too old to count, or known by its bytes alone."""
    arrival = item.arrival
    known = await _by_key(tx, item)
    if known and _counts(arrival, known):
        return ArrivalId(known["id"])
    if arrival.match_bytes and (same := await _by_bytes(tx, item)):
        await tx.run("acceptance.also", source_key=item.source_key, arrival=same["id"])
        return ArrivalId(same["id"])
    if known:
        retired = _hashed(item.source_key.hex(), str(known["id"]))
        await tx.run("acceptance.retire", source_key=item.source_key, retired=retired)
    key = item.source_key
    return (await _add(tx, [item]) or await _known(tx, [key]))[key]


def _counts(arrival: Arrival, known: Row) -> bool:
    age = arrival.received_at - moment(known["received_at"])
    return arrival.repeat_within is None or age <= arrival.repeat_within


async def _by_key(tx: Transaction, item: Prepared) -> Row | None:
    rows = await tx.each("acceptance.by_key", [{"source_key": item.source_key}])
    return rows[0] if rows else None


async def _by_bytes(tx: Transaction, item: Prepared) -> Row | None:
    return await tx.one("acceptance.by_bytes", channel=item.arrival.channel, original=item.original)


def _row(item: Prepared) -> dict[str, Any]:
    arrival = item.arrival
    return {
        "channel": arrival.channel,
        "remote_id": arrival.remote_id,
        "source_key": item.source_key,
        "media_type": arrival.media_type,
        "original": item.original,
        "envelope": arrival.envelope,
        "received_at": arrival.received_at,
    }


def _ids(rows: Sequence[Row]) -> dict[bytes, ArrivalId]:
    return {bytes(row["source_key"]): ArrivalId(row["id"]) for row in rows}


def _cursors(items: Sequence[Prepared]) -> list[dict[str, object]]:
    """Return where each source has come to: what the last of its arrivals says."""
    last = {
        (item.arrival.channel, item.arrival.source): item.arrival
        for item in items
        if item.arrival.cursor is not None
    }
    return [
        {"channel": channel, "source": source, "position": arrival.cursor}
        for (channel, source), arrival in sorted(last.items(), key=lambda entry: entry[0])
    ]


def _hashed(*parts: str) -> bytes:
    text = "\0".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()

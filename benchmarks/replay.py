"""What replaying 10 000 stored messages costs, beside the least that it could.

The least is reading their rows from the database, and then deciding messages that are in memory
already on all processors. The same configuration decides: nothing may be different.
"""

import asyncio
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import apsw

from benchmarks.intake import DISK
from benchmarks.routing import loaded, messages
from config.configuration import Configuration
from deskbridge.replay import AT_ONCE, Judge, replay
from inquiry.data import as_data, understood_as_text
from inquiry.decision import Facts
from inquiry.understood import Message
from router.decide import decide
from router.rules import Rules
from storage import decisions
from storage.database import Database
from storage.migrate import migrate
from storage.opening import open_database

COUNT, RULES, ROUNDS = 10_000, 100, 5
MOST = 3.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)

_stored: list[tuple[Message, Facts]] = []
_rules: list[Rules] = []
"""What the processes that are forked here find in their memory."""


def main() -> None:
    """Measure both, in turns, and print their ratio."""
    with tempfile.TemporaryDirectory(dir=DISK, prefix="deskbridge-bench-") as folder:
        configuration, _ = loaded(Path(folder), RULES)
        _rules.append(configuration.rules)
        _stored.extend(messages(RULES, COUNT))
        asyncio.run(_filled(Path(folder)))
        rounds = [
            (_least(Path(folder)), _replayed(Path(folder), configuration)) for _ in range(ROUNDS)
        ]
    reading, deciding = (statistics.median(each[n] for each, _ in rounds) for n in (0, 1))
    ours = statistics.median(replayed for _, replayed in rounds)
    ratio = statistics.median(replayed / sum(least) for least, replayed in rounds)
    print(f"  {COUNT} messages, {RULES} rules, {os.cpu_count()} processors, {ROUNDS} rounds")
    print(f"  reading {reading:.2f} s   deciding {deciding:.2f} s   replay {ours:.2f} s")
    print(f"replay: {ratio:.2f} x reading and deciding (at most {MOST:.0f})")


async def _filled(folder: Path) -> None:
    async with open_database("sqlite", folder) as db:
        await migrate(db, NOW)
    # Written straight into the tables: what replay reads, without the rest of an inquiry.
    with apsw.Connection(str(folder / "deskbridge.db")) as connection:
        connection.execute("INSERT INTO configurations (hash, text, loaded_at) VALUES ('', '', 0)")
        for number, (message, facts) in enumerate(_stored, 1):
            made = decide(_rules[0], message, facts)
            connection.execute(
                "INSERT INTO arrivals (id, channel, remote_id, source_key, media_type, original,"
                " envelope, received_at, state, due_at, normalizer, understood) VALUES"
                " (?1, 'mail', ?1, ?2, 'message/rfc822', x'00', '{}', 0, 'done', 0, '1', ?3)",
                (number, number.to_bytes(8), understood_as_text(message)),
            )
            connection.execute(
                "INSERT INTO decisions (arrival, decided_at, configuration, normalizer, decision,"
                " facts) VALUES (?, 1000000000000000, '', '1', ?, ?)",
                (number, _json(made), _json(facts)),
            )


def _json(value: object) -> str:
    return json.dumps(as_data(value), ensure_ascii=False)


def _least(folder: Path) -> tuple[float, float]:
    """Return the seconds that reading takes, and deciding in as many processes as there are."""
    began = time.perf_counter()
    asyncio.run(_read(folder))
    read = time.perf_counter()
    workers = os.cpu_count() or 1
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        pool.map(partial(_decided, workers), range(workers))
    return read - began, time.perf_counter() - read


async def _read(folder: Path) -> None:
    async with open_database("sqlite", folder) as db:
        first, count = await db.read(lambda tx: decisions.since(tx, LONG_AGO))
        while first:
            first = await _page(db, first)
        assert count == COUNT


async def _page(db: Database, first: int) -> int:
    rows = await db.read(lambda tx: decisions.following(tx, first, AT_ONCE))
    return rows[-1].id + 1 if rows else 0


def _decided(workers: int, number: int) -> int:
    share = _stored[number::workers]
    return sum(bool(decide(_rules[0], *each).matched) for each in share)


def _replayed(folder: Path, configuration: Configuration) -> float:
    """Return the seconds that a replay takes, its processes included."""
    began = time.perf_counter()
    judge = Judge(configuration.rules, configuration.organizations)
    try:
        different = asyncio.run(_replay(folder, judge))
    finally:
        judge.close()
    assert different == 0
    return time.perf_counter() - began


async def _replay(folder: Path, judge: Judge) -> int:
    async with open_database("sqlite", folder) as db:
        summary = await replay(db, judge, since=LONG_AGO)
    assert summary.messages == COUNT
    return len(summary.different)


if __name__ == "__main__":
    main()

"""``python -m tests.torture.powerloss``: cut the power; is all that was accepted left?

Traces a program that accepts messages, then rebuilds its disk as it would be if the power had gone
at one moment and only what had been synced were left, and looks for every message accepted by then.
The control run with synchronous=NORMAL has to lose some, or this proves nothing.
"""

import argparse
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storage.originals import file_of
from tests.torture.accepting import raw_of
from tests.torture.calls import OPTIONS, Call, calls
from tests.torture.disk import Disk

ROOT = Path(__file__).parents[2]
_ACCEPTED = re.compile(rb"ACCEPTED (\d+)\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was left after cutting the power at so many moments."""

    moments: int
    accepted: int
    lost: frozenset[int]
    damaged: int
    """At how many moments the database itself was no longer whole."""


def power_cuts(folder: Path, messages: int, moments: int, *, careless: bool = False) -> Outcome:
    """Accept ``messages`` below ``folder``, and cut the power at ``moments`` of that."""
    data, log = folder / "data", folder / "trace"
    data.mkdir(parents=True)
    _trace(data, log, messages, careless=careless)
    seen = list(calls(log))
    every = max(1, sum(map(_counts, seen)) // moments)
    disk, accepted, lost, damaged, cuts = Disk(data), set[int](), set[int](), 0, 0
    for number, call in enumerate(_followed(disk, seen, accepted)):
        if number % every and call is not seen[-1]:
            continue
        cuts += 1
        left = _left(disk, folder / f"left-{cuts}")
        damaged += left is None
        lost |= accepted - (left or set())
    return Outcome(moments=cuts, accepted=len(accepted), lost=frozenset(lost), damaged=damaged)


def _trace(data: Path, log: Path, messages: int, *, careless: bool) -> None:
    program: list[str | Path] = [
        sys.executable,
        "-m",
        "tests.torture.accepting",
        data,
        str(messages),
    ]
    options = ["--careless"] if careless else []
    done = subprocess.run(
        ["strace", "-o", log, *OPTIONS, *program, *options],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=600,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace"))


def _counts(call: Call) -> bool:
    return call.name == "sync" or _said(call) is not None


def _said(call: Call) -> int | None:
    found = _ACCEPTED.match(call.data) if call.name == "write" and call.number == 1 else None
    return int(found[1]) if found else None


def _followed(disk: Disk, seen: list[Call], accepted: set[int]) -> Iterator[Call]:
    """Follow the calls; stop at those that make a difference to what has to be left."""
    for call in seen:
        if (number := _said(call)) is not None:
            accepted.add(number)
        else:
            disk.follow(call)
        if _counts(call) or call is seen[-1]:
            yield call


def _left(disk: Disk, folder: Path) -> set[int] | None:
    """Return the messages that are whole on the rebuilt disk; None if the database is damaged."""
    folder.mkdir()
    disk.restore(folder)
    if not (folder / "deskbridge.db").exists():
        return set()
    connection = sqlite3.connect(folder / "deskbridge.db")
    try:
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return None
        rows = connection.execute(
            "SELECT remote_id, hash, content FROM arrivals JOIN originals ON hash = original"
        ).fetchall()
    except sqlite3.DatabaseError as error:
        return set() if "no such table" in str(error) else None
    finally:
        connection.close()
    return {int(name) for name, hash_, content in rows if _whole(folder, name, hash_, content)}


def _whole(folder: Path, name: str, hash_: bytes, content: bytes | None) -> bool:
    file = file_of(folder / "originals", hash_)
    if content is None:
        content = file.read_bytes() if file.exists() else b""
    return content == raw_of(int(name))


def main() -> int:
    """Run it with the numbers that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--moments", type=int, default=400)
    options = parser.parse_args()
    losses = {}
    for word, careless in (("FULL", False), ("NORMAL (control)", True)):
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="deskbridge-powerloss-") as folder:
            found = power_cuts(Path(folder), options.messages, options.moments, careless=careless)
        losses[careless] = len(found.lost) + found.damaged
        print(
            f"synchronous={word}: power cut at {found.moments} moments, {found.accepted} accepted, "
            f"{len(found.lost)} lost, database damaged {found.damaged} times "
            f"({time.monotonic() - began:.0f} s)"
        )
    return int(losses[False] > 0 or losses[True] == 0)


if __name__ == "__main__":
    sys.exit(main())

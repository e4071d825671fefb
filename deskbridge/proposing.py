"""Trying out rules that somebody pasted: in a process of their own, with limits on time and memory.

The process gets everything on standard input, answers on standard output, and opens nothing.
"""

import asyncio
import json
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from config.configuration import Configuration
from config.load import form_fields_of
from config.proposed import FILE, proposed
from deskbridge.replay import Summary, judged
from inquiry.errors import Problem
from router.compare import Change
from storage import decisions
from storage.database import Database, Transaction
from storage.decisions import Written
from web.desk import CannotTell, Trial

MOST = 500
"""Messages that are decided again: the newest."""
SINCE = timedelta(days=90)
PATIENCE = 30.0  # seconds, for everything
READING = 8.0  # seconds of it, for deciding messages
LONGEST = 1_000_000
MEMORY = 1_500_000_000
SHOWN = 20


async def propose(
    db: Database, configuration: Configuration, templates: Sequence[str], pasted: str
) -> Trial:
    """Tell what pasted rules would change. Raises CannotTell."""
    if len(pasted) > LONGEST:
        raise CannotTell(f"that is longer than {LONGEST:,} letters")
    asked = {
        "kept": configuration.text,
        "pasted": pasted,
        "templates": list(templates),
        "form_fields": form_fields_of(configuration.channels),
        "written": [asdict(each) for each in await db.read(_newest)],
    }
    written = await asyncio.to_thread(lambda: json.dumps(asked).encode())
    return _trial(await _in_its_own_process(written))


async def _newest(tx: Transaction) -> list[Written]:
    first, count = await decisions.since(tx, datetime.now(UTC) - SINCE)
    return await decisions.following(tx, max(first, first + count - MOST), MOST) if first else []


async def _in_its_own_process(asked: bytes) -> Mapping[str, Any]:
    pipe = asyncio.subprocess.PIPE
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deskbridge.proposing"),
        stdin=pipe,
        stdout=pipe,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            told, _ = await worker.communicate(asked)
    except TimeoutError:
        raise CannotTell(f"that took longer than {PATIENCE:.0f} seconds") from None
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
    if worker.returncode:
        raise CannotTell("that is too large to be tried here")
    found: Mapping[str, Any] = json.loads(told)
    return found


def _trial(told: Mapping[str, Any]) -> Trial:
    changes = tuple((Change(**change), count) for change, count in told["changes"])
    return Trial(**{**told, "changes": changes})


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the process tells: a :class:`web.desk.Trial` as data."""
    until = monotonic() + READING
    found = proposed(
        asked["kept"],
        asked["pasted"],
        templates=asked["templates"],
        form_fields=asked["form_fields"],
    )
    summary, written = Summary(), [Written(**each) for each in asked["written"]]
    all_read = True
    for each in reversed(written):
        if found.rules is None or monotonic() > until:
            all_read = False
            break
        if outcome := judged(each, found.rules, found.organizations):
            summary.add(outcome)
    return {
        "problems": [_line(problem) for problem in found.problems],
        "wrong": found.rules is None,
        "messages": summary.messages,
        "different": len(summary.different),
        "changes": [(asdict(change), count) for change, count in summary.by_change()],
        "names": list(dict.fromkeys(one.name for one in summary.different))[:SHOWN],
        "all_read": all_read,
    }


def _line(problem: Problem) -> str:
    place = problem.place
    told = f"{place.line}:{place.column}: {problem.severity}[{problem.code}]: {problem.text}"
    if place.file.name != FILE:
        told = f"{place.file.name}:{told}"
    return f"{told}. {problem.hint}" if problem.hint else told


def main() -> None:
    """Answer one question."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(PATIENCE), int(PATIENCE)))
    sys.stdout.write(json.dumps(answer(json.load(sys.stdin.buffer))))


if __name__ == "__main__":
    main()

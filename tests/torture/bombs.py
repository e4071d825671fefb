"""``python -m tests.torture.bombs``: what the worst messages cost, each in a real worker process.

Bounds of every one of them: 30 s, memory 64 MiB and four times its size above the idle worker,
the bridge's event loop held for 200 ms. Prints what each took; exit 1 if a bound was broken twice.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from inquiry.data import understood_from_text
from inquiry.journey import MAIL, Envelope
from inquiry.understood import Known, Message, Report
from normalizer.workers import Outcome, Task, WorkerDied, Workers
from tests.torture.cost import HEAD, Cost, Watch, show
from tests.torture.hostile import BOMBS, TEXT, Bomb
from tests.torture.smtp_bombs import smtp_bombs

KNOWN = Known(
    languages=("nb", "pl", "et", "ru", "en"), sent_texts=("We have sent you a new password.",)
)
HELLO = Task(media_type=MAIL, raw=TEXT + b"Hei", envelope=Envelope(), known=KNOWN)
AT_ONCE = 64 * 1024
"""Bytes that are handed to a worker; a larger message is handed over as a file."""


def main() -> int:
    """Run the bombs that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="part of a name")
    parser.add_argument("--divide", type=int, default=1, help="make each smaller by so much")
    options = parser.parse_args()
    chosen = {name: bomb for name, bomb in BOMBS.items() if options.only in name}
    print(HEAD)
    broken = asyncio.run(_all(chosen, options.divide))
    broken += asyncio.run(smtp_bombs(options.only))
    print(f"{len(chosen)} messages; bounds broken: {len(broken)} {', '.join(broken)}".rstrip())
    return 1 if broken else 0


async def _all(bombs: Mapping[str, Bomb], divide: int) -> list[str]:
    broken = []
    for name, bomb in bombs.items():
        cost = await exploded(bomb, divide)
        if cost.broken:  # other programs use the machine too: it has to happen twice
            cost = await exploded(bomb, divide)
        broken += [f"{name} ({each})" for each in cost.broken]
        show(name, cost)
    return broken


async def exploded(bomb: Bomb, divide: int = 1) -> Cost:
    """Have one understood by a worker that did only a small one before."""
    workers = Workers(1)
    try:
        await workers.alone(HELLO)
        return await exploded_in(workers, bomb, divide)
    finally:
        await workers.close()


async def exploded_in(workers: Workers, bomb: Bomb, divide: int = 1) -> Cost:
    """Have one understood as the bridge would, and watch."""
    raw = bomb.build(max(1, bomb.count // divide))
    size = len(raw)
    with tempfile.NamedTemporaryFile(prefix="deskbridge-bomb-") as file:
        if size > AT_ONCE:
            file.write(raw)
            file.flush()
            raw = b""
        task = Task(
            media_type=bomb.media_type,
            raw=raw or Path(file.name),
            envelope=Envelope(),
            known=KNOWN,
        )
        async with Watch() as watch:
            outcome = await workers.alone(task)
    return Cost(
        size=size,
        sent=size,
        seconds=watch.seconds,
        worker=watch.children_grown,
        bridge=watch.grown,
        lag=watch.lag,
        outcome=_told(outcome),
        wrong=isinstance(outcome, WorkerDied),
    )


def _told(outcome: Outcome | WorkerDied) -> str:
    if isinstance(outcome, WorkerDied):
        return str(outcome)
    found = understood_from_text(outcome.text)
    message = found.message if isinstance(found, Report) else found
    if not isinstance(message, Message):
        return type(message).__name__.lower()
    return f"too complex: {message.too_complex}" if message.too_complex else "understood"


if __name__ == "__main__":
    sys.exit(main())

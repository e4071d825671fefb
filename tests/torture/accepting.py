"""``python -m tests.torture.accepting FOLDER COUNT``: accept messages, say so, and be killed.

Every acceptance is one line on standard output, written at once. Every tenth message is large
enough for a file of its own.
"""

import argparse
import asyncio
import hashlib
import os
from pathlib import Path

from inquiry.journey import ArrivalId, Spooled
from storage.database import Database
from storage.intake import Intake
from storage.migrate import migrate
from storage.opening import open_database
from storage.sqlite import Sqlite
from tests.storage.arrivals import MONDAY, an_arrival

LARGE = 70_000
AT_ONCE = 3


def raw_of(number: int) -> bytes:
    """Return the bytes of the message of this number, each other than every other."""
    block = hashlib.sha256(str(number).encode()).hexdigest().encode()
    return block * (LARGE // len(block) + 1 if number % 10 == 9 else 40)


async def accept(db: Database, folder: Path, number: int) -> ArrivalId:
    """Accept one message as a channel would: large ones from the spool."""
    content = raw_of(number)
    raw: bytes | Spooled = content
    if number % 20 == 19:
        path = folder / "spool" / str(number)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        raw = Spooled(path=path, size=len(content), digest=hashlib.sha256(content).digest())
    intake = Intake(db)
    (arrival,) = await intake.accept_all([an_arrival(remote_id=str(number), raw=raw)])
    await intake.close()
    return arrival


async def _main(folder: Path, count: int, *, careless: bool) -> None:
    async with open_database("sqlite", folder) as db:
        await migrate(db, MONDAY)
        if careless:
            assert isinstance(db, Sqlite)
            db._writing.submit(db._writer.execute, "PRAGMA synchronous = NORMAL").result()

        async def accept_some(first: int) -> None:
            for number in range(first, count, AT_ONCE):
                await accept(db, folder, number)
                os.write(1, b"ACCEPTED %d\n" % number)

        await asyncio.gather(*map(accept_some, range(AT_ONCE)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--careless", action="store_true", help="synchronous=NORMAL")
    options = parser.parse_args()
    asyncio.run(_main(options.folder, options.count, careless=options.careless))

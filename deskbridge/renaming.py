"""New names of queues, specialists and channels: what is stored follows, at each start and reload.

It is done as often as there is an occasion: another node may still have written an old name.
"""

from datetime import UTC, datetime
from typing import cast

from config.configuration import Configuration
from storage import renames
from storage.database import Database, Transaction
from storage.renames import Rename, Renamed, Thing


async def follow(db: Database, configuration: Configuration) -> tuple[str, ...]:
    """Give the present names to what has former ones; return a sentence for each that had."""
    wanted = [
        Rename(thing=cast("Thing", thing), old=old, new=new)
        for thing, old, new in configuration.former.renames()
    ]
    if not wanted:
        return ()

    async def work(tx: Transaction) -> list[Renamed]:
        return await renames.apply(tx, wanted, now=datetime.now(UTC))

    return tuple(map(str, await db.write(work)))

"""New names of queues, specialists and channels: what is stored follows, at each start and reload.

It is done as often as there is an occasion: another node may still have written an old name.
"""

from datetime import UTC, datetime
from typing import cast

from config.configuration import Configuration
from storage import renames
from storage.database import Database
from storage.renames import Rename, Thing


async def follow(db: Database, configuration: Configuration) -> tuple[str, ...]:
    """Give the present names to what has former ones; return a sentence for each that had."""
    wanted = [
        Rename(thing=cast("Thing", thing), old=old, new=new)
        for thing, old, new in configuration.former.renames()
    ]
    return tuple(map(str, await renames.follow(db, wanted, now=datetime.now(UTC))))

"""Looking up what was said before, for those who understand what comes now."""

from collections.abc import Collection
from dataclasses import dataclass

from storage.customers import find
from storage.database import Transaction
from storage.message_ids import message_id_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message that we sent."""

    message_id: str
    text: str


async def sent_under(tx: Transaction, message_ids: Collection[str]) -> list[Said]:
    """Return those of our messages that have one of these Message-IDs."""
    found: list[Said] = []
    for message_id in message_ids:
        row = await tx.one("messages.sent_under", hash=message_id_hash(message_id))
        if row:
            found.append(Said(message_id=message_id, text=row["text"]))
    return found


async def language_of(tx: Transaction, contact: str, address: str) -> str:
    """Return the language of the customer behind an address, "" while unknown."""
    who = await find(tx, contact, address)
    return who.language if who else ""

"""Several pictures sent as one: their pieces become one message, opened by the one with words."""

from datetime import datetime, timedelta

from inquiry.data import understood_from_text
from inquiry.understood import Message
from storage import arrivals
from storage.arrivals import Claimed
from storage.customers import find
from storage.database import Transaction
from storage.inquiries import chats

ALBUM = timedelta(seconds=2)
"""How long the pieces of an album wait for the first of them: they are understood side by side."""
NEAR = 500
"""Arrivals before and after a piece, among which the others of its album are."""
AGAIN = timedelta(milliseconds=500)
LONGEST = timedelta(minutes=1)
"""After this a piece waits for none that might still come."""


async def joined(tx: Transaction, one: Claimed, message: Message, contact: str) -> bool:
    """Add a piece to its album; False where that has not begun."""
    sender = message.sender if message.album else None
    writer = await find(tx, contact, sender.address) if sender else None
    begun = await chats.begun(tx, one.channel, message, writer.id) if writer else None
    if begun is None:
        return False
    await chats.join(tx, begun, one.id, message)
    return True


async def waits_until(
    tx: Transaction, one: Claimed, message: Message, *, now: datetime
) -> datetime | None:
    """Say until when a piece of an album that has not begun waits; None: it may begin it.

    Rules look at the message that begins it. So the piece with the words goes first, wherever in
    the album it stands, and in a group the one that names us.
    """
    if not message.album:
        return None
    if now < one.received_at + ALBUM:
        return one.received_at + ALBUM
    leads = message.opens and not chats.names_a_file(message.text)
    if leads or now >= one.received_at + LONGEST or not await _is_led(tx, one, message):
        return None
    return now + AGAIN


async def _is_led(tx: Transaction, one: Claimed, message: Message) -> bool:
    """Is there, or may there be, a piece that should go first?"""
    for near in await arrivals.near(tx, one, most=NEAR, within=ALBUM):
        if near is None:
            return True  # not understood yet
        other = understood_from_text(near)
        if not isinstance(other, Message) or _album(other) != _album(message) or not other.opens:
            continue
        if not message.opens or not chats.names_a_file(other.text):
            return True
    return False


def _album(message: Message) -> tuple[str, str, str]:
    return message.album, message.conversation, message.sender.address if message.sender else ""

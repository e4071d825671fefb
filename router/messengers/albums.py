"""Several pictures sent as one: which of their pieces goes first, so that rules see its words."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from inquiry.data import understood_from_text
from inquiry.understood import Message

ALBUM = timedelta(seconds=2)
"""How long the pieces of an album wait for the first of them: they are understood side by side."""
NEAR = 500
"""Arrivals before and after a piece, among which the others of its album are."""
AGAIN = timedelta(milliseconds=500)
LONGEST = timedelta(minutes=1)
"""After this a piece waits for none that might still come."""


def may_be_led(message: Message, received_at: datetime, now: datetime) -> bool:
    """Might there be a piece that should begin the album before this one?

    The one with words should, and in a group the one that names us.
    """
    leads = message.opens and not message.wordless
    return bool(message.album) and not leads and now < received_at + LONGEST


def is_led(message: Message, near: Iterable[str | None]) -> bool:
    """Is there such a piece, or may there be?

    ``near`` is what was understood just before and after; None where that is still to come.
    """
    for text in near:
        if text is None:
            return True
        other = understood_from_text(text)
        if not isinstance(other, Message) or _album(other) != _album(message) or not other.opens:
            continue
        if not message.opens or not other.wordless:
            return True
    return False


def _album(message: Message) -> tuple[str, str, str]:
    return message.album, message.conversation, message.sender.address if message.sender else ""

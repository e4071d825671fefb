"""Tickets: who talks, for a short time, without a cookie; signed, bound to chat and origin."""

from datetime import datetime, timedelta

from inquiry.journey import ChannelName
from inquiry.tokens import KeyRing

PURPOSE = "web-chat"
GOOD_FOR = timedelta(minutes=15)


def ticket(ring: KeyRing, channel: ChannelName, visitor: int, origin: str, *, now: datetime) -> str:
    """Return ``<visitor>.<until>.<mac>``."""
    until = int((now + GOOD_FOR).timestamp())
    return f"{visitor}.{until}.{ring.mac(PURPOSE, _said(channel, visitor, until, origin))}"


def holder(
    ring: KeyRing, channel: ChannelName, text: str, origin: str, *, now: datetime
) -> tuple[int, datetime] | None:
    """Return whose ticket it is and until when; None alike for forged, foreign and expired."""
    visitor, _, rest = text.partition(".")
    until, _, mac = rest.partition(".")
    if not (_number(visitor) and _number(until)):
        return None
    said = _said(channel, int(visitor), int(until), origin)
    if not ring.holds(PURPOSE, said, mac) or now.timestamp() >= int(until):
        return None
    return int(visitor), datetime.fromtimestamp(int(until), now.tzinfo)


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < len(text) < 16


def _said(channel: ChannelName, visitor: int, until: int, origin: str) -> str:
    return f"{channel}\n{visitor}\n{until}\n{origin}"

"""Which channel an answer goes out by."""

from collections.abc import Sequence
from dataclasses import dataclass

from inquiry.journey import ChannelName


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A channel that can send."""

    name: ChannelName
    contact: str
    """The sort of contact point that it reaches: ``mail``, ``telegram``."""
    address: str = ""
    """What mail leaves from: ``support@nordlys.example``."""
    plus_address: bool = False
    """Does an address such as ``support+token@nordlys.example`` come back to us?"""
    subject: bool = True
    """Do its messages have a subject line?"""

    @property
    def host(self) -> str:
        """The right half of the Message-IDs that leave here."""
        return self.address.rpartition("@")[2] or "deskbridge.invalid"


def outlet(
    outlets: Sequence[Outlet],
    contact: str,
    *,
    queue_sends_from: ChannelName | None,
    came_in_by: ChannelName,
) -> Outlet | None:
    """Return where to send from; None if nothing of ours reaches such a contact point.

    1. the channel that the queue says it sends from
    2. the channel that the inquiry came in by, or that the specialist has chosen
    3. the first that reaches this sort of contact point
    """
    fitting = [one for one in outlets if one.contact == contact]
    for wanted in (queue_sends_from, came_in_by):
        for one in fitting:
            if one.name == wanted:
                return one
    return fitting[0] if fitting else None

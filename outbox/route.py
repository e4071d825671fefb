"""Which channel an answer goes out by."""

from collections.abc import Sequence
from dataclasses import dataclass

from inquiry.journey import ChannelName

PORTAL = "portal"
"""Stands among names of channels for the status page."""


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
    files: bool = True
    """Can it carry files?"""
    file_size: int | None = None
    """Bytes of the largest one that it can carry."""
    fallback: tuple[str, ...] | None = None
    """What is tried where it can't carry an answer; None is everything there is."""

    @property
    def host(self) -> str:
        """The right half of the Message-IDs that leave here."""
        return self.address.rpartition("@")[2] or "deskbridge.invalid"


def outlet(
    outlets: Sequence[Outlet], contact: str, wanted: Sequence[ChannelName | None]
) -> Outlet | None:
    """Return the first of the ``wanted`` channels that reaches this sort of contact point.

    If none of them does, the first of all that does; None if nothing of ours reaches it.
    """
    fitting = [one for one in outlets if one.contact == contact]
    for name in wanted:
        for one in fitting:
            if one.name == name:
                return one
    return fitting[0] if fitting else None

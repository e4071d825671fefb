"""What deciding needs to know of the desk."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inquiry.journey import ChannelName
from inquiry.tokens import KeyRing
from router.customers import Organizations
from router.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The rules in force, and what must be known beside them."""

    rules: Rules
    reference_format: str
    key_ring: KeyRing = field(repr=False)
    contacts: Mapping[ChannelName, str]
    """The sort of contact point that each channel brings: ``mail``, ``telegram``."""
    own_addresses: frozenset[str] = frozenset()
    organizations: Organizations = field(default_factory=Organizations)
    sends_mail: bool = False
    """Is there a channel that can send a code by mail?"""

    def contact_of(self, channel: ChannelName) -> str:
        """Return the sort of contact point that a channel brings; one that is gone was mail."""
        return self.contacts.get(channel, "mail")

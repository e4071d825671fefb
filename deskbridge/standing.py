"""How somebody's latest inquiries stand: what a messenger tells who asks for it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from channels.contract import Standing
from deskbridge.bridge import Bridge
from inquiry.journey import ChannelName
from storage import portal
from storage.customers import find
from storage.database import Transaction

LATEST = 5


async def standing(bridge: Bridge, channel: ChannelName, address: str) -> Sequence[Standing]:
    """Return how the latest inquiries of a contact point stand, each with its status link."""
    now, composing = datetime.now(UTC), bridge.in_force.composing
    contact = bridge.in_force.routing.contacts.get(channel, "mail")

    async def look(tx: Transaction) -> list[Standing]:
        who = await find(tx, contact, address)
        if who is None:
            return []
        found = []
        for one in await portal.latest(tx, who.id, limit=LATEST):
            key = await portal.usable(tx, one.inquiry, who.id, now=now) or portal.new_key()
            expires_at = now + composing.link_valid_for
            await portal.keep(tx, key, one.inquiry, who.id, expires_at=expires_at, now=now)
            link = portal.address(composing.url, composing.key_ring, key)
            found.append(
                Standing(reference=one.reference, subject=one.subject, state=one.state, link=link)
            )
        return found

    return await bridge.db.write(look)

"""How long does what was in hand when the desk was killed wait, and does its order hold?"""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.harness.bridge import Bridge
from tests.harness.campaign import Campaign
from tests.harness.chats import SHOP, an_identity
from tests.harness.scene import scene
from tests.harness.snapshot import KeptArrival, look
from tests.harness.widget import Widget

pytestmark = pytest.mark.server
SOON = 20.0
"""Seconds from the moment at which the desk is ready again; a lease lasts a minute."""
IN_ORDER = 3.0
"""Seconds that the later of two waits for the earlier, counted from its claim."""
A_MOMENT = timedelta(seconds=60)


async def placed(bridge: Bridge, count: int, within: float) -> tuple[KeptArrival, ...]:
    """Wait until so many messages stand in inquiries."""
    deadline = time.monotonic() + within
    while True:
        arrivals = (await look(bridge.storage, bridge.data_dir)).arrivals
        if len([one for one in arrivals if one.messages]) == count:
            return arrivals
        assert time.monotonic() < deadline, [(one.state, one.reason) for one in arrivals]
        await asyncio.sleep(0.05)


async def killed_at(campaign: Campaign, place: str) -> None:
    await campaign.bridge.start(f"{place}=kill")
    assert await campaign.bridge.died_within(A_MOMENT), place


def opened_by(campaign: Campaign) -> list[int]:
    """Return the arrivals that opened the inquiries."""
    query = "SELECT opened_by FROM inquiries"
    if campaign.postgres:
        return [int(line) for line in campaign.postgres.sql(query, database="desk").splitlines()]
    with closing(sqlite3.connect(campaign.bridge.data_dir / "deskbridge.db")) as connection:
        return [number for (number,) in connection.execute(query)]


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("place", ["normalizer.claimed", "router.claimed"])
async def test_what_was_in_hand_is_placed_soon_and_first(
    database: str, place: str, tmp_path: Path
) -> None:
    async with scene(tmp_path, database=database, durable=False) as campaign:
        bridge = campaign.bridge
        await bridge.start(more=("--only", "intake,web"))
        await bridge.ready()
        window = Widget(f"{bridge.url}/chat/shop-chat", SHOP, identity=an_identity("user-1"))
        await window.say("raz")
        await bridge.kill()
        await killed_at(campaign, place)
        await bridge.start(more=("--only", "intake,web"))
        await bridge.ready()
        await window.say("dwa")
        await bridge.kill()
        await killed_at(campaign, place)  # once more, with the first or both of them in hand
        began = time.monotonic()
        await bridge.start()
        await bridge.ready()
        first, second = await placed(bridge, 2, SOON)
        in_time = time.monotonic() - began < IN_ORDER
        await window.close()
        assert (first.text, second.text) == ("raz", "dwa")
        assert first.reference == second.reference
        if in_time:  # what takes longer may be overtaken: decision 18
            assert opened_by(campaign) == [first.id]

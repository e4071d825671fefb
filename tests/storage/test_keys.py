"""Does a desk have signing keys that outlive restarts and rotation?"""

import asyncio
from datetime import timedelta

from storage import epochs, keys
from storage.database import Database
from tests.storage.arrivals import MONDAY

TUESDAY = MONDAY + timedelta(days=1)


async def test_a_new_desk_gets_one_key_and_keeps_it(database: Database) -> None:
    ring = await keys.key_ring(database, MONDAY)
    assert len(ring.keys) == 1
    assert len(ring.keys[0]) == keys.LENGTH
    assert await keys.key_ring(database, TUESDAY) == ring


async def test_nodes_that_start_together_agree_on_the_first_key(database: Database) -> None:
    rings = await asyncio.gather(*(keys.key_ring(database, MONDAY) for _ in range(4)))
    assert set(rings) == {rings[0]}


async def test_what_the_key_before_has_signed_stays_valid_for_one_rotation(
    database: Database,
) -> None:
    mac = (await keys.key_ring(database, MONDAY)).mac("reply", "1")
    after = await keys.rotate(database, MONDAY)
    assert len(after.keys) == 2
    assert after.holds("reply", "1", mac)
    assert after.mac("reply", "1") != mac
    assert not (await keys.rotate(database, TUESDAY)).holds("reply", "1", mac)


async def test_every_start_has_a_number_of_its_own(database: Database) -> None:
    first = await epochs.begin(database, "desk-1", MONDAY)
    second = await epochs.begin(database, "desk-1", TUESDAY)
    assert second > first
    await epochs.seen(database, second, TUESDAY + timedelta(hours=1))

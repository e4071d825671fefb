"""Does no message cost much, each ten times smaller than in ``python -m tests.torture.bombs``?"""

import pytest

from normalizer.workers import Workers
from tests.torture.bombs import HELLO, exploded, exploded_in
from tests.torture.hostile import BOMBS
from tests.torture.smtp_bombs import ATTACKS, attacked

QUICK = [name for name in ATTACKS if "100 MB" not in name and "without an end" not in name]


async def test_no_message_costs_more_than_it_may() -> None:
    workers = Workers(1)
    try:
        await workers.alone(HELLO)
        costs = {name: await exploded_in(workers, bomb, 10) for name, bomb in BOMBS.items()}
    finally:
        await workers.close()
    again = [await exploded(BOMBS[name], 10) for name, cost in costs.items() if cost.broken]
    assert [cost for cost in again if cost.broken] == []


@pytest.mark.parametrize("name", QUICK)
async def test_no_smtp_client_costs_more_than_it_may(name: str) -> None:
    cost = await attacked(ATTACKS[name])
    assert not cost.broken or (await attacked(ATTACKS[name])).broken == []

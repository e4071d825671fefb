"""Does no message cost much, each ten times smaller than in ``python -m tests.torture.bombs``?"""

import pytest

from tests.torture.bombs import exploded
from tests.torture.hostile import BOMBS
from tests.torture.smtp_bombs import ATTACKS, attacked

QUICK = [name for name in ATTACKS if "100 MB" not in name and "without an end" not in name]


@pytest.mark.parametrize("names", [list(BOMBS)[start::4] for start in range(4)], ids="abcd")
async def test_no_message_costs_more_than_it_may(names: list[str]) -> None:
    costs = {name: await exploded(BOMBS[name], divide=10) for name in names}
    broken = {name: cost for name, cost in costs.items() if cost.broken}
    assert {name: await exploded(BOMBS[name], divide=10) for name in broken} == {}


@pytest.mark.parametrize("name", QUICK)
async def test_no_smtp_client_costs_more_than_it_may(name: str) -> None:
    cost = await attacked(ATTACKS[name])
    assert (cost.broken and (await attacked(ATTACKS[name])).broken) == []

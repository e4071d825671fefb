"""Do the same stories, told by every channel at once, end well while the desk is killed?

The short form of ``python -m tests.torture.storm``.
"""

from pathlib import Path

import pytest

from tests.storm.run import KINDS, Plan, Storm
from tests.storm.world import world

pytestmark = pytest.mark.server


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_every_customer_is_served_once_and_alone(database: str, tmp_path: Path) -> None:
    plan = Plan(customers=len(KINDS), seconds=12, kill_every=4, seed=7)
    async with world(tmp_path, database=database) as everything:
        everything.patience = 200.0
        report = await Storm(everything, plan).run()
    assert report.violations == []
    assert report.kills == 3
    assert set(report.said) == {kind.channel for kind in KINDS}
    assert report.answers >= 2 * plan.customers

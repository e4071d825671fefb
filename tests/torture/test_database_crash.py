"""Does a bridge whose PostgreSQL crashes under it lose nothing, and go on by itself?"""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.harness.scene import scene

pytestmark = [pytest.mark.server, pytest.mark.torture]


async def test_it_goes_on_when_the_database_is_back(tmp_path: Path) -> None:
    async with scene(tmp_path, database="postgres", durable=True) as campaign:
        report = await campaign.crash_the_database(6, every=timedelta(seconds=2))
    assert report.violations == []
    assert report.kills == 6
    assert min(report.accepted.values()) > 0

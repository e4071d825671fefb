"""Is everything that somebody saw accepted still here, once and whole, after kill -9?"""

from pathlib import Path

import pytest

from tests.harness.campaign import Blow
from tests.harness.scene import scene

pytestmark = pytest.mark.server
INTAKE = "intake,web"
BLOWS = {
    "sqlite": (
        Blow("arrivals.inserted", nth=3),
        Blow("arrivals.committed"),
        Blow("smtp.accepted", nth=2),
        Blow("telegram.accepted"),
        Blow("fetches.fetched"),
        Blow("webhook.accepted", nth=2),
        Blow("router.inserted", nth=2),
        Blow("outbox.sent"),
    ),
    "postgres": (
        Blow("smtp.spooled", nth=2, only=INTAKE),
        Blow("imap.accepted", only=INTAKE),
        Blow("arrivals.inserted", nth=3, only=INTAKE),
        Blow("arrivals.committed", nth=2, only=INTAKE),
        Blow("form.accepted", only=INTAKE),
        Blow("normalizer.parsed"),
        Blow("outbox.sent"),
    ),
}


@pytest.mark.parametrize("database", BLOWS)
async def test_no_accepted_message_is_lost_or_doubled(database: str, tmp_path: Path) -> None:
    async with scene(tmp_path, database=database, durable=True) as campaign:
        report = await campaign.run(BLOWS[database], check_every=len(BLOWS[database]))
    assert report.violations == []
    assert set(report.hits) == {blow.failpoint for blow in BLOWS[database]}
    assert min(report.accepted[name] for name in ("smtp-in", "imap-in", "telegram")) > 0

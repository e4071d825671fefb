"""Does the kill campaign notice a bridge that breaks its promises?"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.harness import sabotage
from tests.harness.campaign import Blow
from tests.harness.scene import scene

pytestmark = pytest.mark.server


@pytest.mark.parametrize(
    ("trick", "blows", "invariant", "sentence"),
    [
        pytest.param(
            sabotage.CONFIRMS_TOO_EARLY,
            [Blow("arrivals.inserted", nth=4)],
            "I1",
            "accepted and lost",
            id="it says 250 before the commit",
        ),
        pytest.param(
            sabotage.FORGETS_WHO_WAS_HERE,
            [Blow("smtp.accepted"), Blow("telegram.accepted")],
            "I4",
            "here 2 times",
            id="it takes a repeat for a new message",
        ),
        pytest.param(
            sabotage.CHANGES_BYTES,
            [Blow("smtp.accepted", nth=3)],
            "I1",
            "not the bytes that came",
            id="it keeps other bytes than it took",
        ),
    ],
)
async def test_a_broken_promise_is_noticed(
    trick: str, blows: Sequence[Blow], invariant: str, sentence: str, tmp_path: Path
) -> None:
    async with scene(tmp_path, database="sqlite", durable=False) as campaign:
        campaign.bridge.environment |= sabotage.environment(trick, tmp_path)
        report = await campaign.run(blows)
    found = {(one.invariant, one.what.partition(":")[0]) for one in report.violations}
    assert (invariant, sentence) in found

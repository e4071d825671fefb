"""Can what the commands print be understood by itself?"""

import time
from datetime import UTC, datetime

import pytest

from deskbridge.cli.printing import when


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", "22 Nov 06:56 UTC"), ("Europe/Oslo", "22 Nov 07:56 CET")],
)
def test_an_instant_names_its_zone(
    monkeypatch: pytest.MonkeyPatch, zone: str, expected: str
) -> None:
    with monkeypatch.context() as machine:
        machine.setenv("TZ", zone)
        time.tzset()
        assert when(datetime(2026, 11, 22, 6, 56, tzinfo=UTC)) == expected
    time.tzset()

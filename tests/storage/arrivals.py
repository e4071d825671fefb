"""Arrivals for tests of the storage."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from inquiry.journey import MAIL, Arrival, ChannelName

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ARRIVAL = Arrival(
    channel=ChannelName("support-mail"),
    remote_id="1",
    media_type=MAIL,
    raw=b"From: jan@kunde.example\r\nSubject: Printer\r\n\r\nIt is on fire.\r\n",
    received_at=MONDAY,
)


def an_arrival(**changes: Any) -> Arrival:
    """Return a valid arrival with what the test is about."""
    return replace(ARRIVAL, **changes)

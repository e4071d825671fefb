"""The Date header, read as people's clocks and programs write it."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import mktime_tz, parsedate_tz

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_USUAL = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9]{1,2}) ([A-Z][a-z]{2}) ((?:19|20)[0-9]{2})"
    r" ([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:\+|(-)(?!0000))([0-9]{2})([0-9]{2})"
)
"""As RFC 5322 wants it; ``-0000`` says nothing of the zone."""


def sent_at(text: str) -> datetime | None:
    """Return when a mail says it was sent, in UTC; None where there is no sense in it."""
    if usual := _USUAL.fullmatch(text):
        with suppress(ValueError):  # a month or an hour that is none: perhaps they have an idea
            return _usual(usual)
    try:
        parsed = parsedate_tz(text[:200])
        if parsed is None:
            return None
        return datetime.fromtimestamp(mktime_tz(parsed), UTC)
    except (ValueError, OverflowError, OSError, IndexError, TypeError):
        return None


def _usual(date: re.Match[str]) -> datetime:
    day, month, year, hour, minute, second, west, hours, minutes = date.groups()
    number = _MONTHS.index(month) + 1
    at = datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return at + offset if west else at - offset

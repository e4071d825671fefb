"""The Date header, read as people's clocks and programs write it."""

from datetime import UTC, datetime
from email.utils import mktime_tz, parsedate_tz


def sent_at(text: str) -> datetime | None:
    """Return when a mail says it was sent, in UTC; None where there is no sense in it."""
    try:
        parsed = parsedate_tz(text[:200])
        if parsed is None:
            return None
        return datetime.fromtimestamp(mktime_tz(parsed), UTC)
    except (ValueError, OverflowError, OSError, IndexError, TypeError):
        return None

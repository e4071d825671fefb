"""Stretches of time in which the clocks of a zone keep one distance from UTC.

Points in time are whole microseconds since year 1 began: instants by UTC, walls by what the clock
on the wall shows. Between two changes of the clocks one is the other plus the offset, and that is
all the arithmetic there is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86_400 * 1_000_000
_TICK = timedelta(microseconds=1)
_ORIGIN = datetime(1, 1, 1, tzinfo=UTC)
_STEP = timedelta(seconds=1)
_PROBE = timedelta(days=3)
"""Between changes lie at least six days, in every zone since 1970 and in all years to come."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one instant to another, without the latter, the clocks are ``offset`` ahead of UTC."""

    start: int
    end: int
    offset: int


def as_instant(at: datetime) -> int:
    """Return an aware time as an instant. Raises ValueError for one without a zone."""
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no zone")
    return (at.astimezone(UTC) - _ORIGIN) // _TICK


def as_time(instant: int) -> datetime:
    """Return an instant as a time in UTC."""
    return _ORIGIN + timedelta(microseconds=instant)


def offset_at(zone: ZoneInfo, instant: int) -> int:
    """Return how far the clocks of ``zone`` are ahead of UTC."""
    ahead = as_time(instant).astimezone(zone).utcoffset()
    assert ahead is not None
    return ahead // _TICK


def stretches(zone: ZoneInfo, start: int, end: int) -> Iterator[Stretch]:
    """Return the stretches between two instants, in order and without holes."""
    offset = offset_at(zone, start)
    for year in range(as_time(start).year, as_time(end).year + 1):
        for change, offset_then in _changes(zone, year):
            if start < change < end:
                yield Stretch(start, change, offset)
                start = change
            if change <= start:
                offset = offset_then
    if start < end:
        yield Stretch(start, end, offset)


def passed_at(zone: ZoneInfo, wall: int) -> int:
    """Return the first instant from which on the wall shows nothing before ``wall`` any more.

    So of a time that is shown twice, the second; of one that is left out, the change itself.
    """
    shown = (_ORIGIN + timedelta(microseconds=wall - 1)).replace(tzinfo=zone)
    first, second = (as_instant(shown.replace(fold=fold)) for fold in (0, 1))
    if first <= second:
        return second + 1
    return list(stretches(zone, second, first + 1))[-1].start


@lru_cache(maxsize=8192)
def _changes(zone: ZoneInfo, year: int) -> tuple[tuple[int, int], ...]:
    """Return when the clocks change in a year of UTC, each with the offset from then on."""
    low, end = (datetime(y, 1, 1, tzinfo=UTC) - _STEP for y in (year, year + 1))
    found = []
    before = low.astimezone(zone).utcoffset()
    while low < end:
        high = min(low + _PROBE, end)
        after = high.astimezone(zone).utcoffset()
        if after != before:
            change = as_instant(_change(zone, low, high))
            found.append((change, offset_at(zone, change)))
        low, before = high, after
    return tuple(found)


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the first second after ``low`` whose offset is another than that of ``low``."""
    before = low.astimezone(zone).utcoffset()
    while high - low > _STEP:
        middle = low + (high - low) // (2 * _STEP) * _STEP
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high

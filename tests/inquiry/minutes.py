"""Working time the slow way: every minute is looked at. Imports nothing of what it is to check."""

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Times = Sequence[tuple[int, int]]
"""When a day opens and closes, in minutes since its midnight."""


def minute_of(wall: datetime) -> int:
    """Number the minutes that a clock on the wall can show."""
    return (wall.toordinal() * 24 + wall.hour) * 60 + wall.minute


@lru_cache(maxsize=500)
def walls(zone: str, first: datetime, count: int) -> "array[int]":
    """Return what the wall shows, minute by minute."""
    place, shown, at = ZoneInfo(zone), array("i"), first
    for _ in range(count):
        shown.append(minute_of(at.astimezone(place)))
        at += MINUTE
    return shown


@lru_cache(maxsize=500)
def least_to_come(zone: str, first: datetime, count: int) -> "array[int]":
    """Return the earliest that the wall shows in each minute or any after it."""
    backwards = accumulate(reversed(walls(zone, first, count)), min)
    return array("i", reversed(list(backwards)))


@lru_cache(maxsize=5000)
def changes(zone: str, year: int) -> tuple[datetime, ...]:
    """Return the hours of a year in which clocks are changed."""
    place = ZoneInfo(zone)
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(366 * 24)]
    offsets = [hour.astimezone(place).utcoffset() for hour in hours]
    found = zip(hours, offsets, offsets[1:], strict=False)
    return tuple(hour for hour, one, other in found if one != other)


class Minutes:
    """Some days of a calendar, from ``first`` in UTC, as a row of minutes."""

    def __init__(
        self,
        zone: str,
        week: Sequence[Times],
        days: Mapping[date, Times],
        first: datetime,
        many: int,
    ) -> None:
        self.first = first
        self.count = many * 24 * 60
        self._times = {
            day: days.get(day, week[day.weekday()])
            for day in (first.date() + timedelta(days=n) for n in range(-3, many + 3))
        }
        shown_when_open: set[int] = set()
        for day, times in self._times.items():
            for opens, closes in times:
                shown_when_open.update(range(_midnight(day) + opens, _midnight(day) + closes))
        self.open = [wall in shown_when_open for wall in walls(zone, first, self.count)]
        self._least_to_come = least_to_come(zone, first, self.count)

    def at(self, number: int) -> datetime:
        """Return the time of a minute."""
        return self.first + number * MINUTE

    def next(self, number: int, *, is_open: bool) -> int | None:
        """Return the first minute from ``number`` on that is open, or closed."""
        return next((n for n in range(number, self.count) if self.open[n] == is_open), None)

    def between(self, start: int, end: int) -> int:
        """Count the open minutes."""
        return sum(self.open[start:end])

    def after(self, start: int, work: int) -> int | None:
        """Return the minute that begins when ``work`` open ones have gone by."""
        number = start
        while work and number < self.count:
            work -= self.open[number]
            number += 1
        return None if work else number

    def end_of_business_day(self, start: int, nth: int) -> int | None:
        """Return the minute with which the ``nth`` day that has times is over, if it is in here."""
        ends = [self._end(day) for day, times in sorted(self._times.items()) if times]
        for number, end in enumerate(ends):
            if end > start:
                wanted = ends[number : number + nth]
                return wanted[-1] if len(wanted) == nth and wanted[-1] < self.count else None
        return None

    def _end(self, day: date) -> int:
        closes = _midnight(day) + max(closes for _, closes in self._times[day])
        return bisect_left(self._least_to_come, closes)


def _midnight(day: date) -> int:
    return minute_of(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - as the wall shows it

"""Working time: when a calendar is open, how much of it lies between, and when so much is over.

A calendar is open while the clock on the wall of its zone shows a time inside one of its spans.
Where clocks are put forward the hour left out is nobody's; where they are put back the hour shown
twice counts twice. A span belongs to the day on which it begins: the night of a Friday goes on into
a Saturday that is a holiday.

Instants may come in any zone and are given back in UTC. The cost grows neither with the length of
a time nor with its working time, but for two changes of the clocks a year.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from inquiry.zones import DAY, as_instant, as_time, offset_at, passed_at, stretches

MINUTES_A_DAY = 24 * 60
_MINUTE = DAY // MINUTES_A_DAY
_FURTHEST = 100 * 366 * DAY
_LAST = as_instant(datetime.fromisoformat("9990-01-01T00:00Z"))
_DAYS_IN_DOUBT = 2
"""What the wall shows is at most so many days from UTC."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from one minute of the day up to another; 22:00-06:00 is 1320 to 1800."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < MINUTES_A_DAY:
            raise ValueError(f"{self.opens} is no minute of a day")
        if not 0 < self.closes - self.opens <= MINUTES_A_DAY:
            raise ValueError(f"from {self.opens} to {self.closes} is no span")


Spans = tuple[Span, ...]
ALL_DAY: Spans = (Span(0, MINUTES_A_DAY),)
ALL_WEEK: tuple[Spans, ...] = (ALL_DAY,) * 7


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody works.

    ``week`` has the spans of Monday to Sunday, ``days`` those of dates that differ (none: closed),
    and ``names`` what such dates are called. Raises ValueError for a week that isn't one.
    """

    zone: ZoneInfo
    week: tuple[Spans, ...]
    days: Mapping[date, Spans] = field(default_factory=dict, hash=False)
    names: Mapping[date, str] = field(default_factory=dict, hash=False)
    _open: "_Plan" = field(init=False, repr=False, compare=False)
    _closed: "_Plan" = field(init=False, repr=False, compare=False)
    _business: "_Sums" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError(f"a week of {len(self.week)} days")
        differing = {day.toordinal() - 1: spans for day, spans in self.days.items()}
        plan = _planned(self.week, differing)
        business = {day: int(bool(spans)) for day, spans in differing.items()}
        for name, value in (
            ("_open", plan),
            ("_closed", plan.opposite()),
            ("_business", _Sums([int(bool(spans)) for spans in self.week], business)),
        ):
            object.__setattr__(self, name, value)

    @property
    def ever_opens(self) -> bool:
        """Is there a span at all, on any day?"""
        return any(self.week) or any(self.days.values())

    def spans_on(self, day: date) -> Spans:
        """Return the spans that begin on a date."""
        return self.days.get(day, self.week[day.weekday()])


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Tell whether it is open at an instant; at the one of closing it isn't."""
    instant = as_instant(at)
    day, moment = divmod(instant + offset_at(calendar.zone, instant), DAY)
    return any(start <= moment < end for start, end in calendar._open.pieces(day))


def next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    """Return the first instant from ``at`` on at which it is open: ``at`` itself where it is.

    None if it doesn't open again within a hundred years.
    """
    return _first(calendar, calendar._open, at)


def next_closing(calendar: Calendar, at: datetime) -> datetime | None:
    """Return the first instant from ``at`` on at which it is closed; None as ``next_opening``."""
    return _first(calendar, calendar._closed, at)


def working_time(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return how long it is open between two instants; negative if they are the wrong way round."""
    first, last = as_instant(start), as_instant(end)
    low, high = min(first, last), max(first, last)
    before = calendar._open.before
    total = sum(
        before(part.end + part.offset) - before(part.start + part.offset)
        for part in stretches(calendar.zone, low, high)
    )
    return timedelta(microseconds=total if low == first else -total)


def after_working_time(calendar: Calendar, start: datetime, work: timedelta) -> datetime | None:
    """Return the first instant at which ``work`` of working time has passed since ``start``.

    Eight hours of an eight-hour day end when it closes, not when it opens again; no work at all
    ends at ``start``. None if a hundred years don't suffice. Raises ValueError for negative work.
    """
    if work < timedelta(0):
        raise ValueError(f"{work} is negative")
    first, left = as_instant(start), work // timedelta(microseconds=1)
    found = _passed(calendar.zone, calendar._open, first, left) if left else first
    return None if found is None else as_time(found)


def end_of_business_day(calendar: Calendar, start: datetime, nth: int) -> datetime | None:
    """Return when the ``nth`` business day from ``start`` on ends: ``2bd`` is the second.

    A business day is a date with spans; it ends with its last one, be it on the next date. The
    first is the one that is under way, or else the next to begin: on a Monday of 08:00-16:00 that
    is this Monday before 16:00, its lunch break and the night before included, and Tuesday from
    16:00 on. None as in ``after_working_time``. Raises ValueError for an ``nth`` below 1.
    """
    if nth < 1:
        raise ValueError(f"there is no business day number {nth}")
    instant, days = as_instant(start), calendar._business
    day = instant // DAY - _DAYS_IN_DOUBT - 1
    last = day + _FURTHEST // DAY
    found = days.day_reaching(days.before(day) + 1, day, last)
    while found is not None and _end_of(calendar, found) <= instant:
        found = days.day_reaching(days.before(found + 1) + 1, found + 1, last)
    if found is not None:
        found = days.day_reaching(days.before(found) + nth, found, last)
    return None if found is None else as_time(_end_of(calendar, found))


def _end_of(calendar: Calendar, day: int) -> int:
    spans = calendar.spans_on(date.fromordinal(day + 1))
    return passed_at(calendar.zone, day * DAY + max(span.closes for span in spans) * _MINUTE)


def _first(calendar: Calendar, plan: "_Plan", at: datetime) -> datetime | None:
    """Return the first instant that lies in ``plan``: when a microsecond of it begins to pass."""
    found = _passed(calendar.zone, plan, as_instant(at), 1)
    return None if found is None else as_time(found - 1)


def _passed(zone: ZoneInfo, plan: "_Plan", start: int, left: int) -> int | None:
    """Return when ``left``, more than 0, of what lies in ``plan`` has passed since ``start``."""
    end = min(start + _FURTHEST, _LAST)
    doubt = _DAYS_IN_DOUBT * DAY
    if plan.before(end + doubt) == plan.before(start - doubt):
        return None
    for part in stretches(zone, start, end):
        first, last = part.start + part.offset, part.end + part.offset
        total, most = plan.before(first) + left, plan.before(last)
        if total <= most:
            return plan.reaching(total, first, last) - part.offset
        left = total - most
    return None


class _Sums:
    """Adds up a figure of days, one for each day of the week, but for ``odd`` days.

    Days are counted from that on which year 1 began, a Monday.
    """

    __slots__ = ("_odd", "_shifts", "_week")

    def __init__(self, week: Sequence[int], odd: Mapping[int, int]) -> None:
        self._week = tuple(accumulate(week, initial=0))
        self._odd = sorted(odd)
        differences = (odd[day] - week[day % 7] for day in self._odd)
        self._shifts = tuple(accumulate(differences, initial=0))

    def before(self, day: int) -> int:
        """Return the sum of all days before ``day``."""
        weeks, rest = divmod(day, 7)
        usual = weeks * self._week[7] + self._week[rest]
        return usual + self._shifts[bisect_left(self._odd, day)]

    def day_reaching(self, total: int, first: int, last: int) -> int | None:
        """Return the day, not before ``first``, with which the sum reaches ``total``."""
        days = range(first, last)
        found = bisect_left(days, total, key=lambda day: self.before(day + 1))
        return days[found] if found < len(days) else None


Pieces = tuple[tuple[int, int], ...]
"""Parts of one day in microseconds since its midnight, in order, apart from each other."""


class _Plan:
    """What of each day is open by the clock on the wall."""

    __slots__ = ("_odd", "_sums", "_week")

    def __init__(self, week: Sequence[Pieces], odd: Mapping[int, Pieces]) -> None:
        self._week, self._odd = week, odd
        lengths = {day: _length(pieces) for day, pieces in odd.items()}
        self._sums = _Sums([_length(pieces) for pieces in week], lengths)

    def pieces(self, day: int) -> Pieces:
        odd = self._odd.get(day)
        return self._week[day % 7] if odd is None else odd

    def before(self, wall: int) -> int:
        """Return how much is open before a point."""
        day, moment = divmod(wall, DAY)
        today = sum(min(end, moment) - start for start, end in self.pieces(day) if start < moment)
        return self._sums.before(day) + today

    def reaching(self, total: int, first: int, last: int) -> int:
        """Return the point between two at which ``before`` reaches ``total``, which it does."""
        day = self._sums.day_reaching(total, first // DAY, last // DAY + 1)
        assert day is not None
        left = total - self._sums.before(day)
        for start, end in self.pieces(day):
            if left <= end - start:
                return day * DAY + start + left
            left -= end - start
        raise AssertionError(f"day {day} is too short")

    def opposite(self) -> "_Plan":
        """Return the plan that is open when this one is closed."""
        odd = {day: _gaps(pieces) for day, pieces in self._odd.items()}
        return _Plan([_gaps(pieces) for pieces in self._week], odd)


def _planned(week: Sequence[Spans], differing: Mapping[int, Spans]) -> _Plan:
    def spans_of(day: int) -> Spans:
        return differing.get(day, week[day % 7])

    odd = {day for differs in differing for day in (differs, differs + 1)}
    return _Plan(
        [_pieces(week[day - 1], week[day]) for day in range(7)],
        {day: _pieces(spans_of(day - 1), spans_of(day)) for day in odd},
    )


def _pieces(yesterday: Spans, today: Spans) -> Pieces:
    """Return what is open on a day: its own spans and what those of the day before leave over."""
    left_over = ((0, span.closes - MINUTES_A_DAY) for span in yesterday)
    own = ((span.opens, min(span.closes, MINUTES_A_DAY)) for span in today)
    found: list[tuple[int, int]] = []
    for start, end in sorted((*left_over, *own)):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return tuple((start * _MINUTE, end * _MINUTE) for start, end in found)


def _gaps(pieces: Pieces) -> Pieces:
    edges = [0, *(edge for piece in pieces for edge in piece), DAY]
    return tuple((start, end) for start, end in list(pairwise(edges))[::2] if start < end)


def _length(pieces: Iterable[tuple[int, int]]) -> int:
    return sum(end - start for start, end in pieces)

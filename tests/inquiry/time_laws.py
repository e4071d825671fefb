"""What holds of working time, whatever the calendar; and calendars of all sorts to try it on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from inquiry.calendar import (
    Calendar,
    Span,
    after_working_time,
    end_of_business_day,
    is_open,
    next_closing,
    next_opening,
    working_time,
)
from tests.inquiry.minutes import MINUTE, Minutes, Times, changes

ZONES = (
    "Europe/Oslo",
    "Europe/Dublin",  # winter is the exception there
    "America/New_York",
    "America/St_Johns",  # at 00:01 until 2011
    "America/Havana",  # at midnight forwards, at one back
    "America/Sao_Paulo",  # at midnight until 2019
    "America/Asuncion",
    "Africa/Cairo",
    "Africa/Casablanca",  # four times a year
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Tehran",
    "Asia/Kathmandu",  # by 5:45, never
    "Asia/Pyongyang",
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Chatham",  # by 12:45
    "Pacific/Apia",  # without 30 December 2011
    "Antarctica/Troll",  # by two hours
    "UTC",
)
YEARS = (2008, 2010, 2011, 2018, 2022, 2026, 2037, 2040)
DAYS = 8
FROM_DAY, TO_DAY = 3, 6
"""Days of a case from and to which it is asked: enough before and after them is known."""


@dataclass(frozen=True, slots=True)
class Case:
    """A calendar, some days of it, and minutes of these."""

    zone: str
    week: Sequence[Times]
    days: Mapping[date, Times]
    first: datetime
    asked: tuple[int, int]
    work: int
    nth: int

    def calendar(self) -> Calendar:
        """Return it as the product knows it."""
        return Calendar(
            ZoneInfo(self.zone),
            tuple(map(spans, self.week)),
            {day: spans(times) for day, times in self.days.items()},
        )

    def minutes(self) -> Minutes:
        """Return it minute by minute."""
        return Minutes(self.zone, self.week, self.days, self.first, DAYS)


def spans(times: Times) -> tuple[Span, ...]:
    """Return the times of a day as the product knows them."""
    return tuple(Span(opens, closes) for opens, closes in times)


TIMES = st.one_of(
    st.sampled_from(
        [((0, 24 * 60),), (), ((480, 960),), ((480, 720), (750, 930)), ((1320, 1800),)]
    ),
    st.lists(
        st.tuples(
            st.one_of(st.integers(0, 24 * 60 - 1), st.integers(0, 23).map(lambda hour: hour * 60)),
            st.one_of(st.integers(1, 24 * 60), st.integers(1, 240)),
        ).map(lambda span: (span[0], span[0] + span[1])),
        max_size=3,
    ).map(tuple),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Calendars around a change of the clocks, where there is one."""
    zone, year = draw(st.sampled_from(ZONES)), draw(st.sampled_from(YEARS))
    around = draw(st.sampled_from(changes(zone, year) or (datetime(year, 6, 1, tzinfo=UTC),)))
    first = datetime(around.year, around.month, around.day, tzinfo=UTC)
    first -= timedelta(days=DAYS // 2)
    dates = st.integers(-2, DAYS).map(lambda n: first.date() + timedelta(days=n))
    asked = st.integers(FROM_DAY * 24 * 60, TO_DAY * 24 * 60)
    return Case(
        zone=zone,
        week=draw(st.lists(TIMES, min_size=7, max_size=7)),
        days=draw(st.dictionaries(dates, TIMES, max_size=4)),
        first=first,
        asked=(draw(asked), draw(asked)),
        work=draw(st.one_of(st.integers(0, 600), st.integers(0, 8000))),
        nth=draw(st.integers(1, 4)),
    )


CASES = cases()


def check_minutes(case: Case) -> None:
    """Compare with looking at every minute."""
    calendar, minutes = case.calendar(), case.minutes()
    _check_edges(calendar, minutes)
    for number in case.asked:
        at = minutes.at(number)
        assert is_open(calendar, at) == minutes.open[number]
        _same(minutes, next_opening(calendar, at), minutes.next(number, is_open=True))
        _same(minutes, next_closing(calendar, at), minutes.next(number, is_open=False))
        done = after_working_time(calendar, at, case.work * MINUTE)
        _same(minutes, done, minutes.after(number, case.work))
        end = end_of_business_day(calendar, at, case.nth)
        _same(minutes, end, minutes.end_of_business_day(number, case.nth))
    start, end_ = case.asked
    worked = minutes.between(start, end_) - minutes.between(end_, start)
    assert working_time(calendar, minutes.at(start), minutes.at(end_)) == worked * MINUTE


def _check_edges(calendar: Calendar, minutes: Minutes) -> None:
    """Walk from one opening and closing to the next."""
    found, at, opened = [], minutes.first, minutes.open[0]
    while True:
        following = next_closing(calendar, at) if opened else next_opening(calendar, at)
        if following is None or following >= minutes.at(minutes.count):
            break
        found.append((following - minutes.first) // MINUTE)
        at, opened = following, not opened
    pairs = zip(minutes.open, minutes.open[1:], strict=False)
    assert found == [n for n, (one, other) in enumerate(pairs, start=1) if one != other]


def _same(minutes: Minutes, found: datetime | None, expected: int | None) -> None:
    if expected is None:
        assert found is None or found >= minutes.at(minutes.count)
    else:
        assert found == minutes.at(expected)


Spell = tuple[Case, datetime, datetime, datetime]


@st.composite
def spells(draw: st.DrawFn) -> Spell:
    """A calendar and three instants in order, years and microseconds apart."""
    some = st.integers(0, 20 * 365 * 86_400 * 1_000_000).map(lambda n: timedelta(microseconds=n))
    first = datetime(2005, 1, 1, tzinfo=UTC)
    one, other, third = sorted(first + draw(some) for _ in range(3))
    return draw(CASES), one, other, third


SPELLS = spells()


def check_years(spell: Spell) -> None:
    """Working time adds up, is undone, and ends while it is open, however long it takes."""
    calendar = spell[0].calendar()
    one, other, third = spell[1:]
    first, second = working_time(calendar, one, other), working_time(calendar, other, third)
    assert timedelta(0) <= first <= other - one
    assert working_time(calendar, one, third) == first + second
    assert working_time(calendar, third, one) == -(first + second)
    done = after_working_time(calendar, one, first)
    assert done is not None
    assert done <= other
    assert working_time(calendar, one, done) == first
    assert working_time(calendar, done, other) == timedelta(0)
    if first:
        assert is_open(calendar, done - timedelta(microseconds=1))
    opening = next_opening(calendar, other)
    if opening is not None:
        assert is_open(calendar, opening)
        assert working_time(calendar, other, opening) == timedelta(0)

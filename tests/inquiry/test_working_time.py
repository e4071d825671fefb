"""Does working time agree with looking at every minute, whatever the calendar?

``python -m tests.torture.calendars`` asks the same of many more.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from inquiry.calendar import Calendar, after_working_time, end_of_business_day, working_time
from tests.inquiry.minutes import MINUTE, Minutes, Times
from tests.inquiry.time_laws import CASES, SPELLS, Case, Spell, check_minutes, check_years, spans

EXAMPLES = 300
A_YEAR = 370
WEEK: tuple[Times, ...] = (
    *[((480, 960),)] * 3,
    ((1320, 1800),),
    ((480, 720), (750, 930)),
    ((60, 210),),
    (),
)
HOLIDAYS: dict[date, Times] = {
    date(2026, 1, 1) + timedelta(days=n): () if n % 2 else ((600, 700),) for n in range(0, 365, 23)
}


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(case=CASES)
def test_it_agrees_with_every_minute(case: Case) -> None:
    check_minutes(case)


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(spell=SPELLS)
def test_it_adds_up_over_years(spell: Spell) -> None:
    check_years(spell)


@pytest.mark.parametrize("zone", ["Europe/Oslo", "Australia/Lord_Howe"])
def test_it_agrees_with_every_minute_of_a_year(zone: str) -> None:
    first = datetime(2025, 12, 29, tzinfo=UTC)
    minutes = Minutes(zone, WEEK, HOLIDAYS, first, A_YEAR)
    calendar = Calendar(
        ZoneInfo(zone),
        tuple(map(spans, WEEK)),
        {day: spans(times) for day, times in HOLIDAYS.items()},
    )
    start, end = minutes.at(5_000), minutes.at(minutes.count - 5_000)
    worked = minutes.between(5_000, minutes.count - 5_000)
    assert working_time(calendar, start, end) == worked * MINUTE
    expected = minutes.after(5_000, worked)
    assert expected is not None
    assert after_working_time(calendar, start, worked * MINUTE) == minutes.at(expected)
    last = minutes.end_of_business_day(5_000, 250)
    assert last is not None
    assert end_of_business_day(calendar, start, 250) == minutes.at(last)

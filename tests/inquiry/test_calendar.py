"""Is working time reckoned right, over nights, holidays and changes of the clocks?"""

import pickle
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from inquiry.calendar import (
    ALL_DAY,
    ALL_WEEK,
    Calendar,
    Span,
    Spans,
    after_working_time,
    end_of_business_day,
    is_open,
    next_closing,
    next_opening,
    working_time,
)

OSLO = ZoneInfo("Europe/Oslo")


def hours(*times: str) -> Spans:
    """Read ``08:00-16:00``; an end that isn't later is on the next day."""
    return tuple(Span(*_minutes(text)) for text in times)


def _minutes(text: str) -> tuple[int, int]:
    opens, closes = (int(hour) * 60 + int(rest) for hour, rest in map(_halves, text.split("-")))
    return opens, closes if closes > opens else closes + 24 * 60


def _halves(clock: str) -> tuple[str, str]:
    hour, _, rest = clock.partition(":")
    return hour, rest


def local(text: str, zone: ZoneInfo = OSLO, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def shown(at: datetime | None, zone: ZoneInfo = OSLO) -> str:
    return "never" if at is None else at.astimezone(zone).strftime("%a %d %b %H:%M")


CHRISTMAS = {
    date(2026, 12, 24): (),
    date(2026, 12, 25): (),
    date(2026, 12, 31): hours("08:00-12:00"),
    date(2027, 1, 1): (),
}
OFFICE = Calendar(
    OSLO,
    (*[hours("08:00-16:00")] * 4, hours("08:00-12:00", "12:30-15:30"), (), ()),
    CHRISTMAS,
    {date(2026, 12, 25): "Første juledag"},
)
NIGHTS = Calendar(OSLO, ((), (), (), (), *[hours("22:00-06:00")] * 3))
ALWAYS = Calendar(OSLO, ALL_WEEK)
NEVER = Calendar(OSLO, ((),) * 7)
ONCE = Calendar(OSLO, ((),) * 7, {date(2026, 12, 24): hours("08:00-12:00")})


@pytest.mark.parametrize(
    ("calendar", "at", "opening", "closing"),
    [
        pytest.param(OFFICE, "2026-11-23T07:59", "Mon 23 Nov 08:00", "now", id="a minute before"),
        pytest.param(OFFICE, "2026-11-23T08:00", "now", "Mon 23 Nov 16:00", id="opens sharp"),
        pytest.param(OFFICE, "2026-11-23T15:59", "now", "Mon 23 Nov 16:00", id="a minute left"),
        pytest.param(OFFICE, "2026-11-23T16:00", "Tue 24 Nov 08:00", "now", id="closes sharp"),
        pytest.param(OFFICE, "2026-11-27T12:15", "Fri 27 Nov 12:30", "now", id="lunch"),
        pytest.param(OFFICE, "2026-11-28T12:00", "Mon 30 Nov 08:00", "now", id="a Saturday"),
        pytest.param(OFFICE, "2026-12-23T16:00", "Mon 28 Dec 08:00", "now", id="Christmas"),
        pytest.param(OFFICE, "2026-12-31T10:00", "now", "Thu 31 Dec 12:00", id="own hours"),
        pytest.param(OFFICE, "2026-12-31T12:00", "Mon 04 Jan 08:00", "now", id="over New Year"),
        pytest.param(NIGHTS, "2026-11-27T21:59", "Fri 27 Nov 22:00", "now", id="before the night"),
        pytest.param(NIGHTS, "2026-11-28T03:00", "now", "Sat 28 Nov 06:00", id="past midnight"),
        pytest.param(NIGHTS, "2026-11-30T03:00", "now", "Mon 30 Nov 06:00", id="into the week"),
        pytest.param(ALWAYS, "2026-11-30T03:00", "now", "never", id="always open"),
        pytest.param(NEVER, "2026-11-30T03:00", "never", "now", id="never open"),
        pytest.param(ONCE, "2026-11-30T03:00", "Thu 24 Dec 08:00", "now", id="one day ever"),
        pytest.param(ONCE, "2026-12-24T12:00", "never", "now", id="that day is over"),
    ],
)
def test_when_it_opens_and_closes(calendar: Calendar, at: str, opening: str, closing: str) -> None:
    now = local(at)
    assert is_open(calendar, now) == (opening == "now")
    assert shown(next_opening(calendar, now)) == (shown(now) if opening == "now" else opening)
    assert shown(next_closing(calendar, now)) == (shown(now) if closing == "now" else closing)


@pytest.mark.parametrize(
    ("calendar", "start", "work", "due"),
    [
        pytest.param(OFFICE, "2026-11-23T10:00", "2h", "Mon 23 Nov 12:00", id="on one day"),
        pytest.param(OFFICE, "2026-11-23T10:00", "8h", "Tue 24 Nov 10:00", id="into the next"),
        pytest.param(OFFICE, "2026-11-23T08:00", "8h", "Mon 23 Nov 16:00", id="one whole day"),
        pytest.param(OFFICE, "2026-11-22T23:00", "8h", "Mon 23 Nov 16:00", id="from outside"),
        pytest.param(OFFICE, "2026-11-22T23:00", "0h", "Sun 22 Nov 23:00", id="no work"),
        pytest.param(OFFICE, "2026-11-27T11:00", "2h", "Fri 27 Nov 13:30", id="over lunch"),
        pytest.param(OFFICE, "2026-12-23T15:00", "9h", "Mon 28 Dec 16:00", id="over Christmas"),
        pytest.param(NIGHTS, "2026-11-28T05:00", "2h", "Sat 28 Nov 23:00", id="two nights"),
        pytest.param(ALWAYS, "2026-10-24T12:00", "24h", "Sun 25 Oct 11:00", id="a day of 25 hours"),
        pytest.param(ALWAYS, "2026-03-28T12:00", "24h", "Sun 29 Mar 13:00", id="a day of 23 hours"),
        pytest.param(NEVER, "2026-11-28T05:00", "2h", "never", id="never open"),
        pytest.param(ONCE, "2026-11-28T05:00", "4h", "Thu 24 Dec 12:00", id="just enough"),
        pytest.param(ONCE, "2026-11-28T05:00", "5h", "never", id="not enough for ever"),
        pytest.param(OFFICE, "2026-11-28T05:00", "9999999h", "never", id="in a thousand years"),
    ],
)
def test_when_so_much_work_is_done(calendar: Calendar, start: str, work: str, due: str) -> None:
    length = timedelta(hours=int(work.removesuffix("h")))
    found = after_working_time(calendar, local(start), length)
    assert shown(found) == due
    if found is not None:
        assert working_time(calendar, local(start), found) == length
        assert working_time(calendar, found, local(start)) == -length


@pytest.mark.parametrize(
    ("calendar", "start", "nth", "end"),
    [
        pytest.param(OFFICE, "2026-11-23T10:00", 1, "Mon 23 Nov 16:00", id="under way"),
        pytest.param(OFFICE, "2026-11-23T10:00", 2, "Tue 24 Nov 16:00", id="the second"),
        pytest.param(OFFICE, "2026-11-23T07:00", 2, "Tue 24 Nov 16:00", id="before it opens"),
        pytest.param(OFFICE, "2026-11-23T15:59", 1, "Mon 23 Nov 16:00", id="at the last minute"),
        pytest.param(OFFICE, "2026-11-23T16:00", 1, "Tue 24 Nov 16:00", id="as it closes"),
        pytest.param(OFFICE, "2026-11-27T12:10", 1, "Fri 27 Nov 15:30", id="at lunch"),
        pytest.param(OFFICE, "2026-11-27T15:30", 2, "Tue 01 Dec 16:00", id="over a weekend"),
        pytest.param(OFFICE, "2026-12-23T17:00", 1, "Mon 28 Dec 16:00", id="holidays don't count"),
        pytest.param(OFFICE, "2026-12-30T10:00", 2, "Thu 31 Dec 12:00", id="a short day counts"),
        pytest.param(NIGHTS, "2026-11-28T03:00", 1, "Sat 28 Nov 06:00", id="Friday's night"),
        pytest.param(NIGHTS, "2026-11-28T03:00", 2, "Sun 29 Nov 06:00", id="Saturday's night"),
        pytest.param(NIGHTS, "2026-11-28T07:00", 1, "Sun 29 Nov 06:00", id="between two nights"),
        pytest.param(ALWAYS, "2026-11-28T07:00", 1, "Sun 29 Nov 00:00", id="ends at midnight"),
        pytest.param(NEVER, "2026-11-28T07:00", 1, "never", id="never open"),
        pytest.param(ONCE, "2026-11-28T07:00", 1, "Thu 24 Dec 12:00", id="the only one"),
        pytest.param(ONCE, "2026-11-28T07:00", 2, "never", id="there is no second"),
    ],
)
def test_when_a_business_day_ends(calendar: Calendar, start: str, nth: int, end: str) -> None:
    assert shown(end_of_business_day(calendar, local(start), nth)) == end


def test_a_holiday_leaves_the_night_before_alone_and_has_none_itself() -> None:
    calendar = Calendar(OSLO, NIGHTS.week, {date(2026, 11, 28): ()})
    assert is_open(calendar, local("2026-11-28T03:00"))
    assert shown(next_opening(calendar, local("2026-11-28T06:00"))) == "Sun 29 Nov 22:00"


def test_a_night_of_its_own_goes_on_into_a_usual_day() -> None:
    calendar = Calendar(OSLO, OFFICE.week, {date(2026, 11, 23): hours("22:00-09:00")})
    assert shown(next_closing(calendar, local("2026-11-23T23:00"))) == "Tue 24 Nov 16:00"
    worked = working_time(calendar, local("2026-11-23T00:00"), local("2026-11-25T00:00"))
    assert worked == timedelta(hours=18)


CHANGES = [
    pytest.param(
        "Europe/Oslo", "01:00-05:00", "2026-03-29T00:00", 3, "01:00 to 05:00", id="put forward"
    ),
    pytest.param("Europe/Oslo", "01:00-05:00", "2026-10-25T00:00", 5, "01:00 to 05:00", id="back"),
    pytest.param(
        "Europe/Oslo", "02:15-08:15", "2026-03-29T00:00", 5.25, "03:00 to 08:15", id="in the hole"
    ),
    pytest.param(
        "Europe/Oslo", "01:00-02:30", "2026-03-29T00:00", 1, "01:00 to 03:00", id="ends in it"
    ),
    pytest.param(
        "Europe/Oslo", "02:00-02:30", "2026-10-25T00:00", 1, "02:00 to 02:30", id="twice over"
    ),
    pytest.param(
        "Australia/Lord_Howe", "01:00-05:00", "2026-10-04T00:00", 3.5, "01:00 to 05:00", id="by 30"
    ),
    pytest.param(
        "Antarctica/Troll", "00:00-06:00", "2026-03-29T00:00", 4, "00:00 to 06:00", id="by two"
    ),
    pytest.param(
        "Pacific/Chatham", "02:00-04:00", "2026-04-05T00:00", 3, "02:00 to 04:00", id="at 03:45"
    ),
    pytest.param(
        "America/Havana", "00:00-08:00", "2026-03-08T01:00", 7, "01:00 to 08:00", id="at midnight"
    ),
    pytest.param(
        "America/Havana", "00:00-08:00", "2026-11-01T00:00", 9, "00:00 to 08:00", id="at one"
    ),
    pytest.param(
        "America/Havana",
        "20:00-24:00",
        "2026-10-31T12:00",
        4,
        "20:00 to 00:00",
        id="first midnight",
    ),
    pytest.param(
        "Africa/Cairo", "22:00-24:00", "2026-10-29T12:00", 3, "22:00 to 00:00", id="24:00 to 23:00"
    ),
]


@pytest.mark.parametrize(("name", "span", "since", "length", "from_to"), CHANGES)
def test_the_clock_on_the_wall_decides(
    name: str, span: str, since: str, length: float, from_to: str
) -> None:
    zone = ZoneInfo(name)
    calendar = Calendar(zone, (hours(span),) * 7)
    start = local(since, zone)
    opening, end = next_opening(calendar, start), end_of_business_day(calendar, start, 1)
    assert opening is not None
    assert end is not None
    assert working_time(calendar, start, end) == timedelta(hours=length)
    assert f"{opening.astimezone(zone):%H:%M} to {end.astimezone(zone):%H:%M}" == from_to
    assert after_working_time(calendar, start, timedelta(hours=length)) == end


def test_a_time_shown_twice_is_two_instants() -> None:
    calendar = Calendar(OSLO, (hours("02:00-02:30"),) * 7)
    first, second = (local("2026-10-25T02:10", fold=fold) for fold in (0, 1))
    assert is_open(calendar, first)
    assert is_open(calendar, second)
    assert next_closing(calendar, first) == local("2026-10-25T02:30").astimezone(UTC)
    assert working_time(calendar, first, second) == timedelta(minutes=30)


def test_a_day_that_the_zone_leaves_out_has_no_hours() -> None:
    apia = ZoneInfo("Pacific/Apia")  # went from 29 to 31 December 2011 over the date line
    calendar = Calendar(apia, (hours("08:00-16:00"),) * 7)
    closed = local("2011-12-29T16:00", apia)
    assert shown(next_opening(calendar, closed), apia) == "Sat 31 Dec 08:00"
    assert shown(end_of_business_day(calendar, closed, 1), apia) == "Sat 31 Dec 00:00"


def test_an_instant_may_come_in_any_zone_and_goes_back_in_utc() -> None:
    found = next_opening(OFFICE, local("2026-11-23T03:00", ZoneInfo("Asia/Tokyo")))
    assert found == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_microseconds_count() -> None:
    start = local("2026-11-23T15:59:59.999999")
    due = after_working_time(OFFICE, start, timedelta(microseconds=2))
    assert due == local("2026-11-24T08:00:00.000001")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        pytest.param(lambda: Span(1440, 1500), "1440 is no minute", id="begins tomorrow"),
        pytest.param(lambda: Span(600, 600), "from 600 to 600 is no span", id="empty"),
        pytest.param(lambda: Span(600, 2041), "from 600 to 2041 is no span", id="over a day"),
        pytest.param(lambda: Calendar(OSLO, (ALL_DAY,)), "a week of 1 days", id="a short week"),
        pytest.param(
            lambda: is_open(OFFICE, datetime(2026, 11, 23)),  # noqa: DTZ001 - it is refused
            "2026-11-23 00:00:00 has no zone",
            id="a time without zone",
        ),
        pytest.param(
            lambda: after_working_time(OFFICE, local("2026-11-23T00:00"), timedelta(hours=-1)),
            "-1 day, 23:00:00 is negative",
            id="negative work",
        ),
        pytest.param(
            lambda: end_of_business_day(OFFICE, local("2026-11-23T00:00"), 0),
            "no business day number 0",
            id="no business day",
        ),
    ],
)
def test_nonsense_is_refused(wrong: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        wrong()


def test_whether_it_ever_opens() -> None:
    assert [c.ever_opens for c in (OFFICE, ALWAYS, ONCE, NEVER)] == [True, True, True, False]


def test_a_calendar_is_a_value() -> None:
    copied = pickle.loads(pickle.dumps(OFFICE))
    assert copied == OFFICE
    assert hash(copied) == hash(OFFICE)
    assert copied != NIGHTS
    assert is_open(copied, local("2026-11-23T10:00"))


def calls(work: Callable[[], object]) -> int:
    """Count what is called on the way."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    work()  # what is remembered of the zone is looked up once
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(
            lambda at, years: working_time(OFFICE, at, at + timedelta(days=365 * years)), id="time"
        ),
        pytest.param(
            lambda at, years: after_working_time(OFFICE, at, timedelta(hours=1800 * years)),
            id="due",
        ),
    ],
)
def test_years_cost_but_their_changes_of_clocks(work: Callable[[datetime, int], object]) -> None:
    at = local("2026-11-23T10:00")
    one, fifty = calls(lambda: work(at, 1)), calls(lambda: work(at, 50))
    assert fifty - one < 50 * 25


def test_business_days_cost_the_same_however_many() -> None:
    at = local("2026-11-23T10:00")
    two = calls(lambda: end_of_business_day(OFFICE, at, 2))
    thousands = calls(lambda: end_of_business_day(OFFICE, at, 9_999))
    assert abs(thousands - two) < 20

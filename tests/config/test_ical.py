"""Are the files of holidays understood that people get from their calendars?"""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.findings import Findings
from config.ical import holidays_in

FILE = Path("holidays.ics")


def event(*lines: str) -> str:
    return "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""])


def calendar(*events: str) -> str:
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""])


def read(text: str) -> tuple[dict[date, str], list[str]]:
    findings = Findings()
    found = holidays_in(text, FILE, findings)
    return dict(found), [f"{p.place.line} {p.code}: {p.text}" for p in findings.problems]


def days(*lines: str) -> list[str]:
    """Return the days of one event."""
    found, told = read(calendar(event(*lines)))
    assert told == []
    return sorted(day.isoformat() for day in found)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(["DTSTART;VALUE=DATE:20261224"], ["2026-12-24"], id="one day"),
        pytest.param(["DTSTART:20261224"], ["2026-12-24"], id="one day that doesn't say so"),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227"],
            ["2026-12-24", "2026-12-25", "2026-12-26"],
            id="the end is the day after",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261224"],
            ["2026-12-24"],
            id="an end that is the beginning",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Oslo:20261224T000000", "DTEND;TZID=Europe/Oslo:20261226T000000"],
            ["2026-12-24", "2026-12-25"],
            id="from midnight to midnight",
        ),
        pytest.param(
            ['DTSTART;X-A="a:b";VALUE=DATE:20261224', "DURATION:P2D"],
            ["2026-12-24", "2026-12-25"],
            id="a duration",
        ),
        pytest.param(
            ["DTSTART:20261221", "DURATION:P1W"],
            [f"2026-12-{day}" for day in range(21, 28)],
            id="a week",
        ),
        pytest.param(
            ["DTSTART:20381224", "RRULE:FREQ=YEARLY"],
            ["2038-12-24", "2039-12-24", "2040-12-24"],
            id="every year, up to the last one that counts",
        ),
        pytest.param(
            ["DTSTART:19701224", "RRULE:FREQ=YEARLY;UNTIL=20211224T000000Z"],
            ["2020-12-24", "2021-12-24"],
            id="every year since long ago, up to one",
        ),
        pytest.param(
            ["DTSTART:20261224", "RRULE:FREQ=YEARLY;COUNT=2"],
            ["2026-12-24", "2027-12-24"],
            id="twice",
        ),
        pytest.param(
            ["DTSTART:20371226", "DTEND:20371228", "RRULE:FREQ=YEARLY;INTERVAL=2"],
            ["2037-12-26", "2037-12-27", "2039-12-26", "2039-12-27"],
            id="two days every second year",
        ),
        pytest.param(
            ["DTSTART:20381125", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"],
            ["2038-11-25", "2039-11-24", "2040-11-22"],
            id="a fourth Thursday",
        ),
        pytest.param(
            ["DTSTART:20240229", "RRULE:FREQ=YEARLY;UNTIL=20320301"],
            ["2024-02-29", "2028-02-29", "2032-02-29"],
            id="a leap day",
        ),
        pytest.param(
            ["DTSTART:20381224", "RRULE:FREQ=YEARLY", "EXDATE:20381224,20401224"],
            ["2039-12-24"],
            id="but for two",
        ),
        pytest.param(
            ["DTSTART:20261224", "RDATE;VALUE=DATE:20270105,20280106"],
            ["2026-12-24", "2027-01-05", "2028-01-06"],
            id="listed",
        ),
        pytest.param(
            ["DTSTART:20261230", "RRULE:FREQ=DAILY;COUNT=3"],
            ["2026-12-30", "2026-12-31", "2027-01-01"],
            id="daily",
        ),
        pytest.param(["DTSTART:20191231", "DTEND:20200102"], ["2020-01-01"], id="from before"),
        pytest.param(["DTSTART:20401231", "DTEND:99991231"], ["2040-12-31"], id="for ever"),
        pytest.param(["DTSTART:20261224", "STATUS:CANCELLED"], [], id="called off"),
        pytest.param(
            ["DTSTART:20261224", "BEGIN:VALARM", "TRIGGER:-PT1H", "DTSTART:x", "END:VALARM"],
            ["2026-12-24"],
            id="with an alarm",
        ),
    ],
)
def test_days_of_an_event(lines: list[str], expected: list[str]) -> None:
    assert days(*lines) == expected


def test_names_are_unfolded_and_plain() -> None:
    text = event("DTSTART:20261224", "SUMMARY;LANGUAGE=nb:Julaften\\, fri hele", "  dagen\\nher")
    assert read(calendar(text))[0] == {date(2026, 12, 24): "Julaften, fri hele dagen her"}


def test_lines_may_end_as_the_standard_says() -> None:
    text = calendar(event("DTSTART:20261224", "SUMMARY:Jul")).replace("\n", "\r\n")
    assert read(text) == ({date(2026, 12, 24): "Jul"}, [])


def test_what_belongs_to_a_zone_is_no_holiday() -> None:
    zone = "BEGIN:VTIMEZONE\nBEGIN:STANDARD\nDTSTART:19701025T030000\nRRULE:FREQ=SECONDLY\n"
    text = calendar(zone + "END:STANDARD\nEND:VTIMEZONE", event("DTSTART:20261224"))
    assert read(text) == ({date(2026, 12, 24): ""}, [])


def test_one_of_several_may_be_moved_or_called_off() -> None:
    several = event("UID:a", "DTSTART:20381224", "RRULE:FREQ=YEARLY")
    moved = event("UID:a", "RECURRENCE-ID:20391224", "DTSTART:20391223")
    off = event("UID:a", "RECURRENCE-ID:20401224", "DTSTART:20401224", "STATUS:CANCELLED")
    other = event("UID:b", "DTSTART:20391224")
    assert sorted(read(calendar(several, moved, off))[0]) == [
        date(2038, 12, 24),
        date(2039, 12, 23),
    ]
    assert date(2039, 12, 24) in read(calendar(several, moved, off, other))[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", ["1 value: this is no iCal file, or not all of one"], id="nothing"),
        pytest.param(
            "<html>", ["1 value: '<html>' is no line of an iCal file"], id="a page instead"
        ),
        pytest.param(
            calendar(event("DTSTART:20261224"))[:-15],
            ["1 value: this is no iCal file, or not all of one"],
            id="cut off",
        ),
        pytest.param(
            "BEGIN:VCALENDAR\nEND:VEVENT\n",
            ["2 value: END:VEVENT ends what has not begun"],
            id="an end without a beginning",
        ),
        pytest.param(
            calendar(event("SUMMARY:x")), ["3 value: an event without DTSTART"], id="no day"
        ),
        pytest.param(
            calendar(event("DTSTART:20261224T120000Z"), event("DTSTART:20260230")),
            [
                "4 value: DTSTART '20261224T120000Z': only whole days can be holidays",
                "8 value: DTSTART '20260230' is no date",
            ],
            id="two at once: some hours, and no date",
        ),
        pytest.param(
            calendar(event("DTSTART:20261224", "DURATION:PT4H")),
            ["5 value: 'PT4H': only whole days can be holidays"],
            id="four hours",
        ),
        pytest.param(
            calendar(event("DTSTART:20261224", "RRULE:FREQ=HOURLY")),
            [
                "5 value: 'FREQ=HOURLY': "
                "days recur YEARLY, MONTHLY, WEEKLY or, without any BY, DAILY"
            ],
            id="every hour",
        ),
        pytest.param(
            calendar(event("DTSTART:20261224", "EXRULE:FREQ=YEARLY")),
            ["5 value: EXRULE is not understood"],
            id="a rule of exceptions",
        ),
        pytest.param(
            calendar(event("DTSTART:20261224", "RRULE:FREQ=YEARLY;BYMONTH=x")),
            ["5 value: 'FREQ=YEARLY;BYMONTH=x' is no rule: invalid 'BYMONTH': X"],
            id="a rule that is none",
        ),
        pytest.param(
            calendar(event("DTSTART:20261224", "RRULE:FREQ=YEARLY;INTERVAL=0;BYMONTH=12")),
            ["5 value: 'FREQ=YEARLY;INTERVAL=0;BYMONTH=12' is no rule: invalid 'INTERVAL=0'"],
            id="a rule that goes round and round",
        ),
        pytest.param(
            calendar(event("DTSTART:20261224", "RRULE:FREQ=YEARLY;COUNT=2;UNTIL=20301231")),
            ["5 value: 'FREQ=YEARLY;COUNT=2;UNTIL=20301231' is no rule: invalid 'COUNT=2;UNTIL='"],
            id="a rule with two ends",
        ),
        pytest.param(
            calendar(event("DTSTART:20261224", "RRULE:FREQ=YEARLY;BYMONTH=13;BYDAY=4TH")),
            [
                "5 value: 'FREQ=YEARLY;BYMONTH=13;BYDAY=4TH' is no rule: "
                "not enough values to unpack (expected 2, got 1)"
            ],
            id="a month that no year has",
        ),
        pytest.param(
            calendar(event("UID:a", "DTSTART:20261224", "RECURRENCE-ID:now")),
            ["6 value: RECURRENCE-ID 'now': only whole days can be holidays"],
            id="instead of no day",
        ),
    ],
)
def test_what_is_not_understood_is_told(text: str, expected: list[str]) -> None:
    assert read(text)[1] == expected


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", id="looked for every day"),
        pytest.param("BYHOUR=1,2;FREQ=YEARLY;BYSETPOS=9", id="the ninth of two"),
    ],
)
def test_a_rule_that_takes_long_to_never_come_true_is_refused(rule: str) -> None:
    found, told = read(calendar(event("DTSTART:20260101", f"RRULE:{rule}")))
    assert found == {}
    assert [text.partition(": ")[2] for text in told] == [
        f"'{rule}': days recur YEARLY, MONTHLY, WEEKLY or, without any BY, DAILY"
    ]


def test_a_day_that_no_year_has_is_none() -> None:
    assert days("DTSTART:20260101", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30") == []


WHOLE = calendar(
    event(
        "UID:a",
        "DTSTART;VALUE=DATE:20381224",
        "DTEND:20381226",
        "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;INTERVAL=2;UNTIL=20401224T000000Z",
        "EXDATE:20381224,20391224",
        "RDATE:20400101",
        "RECURRENCE-ID:20381224",
        "SUMMARY:Jul\\, x",
        " y",
    )
)
PIECES = st.sampled_from(
    [
        "BYDAY=99MO;",
        "BYMONTH=13;",
        "BYYEARDAY=400;",
        "COUNT=-1;",
        "INTERVAL=0;",
        "WEEKLY",
        "\n",
        ":",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(WHOLE)),
            st.integers(0, 8),
            PIECES | st.text(max_size=3) | st.just(""),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_file_with_letters_changed_is_read_or_told_of(
    changes: list[tuple[int, int, str]],
) -> None:
    text = WHOLE
    for start, length, new in changes:
        text = text[:start] + new + text[start + length :]
    found, told = read(text)
    assert all(date(2020, 1, 1) <= day <= date(2040, 12, 31) for day in found)
    assert all(" value: " in said for said in told)

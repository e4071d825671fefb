"""Are calendars read as they are meant, and every mistake in them told?"""

import re
from datetime import date, datetime
from pathlib import Path
from textwrap import dedent, indent
from zoneinfo import ZoneInfo

import pytest

from config.calendars import read_calendars
from config.files import Files
from config.findings import Findings
from config.nodes import Table
from config.reader import Reader
from inquiry.calendar import ALL_WEEK, Calendar, Span, is_open

OSLO = ZoneInfo("Europe/Oslo")
OFFICE = """\
office:
  timezone: Europe/Oslo
  open: {mon-thu: 08:00-16:00, fri: 08:00-15:30}
  holidays: {country: NO, extra: {2026-12-24: closed, 2026-12-31: 08:00-12:00}}
"""


def read(folder: Path, text: str) -> tuple[dict[str, Calendar], list[str], Files]:
    """Return calendars, what is wrong as ``what stands there → code: text | hint``, and files."""
    main = folder / "desk.yaml"
    main.write_text("calendars:\n" + indent(dedent(text), "  "), encoding="utf-8")
    findings = Findings()
    files = Files(main, findings)
    table = files.root().get("calendars")
    assert isinstance(table, Table)
    found = read_calendars(Reader(findings, {}), table, files, ZoneInfo("Europe/Warsaw"))
    lines = main.read_text("utf-8").splitlines()
    told = [
        f"{_there(lines[p.place.line - 1], p.place.column)} → {p.code}: {p.text} | {p.hint}"
        for p in findings.problems
    ]
    return found, told, files


def _there(line: str, column: int) -> str:
    """Return the word, or the bracket, at a place."""
    found = re.match(r"[\[{]|[^\s\[\]{},]+?(?=:?(?:[\s\[\]{},]|$))", line[column - 1 :])
    assert found is not None
    return found[0]


def one(folder: Path, text: str) -> Calendar:
    found, told, _ = read(folder, text)
    assert told == []
    return list(found.values())[-1]


def week(*days: str) -> tuple[tuple[Span, ...], ...]:
    """Read hours such as ``8-16`` for each day of a week that is not closed."""
    return tuple(
        tuple(Span(*(int(hour) * 60 for hour in span.split("-"))) for span in day.split())
        for day in (*days, *[""] * (7 - len(days)))
    )


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        pytest.param("{mon-thu: 08:00-16:00}", week(*["8-16"] * 4), id="a range"),
        pytest.param("{tue: [13:00-17:00, 08:00-12:00]}", week("", "8-12 13-17"), id="two spans"),
        pytest.param("{'mon,wed': 08:00-16:00}", week("8-16", "", "8-16"), id="a list of days"),
        pytest.param(
            "{'mon-tue, fri': 08:00-16:00}", week("8-16", "8-16", "", "", "8-16"), id="both"
        ),
        pytest.param(
            "{sun-tue: 08:00-16:00}", week("8-16", "8-16", *[""] * 4, "8-16"), id="over the weekend"
        ),
        pytest.param("{mon: 22:00-06:00}", week("22-30"), id="a night"),
        pytest.param("{mon: 22:00-24:00}", week("22-24"), id="up to midnight"),
        pytest.param("{mon: 22:00-00:00}", week("22-24"), id="up to midnight, written as zero"),
        pytest.param("{mon: 00:00-24:00}", week("0-24"), id="a whole day"),
        pytest.param("{mon: [08:00-12:00, 12:00-16:00]}", week("8-12 12-16"), id="without a hole"),
        pytest.param(
            "{sun: 22:00-06:00, mon: 06:00-14:00}",
            week("6-14", *[""] * 5, "22-30"),
            id="no overlap",
        ),
        pytest.param("{mon: 08:00-16:00, sat-sun: closed}", week("8-16"), id="closed"),
        pytest.param("24/7", ALL_WEEK, id="always"),
        pytest.param("{mon-sun: 00:00-24:00}", ALL_WEEK, id="every day is always"),
    ],
)
def test_opening(tmp_path: Path, opening: str, expected: object) -> None:
    assert one(tmp_path, f"a: {{open: {opening}}}").week == expected


def test_a_calendar_as_it_is_written(tmp_path: Path) -> None:
    office = one(tmp_path, OFFICE)
    assert office.zone == OSLO
    assert office.days[date(2026, 5, 17)] == ()
    assert office.names[date(2026, 5, 17)] == "Grunnlovsdag"
    assert office.days[date(2026, 12, 24)] == ()
    assert office.days[date(2026, 12, 31)] == (Span(480, 720),)
    assert is_open(office, datetime(2026, 12, 23, 10, tzinfo=OSLO))
    assert not is_open(office, datetime(2026, 12, 25, 10, tzinfo=OSLO))


def test_the_zone_is_the_desks_unless_it_is_said(tmp_path: Path) -> None:
    assert one(tmp_path, "a: {open: 24/7}").zone == ZoneInfo("Europe/Warsaw")


def test_own_hours_come_before_a_countrys_holiday(tmp_path: Path) -> None:
    text = "a: {open: 24/7, holidays: {country: NO, extra: {2026-05-17: 10:00-12:00}}}"
    assert one(tmp_path, text).days[date(2026, 5, 17)] == (Span(600, 720),)


def test_holidays_of_several_countries_and_of_a_region(tmp_path: Path) -> None:
    both = one(tmp_path, "a: {open: 24/7, holidays: {country: [NO, PL]}}")
    assert {date(2026, 5, 17), date(2026, 11, 11)} <= both.days.keys()
    country = one(tmp_path, "a: {open: 24/7, holidays: {country: DE}}")
    region = one(tmp_path, "a: {open: 24/7, holidays: {country: DE, region: BY}}")
    assert {date(2026, 1, 6)} <= region.days.keys() - country.days.keys()


@pytest.mark.parametrize("year", [2020, 2040])
def test_holidays_are_known_for_a_span_of_years(tmp_path: Path, year: int) -> None:
    days = one(tmp_path, "a: {open: 24/7, holidays: {country: EE}}").names
    assert days[date(year, 2, 24)] == "iseseisvuspäev"
    assert {day.year for day in days} == set(range(2020, 2041))


def test_names_are_in_the_countrys_language_wherever_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(variable, "uk_UA.UTF-8")
    days = one(tmp_path, "a: {open: 24/7, holidays: {country: [NO, LS]}}").names
    assert days[date(2026, 12, 25)] == "Christmas Day"
    assert days[date(2026, 5, 17)] == "Grunnlovsdag"


class TestExtends:
    """Same but."""

    def test_what_is_not_written_is_taken_over(self, tmp_path: Path) -> None:
        late = one(tmp_path, OFFICE + "late: {extends: office, open: {fri: 10:00-18:00}}")
        assert late.week == week(*["8-16"] * 4, "10-18")
        assert late.zone == OSLO
        assert date(2026, 5, 17) in late.days
        assert late.days[date(2026, 12, 31)] == (Span(480, 720),)

    def test_single_dates_and_countries_are_replaced(self, tmp_path: Path) -> None:
        holidays = "{country: PL, extra: {2026-12-31: closed}}"
        own = f"polish: {{extends: office, timezone: Europe/Warsaw, holidays: {holidays}}}"
        polish = one(tmp_path, OFFICE + own)
        assert polish.zone == ZoneInfo("Europe/Warsaw")
        assert date(2026, 11, 11) in polish.days
        assert date(2026, 5, 17) not in polish.days
        assert polish.days[date(2026, 12, 31)] == ()
        assert polish.days[date(2026, 12, 24)] == ()

    def test_an_empty_list_is_no_country(self, tmp_path: Path) -> None:
        none = one(tmp_path, OFFICE + "none: {extends: office, holidays: {country: [], extra: {}}}")
        assert sorted(none.days) == [date(2026, 12, 24), date(2026, 12, 31)]

    def test_the_one_extended_may_stand_below_and_extend_another(self, tmp_path: Path) -> None:
        text = (
            "c: {extends: b, open: {wed: 08:00-16:00}}\nb: {extends: a, open: {tue: 08:00-16:00}}\n"
        )
        found, told, _ = read(tmp_path, text + "a: {open: {mon: 08:00-16:00}}")
        assert told == []
        assert found["c"].week == week("8-16", "8-16", "8-16")

    def test_a_night_runs_into_hours_that_were_taken_over(self, tmp_path: Path) -> None:
        text = "a: {open: {tue: 05:00-12:00}}\nb: {extends: a, open: {mon: 22:00-06:00}}"
        assert read(tmp_path, text)[1] == [
            "22:00-06:00 → value: '22:00-06:00' of 'mon' overlaps '05:00-12:00' of 'tue' | "
        ]

    def test_a_mistake_in_the_one_extended_is_told_once(self, tmp_path: Path) -> None:
        text = "a: {open: {mon: 8}}\nb: {extends: a}\nc: {open: 24/7}"
        found, told, _ = read(tmp_path, text)
        assert list(found) == ["c"]
        assert told == ["8 → value: '8' is not a span such as 08:00-16:00 | "]


MISTAKES = [
    pytest.param(
        "{open: {mom: 08:00-16:00}}",
        ["mom → value: no day 'mom' | did you mean 'mon'?"],
        id="no day",
    ),
    pytest.param(
        "{open: {monday: 08:00-16:00}}",
        ["monday → value: no day 'monday' | did you mean 'mon'?"],
        id="a day in full",
    ),
    pytest.param(
        "{open: {lør: 08:00-16:00}}",
        ["lør → value: no day 'lør' | days: mon, tue, wed, thu, fri, sat, sun"],
        id="a day in another language",
    ),
    pytest.param(
        "{open: {mon-: 08:00-16:00}}",
        ["mon- → value: no day '' | days: mon, tue, wed, thu, fri, sat, sun"],
        id="half a range",
    ),
    pytest.param(
        "{open: {mon: 8-16}}",
        ["8-16 → value: '8-16' is not a span such as 08:00-16:00 | did you mean '08:00-16:00'?"],
        id="hours alone",
    ),
    pytest.param(
        "{open: {mon: 8.30 – 16}}",
        [
            "8.30 → value: '8.30 – 16' is not a span such as 08:00-16:00 | "
            "did you mean '08:30-16:00'?"
        ],
        id="points, blanks and a longer dash",
    ),
    pytest.param(
        "{open: {mon: 08:00-25:00}}",
        ["08:00-25:00 → value: '08:00-25:00' is not a span such as 08:00-16:00 | "],
        id="an hour that no day has",
    ),
    pytest.param(
        "{open: {mon: 08:00-24:30}}",
        ["08:00-24:30 → value: '08:00-24:30' ends after 24:00 | a night is written 22:00-06:00"],
        id="half an hour past midnight",
    ),
    pytest.param(
        "{open: {mon: 08:00-08:00}}",
        ["08:00-08:00 → value: '08:00-08:00' ends when it begins | a whole day is 00:00-24:00"],
        id="no time at all, or all of it",
    ),
    pytest.param(
        "{open: {mon: 24/7}}",
        ["24/7 → value: '24/7' is not a span such as 08:00-16:00 | a whole day is 00:00-24:00"],
        id="always, on Mondays",
    ),
    pytest.param(
        "{open: {mon: 08:00-16:00, sun: close}}",
        ["close → value: 'close' is not a span such as 08:00-16:00 | did you mean 'closed'?"],
        id="closed misspelt",
    ),
    pytest.param(
        "{open: {mon: 08:00-16:00, sun: stengt}}",
        [
            "stengt → value: 'stengt' is not a span such as 08:00-16:00"
            " | write 'closed' for a day without hours"
        ],
        id="closed in another language",
    ),
    pytest.param(
        "{open: {mon: [closed, 08:00-16:00]}}",
        ["closed → value: 'closed' stands alone, not among hours | "],
        id="closed and open",
    ),
    pytest.param(
        "{open: {mon: []}}", ["[ → value: no hours at all | write 'closed'"], id="an empty list"
    ),
    pytest.param(
        "{open: {mon: [12:00-16:00, 08:00-12:30]}}",
        ["12:00-16:00 → value: '12:00-16:00' overlaps '08:00-12:30' | "],
        id="spans that overlap",
    ),
    pytest.param(
        "{open: {mon: [22:00-06:00, 23:00-23:30]}}",
        ["23:00-23:30 → value: '23:00-23:30' overlaps '22:00-06:00' | "],
        id="a span inside a night",
    ),
    pytest.param(
        "{open: {sun-mon: 22:00-23:00, fri: 18:00-08:00, sat: 20:00-19:00}}",
        [
            "20:00-19:00 → long-night: '20:00-19:00' goes on until the next day | "
            "did you mean '19:00-20:00'?"
        ],
        id="a long night, but none that overlaps",
    ),
    pytest.param(
        "{open: {mon-tue: 18:00-07:00, wed: 06:30-16:00}}",
        ["18:00-07:00 → value: '18:00-07:00' of 'tue' overlaps '06:30-16:00' of 'wed' | "],
        id="a night too long",
    ),
    pytest.param(
        "{open: {mon-wed: 08:00-16:00, tue: closed}}",
        ["tue → value: 'tue' is in 'mon-wed' already | "],
        id="a day twice",
    ),
    pytest.param(
        "{open: {mon,wed: 08:00-16:00}}",
        [
            "mon → value: no hours for 'mon' | "
            "write 'closed', or 'mon,wed' in quotes if several days are meant"
        ],
        id="a list of days without quotes",
    ),
    pytest.param(
        "{open: mon-fri}",
        ["mon-fri → value: here belongs 24/7 or a table such as {mon-fri: 08:00-16:00} | "],
        id="days without hours",
    ),
    pytest.param("{}", ["a → missing: 'open' is missing in 'a' | "], id="nothing"),
    pytest.param(
        "{open: {sat-sun: closed}}",
        ["a → calendar-never-open: calendar 'a' never opens | write open: {mon-fri: 08:00-16:00}"],
        id="never open",
    ),
    pytest.param(
        "{open: 24/7, opn: 24/7}",
        ["opn → unknown-key: unknown key 'opn' | did you mean 'open'?"],
        id="a key misspelt",
    ),
    pytest.param(
        "{open: 24/7, timezone: Europe/Olso}",
        [
            "Europe/Olso → value: 'Europe/Olso' is not a time zone such as Europe/Oslo"
            " | did you mean 'Europe/Oslo'?"
        ],
        id="a zone misspelt",
    ),
    pytest.param("{extends: a}", ["a → value: 'a' extends itself | "], id="the same as itself"),
    pytest.param(
        "{extends: ofice}\noffice: {open: 24/7}",
        ["ofice → reference: no calendar 'ofice' | did you mean 'office'?"],
        id="the same as nothing",
    ),
    pytest.param(
        "{open: 24/7, holidays: {country: [Norway, NOR, Germny, XX, VX]}}",
        [
            "Norway → value: no country 'Norway' | did you mean 'NO'?",
            "NOR → value: no country 'NOR' | did you mean 'NO'?",
            "Germny → value: no country 'Germny' | did you mean 'DE'?",
            "XX → value: no country 'XX' | there are XK",
            "VX → value: no country 'VX' | there are VA, VC, VE, VG, VI, VN, VU",
        ],
        id="no such countries",
    ),
    pytest.param(
        "{open: 24/7, holidays: {country: no}}",
        ["no → value: no country 'no' | did you mean 'NO'?"],
        id="a country in small letters",
    ),
    pytest.param(
        "{open: 24/7, holidays: {country: DE, region: Bayern}}",
        ["Bayern → value: no region 'Bayern' of DE | did you mean 'BY'?"],
        id="a region in full",
    ),
    pytest.param(
        "{open: 24/7, holidays: {country: GB, region: XX}}",
        ["XX → value: no region 'XX' of GB | there are ENG, NIR, SCT, WLS"],
        id="no such region",
    ),
    pytest.param(
        "{open: 24/7, holidays: {country: EE, region: XX}}",
        ["XX → value: no region 'XX' of EE | it has no regions here"],
        id="a country without regions",
    ),
    pytest.param(
        "{open: 24/7, holidays: {country: [DE, AT], region: BY}}",
        ["BY → value: a region needs its country, and one only | write country: DE"],
        id="a region of two countries",
    ),
    pytest.param(
        "{open: 24/7, holidays: {extra: {2026-02-30: closed, 24.12.2026: closed, 1-1: closed}}}",
        [
            "2026-02-30 → value: there is no day '2026-02-30' | ",
            "24.12.2026 → value: '24.12.2026' is not a date such as 2026-12-24"
            " | did you mean '2026-12-24'?",
            "1-1 → value: '1-1' is not a date such as 2026-12-24 | ",
        ],
        id="no dates",
    ),
    pytest.param(
        "{open: 24/7, holidays: {extra: [2026-12-24]}}",
        ["[ → value: here belongs a table of dates | write {2026-12-24: closed}"],
        id="a list of dates",
    ),
    pytest.param(
        "{open: 24/7, holidays: {ical: nofile.ics}}",
        ["nofile.ics → file: cannot read '{folder}/nofile.ics': No such file or directory | "],
        id="no such file",
    ),
]


@pytest.mark.parametrize(("calendar", "expected"), MISTAKES)
def test_a_mistake_is_told(tmp_path: Path, calendar: str, expected: list[str]) -> None:
    told = read(tmp_path, f"a: {calendar}")[1]
    assert told == [text.replace("{folder}", str(tmp_path)) for text in expected]


class TestKept:
    """A configuration means the same for ever."""

    def test_holidays_become_part_of_the_text(self, tmp_path: Path) -> None:
        files = read(tmp_path, OFFICE)[2]
        assert "# ==> holidays NO <==\n2020-01-01 Første nyttårsdag\n" in files.text
        assert list(files.texts) == [tmp_path / "desk.yaml"]

    def test_a_kept_text_holds_whatever_is_installed_by_then(self, tmp_path: Path) -> None:
        main = tmp_path / "desk.yaml"
        main.write_text("calendars:\n  a: {open: 24/7, holidays: {country: NO}}\n")
        findings = Findings()
        files = Files(main, findings, {tmp_path / "holidays NO": "2026-02-03 Prøvedag\n"})
        table = files.root().get("calendars")
        assert isinstance(table, Table)
        found = read_calendars(Reader(findings, {}), table, files, OSLO)
        assert found["a"].names == {date(2026, 2, 3): "Prøvedag"}

    def test_another_file_of_holidays_is_another_configuration(self, tmp_path: Path) -> None:
        hashes = set()
        for day in ("20261224", "20261231"):
            event = f"BEGIN:VEVENT\nDTSTART;VALUE=DATE:{day}\nEND:VEVENT\n"
            (tmp_path / "h.ics").write_text(f"BEGIN:VCALENDAR\n{event}END:VCALENDAR\n")
            hashes.add(read(tmp_path, "a: {open: 24/7, holidays: {ical: h.ics}}")[2].hash)
        assert len(hashes) == 2

"""The ``calendars:`` table: zone, hours and holidays of each; ``extends`` means same but."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from config.files import Files
from config.findings import did_you_mean
from config.holidays import country_holidays
from config.ical import holidays_in
from config.nearly import nearly_date
from config.nodes import Entry, Node, Scalar, Table
from config.opening import Hours, Opening, check_nights, read_hours, read_opening
from config.reader import Reader, Unreadable
from config.scalars import Word
from inquiry.calendar import Calendar, Spans

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
Extra = Mapping[date, tuple[Hours, ...]]


def read_extra(reader: Reader, node: Node) -> Extra:
    """Read ``{2026-12-24: closed, 2026-12-31: 08:00-12:00}``."""

    def dated(entry: Entry) -> tuple[date, tuple[Hours, ...]]:
        return _date(reader, entry.key), read_hours(reader, entry.value)

    return dict(reader.all_of(reader.entries(node, "dates", "write {2026-12-24: closed}"), dated))


def _date(reader: Reader, key: Scalar) -> date:
    try:
        if _DATE.fullmatch(key.text):
            return date.fromisoformat(key.text)
    except ValueError:
        raise reader.wrong(key, f"there is no day {key.text!r}") from None
    meant = nearly_date(key.text)
    hint = f"did you mean {meant!r}?" if _DATE.fullmatch(meant) else ""
    raise reader.wrong(key, f"{key.text!r} is not a date such as 2026-12-24", hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidaysEntry:
    """``holidays: {country: NO, extra: {2026-12-24: closed}}``"""

    country: tuple[Word, ...] | None = None
    """Two letters each: the public holidays of these countries, from 2020 to 2040."""
    region: Word | None = None
    """A part of the country, such as BY of DE."""
    extra: Extra | None = field(default=None, metadata={"read": read_extra})
    """Dates with their own hours, or closed; they come before all others."""
    ical: tuple[Word, ...] | None = None
    """Files of holidays, beside this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """``office: {open: {mon-fri: 08:00-16:00}, holidays: {country: NO}}``"""

    extends: Word | None = None
    """Another calendar, from which everything is taken that doesn't stand here."""
    timezone: ZoneInfo | None = None
    """Left out, the desk's."""
    open: Opening | None = field(default=None, metadata={"read": read_opening})
    """24/7, or the hours of days and ranges of days; days that are left out are closed."""
    holidays: HolidaysEntry = HolidaysEntry()


def read_calendars(
    reader: Reader, node: Table, files: Files, desk_zone: ZoneInfo
) -> dict[str, Calendar]:
    """Return every calendar that is right by its name; what is wrong with the others is noted."""
    written: dict[str, CalendarEntry] = {}
    wrong: set[str] = set()
    for entry in node.entries:
        try:
            written[entry.key.text] = reader.shaped(entry.value, CalendarEntry)
        except Unreadable:
            wrong.add(entry.key.text)
    found: dict[str, Calendar] = {}
    for entry in node.entries:
        with suppress(Unreadable):
            whole = _extended(reader, entry.key.text, written, wrong, ())
            found[entry.key.text] = _calendar(reader, entry.key, whole, files, desk_zone)
    return found


def _extended(
    reader: Reader,
    name: str,
    written: Mapping[str, CalendarEntry],
    wrong: set[str],
    heirs: tuple[str, ...],
) -> CalendarEntry:
    """Return a calendar with what it takes over from the one it extends."""
    if name in wrong:
        raise Unreadable
    own = written[name]
    if own.extends is None:
        return own
    base, node = str(own.extends), Scalar(str(own.extends), own.extends.place)
    if base not in written and base not in wrong:
        hint = did_you_mean(base, (*written, *wrong), "calendars")
        reader.findings.error(node.place, "reference", f"no calendar {base!r}", hint)
        raise Unreadable
    if base in (name, *heirs):
        raise reader.wrong(node, f"{base!r} extends itself")
    return _over(_extended(reader, base, written, wrong, (name, *heirs)), own)


def _over(base: CalendarEntry, own: CalendarEntry) -> CalendarEntry:
    """Single days and dates are replaced; a country brings its own regions."""
    theirs, ours = base.holidays, own.holidays
    named = ours if ours.country is not None else theirs
    return CalendarEntry(
        timezone=own.timezone or base.timezone,
        open={**(base.open or {}), **(own.open or {})} if base.open or own.open else None,
        holidays=HolidaysEntry(
            country=named.country,
            region=ours.region or named.region,
            extra={**(theirs.extra or {}), **(ours.extra or {})},
            ical=ours.ical if ours.ical is not None else theirs.ical,
        ),
    )


def _calendar(
    reader: Reader, name: Scalar, entry: CalendarEntry, files: Files, desk_zone: ZoneInfo
) -> Calendar:
    if entry.open is None:
        reader.findings.error(name.place, "missing", f"'open' is missing in {name.text!r}")
        raise Unreadable
    check_nights(reader, entry.open)
    names = _holidays(reader, entry.holidays, files)
    own = {day: _spans(hours) for day, hours in (entry.holidays.extra or {}).items()}
    calendar = Calendar(
        zone=entry.timezone or desk_zone,
        week=tuple(_spans(entry.open.get(day, ())) for day in range(7)),
        days={**dict.fromkeys(names, ()), **own},
        names=names,
    )
    if not calendar.ever_opens:
        text = f"calendar {name.text!r} never opens"
        reader.findings.error(
            name.place, "calendar-never-open", text, "write open: {mon-fri: 08:00-16:00}"
        )
    return calendar


def _spans(hours: tuple[Hours, ...]) -> Spans:
    return tuple(each.span for each in hours)


def _holidays(reader: Reader, entry: HolidaysEntry, files: Files) -> dict[date, str]:
    countries = entry.country or ()
    if entry.region is not None and len(countries) != 1:
        node = Scalar(str(entry.region), entry.region.place)
        raise reader.wrong(node, "a region needs its country, and one only", "write country: DE")

    def of_country(country: Word) -> Mapping[date, str]:
        return country_holidays(reader, files, country, entry.region)

    def of_file(named: Word) -> Mapping[date, str]:
        file = named.place.file.parent / str(named)
        text = files.read_text(file, named.place)
        return holidays_in(text, file, reader.findings) if text is not None else {}

    from_files = [of_file(named) for named in entry.ical or ()]
    found: dict[date, str] = {}
    for names in (*reader.all_of(countries, of_country), *from_files):
        found |= names
    return found

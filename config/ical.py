"""Holidays from an iCal file (RFC 5545): whole days, also several and recurring ones."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, takewhile
from pathlib import Path

from config.findings import Findings
from config.holidays import FIRST_YEAR, LAST_YEAR
from inquiry.errors import Place

_LINE = re.compile(
    r"(?P<name>[A-Za-z0-9-]+)(?P<parameters>(?:;[A-Za-z0-9-]+=(?:\"[^\"]*\"|[^\":])*)?):(?P<value>.*)",
    re.DOTALL,
)
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(T000000)?")
_WEEKS = re.compile(r"P(?:(?P<weeks>\d{1,3})W|(?P<days>\d{1,4})D(?:T0[HMS])?)")
_RULE = re.compile(
    r"(?!.*BY(HOUR|MINUTE|SECOND)).*FREQ=(YEARLY|MONTHLY|WEEKLY)\b.*|(?!.*BY).*FREQ=DAILY\b.*"
)
"""Rules by which days recur; of others some would be sought in every hour until the year 9999."""
_NO_RULE = re.compile(r"INTERVAL=(?![1-9][0-9]{0,3}(;|$))[^;]*|COUNT=.*UNTIL=|UNTIL=.*COUNT=")
_UNTIL = re.compile(r"(UNTIL=\d{8})T\d{6}Z?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_FIRST, _LAST = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)


class _Odd(Exception):
    """Something that is not understood, and on which line it stands."""

    def __init__(self, said: str, line: int) -> None:
        super().__init__(said)
        self.line = line


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    value: str
    line: int


@dataclass(slots=True)
class _Event:
    line: int
    properties: dict[str, list[_Property]] = field(default_factory=dict)

    def all(self, name: str) -> list[_Property]:
        return self.properties.get(name, [])

    def one(self, name: str) -> _Property | None:
        return next(iter(self.all(name)), None)

    def text(self, name: str) -> str:
        found = self.one(name)
        return found.value if found else ""


def holidays_in(text: str, file: Path, findings: Findings) -> Mapping[date, str]:
    """Return the days of all events with what they are called; notes what isn't understood."""
    try:
        events = list(_events(text))
        moved = _moved(events)
    except _Odd as odd:
        findings.error(Place(file, odd.line), "value", str(odd))
        return {}
    found: dict[date, str] = {}
    for event in events:
        try:
            days = _days(event, moved)
        except _Odd as odd:
            findings.error(Place(file, odd.line), "value", str(odd))
            continue
        found |= dict.fromkeys(days, _plain(event.text("SUMMARY")))
    return found


def _events(text: str) -> Iterator[_Event]:
    inside: list[str] = []
    event = _Event(0)
    for found in _properties(text):
        name, value = found.name, found.value.strip().upper()
        if not inside and (name, value) != ("BEGIN", "VCALENDAR"):
            break
        if name == "BEGIN":
            inside.append(value)
            event = _Event(found.line) if value == "VEVENT" else event
        elif name == "END":
            if inside.pop() != value:
                raise _Odd(f"END:{value} ends what has not begun", found.line)
            if value == "VEVENT":
                yield event
        elif inside[-1] == "VEVENT":
            event.properties.setdefault(name, []).append(found)
        if not inside:
            return
    raise _Odd("this is no iCal file, or not all of one", 1)


def _properties(text: str) -> Iterator[_Property]:
    for number, line in _unfolded(text):
        found = _LINE.fullmatch(line)
        if found is None:
            raise _Odd(f"{line[:40]!r} is no line of an iCal file", number)
        yield _Property(found["name"].upper(), found["value"], number)


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """A line that begins with a space goes on with the one before."""
    first, parts = 1, list[str]()
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield first, "".join(parts)
        first, parts = number, [line] if line.strip() else []
    if parts:
        yield first, "".join(parts)


def _moved(events: list[_Event]) -> Mapping[str, set[date]]:
    """Return which days of recurring events, by their UID, have an event of their own instead."""
    moved: dict[str, set[date]] = {}
    for event in events:
        for found in event.all("RECURRENCE-ID"):
            moved.setdefault(event.text("UID"), set()).add(_day(found, found.value))
    return moved


def _days(event: _Event, moved: Mapping[str, set[date]]) -> Iterator[date]:
    """Return the days of an event in the years that count, but none of one that is called off."""
    start = event.one("DTSTART")
    if start is None:
        raise _Odd("an event without DTSTART", event.line)
    first = _day(start, start.value)
    length = _length(event, first)
    if event.text("STATUS").upper() == "CANCELLED":
        return iter(())
    left_out = {_day(found, each) for found in event.all("EXDATE") for each in _each(found)}
    if event.one("RECURRENCE-ID") is None:
        left_out |= moved.get(event.text("UID"), set())
    starts = [day for day in _starts(event, first) if day not in left_out]
    return chain.from_iterable(_run(day, length) for day in starts)


def _run(start: date, length: int) -> Iterator[date]:
    first = max(start.toordinal(), _FIRST.toordinal())
    end = min(start.toordinal() + length, _LAST.toordinal() + 1)
    return map(date.fromordinal, range(first, end))


def _starts(event: _Event, first: date) -> Iterator[date]:
    for found in event.all("RDATE"):
        for each in _each(found):
            yield _day(found, each)
    if odd := event.one("EXRULE"):
        raise _Odd("EXRULE is not understood", odd.line)
    rule = event.one("RRULE")
    if rule is None:
        yield first
        return
    if not _RULE.fullmatch(rule.value.upper()):
        said = "days recur YEARLY, MONTHLY, WEEKLY or, without any BY, DAILY"
        raise _Odd(f"{rule.value!r}: {said}", rule.line)
    yield from _recurring(rule, first)


def _recurring(rule: _Property, first: date) -> list[date]:
    from dateutil.rrule import rrulestr

    begin = datetime(first.year, first.month, first.day)  # noqa: DTZ001 - a day, not an instant
    try:
        if found := _NO_RULE.search(rule.value.upper()):
            raise ValueError(f"invalid {found[0]!r}")  # noqa: TRY301 - told as the others are
        every = rrulestr(_UNTIL.sub(r"\1", rule.value.upper()), dtstart=begin)
        return list(takewhile(lambda day: day <= _LAST, (each.date() for each in every)))
    except (ValueError, TypeError, LookupError, OverflowError) as error:  # some while it is counted
        raise _Odd(f"{rule.value!r} is no rule: {error}", rule.line) from error


def _length(event: _Event, first: date) -> int:
    """Return how many days an event takes: at least one, whatever its end says."""
    if end := event.one("DTEND"):
        return max(1, (_day(end, end.value) - first).days)
    if lasts := event.one("DURATION"):
        found = _WEEKS.fullmatch(lasts.value.strip())
        if found is None:
            raise _Odd(f"{lasts.value!r}: only whole days can be holidays", lasts.line)
        return max(1, int(found["weeks"] or 0) * 7 + int(found["days"] or 0))
    return 1


def _each(found: _Property) -> list[str]:
    return found.value.split(",")


def _day(found: _Property, text: str) -> date:
    numbers = _DAY.fullmatch(text.strip())
    if numbers is None:
        raise _Odd(f"{found.name} {text!r}: only whole days can be holidays", found.line)
    try:
        return date(*(int(number) for number in numbers.groups()[:3]))
    except ValueError as error:
        raise _Odd(f"{found.name} {text!r} is no date", found.line) from error


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], text).strip()

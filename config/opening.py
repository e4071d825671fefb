"""``open:``: names of days and spans of hours into the spans of a week."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from config.findings import nearest
from config.nodes import Entry, Listing, Node, Scalar, Table
from config.reader import Reader, Unreadable
from inquiry.calendar import ALL_DAY, MINUTES_A_DAY, Span
from inquiry.errors import Place

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = "24/7"
CLOSED = "closed"
_LONG_NIGHT = 14 * 60
"""In minutes; what is longer is more likely a day, the wrong way round."""
_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
_NEARLY = re.compile(r"\s*(\d{1,2})(?:[:.](\d\d))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d\d))?\s*")


@dataclass(frozen=True, slots=True)
class Hours:
    """A span, where it stands."""

    span: Span
    text: str
    place: Place


Opening = Mapping[int, tuple[Hours, ...]]
"""The hours of each day that is written down; Monday is 0."""


def read_opening(reader: Reader, node: Node) -> Opening:
    """Read ``24/7`` or ``{mon-thu: 08:00-16:00, fri: [08:00-12:00, 12:30-15:30]}``."""
    if isinstance(node, Scalar) and reader.text(node) == ALWAYS:
        return {day: (Hours(ALL_DAY[0], ALWAYS, node.place),) for day in range(7)}
    if not isinstance(node, Table):
        raise reader.wrong(
            node, f"here belongs {ALWAYS} or a table such as {{mon-fri: 08:00-16:00}}"
        )
    named: dict[int, str] = {}

    def of_days(entry: Entry) -> Opening:
        days, hours = _days(reader, entry.key), read_hours(reader, _value(reader, entry))
        for day in days:
            if day in named:
                raise reader.wrong(entry.key, f"{DAYS[day]!r} is in {named[day]!r} already")
            named[day] = entry.key.text
        return dict.fromkeys(days, hours)

    found: dict[int, tuple[Hours, ...]] = {}
    for each in reader.all_of(node.entries, of_days):
        found |= each
    return found


def read_hours(reader: Reader, node: Node) -> tuple[Hours, ...]:
    """Read the spans of one day: one, a list, or ``closed`` for none."""
    if isinstance(node, Scalar) and reader.text(node) == CLOSED:
        return ()
    items = node.items if isinstance(node, Listing) else (node,)
    if not items:
        raise reader.wrong(node, "no hours at all", f"write {CLOSED!r}")
    hours = sorted((_hours(reader, item) for item in items), key=lambda each: each.span)
    for one, other in pairwise(hours):
        if other.span.opens < one.span.closes:
            raise reader.wrong(
                Scalar(other.text, other.place), f"{other.text!r} overlaps {one.text!r}"
            )
    return tuple(hours)


def check_nights(reader: Reader, opening: Opening) -> None:
    """Note nights that run into the hours of the next day. Raises Unreadable if there are any."""
    overlapping = list(_overlapping(opening))
    for night, day, next_day in overlapping:
        text = f"{night.text!r} of {day!r} overlaps {next_day[1].text!r} of {next_day[0]!r}"
        reader.wrong(Scalar(night.text, night.place), text)
    if overlapping:
        raise Unreadable


def _overlapping(opening: Opening) -> Iterator[tuple[Hours, str, tuple[str, Hours]]]:
    told: set[Hours] = set()
    for day, hours in opening.items():
        tomorrow = (day + 1) % 7
        for night in hours:
            for other in opening.get(tomorrow, ()):
                if other.span.opens < night.span.closes - MINUTES_A_DAY and night not in told:
                    told.add(night)
                    yield night, DAYS[day], (DAYS[tomorrow], other)


def _value(reader: Reader, entry: Entry) -> Node:
    value = entry.value
    if isinstance(value, Scalar) and not value.text and not value.trap:
        hint = f"write {CLOSED!r}, or 'mon,wed' in quotes if several days are meant"
        raise reader.wrong(entry.key, f"no hours for {entry.key.text!r}", hint)
    return value


def _days(reader: Reader, key: Scalar) -> tuple[int, ...]:
    days: list[int] = []
    for part in key.text.split(","):
        first, dash, last = (name.strip() for name in part.partition("-"))
        start, end = _day(reader, key, first), _day(reader, key, last if dash else first)
        days += (number % 7 for number in range(start, end + (1 if start <= end else 8)))
    return tuple(days)


def _day(reader: Reader, key: Scalar, name: str) -> int:
    if name not in DAYS:
        meant = nearest(name, DAYS)
        hint = f"did you mean {meant!r}?" if meant else f"days: {', '.join(DAYS)}"
        raise reader.wrong(key, f"no day {name!r}", hint)
    return DAYS.index(name)


def _hours(reader: Reader, node: Node) -> Hours:
    text = reader.text(node)
    if text == CLOSED:
        raise reader.wrong(node, f"{CLOSED!r} stands alone, not among hours")
    span = _SPAN.fullmatch(text)
    if span is None:
        raise reader.wrong(node, f"{text!r} is not a span such as 08:00-16:00", _meant(text))
    opens, closes = (int(span[i]) * 60 + int(span[i + 1]) for i in (1, 3))
    if closes > MINUTES_A_DAY:
        raise reader.wrong(node, f"{text!r} ends after 24:00", "a night is written 22:00-06:00")
    if opens == closes:
        raise reader.wrong(node, f"{text!r} ends when it begins", "a whole day is 00:00-24:00")
    found = Span(opens, closes if closes > opens else closes + MINUTES_A_DAY)
    if found.closes > MINUTES_A_DAY and found.closes - found.opens > _LONG_NIGHT:
        meant = "-".join(reversed(text.split("-")))
        said = f"{text!r} goes on until the next day"
        reader.findings.warn(node.place, "long-night", said, f"did you mean {meant!r}?")
    return Hours(found, text, node.place)


def _meant(text: str) -> str:
    if text == ALWAYS:
        return "a whole day is 00:00-24:00"
    if nearly := _NEARLY.fullmatch(text):
        written = "{:0>2}:{}-{:0>2}:{}".format(*(part or "00" for part in nearly.groups()))
        return f"did you mean {written!r}?" if _SPAN.fullmatch(written) else ""
    if nearest(text, [CLOSED]):
        return f"did you mean {CLOSED!r}?"
    return "" if text[:1].isdigit() else f"write {CLOSED!r} for a day without hours"

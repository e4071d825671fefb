"""Hours that never come: what calendars of one zone leave of each day when taken together."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import reduce
from operator import and_

from config.asked import Test
from config.checks.opposites import Claim
from inquiry.calendar import MINUTES_A_DAY, Calendar

_A_DAY = timedelta(days=1)
_WHOLE_DAY = (1 << MINUTES_A_DAY) - 1
_FAR = date(9000, 1, 1)
"""After it there are no holidays in any calendar that anybody writes, only plain weeks."""
_Wanted = tuple[Calendar, bool]
"""A calendar, and whether it has to be open or closed."""


def never_together(claims: Iterable[Claim], calendars: Mapping[str, Calendar]) -> tuple[Claim, ...]:
    """Return claims about hours of which no minute of any day is left, () if one may be."""
    by_zone: dict[str, list[tuple[Claim, _Wanted]]] = {}
    for claim in claims:
        test = claim.test
        if not isinstance(test, Test) or test.word not in ("during", "outside"):
            continue
        calendar = calendars.get(str(test.values[0])) if len(test.values) == 1 else None
        if calendar is not None:
            wanted = calendar, (test.word == "during") is claim.holds
            by_zone.setdefault(calendar.zone.key, []).append((claim, wanted))
    for found in by_zone.values():
        if len(found) > 1 and not _ever([wanted for _, wanted in found]):
            return tuple(claim for claim, _ in found)
    return ()


def _ever(wanted: Sequence[_Wanted]) -> bool:
    special = {day for calendar, _ in wanted for day in calendar.days}
    if any(day >= _FAR for day in special):
        return True
    plain = {_FAR + number * _A_DAY for number in range(8)}
    days = plain | special | {day + _A_DAY for day in special}
    return any(_minutes_left(wanted, day) for day in days)


def _minutes_left(wanted: Sequence[_Wanted], day: date) -> int:
    """Return the minutes of a day at which all is as wanted, as bits."""
    bits = (_open(each, day) if is_open else ~_open(each, day) for each, is_open in wanted)
    return reduce(and_, bits, _WHOLE_DAY)


def _open(calendar: Calendar, day: date) -> int:
    """Return the minutes at which it is open, as bits; a night goes on from the day before."""
    minutes = 0
    for span in calendar.spans_on(day):
        minutes |= _bits(span.opens, span.closes)
    for span in calendar.spans_on(day - _A_DAY):
        minutes |= _bits(span.opens, span.closes) >> MINUTES_A_DAY
    return minutes & _WHOLE_DAY


def _bits(first: int, last: int) -> int:
    return (1 << last) - (1 << first)

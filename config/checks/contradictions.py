"""Conditions that can never hold together, so that a rule, or a part of it, is never true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from config.asked import Group, When
from config.checks.hours import never_together
from config.checks.opposites import Claim, exclude
from config.findings import Findings
from config.scalars import Word
from config.sections import Sections
from inquiry.calendar import Calendar
from inquiry.errors import Place

_Part = tuple[When, bool]
"""A condition, and whether it has to hold."""
_Pair = tuple[Claim, Claim]


def check_contradictions(
    sections: Sections, calendars: Mapping[str, Calendar], findings: Findings
) -> None:
    """Look at the conditions of all rules, signals and impacts."""
    urgency = sections.urgency
    for rule in sections.rules:
        _Owner("rule", rule.name, rule.name.place, calendars, findings).look(rule.when)
    for signal in urgency.signals:
        _Owner("signal", signal.name, signal.place, calendars, findings).look(signal.when)
    for impact in urgency.impacts:
        _Owner("impact", impact.name, impact.name.place, calendars, findings).look(impact.when)


@dataclass(slots=True)
class _Flat:
    """What must hold all at once, and groups of which one part each has to."""

    claims: list[Claim] = field(default_factory=list)
    choices: list[tuple[_Part, ...]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose condition it is."""

    what: str
    name: str | Word
    place: Place
    calendars: Mapping[str, Calendar]
    findings: Findings

    def look(self, when: When) -> None:
        """Note what can't be in a condition, or else in its parts."""
        self._look((when, True), [], whole=True)

    def _look(self, part: _Part, around: Sequence[Claim], *, whole: bool) -> None:
        if pair := self._impossible(part, around):
            self._note(pair, whole=whole)
            return
        flat = _flat(part)
        for option in chain.from_iterable(flat.choices):
            self._look(option, [*around, *flat.claims], whole=False)

    def _impossible(self, part: _Part, around: Sequence[Claim]) -> _Pair | None:
        """Return two claims that exclude each other wherever this holds, None if it may."""
        flat = _flat(part)
        claims = [*around, *flat.claims]
        if pair := self._pair(claims, len(around)):
            return pair
        for options in flat.choices:
            found = [self._impossible(option, claims) for option in options]
            if None not in found:
                return found[0]
        return None

    def _pair(self, claims: Sequence[Claim], known: int) -> _Pair | None:
        """Return the first two that exclude each other; of those known before one is enough."""
        for number, claim in enumerate(claims[known:], start=known):
            for other in claims[:number]:
                if exclude(other, claim):
                    return other, claim
        hours = never_together(claims, self.calendars)
        return (hours[0], hours[-1]) if hours else None

    def _note(self, pair: _Pair, *, whole: bool) -> None:
        one, other = pair
        place = other.place or one.place or self.place
        never = f"{self.what} {str(self.name)!r} never matches"
        if not whole:
            never = f"this part of {self.what} {str(self.name)!r} never holds"
        hint = f"{never}; where one of them will do, write any: [{{…}}, {{…}}]"
        text = f"'{one}' and '{other}' never hold together"
        self.findings.warn(place, "contradiction", text, hint)


def _flat(part: _Part) -> _Flat:
    found = _Flat()
    waiting = [part]
    while waiting:
        when, holds = waiting.pop()
        if not isinstance(when, Group):
            found.claims.append(Claim(when, holds))
            continue
        parts = tuple((inner, holds is not (when.how == "not")) for inner in when.parts)
        # Of `any` one part has to hold, of `not` none; where they must not, it is the other way.
        if holds is (when.how != "any"):
            waiting += reversed(parts)
        elif parts:
            found.choices.append(parts)
    return found

"""Conditions on who writes: known or not, of which organization, with which attributes and past."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Literal

from inquiry.decision import Ask, Figure
from router.conditions.condition import Keys, is_or_not
from router.conditions.words import is_like
from router.patterns import Pattern
from router.reading import Reading
from router.text import TooSlow


@dataclass(frozen=True, slots=True)
class Organization:
    """``organization: acme``"""

    names: tuple[str, ...]

    def holds(self, reading: Reading) -> bool:
        return reading.facts.organization in self.names

    def words(self, reading: Reading) -> str:
        found = reading.facts.organization or "none"
        return is_or_not("customer organization", found, self.names, so=self.holds(reading))

    def keys(self) -> Keys:
        return frozenset(("organization", name) for name in self.names)


@dataclass(frozen=True, slots=True)
class Attribute:
    """``customer: {contract: [gold, silver]}``: an attribute that the configuration names.

    ``otherwise`` is what a customer has of whom nothing is said: ``no`` for yes-or-no attributes.
    """

    name: str
    wanted: tuple[str | Pattern, ...]
    otherwise: str = ""

    def holds(self, reading: Reading) -> bool | None:
        value = self._value(reading)
        too_slow = False
        for wanted in self.wanted:
            try:
                if _is(wanted, value, reading):
                    return True
            except TooSlow:
                too_slow = True
        return None if too_slow else False

    def words(self, reading: Reading) -> str:
        told = [w.written if isinstance(w, Pattern) else w for w in self.wanted]
        so = self.holds(reading)
        if so is None:
            return f"customer {self.name}: a pattern took too long"
        return is_or_not(f"customer {self.name}", self._value(reading), told, so=so)

    def captured(self, reading: Reading) -> Mapping[str, str]:
        """Return what the groups of the first that fits have found."""
        value = self._value(reading)
        for wanted in self.wanted:
            with suppress(TooSlow):
                if _is(wanted, value, reading):
                    found = isinstance(wanted, Pattern) and reading.text.search(wanted, value)
                    return found.groups if found else {}
        return {}

    def keys(self) -> Keys:
        if self.otherwise and any(w == self.otherwise for w in self.wanted):
            return None
        return frozenset([("customer", self.name)])

    def _value(self, reading: Reading) -> str:
        return reading.facts.attributes.get(self.name, self.otherwise)


@dataclass(frozen=True, slots=True)
class LastCategory:
    """``last_category: invoice``: of the customer's latest other inquiry."""

    names: tuple[str, ...]

    @property
    def ask(self) -> Ask:
        return Ask(Figure.LAST_CATEGORY)

    def holds(self, reading: Reading) -> bool | None:
        found = reading.facts.last_category
        return None if found is None else found in self.names

    def words(self, reading: Reading) -> str:
        found = reading.facts.last_category
        if found is None:
            return "last_category: not recorded"
        return is_or_not("last_category", found or "none", self.names, so=self.holds(reading))

    def keys(self) -> Keys:
        return None


CountWord = Literal["open_inquiry", "inquiries_in", "repeated_within", "reopened", "queue_load"]
_FIGURES: dict[str, Figure] = {
    "open_inquiry": Figure.OPEN_INQUIRIES,
    "inquiries_in": Figure.INQUIRIES,
    "repeated_within": Figure.MESSAGES,
    "reopened": Figure.REOPENED,
    "queue_load": Figure.WAITING,
}
_TOLD: dict[str, str] = {
    "open_inquiry": "{count} open inquiries",
    "inquiries_in": "{count} inquiries in {time}",
    "repeated_within": "{count} earlier messages in {time}",
    "reopened": "reopened {count} times",
    "queue_load": "{count} waiting in {queue}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """``inquiries_in: {days: 30, more_than: 3}`` and the like: is there more than so many?"""

    word: CountWord
    more_than: int = 0
    queue: str = ""
    within: timedelta | None = None

    @property
    def ask(self) -> Ask:
        return Ask(_FIGURES[self.word], self.queue, self.within, up_to=self.more_than + 1)

    def holds(self, reading: Reading) -> bool | None:
        found = self._found(reading)
        if found is None or (found <= self.more_than and self._more(reading)):
            return None
        return found > self.more_than

    def words(self, reading: Reading) -> str:
        found = self._found(reading)
        if found is None:
            return f"{self.word}: not recorded"
        time = "" if self.within is None else _spelled(self.within)
        told = _TOLD[self.word].format(count=found, queue=self.queue, time=time)
        match self.holds(reading):
            case None:
                return f"{self.word}: {told} or more, nobody counted on"
            case False:
                return f"{told}, not more than {self.more_than}"
        return told

    def keys(self) -> Keys:
        return None

    def _found(self, reading: Reading) -> int | None:
        return reading.facts.counted.get(_key(self))

    def _more(self, reading: Reading) -> bool:
        """May there have been more than were counted?"""
        return _key(self) in reading.facts.at_least


@lru_cache(maxsize=1_000)
def _key(count: Count) -> str:
    return count.ask.key


def _is(wanted: str | Pattern, value: str, reading: Reading) -> bool:
    if not value.strip():
        return False
    if isinstance(wanted, Pattern):
        return reading.finds(wanted, value) is not None
    return is_like(wanted, value)


def _spelled(time: timedelta) -> str:
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("m", 60)):
        count, rest = divmod(time.total_seconds(), seconds)
        if not rest:
            return f"{count:.0f}{unit}"
    return f"{time.total_seconds():.0f}s"

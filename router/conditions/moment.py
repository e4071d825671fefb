"""Conditions on the moment: the hour, and what the rules above have decided."""

from dataclasses import dataclass
from typing import Literal

from inquiry.calendar import is_open
from inquiry.words import Priority
from router.conditions.condition import Keys, is_or_not
from router.reading import Reading, SoFar


@dataclass(frozen=True, slots=True)
class Hours:
    """``during: office`` or ``outside: office``: of several calendars one will do."""

    word: Literal["during", "outside"]
    calendars: tuple[str, ...]

    def holds(self, reading: Reading) -> bool:
        wanted = self.word == "during"
        return any(_is_open(name, reading) is wanted for name in self.calendars)

    def words(self, reading: Reading) -> str:
        told = [
            f"{name} is {'open' if _is_open(name, reading) else 'closed'}"
            for name in self.calendars
        ]
        return f"{self.word} {', '.join(self.calendars)}: {', '.join(told)}"

    def keys(self) -> Keys:
        return None


@dataclass(frozen=True, slots=True)
class Decided:
    """``queue: invoices``, ``priority: [high, urgent]``, ``tags: vip``: as decided by rules above.

    On a follow-up what the inquiry has already counts until a rule decides otherwise.
    """

    field: Literal["queue", "category", "priority", "tags"]
    values: tuple[str, ...]

    def holds(self, reading: Reading) -> bool:
        return any(value in self.values for value in self._found(reading))

    def words(self, reading: Reading) -> str:
        found = ", ".join(filter(None, self._found(reading))) or "undecided"
        return is_or_not(self.field, found, self.values, so=self.holds(reading))

    def keys(self) -> Keys:
        return None

    def _found(self, reading: Reading) -> tuple[str, ...]:
        above = reading.so_far
        if above is None:
            return ()
        return above.all_tags if self.field == "tags" else (self._one(above),)

    def _one(self, above: SoFar) -> str:
        match self.field:
            case "queue":
                return above.queue
            case "category":
                return above.category
            case _:
                return above.priority


@dataclass(frozen=True, slots=True)
class IsUrgent:
    """``urgency: [high, urgent]`` (the level that the points reach) or ``{more_than: 60}``."""

    levels: tuple[Priority, ...] = ()
    more_than: int = 0

    def holds(self, reading: Reading) -> bool:
        if reading.so_far is None:
            return False
        urgency = reading.so_far.urgency
        return urgency.level in self.levels if self.levels else urgency.points > self.more_than

    def words(self, reading: Reading) -> str:
        if reading.so_far is None:
            return "urgency is being counted"
        urgency = reading.so_far.urgency
        level = f" ({urgency.level})" if urgency.level else ""
        return f"urgency {urgency.points}{level}"

    def keys(self) -> Keys:
        return None


def _is_open(name: str, reading: Reading) -> bool:
    return is_open(reading.calendars[name], reading.facts.now)

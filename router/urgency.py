"""How urgent a message is: named signals whose points add up, counted before the rules are read.

Where the configuration says who is hit (its impacts), a matrix of impact and level sets the floor
of the priority; else the level does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from inquiry.decision import Signal, Urgency
from inquiry.words import Priority
from router.conditions.condition import Condition
from router.reading import Reading

SECTION = "urgency"
"""What stands where otherwise the name of a rule does."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A signal: a condition and its points, which may be below zero."""

    name: str
    points: int
    when: Condition


@dataclass(frozen=True, slots=True)
class Impact:
    """Who is hit, if the condition holds."""

    name: str
    when: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The ``urgency:`` section."""

    weights: tuple[Weight, ...] = ()
    levels: Mapping[Priority, int] = field(default_factory=dict)
    """The points that it takes to reach each."""
    impacts: tuple[Impact, ...] = ()
    matrix: Mapping[str, Mapping[Priority, Priority]] = field(default_factory=dict)
    """By impact and level (``normal`` below the lowest); a gap leaves the level as it is."""
    place: str = ""

    @property
    def conditions(self) -> Sequence[Condition]:
        return [*(each.when for each in self.weights), *(each.when for each in self.impacts)]

    def measure(self, reading: Reading) -> Urgency:
        """Count the points."""
        signals = tuple(
            Signal(weight.name, weight.points, weight.when.words(reading))
            for weight in self.weights
            if weight.when.holds(reading)
        )
        points = sum(signal.points for signal in signals)
        reached = [level for level, least in self.levels.items() if points >= least]
        level = max(reached, key=lambda each: each.rank, default=None)
        impact = next((each.name for each in self.impacts if each.when.holds(reading)), "")
        at_least = self.matrix.get(impact, {}).get(level or Priority.NORMAL, level)
        return Urgency(
            points=points, level=level, impact=impact, at_least=at_least, signals=signals
        )


def told(urgency: Urgency) -> str:
    """Return ``60 high: outage +40 (mentions outage: “nie działa”) · vip +20``."""
    level = f" {urgency.level}" if urgency.level else ""
    impact = f" for {urgency.impact}" if urgency.impact else ""
    reasons = " · ".join(f"{signal.name} {signal.points:+d}" for signal in urgency.signals)
    return f"{urgency.points}{level}{impact}" + (f": {reasons}" if reasons else "")

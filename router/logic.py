"""Conditions joined by all, any and not, over true, false and can't tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from router.conditions.condition import Capturing, Condition, Keys
from router.reading import Reading


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; without parts it is ``always``."""

    parts: tuple[Condition, ...] = ()

    def holds(self, reading: Reading) -> bool | None:
        so_far: bool | None = True
        for part in self.parts:
            holds = part.holds(reading)
            if holds is False:
                return False
            so_far = so_far and holds
        return so_far

    def words(self, reading: Reading) -> str:
        if not self.parts:
            return "always"
        failing = [part for part in self.parts if part.holds(reading) is False]
        return "; ".join(part.words(reading) for part in failing or self.parts)

    def keys(self) -> Keys:
        known = [keys for part in self.parts if (keys := part.keys()) is not None]
        return min(known, key=_width, default=None)


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Condition, ...]

    def holds(self, reading: Reading) -> bool | None:
        so_far: bool | None = False
        for part in self.parts:
            holds = part.holds(reading)
            if holds:
                return True
            so_far = None if holds is None else so_far
        return so_far

    def words(self, reading: Reading) -> str:
        for part in self.parts:
            if part.holds(reading):
                return part.words(reading)
        return f"any of {'; '.join(part.words(reading) for part in self.parts)}"

    def keys(self) -> Keys:
        known = [part.keys() for part in self.parts]
        return None if None in known else frozenset().union(*(keys or () for keys in known))


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition

    def holds(self, reading: Reading) -> bool | None:
        holds = self.part.holds(reading)
        return None if holds is None else not holds

    def words(self, reading: Reading) -> str:
        return f"not {self.part.words(reading)}"

    def keys(self) -> Keys:
        return None


ALWAYS = All()


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """Return what must hold together: the steps of an explanation."""
    return (condition.parts or (ALWAYS,)) if isinstance(condition, All) else (condition,)


def leaves(condition: Condition) -> Iterable[Condition]:
    """Return the conditions inside, those that are not made of others."""
    if isinstance(condition, (All, Any)):
        for part in condition.parts:
            yield from leaves(part)
    elif isinstance(condition, Not):
        yield from leaves(condition.part)
    else:
        yield condition


def captured(condition: Condition, reading: Reading) -> Mapping[str, str]:
    """Return what the named groups of a condition that holds have found; the first of each name."""
    if isinstance(condition, Capturing):
        return condition.captured(reading)
    if isinstance(condition, (All, Any)):
        found = [captured(part, reading) for part in condition.parts if part.holds(reading)]
        return {name: text for groups in reversed(found) for name, text in groups.items()}
    return {}


# Where a rule may be looked up in several ways, the one that fewest messages have wins.
_RARITY = (
    *("bounce", "mailing_list", "attachment", "auto_generated"),
    *("customer", "language", "header", "channel"),
)


def _width(keys: frozenset[object]) -> tuple[int, int]:
    kinds = [key[0] if isinstance(key, tuple) else key for key in keys]
    commonest = max((_RARITY.index(kind) + 1 for kind in kinds if kind in _RARITY), default=0)
    return commonest, len(keys)

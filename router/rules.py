"""What the operator's rules become when they are loaded: checked, in order, indexed."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from router.conditions import Condition, Contains
from router.logic import leaves
from router.patterns import Pattern
from router.reading import Reading
from router.words import Phrase, Words


class Turn(StrEnum):
    """Which message of an inquiry: the words after ``on:``."""

    OPENING = "opening"
    FOLLOW_UP = "follow-up"


ADDING = frozenset({"tags"})
"""Fields to which every rule may add; all others are decided once."""
FLOOR = "priority_at_least"
ON_FOLLOW_UPS = frozenset({"handle", "reason", "tags", FLOOR, "attachments"})
"""What a rule without ``on:`` still does on a follow-up."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a rule does: ``queue: invoices``."""

    field: str
    """As in the YAML: ``queue``, ``priority_at_least``, ``assign.by``."""
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule."""

    name: str
    when: Condition
    then: tuple[Effect, ...] = ()
    stop: bool = False
    on: frozenset[Turn] = frozenset()
    """Empty: on opening messages in full, on follow-ups in part."""
    place: str = ""

    def listens(self, turn: Turn) -> bool:
        """Is it read at all for such a message?"""
        return not self.on or turn in self.on

    def effects(self, turn: Turn) -> tuple[Effect, ...]:
        """Return what it does to such a message."""
        if turn is Turn.OPENING or turn in self.on:
            return self.then
        return tuple(effect for effect in self.then if effect.field in ON_FOLLOW_UPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules of a configuration, in order. Made by :func:`compile_rules`."""

    rules: tuple[Rule, ...]
    words: Words = field(repr=False, compare=False)
    index: Mapping[Hashable, Sequence[int]] = field(repr=False, compare=False)
    unindexed: tuple[int, ...] = field(repr=False, compare=False)
    configuration: str = ""
    """Hash of the configuration they stand in."""

    def candidates(self, reading: Reading) -> Iterator[Rule]:
        """Return the rules that may match, in order: all others surely don't."""
        numbers = set(self.unindexed)
        for key in reading.signs():
            numbers.update(self.index.get(key, ()))
        return (self.rules[number] for number in sorted(numbers))


def compile_rules(
    rules: Iterable[Rule],
    lists: Mapping[str, Iterable[Phrase]] | None = None,
    *,
    configuration: str = "",
) -> Rules:
    """Index ``rules`` and make one automaton of all their words."""
    rules = tuple(rules)
    index: dict[Hashable, list[int]] = defaultdict(list)
    unindexed = []
    for number, rule in enumerate(rules):
        keys = rule.when.keys()
        if keys is None:
            unindexed.append(number)
        for key in keys or ():
            index[key].append(number)
    return Rules(
        rules=rules,
        words=Words(lists or {}, _phrases(rules)),
        index=dict(index),
        unindexed=tuple(unindexed),
        configuration=configuration,
    )


def _phrases(rules: Iterable[Rule]) -> Iterator[Phrase]:
    for rule in rules:
        for leaf in leaves(rule.when):
            if isinstance(leaf, Contains):
                needed = (w.needs if isinstance(w, Pattern) else w for w in leaf.wanted)
                yield from filter(None, needed)

"""What the operator's rules become when they are loaded: checked, in order, indexed."""

import dataclasses
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from inquiry.calendar import Calendar
from inquiry.decision import Ask, Facts, Winner
from inquiry.understood import Message, Report
from router.conditions.condition import Asking, Condition
from router.conditions.message import Address
from router.conditions.words import Contains, Named
from router.logic import ALWAYS, leaves
from router.patterns import Pattern
from router.reading import Reading
from router.text import Text
from router.urgency import Scale
from router.words import Phrase, Words


class Turn(StrEnum):
    """Which message of an inquiry: the words after ``on:``."""

    OPENING = "opening"
    FOLLOW_UP = "follow-up"


ADDING = frozenset({"tags", "notify"})
"""Fields to which every rule may add; all others are decided once."""
FLOOR = "priority_at_least"
ON_FOLLOW_UPS = frozenset({"handle", "reason", "tags", FLOOR, "notify", "attachments"})
"""What a rule without ``on:`` still does on a follow-up."""
FILLED = ("set.", "tags", "reason", "link_to_inquiry")
"""Fields whose values may name groups of the rule's patterns: ``{order}``."""
UNREAD = "the reading was stopped before a queue was chosen"
BLANK = re.compile(r"\{([A-Za-z_]\w*)\}")


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a rule does: ``queue: invoices``."""

    field: str
    """As in the YAML: ``queue``, ``priority_at_least``, ``assign.by``, ``set.order``."""
    value: str
    """Several that are decided together are joined by ``, ``: ``printers, network``."""
    blanks: tuple[str, ...] = dataclasses.field(init=False, repr=False, compare=False)
    """The groups that its value names."""

    def __post_init__(self) -> None:
        blanks = tuple(BLANK.findall(self.value)) if self.field.startswith(FILLED) else ()
        object.__setattr__(self, "blanks", blanks)


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
    by_customer: tuple[Condition, ...] = field(default=(), repr=False, compare=False)
    """Those with patterns whose rules are looked up by facts of the customer."""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    scale: Scale = field(default_factory=Scale)
    durations: Mapping[str, timedelta] = field(default_factory=dict)
    """What is written after ``snooze:`` where it is no calendar."""
    asks: tuple[Ask, ...] = ()
    """Facts that have to be looked up before a message can be decided."""
    configuration: str = ""
    """Hash of the configuration they stand in."""

    @property
    def default(self) -> Winner | None:
        """Return what gives a queue to an inquiry to which no rule that was read has given one."""
        last = self.rules[-1] if self.rules else None
        queue = next((e.value for e in last.then if e.field == "queue"), "") if last else ""
        if last is None or last.when != ALWAYS or not last.listens(Turn.OPENING) or not queue:
            return None
        return Winner(field="queue", value=queue, rule=last.name, place=last.place, because=UNREAD)

    def reading(self, text: Text, facts: Facts) -> Reading:
        """Return a message as these rules look at it."""
        return Reading(text, facts, self.calendars)

    def candidates(self, reading: Reading) -> Iterator[Rule]:
        """Return the rules that may match, in order: all others surely don't."""
        numbers = set(self.unindexed)
        for key in reading.signs():
            numbers.update(self.index.get(key, ()))
        return (self.rules[number] for number in sorted(numbers))

    def read_ahead(self, message: Message | Report, facts: Facts) -> Text:
        """Look for words and patterns, which needs time but no facts of the customer."""
        text = Text(message, self.words)
        reading = self.reading(text, facts)
        conditions = [rule.when for rule in self.candidates(reading)]
        for condition in (*self.scale.conditions, *conditions, *self.by_customer):
            for leaf in leaves(condition):
                if isinstance(leaf, (Contains, Named, Address)):
                    leaf.holds(reading)
        return text


def compile_rules(
    rules: Iterable[Rule],
    lists: Mapping[str, Iterable[Phrase]] | None = None,
    *,
    calendars: Mapping[str, Calendar] | None = None,
    scale: Scale | None = None,
    durations: Mapping[str, timedelta] | None = None,
    configuration: str = "",
) -> Rules:
    """Index ``rules`` and make one automaton of all their words."""
    rules, scale = tuple(rules), scale or Scale()
    index: dict[Hashable, list[int]] = defaultdict(list)
    unindexed = []
    for number, rule in enumerate(rules):
        keys = rule.when.keys()
        if keys is None:
            unindexed.append(number)
        for key in keys or ():
            index[key].append(number)
    conditions = [*(rule.when for rule in rules), *scale.conditions]
    return Rules(
        rules=rules,
        words=Words(lists or {}, _phrases(conditions)),
        index=dict(index),
        unindexed=tuple(unindexed),
        by_customer=tuple(rule.when for rule in rules if _is_by_customer(rule.when)),
        calendars=dict(calendars or {}),
        scale=scale,
        durations=dict(durations or {}),
        asks=_asks(conditions),
        configuration=configuration,
    )


def _is_by_customer(condition: Condition) -> bool:
    kinds = {key[0] for key in condition.keys() or () if isinstance(key, tuple)}
    return bool(kinds & {"organization", "customer"}) and any(
        isinstance(wanted, Pattern)
        for leaf in leaves(condition)
        if isinstance(leaf, (Contains, Named, Address))
        for wanted in leaf.wanted
    )


def _phrases(conditions: Iterable[Condition]) -> Iterator[Phrase]:
    for condition in conditions:
        for leaf in leaves(condition):
            if isinstance(leaf, Contains):
                yield from leaf.phrases()


def _asks(conditions: Iterable[Condition]) -> tuple[Ask, ...]:
    """Return each question once, with the farthest count that anybody needs."""
    found: dict[str, Ask] = {}
    for condition in conditions:
        for leaf in leaves(condition):
            if isinstance(leaf, Asking):
                ask = leaf.ask
                before = found.get(ask.key)
                if before is None or before.up_to < ask.up_to:
                    found[ask.key] = ask
    return tuple(found.values())

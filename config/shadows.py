"""Effects that can never apply, because a rule above always comes first.

Judged field by field: below an early ``always`` what it leaves open may still be decided. Tags and
floors are shadowed by nothing but a ``stop``.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.asked import EVERYTHING, CountTest, Group, Test, When, tests_in
from config.findings import Findings
from config.sections import RuleEntry
from config.then import EffectEntry
from router.rules import ADDING, FLOOR, Rule, Turn

_ALWAYS: Hashable = "always"
_CHANGING = frozenset({"queue", "category", "priority", "tags"})
"""What rules in between may have decided: the same question has another answer further down."""


@dataclass(frozen=True, slots=True)
class _Above:
    """A rule that stands above others."""

    number: int
    entry: RuleEntry
    rule: Rule
    parts: tuple[When, ...]

    def decides(self, field: str, turn: Turn) -> bool:
        """Is the field taken, or nothing below read, once this rule has matched?"""
        if not self.rule.listens(turn):
            return False
        if self.rule.stop or field in ADDING | {FLOOR}:
            return self.rule.stop
        # A value with a blank is only decided where the pattern's group has found something.
        effects = self.rule.effects(turn)
        return any(effect.field == field and not effect.blanks for effect in effects)


def check_shadowed(entries: Sequence[RuleEntry], rules: Sequence[Rule], findings: Findings) -> None:
    """Note every effect that a rule above always forestalls."""
    index: dict[Hashable, list[_Above]] = defaultdict(list)
    common = Counter(key for e in entries for part in _conjuncts(e.when) for key in _keys(part))
    for number, (entry, rule) in enumerate(zip(entries, rules, strict=True)):
        this = _Above(number, entry, rule, _conjuncts(entry.when))
        above = sorted(_covering(this, index), key=lambda each: each.number)
        for effect in entry.then:
            _check(this, effect, above, findings)
        for key in _rarest(this.parts, common):
            index[key].append(this)


def _check(this: _Above, effect: EffectEntry, above: Sequence[_Above], findings: Findings) -> None:
    field, rule = str(effect.field), this.rule
    turns = [
        turn
        for turn in Turn
        if rule.listens(turn) and any(each.field == field for each in rule.effects(turn))
    ]
    first = [next((a for a in above if a.decides(field, turn)), None) for turn in turns]
    if not first or None in first:
        return
    blocker = first[0]
    assert blocker is not None
    reach = "everything" if blocker.entry.when == EVERYTHING else "whenever it does"
    deed = "stops the reading" if blocker.rule.stop else f"decides {field}"
    findings.error(
        effect.field.place,
        "shadowed",
        f"{field!r} of rule {rule.name!r} can never apply",
        f"{blocker.rule.name!r} above it matches {reach} and {deed}",
    )


def _covering(this: _Above, index: dict[Hashable, list[_Above]]) -> Iterator[_Above]:
    """Return the rules above that match whenever this one does, as far as one can see."""
    keys = dict.fromkeys([_ALWAYS, *(_look_up(part) for part in this.parts)])
    for above in {each.number: each for key in keys for each in index.get(key, ())}.values():
        if all(any(_implies(mine, part) for mine in this.parts) for part in above.parts):
            yield above


def _rarest(parts: Sequence[When], common: Mapping[Hashable, int]) -> Collection[Hashable]:
    """Return the keys of the part that fewest rules share: all parts must hold, so any one will do.

    ``common`` says how many rules a key is of: thousands may ask for one channel.
    """
    found = [_keys(part) for part in parts]
    return min(found, key=lambda keys: max(common[key] for key in keys), default=[_ALWAYS])


def _implies(one: When, other: When) -> bool:
    """Does ``other``, further up, hold whenever ``one`` does?"""
    if _changes(other):
        return False
    if one == other:
        return True
    if isinstance(one, Group) and one.how == "any":
        return all(_implies(part, other) for part in one.parts)
    if isinstance(other, Group) and other.how == "any":
        return any(_implies(one, part) for part in other.parts)
    if isinstance(one, Test) and isinstance(other, Test):
        return one.word == other.word and set(one.values) <= set(other.values)
    if isinstance(one, CountTest) and isinstance(other, CountTest):
        same = (one.word, one.queue, one.within) == (other.word, other.queue, other.within)
        return same and one.more_than >= other.more_than
    return False


def _changes(when: When) -> bool:
    return any(isinstance(test, Test) and test.word in _CHANGING for test in tests_in(when))


def _conjuncts(when: When) -> tuple[When, ...]:
    return when.parts if isinstance(when, Group) and when.how == "all" else (when,)


def _keys(part: When) -> set[Hashable]:
    """Name what a condition that implies ``part`` may be looked up by."""
    if isinstance(part, Test):
        return {(part.word, value) for value in part.values}
    if isinstance(part, CountTest):
        return {part.word}
    if isinstance(part, Group) and part.how == "any":
        return {key for inner in part.parts for key in _keys(inner)}
    return {part}


def _look_up(part: When) -> Hashable:
    if isinstance(part, Test):
        return part.word, part.values[0]
    if isinstance(part, CountTest):
        return part.word
    if isinstance(part, Group) and part.how == "any":
        return _look_up(part.parts[0])
    return part

"""The order of the rules: a last one that takes all, and none that can never have its say."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from config.findings import Findings
from config.nodes import Node
from config.sections import RuleEntry, TestEntry
from config.then import EffectEntry
from config.when import EVERYTHING, Group, When
from router.rules import ADDING, FLOOR, Rule, Turn


def check_default(rules: Sequence[RuleEntry], node: Node | None, findings: Findings) -> None:
    """The last rule takes everything and names a queue, so that no message is without one."""
    if not rules:
        if node is not None:
            findings.error(node.place, "no-default", "there are no rules", _DEFAULT)
        return
    last = rules[-1]
    takes_all = last.when == EVERYTHING and (not last.on or Turn.OPENING in last.on)
    if not takes_all or all(effect.field != "queue" for effect in last.then):
        text = f"the last rule, {str(last.name)!r}, does not give every message a queue"
        findings.error(last.name.place, "no-default", text, _DEFAULT)


_DEFAULT = "end with a rule that says 'when: always' and names a queue"


def check_names(named: Sequence[RuleEntry] | Sequence[TestEntry], findings: Findings) -> None:
    """Names are unique: they stand in explanations and figures."""
    first: dict[str, str] = {}
    for entry in named:
        name = str(entry.name)
        if name in first:
            text = f"{name!r} is the name of two"
            findings.error(entry.name.place, "duplicate-key", text, f"first at {first[name]}")
        first.setdefault(name, f"{entry.name.place.file.name}:{entry.name.place.line}")


@dataclass(frozen=True, slots=True)
class _Pair:
    entry: RuleEntry
    rule: Rule


def check_shadowed(entries: Sequence[RuleEntry], rules: Sequence[Rule], findings: Findings) -> None:
    """Judge field by field: below an early ``always`` what it leaves open may still be decided."""
    above: list[_Pair] = []
    for entry, rule in zip(entries, rules, strict=True):
        pair = _Pair(entry, rule)
        for effect in entry.then:
            _check_effect(pair, effect, above, findings)
        above.append(pair)


def _check_effect(
    pair: _Pair, effect: EffectEntry, above: Sequence[_Pair], findings: Findings
) -> None:
    turns = list(_turns(pair.rule, effect.field))
    blockers = [_blocker(pair, effect.field, turn, above) for turn in turns]
    if not blockers or None in blockers:
        return
    blocker = blockers[0]
    assert blocker is not None
    reach = "everything" if blocker.entry.when == EVERYTHING else "whenever it does"
    ends = blocker.rule.stop
    findings.error(
        effect.field.place,
        "shadowed",
        f"{str(effect.field)!r} of rule {pair.rule.name!r} can never apply",
        f"{blocker.rule.name!r} above it matches {reach} and "
        + ("stops the reading" if ends else f"decides {effect.field}"),
    )


def _blocker(pair: _Pair, field: str, turn: Turn, above: Sequence[_Pair]) -> _Pair | None:
    for earlier in above:
        decides = field not in ADDING | {FLOOR} and any(
            effect.field == field for effect in earlier.rule.effects(turn)
        )
        says_something = earlier.rule.listens(turn) and (earlier.rule.stop or decides)
        if says_something and _covers(earlier.entry.when, pair.entry.when):
            return earlier
    return None


def _turns(rule: Rule, field: str) -> Iterator[Turn]:
    for turn in Turn:
        if rule.listens(turn) and any(effect.field == field for effect in rule.effects(turn)):
            yield turn


def _covers(earlier: When, later: When) -> bool:
    """Does the earlier condition hold whenever the later one does, as far as one can see?"""
    return not Counter(_conjuncts(earlier)) - Counter(_conjuncts(later))


def _conjuncts(when: When) -> tuple[When, ...]:
    return when.parts if isinstance(when, Group) and when.how == "all" else (when,)

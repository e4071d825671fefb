"""Rules that ask what has been decided above, and stand above all that could have decided it."""

from collections.abc import Iterator, Sequence

from config.asked import Group, Test, When
from config.findings import Findings
from config.sections import RuleEntry
from router.rules import BLANK, ON_FOLLOW_UPS, Turn

_DECIDED = ("queue", "category", "tags")
"""Nothing is said about the priority: every message has one from the start."""
_BLANK = object()


def check_early(rules: Sequence[RuleEntry], findings: Findings) -> None:
    """Note questions that are never true of a first message, where the rule is for such."""
    above: set[object] = set()
    for rule in rules:
        for test in _asked(rule.when) if _is_for_openings(rule) else ():
            word = test.word
            if not any((word, value) in above for value in (*map(str, test.values), _BLANK)):
                values = ", ".join(test.values)
                text = f"no rule above {str(rule.name)!r} can have set {word} to {values!r}"
                hint = f"on first messages it never matches: put it below a rule that sets {word}"
                findings.warn(test.values[0].place, "asked-too-early", text, hint)
        if not rule.on or Turn.OPENING in rule.on:
            above.update(_set_by(rule))


def _is_for_openings(rule: RuleEntry) -> bool:
    """Does it do anything only to first messages? Follow-ups have been decided before."""
    if Turn.FOLLOW_UP in rule.on:
        return False
    if rule.on:
        return True
    return any(effect.field not in ON_FOLLOW_UPS for effect in rule.then)


def _asked(when: When) -> Iterator[Test]:
    for part in when.parts if isinstance(when, Group) and when.how == "all" else (when,):
        if isinstance(part, Group) and part.how == "all":
            yield from _asked(part)
        elif isinstance(part, Test) and part.word in _DECIDED:
            yield part


def _set_by(rule: RuleEntry) -> Iterator[tuple[str, object]]:
    for effect in rule.then:
        blank = effect.field == "tags" and BLANK.search(effect.value)
        yield str(effect.field), _BLANK if blank else str(effect.value)

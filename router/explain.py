"""How a decision came about, rule by rule: worked out again from message, facts and rules."""

from dataclasses import dataclass

from inquiry.decision import Decision, Facts
from inquiry.understood import Message, Report
from router.decide import Course
from router.logic import parts_of
from router.reading import Reading
from router.rules import Effect, Rule, Rules
from router.text import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One condition of a rule: did it hold (None: can't tell), and what was found."""

    holds: bool | None
    words: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule that matched did, or would have done had ``decided_by`` not come first."""

    effect: Effect
    decided_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTrace:
    """One rule and what became of it."""

    rule: Rule
    matched: bool | None
    """None where a condition can't be told by this version."""
    unread: str = ""
    """Why it wasn't read at all: ``'own-loops' has stopped the reading``."""
    steps: tuple[Step, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    @property
    def failing(self) -> int:
        """Return how many conditions kept it from matching."""
        return sum(step.holds is not True for step in self.steps)


@dataclass(frozen=True, slots=True)
class Trace:
    """Every rule in order, and the decision."""

    rules: tuple[RuleTrace, ...]
    decision: Decision


def explain(rules: Rules, message: Message | Report, facts: Facts) -> Trace:
    """Read all rules as :func:`router.decide.decide` does, and keep account of each."""
    reading = rules.reading(Text(message, rules.words), facts)
    course = Course.begin(reading, rules.scale)
    traces = tuple(_trace(rule, reading, course) for rule in rules.rules)
    return Trace(traces, course.end(rules))


def _trace(rule: Rule, reading: Reading, course: Course) -> RuleTrace:
    if course.stopped_by:
        unread = f"{course.stopped_by!r} has stopped the reading"
        return RuleTrace(rule=rule, matched=False, unread=unread)
    if not rule.listens(course.turn):
        return RuleTrace(rule=rule, matched=False, unread=f"not on {course.turn} messages")
    steps = tuple(Step(part.holds(reading), part.words(reading)) for part in parts_of(rule.when))
    matched = rule.when.holds(reading)
    outcomes = tuple(Outcome(*said) for said in course.follow(rule)) if matched else ()
    return RuleTrace(rule=rule, matched=matched, steps=steps, outcomes=outcomes)

"""The tests in the YAML: messages that the rules must decide as the operator expects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from config.case_message import CaseMessage, understand
from config.expected import Expectation
from config.findings import Findings
from config.sections import TestEntry
from inquiry.decision import Decision
from inquiry.journey import ChannelName
from router.explain import RuleTrace, Trace, explain
from router.rules import FLOOR

if TYPE_CHECKING:
    from config.configuration import Configuration


@dataclass(frozen=True, slots=True)
class Case:
    """One test and where it stands."""

    entry: TestEntry
    place: str

    @property
    def name(self) -> str:
        return str(self.entry.name)


class Verdict(StrEnum):
    """How a test ended."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"
    """It depends on a condition that this version can't tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that came out otherwise."""

    field: str
    expected: str
    got: str
    nearest: str = ""
    """The rule that came nearest to deciding as expected, and what kept it."""
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one test."""

    case: Case
    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    matched: tuple[str, ...] = ()


def run_cases(configuration: "Configuration") -> tuple[Result, ...]:
    """Run all tests, without network."""
    return tuple(_run(configuration, case) for case in configuration.tests)


def check_cases(configuration: "Configuration", findings: Findings) -> tuple[Result, ...]:
    """Run all tests and note each that fails."""
    results = run_cases(configuration)
    for result in results:
        name = result.case.entry.name
        told = "; ".join(f"{d.field} is {d.got}, expected {d.expected}" for d in result.differences)
        if result.verdict is Verdict.FAILED:
            findings.error(name.place, "test", f"test {str(name)!r} fails: {told}")
        elif result.verdict is Verdict.OPEN:
            text = f"test {str(name)!r} depends on words of a later version: {told}"
            findings.warn(name.place, "not-yet", text)
    return results


def never_reached(configuration: "Configuration", results: Sequence[Result]) -> tuple[str, ...]:
    """Return the rules that no test matched."""
    reached = {name for result in results for name in result.matched}
    names = (rule.name for rule in configuration.rules.rules)
    return tuple(name for name in names if name not in reached)


def _run(configuration: "Configuration", case: Case) -> Result:
    given = case.entry.given
    channel = ChannelName(str(given.channel or next(iter(configuration.channels), "")))
    try:
        message = understand(given, configuration, channel)
    except OSError as error:
        missing = Difference(field="file", expected="readable", got=f"{error.strerror}")
        return Result(case=case, verdict=Verdict.FAILED, differences=(missing,))
    trace = explain(configuration.rules, message.message, message.facts)
    differences = tuple(_differences(case.entry.expect, message, trace))
    verdict = Verdict.PASSED
    if differences:
        verdict = Verdict.OPEN if all(d.open for d in differences) else Verdict.FAILED
    return Result(
        case=case, verdict=verdict, differences=differences, matched=trace.decision.matched
    )


def _differences(
    expected: Sequence[Expectation], message: CaseMessage, trace: Trace
) -> Iterator[Difference]:
    found = _values(trace.decision, message)
    for line in expected:
        if _as_expected(line, found.get(line.field, [""])):
            continue
        yield Difference(
            field=line.field,
            expected=("" if line.wanted else "not ") + ", ".join(line.values),
            got=_got(line.field, found.get(line.field, [""]), trace.decision),
            nearest=_nearest(line, trace.rules),
            open=any(_might_decide(rule, line) for rule in trace.rules),
        )


def _as_expected(line: Expectation, found: Sequence[str]) -> bool:
    if line.wanted:
        return all(value in found for value in line.values)
    return not any(value in found for value in line.values)


def _values(decision: Decision, message: CaseMessage) -> Mapping[str, Sequence[str]]:
    floors = [winner.value for winner in decision.winners if winner.field == FLOOR]
    return {
        "queue": [decision.queue or ""],
        "category": [decision.category],
        "priority": [decision.priority],
        FLOOR: floors,
        "tags": decision.tags,
        "sla": [decision.sla],
        "assign.to": [decision.assign_to or ""],
        "assign.by": [decision.assign_by],
        "assign.skills": decision.assign_skills,
        "assign.prefer": decision.assign_prefer,
        "reply": [decision.reply],
        "handle": [decision.handle],
        "reason": [decision.reason],
        "attachments": [decision.attachments],
        "notify": decision.notify,
        "snooze": [decision.snooze],
        "link_to_inquiry": [decision.link_to_inquiry],
        "urgency": [str(decision.urgency.points), decision.urgency.level or ""],
        **{f"set.{name}": [value] for name, value in decision.set.items()},
        "language": [message.language],
        "rule": list(dict.fromkeys(winner.rule for winner in decision.winners)),
    }


def _got(field: str, found: Sequence[str], decision: Decision) -> str:
    text = ", ".join(filter(None, found)) or "nothing"
    if field in ("language", "rule", "tags"):
        return text
    winners = [w for w in decision.winners if w.field in _fields_of(field) and w.value in found]
    by = f"by {winners[0].rule}" if winners else "because no rule decided it"
    return f"{text}, {by}"


def _fields_of(field: str) -> tuple[str, ...]:
    return ("priority", FLOOR) if field == "priority" else (field,)


def _nearest(line: Expectation, rules: Sequence[RuleTrace]) -> str:
    """Among the rules that would have decided so, find the one with the least against it."""
    near = [trace for trace in rules if not trace.matched and _would(trace, line)]
    if not line.wanted or not near:
        return ""
    nearest = min(near, key=lambda trace: (bool(trace.unread), trace.failing))
    failing = next((s.words for s in nearest.steps if s.holds is not True), nearest.unread)
    return f"{nearest.rule.name} ({nearest.rule.place}): {failing}"


def _would(trace: RuleTrace, line: Expectation) -> bool:
    if line.field == "rule":
        return trace.rule.name in line.values
    return any(
        effect.field in _fields_of(line.field) and effect.value in line.values
        for effect in trace.rule.then
    )


def _might_decide(trace: RuleTrace, line: Expectation) -> bool:
    """Could the rule have changed this field, were its condition known?"""
    if trace.matched is not None:
        return False
    fields = _fields_of(line.field)
    return (
        trace.rule.stop
        or trace.rule.name in line.values
        or any(effect.field in fields for effect in trace.rule.then)
    )

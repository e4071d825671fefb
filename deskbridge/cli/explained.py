"""Explanations as the command line shows them: lines for people, data for programs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from deskbridge.cli.printing import one_line

if TYPE_CHECKING:
    from inquiry.decision import Decision
    from router.compare import Change
    from router.explain import RuleTrace, Trace
    from router.missed import Missed
    from router.retold import Retold, Today
    from router.why_not import Kept, Lacking, WhyNot

_MARKS = {True: "✓", False: "✗", None: "?"}
_WIDTH = 300
"""Letters of a reason; what customers write may be longer."""


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant in the desk's zone, which is named: ``21 Nov 2026 09:14:03 CET``."""
    return f"{at.astimezone(zone):%d %b %Y %H:%M:%S %Z}"


def short(told: "Retold", head: Sequence[str]) -> Iterator[str]:
    """Return the short form: who wrote, and one line for each field."""
    from router.summary import asked, lines_of

    yield " · ".join((*head, *_about(told)))
    if told.decision.configuration and told.unreadable:
        yield f"! {told.unreadable}: only what was recorded can be told"
    yield ""
    lines = [
        (line.field, _value(line.field, line.value), line.rule, line.place, line.because)
        for line in lines_of(told.decision)
    ]
    yield from _columns([*lines, *_urgency(told.decision)])
    if not lines:
        yield "  no rule decided anything: everything stayed as it was"
    if told.decision.stopped_by:
        yield f"  stopped by {told.decision.stopped_by}: no rule below it was read"
    if found := asked(told.facts):
        yield f"  looked up  {' · '.join(found)}"
    for pattern in told.decision.too_slow:
        yield f"  too slow   {pattern}: whether it matches can't be told"


def comparison(today: "Today | None") -> Iterator[str]:
    """Return the one line that compares with the rules of now, and what they would change."""
    if today is None:
        return
    if not today.changes:
        yield "today's rules would decide the same"
    else:
        yield "today's rules would decide otherwise:"
        yield from _columns([_change(each) for each in today.changes])
    for fact in today.untold:
        yield f"  (they ask for {fact}, which nobody recorded then)"


def rule_by_rule(trace: "Trace", *, every: bool) -> Iterator[str]:
    """Return what became of each rule; ``every`` condition of those that did not match, too."""
    for each in trace.rules:
        mark = "✓" if each.matched and not each.unread else "·"
        yield f" {mark} {each.rule.name:<24} {each.rule.place}".rstrip()
        shown = each.steps
        if not every and not each.matched:
            shown = tuple(step for step in each.steps if step.holds is not True)[:1]
        for step in shown:
            yield f"     {_MARKS[step.holds]} {one_line(step.words, _WIDTH)}"
        if each.unread:
            yield f"     – not read: {each.unread}"
        yield from _outcomes(each)


def refusal(answer: "WhyNot") -> Iterator[str]:
    """Return the answer to ``--why-not``."""
    yield f"Why not {answer.wish}?"
    if answer.so:
        place = f"  {answer.so.place}" if answer.so.place else ""
        yield f"  It is so: by {answer.so.rule}{place}  {one_line(answer.so.because, _WIDTH)}"
        return
    if answer.of_itself:
        yield "  It came out so, though no rule decided it."
    for kept in answer.kept:
        yield from _kept(kept)
    if answer.urgency:
        yield from _lacking(answer.urgency, answer.wish.value)
    if not answer.kept and not answer.urgency:
        yield f"  No rule sets {answer.wish}.{_known(answer)}"
    if answer.instead:
        said = answer.instead
        place = f" ({said.place})" if said.place else ""
        yield f"  Instead {said.field} is {said.value}, by {said.rule}{place}."


def as_data(told: "Retold") -> dict[str, Any]:
    """Return an explanation as data."""
    from inquiry.data import as_data as plain
    from router.summary import lines_of

    return {
        "message": _message_data(told),
        "decision": plain(told.decision),
        "fields": [plain(line) for line in lines_of(told.decision)],
        "facts": plain(told.facts),
        "unreadable": told.unreadable,
        "rules": _rules_data(told.trace) if told.trace else None,
        "today": _today_data(told.today) if told.today else None,
        "why_not": _refusal_data(told.why_not) if told.why_not else None,
    }


def _about(told: "Retold") -> Iterator[str]:
    yield str(told.facts.channel)
    if told.message is None:
        return
    from web.words import without_guests

    sender = told.message.sender
    yield one_line(without_guests(sender.address)) if sender else "no sender"
    yield f"“{one_line(told.message.subject)}”"
    if told.message.language:
        because = told.message.language_because
        yield f"language {told.message.language}{f' (by {because})' if because else ''}"
    if told.facts.organization:
        yield f"of {told.facts.organization}"
    if told.facts.follow_up:
        yield "follow-up"


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Return rows in columns as wide as they need; the last one is as long as it likes."""
    texts = [[one_line(cell, _WIDTH) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells).rstrip()}"


def _value(field: str, value: str) -> str:
    return f"+{value}" if field in ("tags", "notify") else value


def _urgency(decision: "Decision") -> Iterator[tuple[str, str, str, str, str]]:
    urgency = decision.urgency
    if not urgency.signals and not urgency.impact:
        return
    level = f" {urgency.level}" if urgency.level else ""
    impact = f" for {urgency.impact}" if urgency.impact else ""
    reasons = " · ".join(
        f"{signal.name} {signal.points:+d} ({signal.because})" for signal in urgency.signals
    )
    yield "urgency", f"{urgency.points}{level}{impact}", "", "", reasons


def _change(change: "Change") -> tuple[str, str, str]:
    by = f"{'by' if change.now else 'no longer by'} {change.rule}" if change.rule else ""
    place = f"  ({change.place})" if change.place else ""
    return change.field, f"{change.was or '–'} → {change.now or '–'}", f"{by}{place}"


def _outcomes(each: "RuleTrace") -> Iterator[str]:
    from router.decide import UNFILLED

    for outcome in each.outcomes:
        effect, before = outcome.effect, outcome.decided_by
        late = f"   (already decided by {before!r})" if before else ""
        late = f"   ({before})" if before == UNFILLED else late
        yield f"     → {effect.field}: {_value(effect.field, effect.value)}{late}"


def _kept(kept: "Kept") -> Iterator[str]:
    outcome = "matched" if kept.matched else "but did not match:"
    would = f"would set {kept.effect.field}: {kept.effect.value}"
    yield f"  {kept.rule.name}  {kept.rule.place}  {would}, {outcome}"
    for each in kept.missed:
        yield from _missed(each, "      ")
    if kept.unread:
        yield f"    Not read: {kept.unread}."
    if kept.too_late:
        even = "Even if it had matched: " if not kept.matched else ""
        yield f"    {even}{kept.too_late}."


def _missed(missed: "Missed", indent: str) -> Iterator[str]:
    yield f"{indent}{_MARKS[missed.holds]} {one_line(missed.words, _WIDTH)}"
    for part in missed.parts:
        yield from _missed(part, f"{indent}    ")


def _lacking(lacking: "Lacking", value: str) -> Iterator[str]:
    gap = lacking.needed - lacking.points
    yield (
        f"  urgency  {lacking.points} points, {lacking.needed} make it {value}: {gap} were missing"
    )
    for name, points, words in lacking.signals:
        yield f"      {name} {points:+d} if it were so: {one_line(words, _WIDTH)}"


def _known(answer: "WhyNot") -> str:
    if answer.near:
        return f" Did you mean {answer.near!r}?"
    return f" Rules set {', '.join(answer.known)}." if answer.known else ""


def _message_data(told: "Retold") -> dict[str, Any] | None:
    if told.message is None:
        return None
    sender = told.message.sender
    return {
        "from": sender.address if sender else "",
        "subject": told.message.subject,
        "language": told.message.language,
        "language_because": told.message.language_because,
    }


def _rules_data(trace: "Trace") -> list[dict[str, Any]]:
    return [
        {
            "name": each.rule.name,
            "place": each.rule.place,
            "matched": each.matched,
            "unread": each.unread,
            "conditions": [{"holds": s.holds, "words": s.words} for s in each.steps],
            "effects": [
                {
                    "field": outcome.effect.field,
                    "value": outcome.effect.value,
                    "already_decided_by": outcome.decided_by,
                }
                for outcome in each.outcomes
            ],
        }
        for each in trace.rules
    ]


def _today_data(today: "Today") -> dict[str, Any]:
    from inquiry.data import as_data as plain

    return {
        "same": not today.changes,
        "changes": [
            {"field": c.field, "was": c.was, "now": c.now, "rule": c.rule, "place": c.place}
            for c in today.changes
        ],
        "not_recorded": list(today.untold),
        "decision": plain(today.trace.decision),
        "rules": _rules_data(today.trace),
    }


def _refusal_data(answer: "WhyNot") -> dict[str, Any]:
    from inquiry.data import as_data as plain

    return {
        "field": answer.wish.field,
        "value": answer.wish.value,
        "so": plain(answer.so) if answer.so else None,
        "of_itself": answer.of_itself,
        "instead": plain(answer.instead) if answer.instead else None,
        "rules": [
            {
                "name": kept.rule.name,
                "place": kept.rule.place,
                "effect": plain(kept.effect),
                "matched": kept.matched,
                "missed": [_missed_data(each) for each in kept.missed],
                "unread": kept.unread,
                "too_late": kept.too_late,
            }
            for kept in answer.kept
        ],
        "urgency": plain(answer.urgency) if answer.urgency else None,
        "did_you_mean": answer.near,
        "known": list(answer.known),
    }


def _missed_data(missed: "Missed") -> dict[str, Any]:
    parts = [_missed_data(each) for each in missed.parts]
    return {"holds": missed.holds, "words": missed.words, "parts": parts}

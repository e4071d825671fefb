"""A decision told again: by the message, the facts and the rules that it was made from.

What was stored is read once, and never asked of anybody else: the answer for the past is the same
however the rules have changed since.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from inquiry.decision import Decision, Facts, Figure
from inquiry.understood import Edit, Message, Report, Understood
from router.compare import Change, changes
from router.customers import Organizations, with_organization
from router.explain import Trace, explain
from router.rules import Rules
from router.why_not import WhyNot, Wish, why_not


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What the rules in force now would decide about the same message."""

    changes: tuple[Change, ...]
    untold: tuple[str, ...] = ()
    """Facts that they ask for and that nobody recorded then."""
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """One decision, with everything that can be said of it."""

    message: Message | None
    facts: Facts
    decision: Decision
    """As it was recorded; of a message that is only tried out, as it came out."""
    trace: Trace | None = None
    """Rule by rule; None where these rules can't be read any more."""
    unreadable: str = ""
    """Why not."""
    why_not: WhyNot | None = None
    today: Today | None = None
    """None for a message that is only tried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The rules of now, and whose organizations customers belong to."""

    rules: Rules
    organizations: Organizations = field(default_factory=Organizations)


def tried(
    rules: Rules, ruled_on: Message | Report, facts: Facts, wished: Wish | None = None
) -> Retold:
    """Tell what ``rules`` make of a message that nobody has sent."""
    trace = explain(rules, ruled_on, facts)
    return Retold(
        message=_message(ruled_on),
        facts=facts,
        decision=trace.decision,
        trace=trace,
        why_not=why_not(rules, ruled_on, facts, wished) if wished else None,
    )


def retold(
    understood: Understood,
    facts: Facts,
    decision: Decision,
    rules: Rules | str,
    now: InForce,
    wished: Wish | None = None,
) -> Retold:
    """Tell a decision that was made by ``rules``, or why these can't be read any more."""
    ruled_on = ruled_on_in(understood)
    if ruled_on is None:
        return Retold(message=None, facts=facts, decision=decision)
    readable = rules if isinstance(rules, Rules) else None
    return Retold(
        message=_message(ruled_on),
        facts=facts,
        decision=decision,
        trace=explain(readable, ruled_on, facts) if readable else None,
        unreadable=rules if isinstance(rules, str) else "",
        why_not=why_not(readable, ruled_on, facts, wished) if readable and wished else None,
        today=_today(ruled_on, facts, decision, now),
    )


def ruled_on_in(understood: Understood) -> Message | Report | None:
    """Return what rules decide about in what was understood; None where they have no say."""
    found = understood.message if isinstance(understood, Edit) else understood
    return found if isinstance(found, (Message, Report)) else None


def untold(rules: Rules, facts: Facts) -> Sequence[str]:
    """Name what ``rules`` ask and ``facts`` don't tell."""
    return [ask.key for ask in rules.asks if not _told(ask.figure, ask.key, facts)]


def _told(figure: Figure, key: str, facts: Facts) -> bool:
    if figure is Figure.LAST_CATEGORY:
        return facts.last_category is not None
    return key in facts.counted


def _today(ruled_on: Message | Report, facts: Facts, was: Decision, now: InForce) -> Today:
    known = with_organization(facts, now.organizations)
    trace = explain(now.rules, ruled_on, known)
    return Today(
        changes=changes(was, trace.decision),
        untold=tuple(untold(now.rules, known)),
        trace=trace,
    )


def _message(ruled_on: Message | Report) -> Message:
    return ruled_on.message if isinstance(ruled_on, Report) else ruled_on

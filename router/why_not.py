"""Why something was not decided: every rule that would have said so, and what kept it.

``queue=invoices``, ``tags=vip``, ``priority=high``, ``assign.to=ola``, ``set.order=1000``: worked
out again from message, facts and rules, as :mod:`router.explain` does.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from inquiry.decision import Facts, Winner
from inquiry.understood import Message, Report
from inquiry.words import Handle, Priority
from router.compare import values
from router.decide import Course
from router.missed import Missed, missed
from router.rules import ADDING, BLANK, FLOOR, Effect, Rule, Rules, Turn
from router.text import Text
from router.urgency import Scale

_ALSO = {
    "assign": "assign.to",
    "assignee": "assign.to",
    "tag": "tags",
    "skills": "assign.skills",
    "prefer": "assign.prefer",
}
"""What people call a field."""
_OF_ITSELF = {"handle": str(Handle.INQUIRY), "attachments": "keep", "priority": "normal"}
"""What comes out where no rule says anything."""
_FIELDS = (
    *("queue", "category", "priority", "sla", "reply", "handle", "reason", "attachments", "snooze"),
    *("tags", "notify", "assign.to", "assign.by", "assign.skills", "assign.prefer"),
    *("set.NAME", "link_to_inquiry", FLOOR),
)


class BadWish(ValueError):
    """It is not of the form FIELD=VALUE, or there is no such field."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would have expected: a field with its value."""

    field: str
    value: str

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A rule that would have decided so, and what kept it from that."""

    rule: Rule
    effect: Effect
    matched: bool | None
    missed: tuple[Missed, ...] = ()
    """The conditions that did not hold."""
    unread: str = ""
    """Why it was not read at all."""
    too_late: str = ""
    """What had been decided above it, so that it would have changed nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """How far the urgency was from such a priority."""

    points: int
    needed: int
    signals: tuple[tuple[str, int, str], ...]
    """Those that would have added points: name, points, and what was found instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """The answer."""

    wish: Wish
    so: Winner | None = None
    """Which rule has decided just so: then there is nothing to ask."""
    of_itself: bool = False
    """It came out so though no rule said it."""
    instead: Winner | None = None
    """What has decided the field otherwise."""
    kept: tuple[Kept, ...] = ()
    urgency: Lacking | None = None
    known: tuple[str, ...] = ()
    """What rules do set, if none sets this; the nearest first."""
    near: str = ""
    """What may have been meant."""


def wish(written: str) -> Wish:
    """Read ``FIELD=VALUE``. Raises BadWish."""
    field, equals, value = (part.strip() for part in written.partition("="))
    field = _ALSO.get(field, field)
    if not equals or not value:
        raise BadWish(f"{written!r} is not FIELD=VALUE, such as queue=invoices or tags=vip")
    if field not in _FIELDS and not re.fullmatch(r"set\.\S+", field):
        near = get_close_matches(field, _FIELDS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(_FIELDS)}"
        raise BadWish(f"rules decide no field {field!r}; {hint}")
    return Wish(field, value)


def why_not(rules: Rules, message: Message | Report, facts: Facts, wished: Wish) -> WhyNot:
    """Return what kept the rules from deciding ``wished`` about this message."""
    reading = rules.reading(Text(message, rules.words), facts)
    course = Course.begin(reading, rules.scale)
    kept = tuple(_read(rules, course, wished))
    winners = [one for one in course.end(rules).winners if _is_of(one.field, wished)]
    so = next((one for one in winners if _is(one.value, wished)), None)
    if so and wished.field == "priority" and course.priority != wished.value:
        so = None  # a higher floor came over it
    lacking = None
    if wished.field == "priority":
        lacking = _lacking(rules.scale, course, wished.value)
    possible = _possible(rules, wished.field)
    return WhyNot(
        wish=wished,
        so=so,
        of_itself=so is None and _came_out(course, wished),
        instead=None if so else next(_others(winners, wished), None),
        kept=() if so else kept,
        urgency=None if so else lacking,
        known=() if kept or lacking else possible,
        near="" if kept or lacking else _near(wished.value, possible),
    )


def _read(rules: Rules, course: Course, wished: Wish) -> Iterator[Kept]:
    for rule in rules.rules:
        wanted = [effect for effect in rule.then if _fits(effect, wished)]
        stopped, turn = course.stopped_by, course.turn
        unread = f"{stopped!r} above it has stopped the reading" if stopped else ""
        if not unread and not rule.listens(turn):
            unread = f"it is not read on {turn} messages"
        matched = rule.when.holds(course.reading)
        for effect in wanted:
            yield Kept(
                rule=rule,
                effect=effect,
                matched=matched,
                missed=missed(rule.when, course.reading, rules.words),
                unread=unread or _not_on(rule, effect, turn),
                too_late=_too_late(course, effect),
            )
        if matched and not unread:
            course.follow(rule)


def _not_on(rule: Rule, effect: Effect, turn: Turn) -> str:
    if effect in rule.effects(turn):
        return ""
    return f"on a {turn} message only a rule with on: [{turn}] decides the {effect.field}"


def _too_late(course: Course, effect: Effect) -> str:
    if effect.field in ADDING:
        return ""
    before = course.winners.get(effect.field)
    if before is None:
        return ""
    if effect.field == FLOOR:
        if Priority(effect.value).rank > Priority(before.value).rank:
            return ""
        return f"the priority was raised to {before.value} by {_named(before)} above it"
    return f"{effect.field} was already decided by {_named(before)} above it: {before.value}"


def _named(winner: Winner) -> str:
    return f"{winner.rule!r} ({winner.place})" if winner.place else repr(winner.rule)


def _fits(effect: Effect, wished: Wish) -> bool:
    return _is_of(effect.field, wished) and _is(effect.value, wished)


def _is_of(field: str, wished: Wish) -> bool:
    return field == wished.field or (wished.field == "priority" and field == FLOOR)


def _is(value: str, wished: Wish) -> bool:
    """Is it the value, one of several that are decided together, or could it become it?"""
    if wished.field in ("assign.skills", "assign.prefer") and wished.value in value.split(", "):
        return True
    pieces = map(re.escape, BLANK.sub("\0", value).split("\0"))
    return re.fullmatch(".+".join(pieces), wished.value) is not None


def _came_out(course: Course, wished: Wish) -> bool:
    decision = course.decision()
    if wished.field in ADDING:
        return False
    return values(decision).get(wished.field, _OF_ITSELF.get(wished.field)) == wished.value


def _others(winners: Iterable[Winner], wished: Wish) -> Iterator[Winner]:
    if wished.field in ADDING:
        return
    ranked = list(winners)
    if wished.field == "priority":
        ranked.sort(key=lambda one: Priority(one.value).rank, reverse=True)
    yield from ranked


def _lacking(scale: Scale, course: Course, value: str) -> Lacking | None:
    """Return what the urgency would have needed; None if it can't lead to this priority."""
    urgency = course.urgency
    steps = scale.matrix.get(urgency.impact, {})
    needed = [least for level, least in scale.levels.items() if steps.get(level, level) == value]
    if not needed or min(needed) <= urgency.points:
        return None
    held = {signal.name for signal in urgency.signals}
    course.reading.so_far = None
    signals = tuple(
        (weight.name, weight.points, weight.when.words(course.reading))
        for weight in scale.weights
        if weight.name not in held and weight.points > 0
    )
    course.reading.so_far = course
    return Lacking(points=urgency.points, needed=min(needed), signals=signals)


def _possible(rules: Rules, field: str) -> tuple[str, ...]:
    wished = Wish(field, "")
    found = (
        part
        for rule in rules.rules
        for effect in rule.then
        if _is_of(effect.field, wished)
        for part in effect.value.split(", ")
    )
    return tuple(dict.fromkeys(found))


def _near(value: str, possible: Iterable[str]) -> str:
    return next(iter(get_close_matches(value, list(possible), n=1)), "")

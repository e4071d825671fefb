"""What two decisions about one message have different, and which rule is to blame."""

from collections.abc import Iterator
from dataclasses import dataclass

from inquiry.decision import Decision, Winner
from router.rules import FLOOR

_ADDING = ("tags", "notify")


@dataclass(frozen=True, slots=True)
class Change:
    """One field that came out otherwise; "" stands for nothing."""

    field: str
    was: str
    now: str
    rule: str = ""
    """Which decides now; or which does no longer, if nothing decides now."""
    place: str = ""


def changes(was: Decision, now: Decision) -> tuple[Change, ...]:
    """Return the fields in which ``now`` differs from ``was``, with the rule to blame for each."""
    return tuple(_changes(was, now))


def _changes(was: Decision, now: Decision) -> Iterator[Change]:
    before, after = values(was), values(now)
    for field in dict.fromkeys((*before, *after)):
        old, new = before.get(field, ""), after.get(field, "")
        if old != new:
            yield _blamed(Change(field, old, new), was, now)
    for field in _ADDING:
        old_ones, new_ones = getattr(was, field), getattr(now, field)
        for gone in (each for each in old_ones if each not in new_ones):
            yield _blamed(Change(field, gone, ""), was, now)
        for come in (each for each in new_ones if each not in old_ones):
            yield _blamed(Change(field, "", come), was, now)


def values(decision: Decision) -> dict[str, str]:
    """Return every field that has one value, by the name that it has in the YAML."""
    return {
        "queue": decision.queue or "",
        "category": decision.category,
        "priority": decision.priority,
        "sla": decision.sla,
        "assign.to": decision.assign_to or "",
        "assign.by": decision.assign_by,
        "assign.skills": ", ".join(decision.assign_skills),
        "assign.prefer": ", ".join(decision.assign_prefer),
        "reply": decision.reply,
        "handle": decision.handle,
        "reason": decision.reason,
        "attachments": decision.attachments,
        "snooze": decision.snooze,
        "link_to_inquiry": decision.link_to_inquiry,
        **{f"set.{name}": value for name, value in decision.set.items()},
    }


def winner_of(decision: Decision, field: str, value: str) -> Winner | None:
    """Return what decided that a field has this value, if a rule did."""
    names = (FLOOR, "priority") if field == "priority" else (field,)
    found = [each for each in decision.winners if each.field in names and each.value == value]
    return found[0] if found else None


def _blamed(change: Change, was: Decision, now: Decision) -> Change:
    winner = winner_of(now, change.field, change.now) if change.now else None
    winner = winner or winner_of(was, change.field, change.was)
    if winner is None:
        return change
    return Change(change.field, change.was, change.now, winner.rule, winner.place)

"""A decision in one line per field: its value, which rule decided it, where, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from inquiry.decision import Decision, Facts, Figure, Winner
from inquiry.words import Priority
from router.rules import ADDING, FLOOR
from router.urgency import SECTION

ORDER = ("handle", "queue", "category", "priority", "sla", "assign.", "set.", "reply")
"""What people ask for first; the rest follows as it was decided, what adds up at the end."""
_COUNTED = {
    Figure.OPEN_INQUIRIES: "other open inquiries",
    Figure.INQUIRIES: "inquiries",
    Figure.MESSAGES: "earlier messages",
    Figure.REOPENED: "times reopened",
    Figure.WAITING: "waiting",
}
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def lines_of(decision: Decision) -> Sequence[Winner]:
    """Return what was decided, in the order that people read it in."""
    found = [*_decided(decision)]
    return sorted(found, key=lambda line: (line.field in ADDING, _rank(line.field)))


def asked(facts: Facts) -> Sequence[str]:
    """Return what was looked up for the rules: ``2 earlier messages in 1d``."""
    found = [
        _counted(key, f"{count} or more" if key in facts.at_least else str(count))
        for key, count in facts.counted.items()
    ]
    if facts.last_category is not None:
        found.append(f"last category {facts.last_category or 'none'}")
    return found


def _decided(decision: Decision) -> Iterator[Winner]:
    by_field = {winner.field: winner for winner in decision.winners}
    floor, plain = by_field.get(FLOOR), by_field.get("priority")
    for winner in decision.winners:
        if winner.field not in ("priority", FLOOR):
            yield winner
    if decided := _priority(decision, floor, plain):
        yield decided


def _priority(decision: Decision, floor: Winner | None, plain: Winner | None) -> Winner | None:
    if plain and plain.value == decision.priority:
        return plain
    if floor is None or floor.value != decision.priority:
        return None
    before = plain.value if plain else str(Priority.NORMAL)
    by = "" if floor.rule == SECTION else "raised from " + before
    because = " · ".join(filter(None, (by, floor.because)))
    return replace(floor, field="priority", because=because)


def _rank(field: str) -> int:
    for rank, name in enumerate(ORDER):
        if field == name or (name.endswith(".") and field.startswith(name)):
            return rank
    return len(ORDER)


def _counted(key: str, count: str) -> str:
    figure, _, rest = key.partition(" ")
    told = f"{count} {_COUNTED[Figure(figure)]}"
    if figure == Figure.WAITING:
        return f"{told} in {rest}"
    return f"{told} in {_spelled(int(rest.removesuffix('s')))}" if rest else told


def _spelled(seconds: int) -> str:
    return next(f"{seconds // size}{unit}" for unit, size in _UNITS if not seconds % size)

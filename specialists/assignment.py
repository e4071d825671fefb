"""Who is given an inquiry. Pure."""

from collections.abc import Sequence

from inquiry.journey import SpecialistName
from specialists.people import Queue

PULL = "pull"
ROUND_ROBIN = "round-robin"


def next_in_turn(
    members: Sequence[SpecialistName], last: SpecialistName | str
) -> SpecialistName | None:
    """Return who comes after ``last``; the first if ``last`` works here no more."""
    if not members:
        return None
    if last not in members:
        return members[0]
    return members[(members.index(SpecialistName(last)) + 1) % len(members)]


def choose(queue: Queue | None, wish: str, last: str) -> SpecialistName | None:
    """Return who is given an inquiry of ``queue``; None leaves it to whoever takes it.

    ``wish`` is what the rule says (``assign: {by: …}``), "" leaves it to the queue.
    """
    if queue is None or (wish or queue.assign_by) != ROUND_ROBIN:
        return None
    return next_in_turn(queue.members, last)

"""Deciding about many dispatches at once: after a channel was away, hundreds may wait for a person.

Before anything happens it is told what would; what is then done is exactly that, or nothing, for
each of them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from inquiry.errors import TemporaryFailure
from inquiry.journey import DispatchId
from inquiry.words import OutboxState
from storage import undecided
from storage.database import Database
from storage.dispatches import ARRIVED, CANCEL, RETRY, Act, Mark
from storage.undecided import Decided, Undecided

MOST = 2_000
"""Decided about at once, the oldest first."""
AT_ONCE = 100
"""In one transaction: others write as well."""
DECISIONS: Mapping[str, Act] = {"send-again": RETRY, "arrived": ARRIVED, "give-up": CANCEL}

TOLD: Mapping[tuple[str, OutboxState], str] = {
    ("send-again", OutboxState.DOUBTFUL): "sent once more, marked as a possible repeat; "
    "whoever has it already gets it twice",
    ("send-again", OutboxState.DEAD): "tried again from the beginning, for two days",
    ("arrived", OutboxState.DOUBTFUL): "taken for sent; nothing is sent",
    ("give-up", OutboxState.DOUBTFUL): "never sent again; each stays in its inquiry, "
    "for it may have arrived",
    ("give-up", OutboxState.DEAD): "never sent; the customer does not see it",
    ("give-up", OutboxState.HELD): "never sent; the customer does not see it",
}
"""What will happen to those in a state."""
LEFT: Mapping[tuple[str, OutboxState], str] = {
    ("send-again", OutboxState.HELD): "held by somebody: to be released, one by one",
    ("arrived", OutboxState.DEAD): "dead: it was refused or given up",
    ("arrived", OutboxState.HELD): "held by somebody: it was not sent",
}
"""Why nothing will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a decision about some would do: to be read before it is made."""

    decision: str
    goes: tuple[Undecided, ...]
    """With which something will happen, the oldest first."""
    left: tuple[Undecided, ...]
    """With which it can't."""
    later: int
    """How many more there are than are decided about at once."""

    @property
    def told(self) -> list[tuple[int, str]]:
        """What happens, in sentences without a subject, each with its number."""
        return self._counted(self.goes, TOLD)

    @property
    def told_left(self) -> list[tuple[int, str]]:
        """Why some are left as they are, likewise."""
        return self._counted(self.left, LEFT)

    @property
    def channels(self) -> list[tuple[str, int]]:
        """By which channels those go that something happens with."""
        return sorted(Counter(str(one.channel) for one in self.goes).items())

    def _counted(
        self, among: Sequence[Undecided], words: Mapping[tuple[str, OutboxState], str]
    ) -> list[tuple[int, str]]:
        found = Counter(words[self.decision, one.state] for one in among)
        return [(number, sentence) for sentence, number in found.items()]


def plan(decision: str, chosen: Sequence[Undecided]) -> Plan:
    """Say what a word of ``DECISIONS`` would do with those."""
    allowed = DECISIONS[decision].allowed
    able = [one for one in chosen if one.state in allowed]
    return Plan(
        decision=decision,
        goes=tuple(able[:MOST]),
        left=tuple(one for one in chosen if one.state not in allowed),
        later=max(0, len(able) - MOST),
    )


async def decide(
    db: Database,
    decision: str,
    marks: Sequence[Mark],
    *,
    by: str,
    at_once: int = AT_ONCE,
    now: datetime,
) -> Decided:
    """Make the decision about each that is still as it was seen; ``by`` is an actor of history.

    ``at_once`` of them are one transaction. Where one of these fails, those before it stay decided
    and the rest is left as it is.

    Raises:
        TemporaryFailure: nothing at all could be written.
    """
    done: list[DispatchId] = []
    left: list[DispatchId] = []
    ordered = sorted(set(marks), key=lambda mark: mark.dispatch)[:MOST]
    for first in range(0, len(ordered), at_once):
        batch, what = ordered[first : first + at_once], DECISIONS[decision]
        work = partial(undecided.decide, marks=batch, what=what, by=by, now=now)
        try:
            part = await db.write(work)
        except TemporaryFailure:
            if not done:
                raise
            left += [mark.dispatch for mark in ordered[first:]]
            break
        done += part.done
        left += part.left
    return Decided(tuple(done), tuple(left))

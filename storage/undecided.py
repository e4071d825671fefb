"""What of the outbox waits for a person: which of it is meant, and deciding about many at once."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from inquiry.errors import Conflict, NotFound
from inquiry.journey import ChannelName, DispatchId
from inquiry.words import OutboxState
from storage import dispatches
from storage.database import Row, Transaction, moment
from storage.dispatches import Act, Entry, Mark

STATES = (OutboxState.DOUBTFUL, OutboxState.DEAD, OutboxState.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A dispatch that waits for a person, without its words."""

    id: DispatchId
    channel: ChannelName
    state: OutboxState
    reason: str
    created_at: datetime
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which of them are meant; what is left empty leaves all of them in."""

    channel: str = ""
    state: str = ""
    reason: str = ""
    """A part of why it is here, in whatever case."""
    before: datetime | None = None
    """Written before this."""
    since: datetime | None = None
    """Written at this or later."""
    only: Collection[DispatchId] | None = None

    def means(self, one: Undecided) -> bool:
        """Is it one of them?"""
        return (
            self.channel in ("", one.channel)
            and self.state in ("", one.state)
            and self.reason.casefold() in one.reason.casefold()
            and (self.before is None or one.created_at < self.before)
            and (self.since is None or one.created_at >= self.since)
            and (self.only is None or one.id in self.only)
        )


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a decision about many."""

    done: tuple[DispatchId, ...]
    left: tuple[DispatchId, ...]
    """Somebody has decided about these meanwhile, or they were tried again."""


async def undecided(tx: Transaction) -> list[Undecided]:
    """Return everything that waits for a person, the oldest first."""
    return [_undecided(row) for row in await tx.all("outbox.undecided")]


async def entries(tx: Transaction, chosen: Sequence[Undecided]) -> list[Entry]:
    """Return them with their words, in the same order."""
    found = [await dispatches.find(tx, one.id) for one in chosen]
    return [one for one in found if one]


def reasons(among: Collection[Undecided], most: int = 20) -> list[tuple[str, int]]:
    """Return why they wait, each reason with its number, the most frequent first."""
    return Counter(one.reason for one in among if one.reason).most_common(most)


async def decide(
    tx: Transaction, marks: Sequence[Mark], what: Act, *, by: str, now: datetime
) -> Decided:
    """Do ``what`` with each that is still as it was seen; the others are left alone."""
    done: list[DispatchId] = []
    left: list[DispatchId] = []
    for mark in marks:
        try:
            await dispatches.act(tx, mark.dispatch, what, by=by, seen=mark, now=now)
        except (Conflict, NotFound):
            left.append(mark.dispatch)
        else:
            done.append(mark.dispatch)
    return Decided(tuple(done), tuple(left))


def _undecided(row: Row) -> Undecided:
    return Undecided(
        id=row["id"],
        channel=row["channel"],
        state=OutboxState(row["state"]),
        reason=row["last_error"] or "",
        created_at=moment(row["created_at"]),
        mark=Mark(row["id"], row["lease"], row["settled"]),
    )

"""The outbox as people see it, and what they may decide about a dispatch nobody is sending."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from inquiry.errors import Conflict, NotFound
from inquiry.journey import AnswerId, ChannelName, DispatchId, InquiryId, MessageId, Reference
from inquiry.words import OutboxState, Purpose
from storage import history
from storage.database import Row, Transaction, moment

QUERIES = {
    OutboxState.HELD: "outbox.in_trouble",
    OutboxState.DEAD: "outbox.in_trouble",
    OutboxState.DOUBTFUL: "outbox.in_trouble",
    OutboxState.WAITING: "outbox.under_way",
    OutboxState.SENDING: "outbox.under_way",
}
"""States that are rare among all that was ever sent have an index of their own."""

_MARK = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})\.([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A dispatch as people look at it."""

    id: DispatchId
    inquiry: InquiryId
    reference: Reference
    message: MessageId
    channel: ChannelName
    purpose: str
    contact: str
    address: str
    name: str
    subject: str
    text: str
    state: OutboxState
    due_at: datetime
    attempts: int
    deaths: int
    possible_repeat: bool
    remote_id: str
    last_error: str
    created_at: datetime
    mark: "Mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something a person may do with a dispatch."""

    done: str
    """The past participle: in history and in sentences."""
    to: OutboxState
    allowed: frozenset[OutboxState]
    now_due: bool = False
    afresh: bool = False
    """Does patience begin anew?"""
    told: bool = True
    """Does history tell it, or does another event?"""


HOLD = Act(
    done="held",
    to=OutboxState.HELD,
    allowed=frozenset({OutboxState.WAITING, OutboxState.DOUBTFUL}),
)
RELEASE = Act(
    done="released", to=OutboxState.WAITING, allowed=frozenset({OutboxState.HELD}), now_due=True
)
CANCEL = Act(
    done="cancelled",
    to=OutboxState.CANCELLED,
    allowed=frozenset(
        {OutboxState.HELD, OutboxState.WAITING, OutboxState.DOUBTFUL, OutboxState.DEAD}
    ),
)
RETRY = Act(
    done="retried",
    to=OutboxState.WAITING,
    allowed=frozenset({OutboxState.WAITING, OutboxState.DOUBTFUL, OutboxState.DEAD}),
    now_due=True,
    afresh=True,
)
ARRIVED = Act(done="confirmed-sent", to=OutboxState.SENT, allowed=frozenset({OutboxState.DOUBTFUL}))
UNDO = Act(
    done="undone",
    to=OutboxState.CANCELLED,
    allowed=frozenset({OutboxState.HELD, OutboxState.WAITING}),
    told=False,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A dispatch as somebody has seen it: any attempt and any decision gives it another mark."""

    dispatch: DispatchId
    lease: int
    settled: int

    def __str__(self) -> str:
        return f"{self.dispatch}.{self.lease}.{self.settled}"

    @classmethod
    def parse(cls, text: str) -> "Mark":
        """Read back what was written. Raises ValueError."""
        found = _MARK.fullmatch(text)
        if found is None:
            raise ValueError(f"no mark of a dispatch: {text!r}")
        dispatch, lease, settled = map(int, found.groups())
        return cls(DispatchId(dispatch), lease, settled)


async def act(
    tx: Transaction,
    dispatch: DispatchId,
    what: Act,
    *,
    by: str,
    seen: Mark | None = None,
    now: datetime,
) -> None:
    """Do ``what`` with a dispatch; ``by`` is an actor of history.

    With ``seen`` only if nothing has become of it since.

    Raises:
        NotFound: there is no such dispatch.
        Conflict: it is not in a state that allows it, or not as it was seen.
    """
    found = await tx.one("outbox.state_of", id=dispatch)
    if found is None:
        raise NotFound(f"there is no dispatch {dispatch}")
    state = OutboxState(found["state"])
    if seen is not None and seen != Mark(dispatch, found["lease"], found["settled"]):
        raise Conflict(f"dispatch {dispatch} is no longer as it was seen: it is {state}")
    row = state in what.allowed and await tx.one(
        "outbox.act",
        id=dispatch,
        expected=state,
        state=what.to,
        due_at=now if what.now_due else None,
        afresh=what.afresh,
        now=now,
    )
    if not row:
        raise Conflict(f"dispatch {dispatch} is {state}: it can't be {what.done}{_why(found)}")
    if what.to is OutboxState.CANCELLED and state is not OutboxState.DOUBTFUL:
        await tx.run("outbox.withdraw_message", message=row["message"], now=now)
    if not what.told:
        return
    await history.add(
        tx,
        row["inquiry"],
        what.done,
        by,
        now=now,
        message=row["message"],
        dispatch=dispatch,
        was=state,
    )


def _why(found: Row) -> str:
    return ", for it went another way" if found["instead"] else ""


async def of_answer(tx: Transaction, answer: AnswerId) -> tuple[DispatchId, OutboxState] | None:
    """Return the dispatch that an answer has become."""
    row = await tx.one("outbox.by_answer", answer=answer)
    return (row["id"], OutboxState(row["state"])) if row else None


async def find(tx: Transaction, dispatch: DispatchId) -> Entry | None:
    """Return one dispatch."""
    row = await tx.one("outbox.by_id", id=dispatch)
    return _entry(row) if row else None


async def listed(
    tx: Transaction, states: Sequence[OutboxState], *, limit: int = 100, before: int = 2**62
) -> list[Entry]:
    """Return the newest dispatches in these states, the newest first."""
    rows: list[Row] = []
    for state in states:
        query = QUERIES.get(state, "outbox.in_state")
        rows += await tx.all(query, state=state, limit=limit, before=before)
    return [_entry(row) for row in sorted(rows, key=lambda row: -row["id"])[:limit]]


async def of_inquiry(tx: Transaction, inquiry: InquiryId) -> list[Entry]:
    """Return all dispatches of an inquiry, oldest first."""
    return [_entry(row) for row in await tx.all("outbox.of_inquiry", inquiry=inquiry)]


async def counts(tx: Transaction) -> Mapping[tuple[ChannelName, OutboxState], int]:
    """Count what is not done, by channel and state."""
    return {
        (row["channel"], OutboxState(row["state"])): row["number"]
        for row in await tx.all("outbox.counts")
    }


def _entry(row: Row) -> Entry:
    dispatch = json.loads(row["dispatch"])
    return Entry(
        id=row["id"],
        inquiry=row["inquiry"],
        reference=row["reference"],
        message=row["message"],
        channel=row["channel"],
        purpose=row["purpose"],
        contact=row["contact"],
        address=row["address"],
        name=row["name"],
        subject=dispatch.get("subject", ""),
        # Of what a program says, what specialists may read: a code is for its recipient alone.
        text=row["kept"] if row["purpose"] == Purpose.ACKNOWLEDGEMENT else dispatch["text"],
        state=OutboxState(row["state"]),
        due_at=moment(row["due_at"]),
        attempts=row["attempts"],
        deaths=row["deaths"],
        possible_repeat=bool(row["possible_repeat"]),
        remote_id=row["remote_id"] or "",
        last_error=row["last_error"] or "",
        created_at=moment(row["created_at"]),
        mark=Mark(row["id"], row["lease"], row["settled_at"] or 0),
    )

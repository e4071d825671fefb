"""Which states a specialist may take an inquiry to, from where. Pure."""

from collections.abc import Mapping

from inquiry.errors import Conflict
from inquiry.words import State

_ACTIVE = frozenset(
    {
        State.OPEN,
        State.RESEARCHING,
        State.WAITING_FOR_CUSTOMER,
        State.WAITING_FOR_SUPPLIER,
        State.SNOOZED,
    }
)
_ENDS = frozenset({State.RESOLVED, State.CLOSED})

LEGAL: Mapping[State, frozenset[State]] = {
    State.NEW: _ACTIVE | _ENDS,
    State.OPEN: (_ACTIVE | _ENDS) - {State.OPEN},
    State.RESEARCHING: (_ACTIVE | _ENDS) - {State.RESEARCHING},
    State.WAITING_FOR_CUSTOMER: (_ACTIVE | _ENDS) - {State.WAITING_FOR_CUSTOMER},
    State.WAITING_FOR_SUPPLIER: (_ACTIVE | _ENDS) - {State.WAITING_FOR_SUPPLIER},
    State.SNOOZED: (_ACTIVE | _ENDS) - {State.SNOOZED},
    State.RESOLVED: _ACTIVE | {State.CLOSED},
    State.CLOSED: frozenset({State.OPEN}),
}
"""Nothing is ever new again; what is closed can only be opened."""


def check(reference: str, now: State, to: State) -> None:
    """Let a legal change pass.

    Raises:
        Conflict: it isn't one; the sentence says what can be done instead.
    """
    if to in LEGAL[now]:
        return
    if now is to:
        raise Conflict(f"{reference} is {now} already")
    if now is State.CLOSED:
        raise Conflict(f"{reference} is closed: reopen it first")
    raise Conflict(f"{reference} is {now}: it can't become {to}")


def event_kind(now: State, to: State) -> str:
    """Return what history calls a change."""
    if to is State.RESOLVED:
        return "resolved"
    if to is State.CLOSED:
        return "closed"
    return "reopened" if now in _ENDS else "state"

"""Which changes of state does a specialist get through?"""

from itertools import product

import pytest

from inquiry.errors import Conflict
from inquiry.words import State
from specialists.states import LEGAL, check, event_kind


def test_every_state_has_its_row() -> None:
    assert set(LEGAL) == set(State)


def test_nothing_is_ever_new_again() -> None:
    assert all(State.NEW not in ways for ways in LEGAL.values())


def test_every_state_can_be_left_and_closed() -> None:
    assert all(LEGAL.values())
    assert all(State.CLOSED in LEGAL[state] for state in State if state is not State.CLOSED)


@pytest.mark.parametrize(("now", "to"), list(product(State, State)))
def test_what_is_not_in_the_table_is_refused_in_a_sentence(now: State, to: State) -> None:
    if to in LEGAL[now]:
        check("NL-2026-00001", now, to)
        return
    with pytest.raises(Conflict, match=r"^NL-2026-00001 is "):
        check("NL-2026-00001", now, to)


@pytest.mark.parametrize(
    ("now", "to", "sentence"),
    [
        pytest.param(
            State.RESOLVED, State.RESOLVED, "NL-2026-00001 is resolved already", id="twice"
        ),
        pytest.param(
            State.CLOSED,
            State.RESOLVED,
            "NL-2026-00001 is closed: reopen it first",
            id="what is closed",
        ),
        pytest.param(
            State.OPEN, State.NEW, "NL-2026-00001 is open: it can't become new", id="back to new"
        ),
    ],
)
def test_the_sentence_says_what_to_do(now: State, to: State, sentence: str) -> None:
    with pytest.raises(Conflict) as refusal:
        check("NL-2026-00001", now, to)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("now", "to", "kind"),
    [
        pytest.param(State.OPEN, State.RESOLVED, "resolved", id="resolved"),
        pytest.param(State.RESOLVED, State.CLOSED, "closed", id="closed"),
        pytest.param(State.RESOLVED, State.OPEN, "reopened", id="resolved, then open"),
        pytest.param(State.CLOSED, State.OPEN, "reopened", id="closed, then open"),
        pytest.param(State.OPEN, State.RESEARCHING, "state", id="anything else"),
    ],
)
def test_history_has_a_word_for_it(now: State, to: State, kind: str) -> None:
    assert event_kind(now, to) == kind

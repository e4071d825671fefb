"""Who is given an inquiry?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiry.journey import QueueName, SpecialistName
from specialists.assignment import choose, next_in_turn
from specialists.people import Queue

OLA, KASIA, MARI = map(SpecialistName, ("ola", "kasia", "mari"))
MEMBERS = (OLA, KASIA, MARI)


def a_queue(assign_by: str, members: tuple[SpecialistName, ...] = MEMBERS) -> Queue:
    return Queue(name=QueueName("first-line"), members=members, assign_by=assign_by)


@pytest.mark.parametrize(
    ("queue", "wish", "last", "chosen"),
    [
        pytest.param(a_queue("pull"), "", "", None, id="people take for themselves"),
        pytest.param(a_queue("round-robin"), "", "", OLA, id="the first begins"),
        pytest.param(a_queue("round-robin"), "", "ola", KASIA, id="the next in turn"),
        pytest.param(a_queue("round-robin"), "", "mari", OLA, id="round and round"),
        pytest.param(a_queue("round-robin"), "", "gone", OLA, id="the last one has left"),
        pytest.param(a_queue("round-robin", ()), "", "", None, id="nobody works here"),
        pytest.param(a_queue("pull"), "round-robin", "ola", KASIA, id="the rule wishes a turn"),
        pytest.param(a_queue("round-robin"), "pull", "ola", None, id="the rule wishes none"),
        pytest.param(None, "round-robin", "", None, id="the queue is gone"),
    ],
)
def test_who_is_given_it(
    queue: Queue | None, wish: str, last: str, chosen: SpecialistName | None
) -> None:
    assert choose(queue, wish, last) == chosen


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True), st.integers(1, 50))
def test_turns_are_fair(names: list[str], rounds: int) -> None:
    members = [SpecialistName(name) for name in names]
    turns: list[SpecialistName] = []
    last = ""
    for _ in range(rounds):
        chosen = next_in_turn(members, last)
        assert chosen
        turns.append(chosen)
        last = chosen
    counts = [turns.count(member) for member in members]
    assert max(counts) - min(counts) <= 1

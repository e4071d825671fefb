"""Is every event told once, in whatever order transactions become visible?"""

from hypothesis import given
from hypothesis import strategies as st

from inquiry.journey import Reference
from storage.news import News
from web.tail import PATIENCE, Tail

OVER = PATIENCE.total_seconds()


def events(*numbers: int) -> list[News]:
    return [News(event=n, kind="noted", reference=Reference("R")) for n in numbers]


def test_what_was_told_is_not_told_again() -> None:
    tail = Tail(0)
    assert tail.fresh(events(1, 2), 0) == events(1, 2)
    assert tail.fresh(events(), 0) == []
    assert tail.floor == 2


def test_a_number_that_is_committed_late_is_told_late() -> None:
    tail = Tail(0)
    assert tail.fresh(events(1, 3), 0) == events(1, 3)
    assert tail.floor == 1
    assert tail.fresh(events(2, 3, 4), 1) == events(2, 4)
    assert tail.floor == 4


def test_a_number_that_never_comes_is_given_up() -> None:
    tail = Tail(0)
    tail.fresh(events(2, 4), 0)
    assert tail.floor == 0
    assert tail.fresh(events(2, 4), OVER - 1) == []
    assert tail.floor == 0
    tail.fresh(events(2, 4), OVER)
    assert tail.floor == 4


@given(st.permutations(range(1, 12)))
def test_in_any_order_everything_is_told_exactly_once(order: list[int]) -> None:
    tail, told = Tail(0), []
    for count in range(1, len(order) + 1):
        visible = events(*sorted(n for n in order[:count] if n > tail.floor))
        told += [one.event for one in tail.fresh(visible, 0)]
        assert set(range(1, tail.floor + 1)) <= set(told)
    assert sorted(told) == sorted(order)
    assert tail.floor == len(order)

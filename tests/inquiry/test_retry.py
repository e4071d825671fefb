"""Does patience grow, never hurry, and end?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiry.retry import RetryPolicy

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
ZERO = timedelta(0)
policies = st.builds(
    RetryPolicy,
    first_delay=st.timedeltas(timedelta(seconds=1), timedelta(minutes=5)),
    longest_delay=st.timedeltas(timedelta(minutes=5), timedelta(hours=6)),
    patience=st.timedeltas(timedelta(hours=1), timedelta(days=10)),
)


@pytest.mark.parametrize(
    ("attempts", "delay"),
    [
        pytest.param(1, timedelta(seconds=10), id="soon after the first"),
        pytest.param(2, timedelta(seconds=20), id="twice as long"),
        pytest.param(5, timedelta(seconds=160), id="and so on"),
        pytest.param(9, timedelta(seconds=2560), id="almost an hour"),
        pytest.param(10, timedelta(hours=1), id="at most an hour"),
        pytest.param(10_000, timedelta(hours=1), id="however often"),
    ],
)
def test_the_delays(attempts: int, delay: timedelta) -> None:
    again = RetryPolicy().next_attempt(
        attempts=attempts, first_tried_at=MONDAY, now=MONDAY, at_least=ZERO
    )
    assert again == MONDAY + delay


def test_it_gives_up_after_two_days() -> None:
    policy = RetryPolicy()
    just_before = MONDAY + policy.patience - timedelta(microseconds=1)
    for now, gives_up in ((just_before, False), (MONDAY + policy.patience, True)):
        again = policy.next_attempt(attempts=50, first_tried_at=MONDAY, now=now, at_least=ZERO)
        assert (again is None) is gives_up


@given(
    policies,
    st.integers(1, 10_000),
    st.timedeltas(ZERO, timedelta(days=12)),
    st.timedeltas(ZERO, timedelta(days=1)),
)
def test_it_never_hurries(
    policy: RetryPolicy, attempts: int, since: timedelta, at_least: timedelta
) -> None:
    now = MONDAY + since
    again = policy.next_attempt(
        attempts=attempts, first_tried_at=MONDAY, now=now, at_least=at_least
    )
    if again is None:
        assert since >= policy.patience
    else:
        assert again - now >= max(at_least, policy.first_delay)
        assert again - now <= max(at_least, policy.longest_delay)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        pytest.param(timedelta(seconds=1), timedelta(seconds=10), id="less than we would anyway"),
        pytest.param(timedelta(minutes=1), timedelta(minutes=1), id="as long as it asks"),
        pytest.param(timedelta(days=9_999), timedelta(days=1), id="years: a day"),
        pytest.param(timedelta.max, timedelta(days=1), id="more than there is"),
    ],
)
def test_who_is_asked_to_wait_waits_a_day_at_most(asked: timedelta, waits: timedelta) -> None:
    again = RetryPolicy().next_attempt(
        attempts=1, first_tried_at=MONDAY, now=MONDAY, at_least=asked
    )
    assert again == MONDAY + waits


@given(policies, st.integers(1, 60))
def test_it_grows_more_patient(policy: RetryPolicy, attempts: int) -> None:
    now, later = (
        policy.next_attempt(attempts=count, first_tried_at=MONDAY, now=MONDAY, at_least=ZERO)
        for count in (attempts, attempts + 1)
    )
    assert now is not None
    assert later is not None
    assert now <= later

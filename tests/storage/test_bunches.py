"""Are many rows written by few statements, each row once and in its order?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.bunches import SIZES, bunch, bunches

SQL = "INSERT INTO t (a, b) VALUES (:a, :b)\n  /*+= more_rows */ ON CONFLICT DO NOTHING"


@given(st.integers(min_value=0, max_value=500))
def test_every_row_is_in_one_bunch_in_order(count: int) -> None:
    pieces = list(bunches(count))
    assert [row for piece in pieces for row in range(count)[piece]] == list(range(count))
    assert all(len(range(count)[piece]) in SIZES for piece in pieces)


@pytest.mark.parametrize(
    ("size", "values"),
    [pytest.param(1, "(?, ?)", id="one"), pytest.param(3, "(?, ?), (?, ?), (?, ?)", id="three")],
)
def test_a_statement_for_some_rows(size: int, values: str) -> None:
    sql, names = bunch(SQL, size)
    assert sql == f"INSERT INTO t (a, b) VALUES {values} ON CONFLICT DO NOTHING"
    assert names == ("a", "b")


def test_a_mark_without_a_row_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no row of values before"):
        bunch("SELECT 1 /*+= more_rows */", 4)

"""Do names that differ in case alone stay two, and can each be had back?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiry.spelling import as_written, spelled


@pytest.mark.parametrize(
    ("name", "written"),
    [
        pytest.param("+4799887766", "+4799887766", id="a number"),
        pytest.param("jan@kunde.example", "jan@kunde.example", id="small letters"),
        pytest.param("aB1", "a^b1", id="a capital"),
        pytest.param("Ødegård", "^(d8)degård", id="a capital beyond ASCII"),
        pytest.param("straße", "stra^(df)e", id="what folding would make two letters of"),
        pytest.param("a^b", "a^^b", id="the mark itself"),
        pytest.param("^(41)", "^^(41)", id="what looks like a mark"),
    ],
)
def test_how_a_name_is_written(name: str, written: str) -> None:
    assert spelled(name) == written
    assert as_written(written) == name


@given(st.text(), st.text())
def test_no_two_names_become_one(one: str, other: str) -> None:
    assert as_written(spelled(one)) == one
    assert (spelled(one).casefold() == spelled(other).casefold()) is (one == other)

"""Does folding make alike what people mean to be alike, and nothing more?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiry.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("Nie DZIAŁA hasło", "nie dziala haslo", id="Polish"),
        pytest.param("Skjærgård på Østlandet", "skjaergard pa ostlandet", id="Norwegian"),
        pytest.param("Õhtu, šokolaad, žürii", "ohtu, sokolaad, zurii", id="Estonian"),
        pytest.param("Счёт", "счет", id="ё is е"),
        pytest.param("Мой", "мой", id="й stays"),
        pytest.param("Straße", "strasse", id="ß"),
        pytest.param("ﬁle Ⅸ", "file ix", id="compatibility forms"),
        pytest.param("It doesn’t", "it doesn't", id="an apostrophe as telephones write it"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)

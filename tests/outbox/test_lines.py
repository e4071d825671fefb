"""Is every subject and name one line, whatever a customer has put into it?"""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbox.lines import answer_subject, one_line

REF = "NL-2026-00001"


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        pytest.param("Drukarka", f"Re: Drukarka [{REF}]", id="plain"),
        pytest.param("Re: Drukarka", f"Re: Drukarka [{REF}]", id="answered before"),
        pytest.param("SV: RE: Re[2]: Skriver", f"Re: Skriver [{REF}]", id="in several languages"),
        pytest.param("Odp: Drukarka", f"Re: Drukarka [{REF}]", id="in Polish"),
        pytest.param("На: Принтер", f"Re: Принтер [{REF}]", id="in Russian"),
        pytest.param(f"Re: Drukarka [{REF}]", f"Re: Drukarka [{REF}]", id="with its number"),
        pytest.param("", f"Re: [{REF}]", id="without any"),
        pytest.param("Reset", f"Re: Reset [{REF}]", id="a word that only begins like it"),
        pytest.param(
            "Hi\r\nBcc: eve@other.example", f"Re: Hi Bcc: eve@other.example [{REF}]", id="two lines"
        ),
    ],
)
def test_answers_have_the_customers_subject(subject: str, answer: str) -> None:
    assert answer_subject(subject, REF) == answer


@given(st.text(), st.integers(10, 300))
def test_nothing_in_it_breaks_a_line(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line == line.strip()
    assert line.splitlines() in ([], [line])
    assert not any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in line)


@given(st.text())
def test_a_subject_is_one_line_and_ends_with_the_number(text: str) -> None:
    subject = answer_subject(text, REF)
    assert subject.startswith("Re: ")
    assert subject.endswith(f"[{REF}]")
    assert subject.splitlines() == [subject]
    assert len(subject) <= 230


@given(st.text())
def test_answering_an_answer_changes_nothing(text: str) -> None:
    once = answer_subject(text, REF)
    assert answer_subject(once, REF) == once or len(text) > 150


def test_a_long_line_is_cut_in_sight() -> None:
    assert one_line("a" * 30, 10) == "a" * 9 + "…"

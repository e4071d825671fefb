"""Are words found as people mean them: whole, in any case, with any accents, with endings?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.words import Words, literal, phrase


def found(written: str, text: str) -> str | None:
    """Return what of ``text`` a list with one word finds, None if nothing."""
    return Words({"list": [phrase(written)]}).find("", text).lists.get("list")


@pytest.mark.parametrize(
    ("written", "text", "shown"),
    [
        pytest.param("down", "The line is down.", "down", id="a whole word"),
        pytest.param("down", "I downloaded it", None, id="not the beginning of another"),
        pytest.param("down", "a shutdown", None, id="not the end of another"),
        pytest.param("down", "DOWN!", "down", id="in capitals"),
        pytest.param("nede", "alt er nede", "nede", id="the last word"),
        pytest.param("drukar*", "Moja drukarka stoi", "drukarka", id="any ending"),
        pytest.param("drukar*", "drukar", "drukar", id="no ending is an ending"),
        pytest.param("drukar*", "wydrukarka", None, id="an open end is no open beginning"),
        pytest.param("nie działa", "NIE DZIALA nic", "nie działa", id="accents left out"),
        pytest.param("nie działa", "nie\n  działa", "nie działa", id="broken over a line"),
        pytest.param("nie działa", "nie już działa", None, id="a phrase keeps together"),
        pytest.param("счёт*", "Где мой счет?", "счет", id="ё is е"),
        pytest.param("мой", "мои деньги", None, id="й is not и"),
        pytest.param("øre", "50 ØRE", "øre", id="a letter that ASCII knows nothing of"),
        pytest.param("øre", "høre", None, id="a boundary that ASCII would see"),
        pytest.param("straße", "STRASSE", "straße", id="one letter for two"),
        pytest.param("c++", "in c++ too", "c++", id="signs have no boundary"),
        pytest.param("bill", "bill_2", None, id="an underscore belongs to the word"),
    ],
)
def test_a_word_is_found(written: str, text: str, shown: str | None) -> None:
    assert found(written, text) == shown


def test_subject_and_body_are_told_apart() -> None:
    word = phrase("fire")
    hits = Words({}, [word]).find("Fire", "no such thing")
    assert set(hits.phrases) == {(word, "subject")}


def test_no_phrase_reaches_from_the_subject_into_the_body() -> None:
    word = phrase("nie działa")
    assert not Words({"list": [word]}).find("nie", "działa").lists


def test_one_word_may_stand_in_several_lists() -> None:
    hits = Words({"a": [phrase("rike")], "b": [phrase("rike")]}).find("", "Rike")
    assert hits.lists == {"a": "rike", "b": "rike"}


def test_overlapping_words_are_all_found() -> None:
    lists = {"short": [phrase("no")], "long": [phrase("no internet")], "end": [phrase("internet")]}
    assert set(Words(lists).find("", "there is no internet").lists) == {"short", "long", "end"}


def test_a_piece_of_a_pattern_is_found_inside_words() -> None:
    piece = literal("ORD")
    assert (piece, "body") in Words({}, [piece]).find("", "xordx").phrases


def test_without_any_words_nothing_is_found() -> None:
    assert not Words({}).find("a subject", "a body").lists


@settings(deadline=None)
@given(st.text(max_size=80), st.text(alphabet="abć ø-", min_size=1, max_size=8))
def test_no_text_makes_it_fail_and_a_word_beside_it_is_found(text: str, written: str) -> None:
    word = phrase(written)
    if word.folded:
        hits = Words({"list": [word]}).find(text, f"{text} . {written} . {text}")
        assert "list" in hits.lists

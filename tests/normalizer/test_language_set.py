"""How often is the language of short texts told, as customers write them?"""

import time
import unicodedata
from collections import Counter

import pytest

from tests.normalizer.language_report import DESK, NEIGHBOURS, report, sentences, taken_for

PER_LANGUAGE = 100
PER_NEIGHBOUR = 40
LENGTH = 60
WANTED = 0.97
ROUNDS = 20
MILLISECONDS = 0.6
"""Twice what it takes at most on an idle machine."""


@pytest.mark.parametrize("language", DESK.languages)
def test_the_language_of_short_texts_is_told(language: str) -> None:
    wrong = [(text, found) for text, found in taken_for(language) if found[0] != language]
    assert len(wrong) <= (1 - WANTED) * len(sentences(language)), wrong


@pytest.mark.parametrize("language", ["sv", "fi", "uk"])
def test_no_language_of_the_desk_is_forced_on_a_neighbour_s(language: str) -> None:
    wrong = [(text, found) for text, found in taken_for(language) if found[1] != language]
    assert len(wrong) <= (1 - 0.9) * len(sentences(language)), wrong


def test_norwegian_is_not_danish_and_neither_is_the_other_norwegian() -> None:
    for language in ("nb", "nn", "da"):
        guessed = Counter(guess for _, (_, guess) in taken_for(language))
        assert guessed[language] / guessed.total() > 0.85, guessed


@pytest.mark.parametrize("language", ["nn", "da"])
def test_whoever_writes_what_norwegians_read_is_answered_in_norwegian(language: str) -> None:
    assert Counter(found for _, (found, _) in taken_for(language))["nb"] >= 39


@pytest.mark.parametrize("language", [*DESK.languages, *NEIGHBOURS])
def test_the_set_is_large_enough_and_short_enough(language: str) -> None:
    texts = sentences(language)
    assert len(set(texts)) == len(texts)
    assert len(texts) >= (PER_LANGUAGE if language in DESK.languages else PER_NEIGHBOUR)
    assert max(map(len, texts)) <= LENGTH
    assert all(unicodedata.is_normalized("NFC", text) for text in texts)


def test_a_guess_takes_a_fraction_of_a_millisecond() -> None:
    taken_for("nb")  # the models are read at the first guess
    began = time.process_time()
    for _ in range(ROUNDS):
        taken_for("nb")
    each = (time.process_time() - began) / ROUNDS / len(sentences("nb"))
    assert each * 1000 < MILLISECONDS


def test_the_report_has_a_row_for_every_language() -> None:
    rows = report().splitlines()
    assert [row.split()[0] for row in rows[1:]] == [*DESK.languages, *NEIGHBOURS]
    assert rows[1].split()[:2] == ["nb", str(len(sentences("nb")))]

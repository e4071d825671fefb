"""Is enriched text shown as words, without its commands?"""

import time

import pytest

from normalizer.bodies import contents
from normalizer.enriched import enriched_text
from normalizer.mime import parse


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("<bold>Hei</bold> du", "Hei du", id="bold"),
        pytest.param("one\ntwo", "one two", id="one line end is a blank"),
        pytest.param("one\n\ntwo\n\n\nthree", "one\ntwo\n\nthree", id="of more, the first goes"),
        pytest.param("a << b", "a < b", id="an angle"),
        pytest.param("a < b and 3<4", "a < b and 3<4", id="angles that open nothing"),
        pytest.param("<nofill>a\n  b</nofill>", "a\n  b", id="as written"),
        pytest.param(
            "<color><param>red</param>Hei</color>", "Hei", id="what a command is told is unseen"
        ),
        pytest.param("<excerpt>a\n\nb</excerpt>c", "> a\n> b\nc", id="an excerpt is a quote"),
        pytest.param(
            "<excerpt><excerpt>a</excerpt>b</excerpt>", "> > a\n> b", id="an excerpt in another"
        ),
        pytest.param("<bold>Hei</italic></excerpt> du", "Hei du", id="closed wrongly"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_enriched(text: str, words: str) -> None:
    assert enriched_text(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("one\n\ntwo<nl>three", "one two\nthree", id="only nl ends a line"),
        pytest.param("a <lt> b", "a < b", id="an angle"),
        pytest.param("a<comment>b</comment>", "a", id="a comment"),
    ],
)
def test_the_older_richtext(text: str, words: str) -> None:
    assert enriched_text(text, rich=True) == words


@pytest.mark.parametrize(
    "crumb", ["<", "<<", "<excerpt>", "<b>", "\n", "<excerpt>a\n\n", "<param>"]
)
def test_hostile_text_takes_no_time(crumb: str) -> None:
    began = time.process_time()
    enriched_text(crumb * (1_000_000 // len(crumb)))
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        pytest.param([b"text/enriched"], "Hei < du", id="alone"),
        pytest.param([b"text/plain", b"text/enriched"], "<bold>Hei</bold> << du", id="said twice"),
    ],
)
def test_enriched_parts(kinds: list[bytes], words: str) -> None:
    part = b"--b\nContent-Type: %b\n\n<bold>Hei</bold> << du\n"
    raw = b"Content-Type: multipart/alternative; boundary=b\n\n" + b"".join(
        part % kind for kind in kinds
    )
    (body,) = contents(parse(raw)).bodies
    assert body.plain == words

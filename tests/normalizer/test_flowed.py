"""Are lines that a program wrapped put together again, and only those?"""

import time

import pytest

from normalizer.flowed import unflow


@pytest.mark.parametrize(
    ("text", "unflowed"),
    [
        pytest.param("a \nb", "a b", id="wrapped"),
        pytest.param("a\nb", "a\nb", id="not wrapped"),
        pytest.param("a \n\nb\n", "a\n\nb\n", id="an empty line ends a paragraph"),
        pytest.param("> a \n> b\n>> c \n> d", "> a b\n>> c\n> d", id="each depth by itself"),
        pytest.param("> a \nb", "> a\nb", id="a quote ends"),
        pytest.param(">\n> \n>a", ">\n>\n> a", id="empty quotes"),
        pytest.param(" > a\n From b", "> a\nFrom b", id="stuffed with a blank"),
        pytest.param("a \n-- \nb", "a\n-- \nb", id="signature"),
        pytest.param("-- \nb", "-- \nb", id="a signature alone"),
        pytest.param("a   \nb", "a   b", id="blanks inside stay"),
        pytest.param("a \n   \nb", "a   b", id="a line of blanks goes on"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_unflow(text: str, unflowed: str) -> None:
    assert unflow(text, delsp=False) == unflowed


def test_the_blank_at_the_end_is_none_of_the_words_where_it_is_said_so() -> None:
    assert unflow("日本 \n語  \nです", delsp=True) == "日本語 です"


def test_a_paragraph_of_a_million_lines_takes_no_time() -> None:
    began = time.process_time()
    assert unflow("\U0001f600 \n" * 600_000, delsp=True) == "\U0001f600" * 600_000 + "\n"
    assert time.process_time() - began < 5

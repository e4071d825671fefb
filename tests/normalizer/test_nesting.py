"""Is HTML that parsers choke on told from HTML that is merely long?"""

import time

import pytest

from normalizer.nesting import too_much

PICTURE = '<img alt="map" src="data:image/png;base64,' + "iVBORw0KGgo AAAA\n" * 50_000 + '">'


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div>" * 3_000, id="nested"),
        pytest.param("<p>" * 200_000, id="very many elements"),
        pytest.param("<div " + "a b=1 c='x' " * 1_000 + ">", id="attributes"),
        pytest.param('<div a=">" ' + "b " * 3_000 + ">", id="attributes behind a quoted end"),
        pytest.param("<div" + '/a="1"' * 3_000 + ">", id="attributes without blanks between"),
        pytest.param("<div a <b c < d " + "e< " * 3_000 + ">", id="attributes named like tags"),
    ],
)
def test_too_much_is_seen(html: str) -> None:
    assert too_much(html)


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<p>Hei</p>" * 10_000, id="a long page"),
        pytest.param("<p>" * 10_000, id="paragraphs that end themselves"),
        pytest.param(PICTURE, id="a picture written out over many lines"),
        pytest.param("2 < 3 and 4 > 3 " * 5_000, id="comparisons"),
    ],
)
def test_what_is_only_long_is_read(html: str) -> None:
    assert not too_much(html)


@pytest.mark.parametrize("crumb", ["<a b=", "<a href='", '<a b="', "<a ", "<a/", "<"])
def test_looking_takes_linear_time(crumb: str) -> None:
    began = time.process_time()
    too_much(crumb * 200_000)
    assert time.process_time() - began < 2

"""Is HTML that parsers choke on told from HTML that is merely long?"""

import time

import pytest

from normalizer.html.nesting import too_many_references, too_much, without_tags

PICTURE = '<img alt="map" src="data:image/png;base64,' + "iVBORw0KGgo AAAA\n" * 50_000 + '">'

OPEN = "".join(f"<b id={number}>" for number in range(900))


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<div>" * 3_000, id="nested"),
        pytest.param("<p>" * 200_000, id="very many elements"),
        pytest.param("<div " + "a b=1 c='x' " * 1_000 + ">", id="attributes"),
        pytest.param('<div a=">" ' + "b " * 3_000 + ">", id="attributes behind a quoted end"),
        pytest.param("<div" + '/a="1"' * 3_000 + ">", id="attributes without blanks between"),
        pytest.param("<div a <b c < d " + "e< " * 3_000 + ">", id="attributes named like tags"),
        pytest.param(OPEN + "<p>x" * 1_000, id="formats opened again in every paragraph"),
        pytest.param(OPEN + "<li>x</b>" * 1_000, id="the same, with some closed"),
        *(
            pytest.param(unit * 9_000, id=f"deep in spite of {unit}")
            for unit in (
                *("<sub><option></span></object>", "<span><div></span></div>"),
                *("<span><p></span></p>", "<td><sub><td></p>", "</h1><option><td><math></h1>"),
            )
        ),
        pytest.param(
            ("<p " + " ".join(f"a{n}" for n in range(100)) + ">") * 2_000, id="attributes in all"
        ),
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
        pytest.param("<font size=2>" * 900 + "<p>x" * 20_000, id="formats quite alike"),
        pytest.param("<p><b>x</b> <a href=x>y</a>" * 20_000, id="formats that are closed"),
        pytest.param("<table>" + "<tr><td><p>a<td>b" * 20_000, id="cells that end themselves"),
        pytest.param("<ul><li><div>a</div><li><p>b</ul>" * 10_000, id="items that do"),
        pytest.param("<p><span>a</span></p><o:p></o:p><br>" * 20_000, id="a word processor's"),
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


def test_a_number_too_long_to_read_is_no_letter() -> None:
    assert without_tags("<p>a&#" + "1" * 9_999 + ";b&#233;") == "a\ufffdbé"


@pytest.mark.parametrize(
    ("html", "many"),
    [
        pytest.param("&" * 1_000_000, True, id="in one text"),
        pytest.param("<p>&#1055;&#1088;&#1080;</p>" * 50_000, False, id="in many"),
        pytest.param("&#1055;" * 20_000, False, id="a long text in another alphabet"),
    ],
)
def test_many_references_in_one_text_are_seen(html: str, many: bool) -> None:
    assert too_many_references(html) is many

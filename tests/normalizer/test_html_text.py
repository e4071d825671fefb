"""Is HTML turned into text that a person can read?"""

import time
import tracemalloc

import pytest

from normalizer.html.page import Mark
from normalizer.html.text import html_lines, html_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<p>one<p>two", "one\n\ntwo", id="paragraphs"),
        pytest.param("<div>one</div><div>two</div>", "one\ntwo", id="blocks"),
        pytest.param("one<br>two<br/><br>three", "one\ntwo\n\nthree", id="line breaks"),
        pytest.param("a <b>b</b>  \n c", "a b c", id="blanks collapse"),
        pytest.param("a&nbsp;b &amp; &lt;c&gt; &oslash;", "a b & <c> ø", id="entities"),
        pytest.param("<ul><li>a<li>b</ul>", "- a\n- b", id="list"),
        pytest.param("<ol><li>a<li>b</ol>", "1. a\n2. b", id="numbered list"),
        pytest.param("<ul><li>a<ul><li>b</ul></ul>", "- a\n  - b", id="list in a list"),
        pytest.param("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td", id="table"),
        pytest.param(
            "<table><tr><td><p>a</p></td> <td><p>b</p></td></tr><tr><td><p>c</p></td></tr></table>",
            "a\tb\n\nc",
            id="paragraphs in cells",
        ),
        pytest.param(
            "<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>",
            "a\n\nb\n\nc",
            id="two paragraphs in a cell",
        ),
        pytest.param("<pre>a\n  b</pre>", "a\n  b", id="preformatted"),
        pytest.param("<blockquote>a<br>b</blockquote>c", "> a\n> b\n\nc", id="quote"),
        pytest.param(
            "<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b", id="quotes"
        ),
        pytest.param(
            '<a href="https://x.example/1">here</a>', "here <https://x.example/1>", id="link"
        ),
        pytest.param('<a href="https://x.example">x.example</a>', "x.example", id="link as text"),
        pytest.param(
            '<a href="https://x.example/">https://x.example</a>',
            "https://x.example",
            id="link, but for the slash",
        ),
        pytest.param('<a href="javascript:x()">here</a>', "here", id="no link at all"),
        pytest.param('<p style="display: none">no</p>yes', "yes", id="hidden"),
        pytest.param('<div style="font-size:0px">no</div>yes', "yes", id="too small to see"),
        pytest.param('<div style="font-size:0.9em">yes</div>', "yes", id="small, but seen"),
        pytest.param("<p hidden>no</p>yes", "yes", id="hidden by attribute"),
        pytest.param("<script>x</script><style>y</style><!-- z -->yes", "yes", id="no text"),
        pytest.param(
            '<img src="cid:a" alt="Logo"><img src="http://x" alt="t">', "[Logo]", id="pictures"
        ),
        pytest.param("a\u200bb\u00adc", "abc", id="letters nobody sees"),
        pytest.param("<p class=MsoNormal>a<p class=MsoNormal>b", "a\nb", id="Outlook's paragraphs"),
        pytest.param("a<hr>b", "a\n\n" + "_" * 32 + "\n\nb", id="rule"),
        pytest.param("<noscript>a</noscript>", "a", id="where nothing runs"),
        pytest.param("<textarea>a</textarea>", "a", id="written in a field"),
        pytest.param("<svg><text>a</text><style>b</style></svg>", "a", id="words in a drawing"),
        pytest.param(
            "<a href='HTTPS://x.example/1'>a</a>", "a <HTTPS://x.example/1>", id="shouted"
        ),
        pytest.param(
            "<a href='https://x.example/\u202egpj'>a</a>",
            "a <https://x.example/%E2%80%AEgpj>",
            id="an address that runs backwards",
        ),
        pytest.param("", "", id="nothing"),
        pytest.param("<<<>>><p", "<<<>>>", id="no HTML"),
    ],
)
def test_text(html: str, text: str) -> None:
    assert html_text(html) == text


@pytest.mark.parametrize(
    ("html", "marks"),
    [
        pytest.param("<div>a</div>", [Mark.NEW], id="new"),
        pytest.param('<div class="gmail_attr">a</div>', [Mark.QUOTE], id="Gmail's introduction"),
        pytest.param('<div class="gmail_signature">a</div>', [Mark.SIGNATURE], id="signature"),
        pytest.param('<div id="Signature">a</div>', [Mark.SIGNATURE], id="Outlook's signature"),
        pytest.param('<div class="ydp1ab2signature">a</div>', [Mark.SIGNATURE], id="Yahoo's"),
        pytest.param('<div id="composer_signature">a</div>', [Mark.SIGNATURE], id="Samsung's"),
        pytest.param(
            '<div class="signature-pen offer">a</div>', [Mark.NEW], id="a pen to sign with"
        ),
        pytest.param(
            '<div class="moz-cite-prefix">a</div>b', [Mark.QUOTE, Mark.NEW], id="Thunderbird"
        ),
        pytest.param('<div id="divRplyFwdMsg">a</div>', [Mark.QUOTE], id="Outlook"),
        pytest.param('<blockquote type="cite">a</blockquote>', [Mark.QUOTE], id="Apple"),
    ],
)
def test_marks(html: str, marks: list[Mark]) -> None:
    assert [line.mark for line in html_lines(html)[0]] == marks


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param("<div>" * 50_000 + "Hei", id="nested blocks"),
        pytest.param("<b>" * 100_000 + "Hei", id="nested bold"),
        pytest.param("<table><tr><td>" * 20_000 + "Hei", id="nested tables"),
        pytest.param("<" * 300_000 + "Hei", id="angles"),
        pytest.param("<a b='" * 50_000 + "Hei", id="attributes"),
        pytest.param("&" * 300_000 + "Hei", id="ampersands"),
        pytest.param("<p>" * 100_000 + "Hei", id="paragraphs"),
        pytest.param(f"<p style='{'display:' * 50_000}'>Hei", id="style"),
    ],
)
def test_bombs_cost_little_and_their_text_is_found(bomb: str) -> None:
    began = time.process_time()
    assert "Hei" in html_text(bomb) or bomb.startswith(("<a b", "<p style", "<<"))
    assert time.process_time() - began < 5


def test_text_deeper_than_the_limit_is_kept() -> None:
    lines, cut = html_lines("<div>" * 400 + "far down" + "</div>" * 400 + "after")
    assert cut
    assert "far down" in " ".join(line.text for line in lines)
    assert "after" in " ".join(line.text for line in lines)


def test_a_million_preformatted_lines_are_kept_and_cost_little() -> None:
    tracemalloc.start()
    lines, _ = html_lines("<pre>" + "a\n" * 900_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(line.text.count("a") for line in lines) == 900_000
    assert most < 30_000_000

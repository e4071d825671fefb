"""Can an address in a text be clicked, and does nothing else that anybody writes become HTML?"""

import time

import pytest
from markupsafe import escape

from web.links import linked


def the(address: str) -> str:
    return f'<a href="{address}" rel="noreferrer nofollow">{address}</a>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("See http://a.example.", f"See {the('http://a.example')}.", id="a sentence"),
        pytest.param(
            "(https://a.example/b?)", f"({the('https://a.example/b')}?)", id="in brackets"
        ),
        pytest.param("„https://a.example”…", f"„{the('https://a.example')}”…", id="in quotes"),
        pytest.param(
            "https://a.example/?a=1&b=2", the("https://a.example/?a=1&amp;b=2"), id="a query"
        ),
        pytest.param("https://a.example/ø", the("https://a.example/ø"), id="letters of anybody"),
        pytest.param(
            "https://a.example https://b.example",
            f"{the('https://a.example')} {the('https://b.example')}",
            id="two",
        ),
    ],
)
def test_an_address_is_a_link(text: str, html: str) -> None:
    assert linked(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "<b>bold</b>",
        "https://",
        "file:///etc/passwd",
        "data:text/html,<script>alert(1)</script>",
        "HTTPS only",
    ],
)
def test_all_else_is_text(text: str) -> None:
    assert linked(text) == escape(text)


def test_nothing_gets_out_of_an_address() -> None:
    html = linked("https://a.example/\"onclick='x' https://b.example/<script>")
    assert html == f"{the('https://a.example/')}&#34;onclick=&#39;x&#39; " + (
        f"{the('https://b.example/')}&lt;script&gt;"
    )


@pytest.mark.parametrize("turn", "\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069")
def test_no_address_looks_like_another_one(turn: str) -> None:
    text = f"https://a.example/{turn}knab.elpmaxe//:sptth@b.example"
    assert linked(text) == f"{the('https://a.example/')}{text[18:]}"
    assert linked(f"https://{turn}knab@b.example") == f"https://{turn}knab@b.example"


def test_a_window_of_its_own_knows_nothing_of_ours() -> None:
    html = linked("https://a.example", apart=True)
    assert 'target="_blank" rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize("piece", ["http://", "http://.", "https://a)", ".", "(", "http:// "])
def test_no_text_takes_long(piece: str) -> None:
    began = time.process_time()
    linked(piece * (400_000 // len(piece)))
    assert time.process_time() - began < 2

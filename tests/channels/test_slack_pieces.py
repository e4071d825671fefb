"""Do answers become Slack's markup without waking anybody, and fit?"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.slack.pieces import LONGEST, marked_up, pieces


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<!channel> <@U1> <#C1>", "&lt;!channel&gt; &lt;@U1&gt; &lt;#C1&gt;"),
        ("@here, @Channel and @everyone!", "@\u2060here, @\u2060Channel and @\u2060everyone!"),
        ("kari@here.example", "kari@\u2060here.example"),
        ("kari@hereby.example @ola", "kari@hereby.example @ola"),
        ("**now**, 2**3**4? ** no **", "*now*, 2*3*4? ** no **"),
        ("[her](https://x.example/?a=1&b=2)", "<https://x.example/?a=1&amp;b=2|her>"),
        ("[a](javascript:x) [b](c)", "[a](javascript:x) [b](c)"),
    ],
)
def test_markup(written: str, sent: str) -> None:
    assert marked_up(written) == sent


def test_a_long_text_is_cut_between_paragraphs() -> None:
    first, second = "a" * 3000, "b" * 3000
    assert list(pieces(f"{first}\n\n{second}")) == [first, second]


@given(st.text(st.sampled_from("ab \n<>&@*[]()🔥") | st.characters(), max_size=300))
def test_every_piece_fits_and_no_word_is_lost(text: str) -> None:
    cut = list(pieces(text, limit=40))
    assert all(0 < len(piece) <= 40 for piece in cut)
    assert not [piece for piece in cut if re.search(r"<[@!#]", piece)]


@given(st.text(st.sampled_from("abc <>&\n🔥"), max_size=300))
def test_the_words_stay_in_their_order(text: str) -> None:
    whole = "".join(pieces(text, limit=30))
    back = whole.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert "".join(back.split()) == "".join(text.split())


def test_what_fits_one_message_stays_whole() -> None:
    assert len(list(pieces("a" * LONGEST))) == 1
    assert len(list(pieces("&" * LONGEST))) == 5

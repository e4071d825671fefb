"""Are updates cut out of a body, and messages out of a text, without losing anything?"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.telegram.pieces import LONGEST, pieces
from channels.telegram.updates import split_updates

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(st.dictionaries(words, values, max_size=4), max_size=5), st.booleans())
def test_updates_are_the_bytes_between(found: list[dict[str, object]], plain: bool) -> None:
    written = [
        json.dumps({**update, "update_id": number}, ensure_ascii=plain, indent=number % 3 or None)
        for number, update in enumerate(found)
    ]
    body = '\n{ "ok" :true, "x":[{"result": [7]}],"result" : [ ' + " ,\n".join(written) + " ]}"
    assert split_updates(body.encode()) == [
        (number, text.encode()) for number, text in enumerate(written)
    ]


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    update = b'{"update_id": 5, "text": "caf\xe9 \xed\xa0\x80"}'
    assert split_updates(b'{"ok":true,"result":[' + update + b"]}") == [(5, update)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"ok":true}',
        b'{"ok":true,"result":true}',
        b'{"ok":true,"result":[{"update_id":1}',
        b'{"ok":true,"result":[{"update_id":"one"}]}',
    ],
)
def test_what_is_no_answer_is_no_answer(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        split_updates(body)


@given(st.text(st.sampled_from("ab \n🔥é"), max_size=200), st.integers(2, 40))
def test_pieces_fit_and_lose_no_word(text: str, limit: int) -> None:
    cut = list(pieces(text, limit))
    assert all(len(piece.encode("utf-16-le")) // 2 <= limit for piece in cut)
    assert all(piece.strip() for piece in cut)
    assert "".join("".join(cut).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        pytest.param("short", 10, ["short"], id="as it is"),
        pytest.param("", 10, [], id="nothing"),
        pytest.param("one\n\ntwo three", 12, ["one\n\ntwo", "three"], id="at a word"),
        pytest.param("one two\n\nthree four", 12, ["one two", "three four"], id="at a paragraph"),
        pytest.param("one two\nthree four", 12, ["one two", "three four"], id="at a line"),
        pytest.param("abcdefghij", 4, ["abcd", "efgh", "ij"], id="no seam"),
        pytest.param("🔥🔥🔥", 5, ["🔥🔥", "🔥"], id="an emoji counts twice and stays whole"),
        pytest.param(
            "abc👨‍👩‍👧‍👦def", 12, ["abc", "👨‍👩‍👧‍👦d", "ef"], id="a family stays together"
        ),
        pytest.param("abc👍🏽de", 6, ["abc", "👍🏽de"], id="a thumb keeps its colour"),
        pytest.param("abc🇳🇴🇵🇱", 9, ["abc🇳🇴", "🇵🇱"], id="flags are not mixed up"),
        pytest.param("abce\u0301\u0302f", 5, ["abc", "e\u0301\u0302f"], id="accents stay above"),
        pytest.param("b" + "\u0301" * 9, 6, ["b" + "\u0301" * 5, "\u0301" * 4], id="no letter"),
        pytest.param("سلام دنیا", 6, ["سلام", "دنیا"], id="from right to left"),
        pytest.param("a\udc80b", 5, ["a?b"], id="half a letter can't be sent"),
    ],
)
def test_where_a_text_is_cut(text: str, limit: int, cut: list[str]) -> None:
    assert list(pieces(text, limit)) == cut


def test_a_text_of_just_the_longest_is_one_message() -> None:
    assert len(list(pieces("x" * LONGEST))) == 1
    assert len(list(pieces("🔥" * (LONGEST // 2) + "x"))) == 2

"""What holds for whatever anybody types, names or sends?"""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.inquiries import reading
from storage.inquiries.query import QueryError, parse
from storage.sqlite import Sqlite
from tests.inquiries import KASIA
from web.customer_words import TEXTS, accepted, chosen
from web.files import download
from web.inbox import _position
from web.pages import initials, shown_name
from web.words import language, plain

TYPED = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(['"', "-", ":", "is:open", "sort:priority", "tag:", "%", "_", "\\", "me"]),
        st.builds(
            "{}:{}".format,
            st.sampled_from(["queue", "from", "number", "lang"]),
            st.text(max_size=8),
        ),
    ),
    max_size=8,
).map(" ".join)


@given(TYPED)
def test_a_query_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        query = parse(text)
    except QueryError:
        return
    conditions, values = query.where(KASIA)
    assert all(f":{name}" in conditions for name in values)


@pytest.mark.parametrize(
    "typed", ["'", '"', "\\", "%", "_", "\0", "\ud800", ":v0", "--", "/*", "{}"]
)
async def test_no_sign_breaks_out_of_a_query(sqlite: Sqlite, typed: str) -> None:
    for text in (typed, f"queue:{typed}", f"tag:{typed}", f"from:{typed}", f"-{typed}"):
        try:
            query = parse(text)
        except QueryError:
            continue
        assert await sqlite.read(lambda tx: reading.listed(tx, query, KASIA)) == []  # noqa: B023


@given(st.text())
def test_a_shown_name_can_neither_hide_nor_lead_anywhere(name: str) -> None:
    shown = shown_name(name)
    assert 0 < len(shown) <= 150
    assert not set(shown) & set("/\\\r\n\0")
    assert shown not in (".", "..")
    assert all(unicodedata.category(letter)[0] != "C" for letter in shown)
    assert shown_name(shown) == shown


@given(st.text(), st.binary(max_size=20))
def test_a_download_is_one_well_formed_header(name: str, content: bytes) -> None:
    response = download(name, content)
    disposition = response.headers["Content-Disposition"]
    assert disposition.isascii()
    assert disposition.isprintable()
    assert disposition.count('"') == 2
    assert response.body == content


@given(st.text())
def test_every_browser_gets_a_language_that_there_is(header: str) -> None:
    assert chosen(accepted(header), ("nb", "pl")) in ("nb", "pl")
    assert chosen(accepted(header), (header,)) in TEXTS


@given(st.text())
def test_words_and_positions_take_anything(text: str) -> None:
    assert isinstance(language(text), str)
    assert isinstance(plain(text), str)
    assert 1 <= len(initials(text)) <= 6
    found = _position(text)
    assert found is None or max(map(abs, found)) < 10**18

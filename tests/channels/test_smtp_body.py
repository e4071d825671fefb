"""Is a message the same bytes and the same end, however the network cuts it?"""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.smtp.body import Body

LINES = st.lists(
    st.binary(max_size=30).filter(lambda line: b"\r" not in line and b"\n" not in line), max_size=8
)
DOTTED = st.lists(st.sampled_from([b"", b".", b"..", b"...", b".a", b"a.", b"a"]), max_size=8)
NOISE = st.lists(st.sampled_from([b"\r", b"\n", b".", b"a", b"\r\n", b"\0"]), max_size=30)


def stuffed(message: bytes) -> bytes:
    """Write a message of CRLF lines as a client does, with its end."""
    return re.sub(rb"(?m)^\.", b"..", message) + b".\r\n"


def taken(chunks: list[bytes]) -> tuple[bytes, Body]:
    """Feed chunks until the end; what was not needed any more is part of the rest."""
    body, found = Body(), b""
    for number, chunk in enumerate(chunks):
        found += body.feed(chunk)
        if body.finished:
            body.rest += b"".join(chunks[number + 1 :])
            break
    return found, body


def cut(raw: bytes, places: list[int]) -> list[bytes]:
    """Cut bytes at some places."""
    edges = [0, *sorted(place % (len(raw) + 1) for place in places), len(raw)]
    return [raw[a:b] for a, b in pairwise(edges)]


@given(
    LINES | DOTTED, st.lists(st.integers(min_value=0), max_size=12), st.sampled_from([b"", b"Q"])
)
def test_any_message_comes_out_as_it_was_through_any_cuts(
    lines: list[bytes], places: list[int], after: bytes
) -> None:
    message = b"".join(line + b"\r\n" for line in lines)
    found, body = taken(cut(stuffed(message) + after, places))
    assert (found, body.finished, body.bare, body.rest) == (message, True, False, after)


@pytest.mark.parametrize("place", range(31))
def test_a_cut_at_any_byte_changes_nothing(place: int) -> None:
    raw = b".\r\n..\r\na\r\n...b\r\n.\r\nRSET\r\n"
    raw = b"x\r\n." + raw
    found, body = taken([raw[:place], raw[place:]])
    assert found == b"x\r\n.\r\n.\r\na\r\n..b\r\n"
    assert (body.finished, body.bare, body.rest) == (True, False, b"RSET\r\n")


def test_byte_by_byte_is_the_same_as_at_once() -> None:
    raw = stuffed(b".a\r\n\r\n.\r\nb\r\n") + b"QUIT\r\n"
    found, body = taken([raw[i : i + 1] for i in range(len(raw))])
    assert found == b".a\r\n\r\n.\r\nb\r\n"
    assert body.rest == b"QUIT\r\n"


@given(NOISE, st.lists(st.integers(min_value=0), max_size=12))
def test_a_cut_never_changes_what_is_bare(noise: list[bytes], places: list[int]) -> None:
    raw = b"".join(noise) + b"\r\n.\r\n"
    whole, at_once = taken([raw])
    pieces, in_pieces = taken(cut(raw, places))
    assert pieces == whole
    assert (in_pieces.bare, in_pieces.rest) == (at_once.bare, at_once.rest)
    assert at_once.bare == bool(
        re.search(rb"(?<!\r)\n|\r(?!\n)", raw[: len(raw) - len(at_once.rest)])
    )


@pytest.mark.parametrize(
    "smuggled",
    [
        pytest.param(b"\n.\n", id="LF dot LF"),
        pytest.param(b"\n.\r\n", id="LF dot CRLF"),
        pytest.param(b"\r\n.\n", id="CRLF dot LF"),
        pytest.param(b"\r.\r", id="CR dot CR"),
        pytest.param(b"\r\n.\r", id="CRLF dot CR"),
        pytest.param(b"\r.\r\n", id="CR dot CRLF"),
    ],
)
def test_no_other_end_is_believed_and_it_is_noticed(smuggled: bytes) -> None:
    found, body = taken([b"hello" + smuggled + b"MAIL FROM:<evil@x.example>\r\n.\r\n"])
    assert body.bare
    assert b"MAIL FROM" in found


def test_an_empty_message_is_a_message() -> None:
    found, body = taken([b".\r\n"])
    assert (found, body.finished, body.bare) == (b"", True, False)


def test_a_zero_byte_is_kept() -> None:
    found, body = taken([b"a\0b\r\n.\r\n"])
    assert (found, body.bare) == (b"a\0b\r\n", False)

"""Are header fields read as people and programs really write them?"""

import pytest

from normalizer.headers import read_headers
from normalizer.limits import FIELD_BYTES, HEADER_BYTES


def fields(raw: bytes) -> dict[str, list[str]]:
    headers, _ = read_headers(raw, 0, len(raw))
    return {name: headers.texts(name) for name in headers.fields}


def body(raw: bytes) -> bytes:
    return raw[read_headers(raw, 0, len(raw))[1] :]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b"A: 1\r\nB: 2\r\n\r\nx", {"a": ["1"], "b": ["2"]}, id="plain"),
        pytest.param(b"A: 1\nA: 2\n\n", {"a": ["1", "2"]}, id="twice"),
        pytest.param(b"Subject: a\r\n b\r\n\tc\r\n\r\n", {"subject": ["a b c"]}, id="folded"),
        pytest.param(b"Subject : a\n\n", {"subject": ["a"]}, id="a blank before the colon"),
        pytest.param(b"A:1\n\n", {"a": ["1"]}, id="no blank after the colon"),
        pytest.param(b"From x@y Mon\nA: 1\n\n", {"a": ["1"]}, id="mailbox line"),
        pytest.param(b"\xef\xbb\xbfA: 1\n\n", {"a": ["1"]}, id="byte order mark"),
        pytest.param(b"\r\n\r\nA: 1\n\n", {"a": ["1"]}, id="blank lines first"),
        pytest.param(b"A: one\ntwo\nCc: 3\n\n", {"a": ["one two"], "cc": ["3"]}, id="lost indent"),
        pytest.param(b"A: 1\nplain text", {"a": ["1"]}, id="no blank line before the body"),
        pytest.param(b"S: \xc3\xa6\n\n", {"s": ["æ"]}, id="raw utf-8"),
        pytest.param(b"S: bl\xe5b\xe6r\n\n", {"s": ["blåbær"]}, id="raw latin-1"),
        pytest.param(b"", {}, id="nothing"),
        pytest.param(b"no header at all", {}, id="only text"),
    ],
)
def test_fields(raw: bytes, expected: dict[str, list[str]]) -> None:
    assert fields(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b"A: 1\r\n\r\nbody", b"body", id="after the blank line"),
        pytest.param(b"A: 1\n \nbody", b"body", id="after a line of blanks"),
        pytest.param(b"A: 1\nbody", b"body", id="after the last field"),
        pytest.param(b"just text", b"just text", id="all of it"),
        pytest.param(b"A: 1\n", b"", id="no body"),
    ],
)
def test_where_the_body_begins(raw: bytes, expected: bytes) -> None:
    assert body(raw) == expected


def test_a_long_field_is_cut_and_said_so() -> None:
    raw = b"Subject: " + b"x" * (FIELD_BYTES + 1) + b"\n\nbody"
    headers, start = read_headers(raw, 0, len(raw))
    assert FIELD_BYTES - 1 <= len(headers.raw("subject")) <= FIELD_BYTES
    assert headers.over_limit == "a header field longer than 16 KiB: subject"
    assert raw[start:] == b"body"


def test_headers_beyond_the_limit_are_not_read_but_the_body_is_found() -> None:
    raw = b"From: a@b.example\n" + b"X: %b\n" % (b"y" * 60) * (HEADER_BYTES // 64) + b"\nbody"
    headers, start = read_headers(raw, 0, len(raw))
    assert headers.text("from") == "a@b.example"
    assert headers.over_limit == "headers longer than 128 KiB"
    assert raw[start:] == b"body"


def test_the_first_of_equal_fields_counts() -> None:
    headers, _ = read_headers(b"A: 1\nA: 2\n\n", 0, 12)
    assert headers.text("a") == "1"
    assert headers.decoded() == {"a": "1"}
    assert headers.text("missing") == ""
    assert headers.raw("missing") == b""


@pytest.mark.parametrize(
    ("of_part", "most"), [pytest.param(False, 5000, id="mail"), pytest.param(True, 200, id="part")]
)
def test_more_fields_than_anybody_writes_are_not_read(of_part: bool, most: int) -> None:
    raw = b"".join(b"X-%d: y\n" % number for number in range(most + 100)) + b"\nbody"
    headers, start = read_headers(raw, 0, len(raw), of_part=of_part)
    assert headers.over_limit == f"more than {most} header fields"
    assert raw[start:] == b"body"
    assert len(headers.fields) <= most + 2

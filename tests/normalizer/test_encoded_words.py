"""Do RFC 2047 words become letters, however they are broken, in linear time?"""

import time

import pytest

from normalizer.encoded_words import decode_header, decode_words, one_line


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("plain", "plain", id="none"),
        pytest.param("=?utf-8?B?w6Y=?=", "æ", id="base64"),
        pytest.param("=?iso-8859-1?Q?=E6_=F8?=", "æ ø", id="quoted-printable"),
        pytest.param("=?utf-8*nb?Q?=C3=A6?=", "æ", id="with a language"),
        pytest.param("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab", id="blanks between words vanish"),
        pytest.param("=?utf-8?Q?a?= b", "a b", id="blanks before text stay"),
        pytest.param("=?utf-8?B?w?==?utf-8?B?w6Y=?=", "æ", id="one word cut off at once"),
        pytest.param("=?utf-8?Q?=C3?= =?utf-8?Q?=A6?=", "æ", id="a letter cut in two"),
        pytest.param("=?utf-8?B?w6Y?=", "æ", id="padding forgotten"),
        pytest.param("=?utf-8?Q?a b?=", "a b", id="a blank inside"),
        pytest.param("=?utf-8?Q?why?_ok?=", "why? ok", id="a question mark inside"),
        pytest.param("=?x-odd?Q?=C3=A6?=", "æ", id="unknown charset"),
        pytest.param("=?utf-8?X?abc?=", "=?utf-8?X?abc?=", id="unknown encoding"),
        pytest.param("=?utf-8?Q?unfinished", "=?utf-8?Q?unfinished", id="no end"),
        pytest.param("a=?utf-8?Q?=C3=A6?=b", "aæb", id="inside a word"),
        pytest.param("=?koi8-r?B?8NLJ18XU?=", "Привет", id="Russian"),
        pytest.param("=?UTF-8?B?nnDusSNdHQ==?=", "=?UTF-8?B?nnDusSNdHQ==?=", id="no text at all"),
    ],
)
def test_words(written: str, read: str) -> None:
    assert decode_words(written) == read


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        pytest.param(b"a\r\n b", "a b", id="folded"),
        pytest.param(b"=?utf-8?B?SGVpDQpCY2M6IHg=?=", "Hei Bcc: x", id="a hidden line break"),
        pytest.param(b"a\x00b\x07", "ab", id="controls"),
        pytest.param("\u2028x\u200b".encode(), "x", id="line separator and zero width"),
        pytest.param(b"  padded ", "padded", id="blanks at the ends"),
    ],
)
def test_a_header_is_one_clean_line(raw: bytes, read: str) -> None:
    assert decode_header(raw) == read


def test_an_emoji_of_several_people_stays_whole() -> None:
    assert one_line("👩\u200d💻") == "👩\u200d💻"


def test_a_hostile_subject_takes_no_time() -> None:
    began = time.process_time()
    decode_words("=?utf-8?Q?" * 20_000)
    decode_words("=?utf-8?B?w6Y=?= " * 15_000)
    decode_words("=?a?Q?" + "?" * 100_000)
    assert time.process_time() - began < 2

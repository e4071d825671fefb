"""Has each kind of value one spelling, whatever is written?"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import scalars
from config.scalars import Word
from inquiry.errors import Place

RIGHT = [
    (scalars.boolean, "yes", True),
    (scalars.boolean, "No", False),
    (scalars.whole_number, "-12", -12),
    (scalars.duration, "15m", timedelta(minutes=15)),
    (scalars.size, "1KB", 1024),
    (scalars.language, "pt-BR", "pt-BR"),
    (scalars.mail_address, "ola@nordlys.example", "ola@nordlys.example"),
    (scalars.mail_address, "åse@blåbær.example", "åse@blåbær.example"),
    (scalars.reference_format, "NL-{year}-{seq:05}", "NL-{year}-{seq:05}"),
    (scalars.web_address, "https://help.example/desk/", "https://help.example/desk"),
    (scalars.listen_address, "[::1]:8080", "[::1]:8080"),
    (scalars.network, "10.0.0.5", "10.0.0.5/32"),
    (scalars.network, "fd00::/8", "fd00::/8"),
]
WRONG = [
    (scalars.boolean, "y"),
    (scalars.boolean, "1"),
    (scalars.whole_number, "1.5"),
    (scalars.whole_number, "٣"),
    (scalars.duration, "1h30m"),
    (scalars.duration, "-1h"),
    (scalars.duration, "2 h"),
    (scalars.size, "30 MB"),
    (scalars.size, "30mb"),
    (scalars.language, "NB"),
    (scalars.language, "nb_NO"),
    (scalars.language, "no"),
    (scalars.mail_address, "ewa"),
    (scalars.mail_address, "ewa@"),
    (scalars.mail_address, "Ewa <ewa@nordlys.example>"),
    (scalars.mail_address, "a@b@c"),
    (scalars.zone, "/etc/localtime"),
    (scalars.zone, "CEST"),
    (scalars.reference_format, "{seq.__class__}"),
    (scalars.reference_format, "{year}"),
    (scalars.reference_format, "N {seq}"),
    (scalars.web_address, "ftp://help.example"),
    (scalars.listen_address, "127.0.0.1:99999"),
    (scalars.network, "10.0.0.5/24"),
    (scalars.network, "proxy.example"),
    (scalars.network, "*"),
]


@pytest.mark.parametrize(("read", "text", "value"), RIGHT)
def test_what_is_read(read: Callable[[str], object], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(("read", "text"), WRONG)
def test_what_is_refused_is_named(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match=r"^'.+'"):
        read(text)


@settings(deadline=None)
@given(st.text(max_size=20), st.sampled_from([read for read, _ in WRONG]))
def test_any_text_is_read_or_refused(text: str, read: Callable[[str], object]) -> None:
    try:
        read(text)
    except ValueError as refused:
        said = str(refused)
    else:
        said = ""
    assert not said or repr(text) in said or text in said


def test_a_word_is_text_that_knows_its_place() -> None:
    place = Place(Path("desk.yaml"), 3, 7)
    word = Word.at("kasia", place)
    assert (word, word.place) == ("kasia", place)
    assert {word: 1} == {"kasia": 1}


def test_a_network_begins_where_it_begins() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/24; did you mean '10\.1\.0\.0/16'\?"):
        scalars.network("10.1.0.1/16")

"""Is what people write in their own way recognised, and nothing guessed that is not likely?"""

from collections.abc import Callable

import pytest

from config import nearly, scalars


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2 hours", "2h"),
        ("2 h", "2h"),
        ("1 day", "1d"),
        ("2 dager", "2d"),
        ("30 min.", "30m"),
        ("15 Minuten", "15m"),
        ("2t", "2h"),
        ("2 godziny", "2h"),
        ("3 dni", "3d"),
        ("10 sek", "10s"),
        ("2 uker", "14d"),
        ("1w", "7d"),
        ("3 months", ""),
        ("120", ""),
        ("24:00", ""),
        ("soon", ""),
        ("1h30m", ""),
    ],
)
def test_durations(text: str, meant: str) -> None:
    assert nearly.nearly_duration(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("5 MB", "5MB"),
        ("5mb", "5MB"),
        ("10 megabytes", "10MB"),
        ("500 k", "500KB"),
        ("1 GiB", "1GB"),
        ("5", ""),
        ("5 apples", ""),
    ],
)
def test_sizes(text: str, meant: str) -> None:
    assert nearly.nearly_size(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("24.12.2026", "2026-12-24"),
        ("1.5.2026", "2026-05-01"),
        ("24/12/2026", "2026-12-24"),
        ("12/24/2026", "2026-12-24"),
        ("23.11.2026 22:00", "2026-11-23T22:00"),
        ("23.11.2026 kl. 8.30", "2026-11-23T08:30"),
        ("05/06/2026", ""),
        ("31.02.2026", ""),
        ("24.12.", ""),
    ],
)
def test_dates(text: str, meant: str) -> None:
    assert nearly.nearly_date(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Norsk", "nb"),
        ("polski", "pl"),
        ("NB", "nb"),
        ("nb_NO", "nb-NO"),
        ("NO", ""),
        ("elvish", ""),
    ],
)
def test_languages(text: str, meant: str) -> None:
    assert nearly.nearly_language(text) == meant


@pytest.mark.parametrize(
    ("read", "text", "meant"),
    [
        (scalars.duration, "2 hours", "2h"),
        (scalars.size, "5 MB", "5MB"),
        (scalars.moment, "23.11.2026 22:00", "2026-11-23T22:00"),
        (scalars.language, "norsk", "nb"),
        (scalars.zone, "Europe/Warszawa", "Europe/Warsaw"),
    ],
)
def test_it_is_asked_at_the_end_of_the_sentence(
    read: Callable[[str], object], text: str, meant: str
) -> None:
    with pytest.raises(ValueError, match=rf"; did you mean '{meant}'\?$"):
        read(text)

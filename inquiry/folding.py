"""Text folded for comparison: no case, no accents; the same for search and word lists."""

import unicodedata

_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "ı": "i"}
)
_KEPT = {"й": "й"}  # one letter of its own in Russian, not an accented и


def fold(text: str) -> str:
    """Fold NFKC + casefold, Latin accents off, ł→l ø→o æ→ae đ→d ß→ss ё→е, й kept."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if plain.isascii():
        return plain
    return "".join(map(_without_accents, plain)).translate(_LETTERS)


def _without_accents(letter: str) -> str:
    if letter < "\x80" or letter in _KEPT:
        return letter
    return "".join(
        part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part)
    )

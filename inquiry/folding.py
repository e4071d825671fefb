"""Text folded for comparison: no case, no accents; the same for search and word lists."""

import re
import unicodedata

_LETTERS = {
    "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "ı": "i",
    "й": "й",  # one letter of its own in Russian, not an accented и
    "’": "'", "‘": "'", "ʼ": "'",  # telephones write doesn’t
}  # fmt: skip
_LETTERS_TO_FOLD = re.compile(r"[^\x00-\x7fа-я]+")
"""Casefolded Russian letters stay as they are."""
_REMEMBERED = 5_000
_FEW = 12
"""Runs of letters that are sooner replaced one after the other than all at once."""


class _Folded(dict[int, str]):
    """What each letter becomes, found out when it is first met."""

    def __missing__(self, point: int) -> str:
        letter = chr(point)
        plain = _LETTERS.get(letter) or _without_accents(letter)
        if len(self) < _REMEMBERED:
            self[point] = plain
        return plain


_FOLDED = _Folded()


def fold(text: str) -> str:
    """Fold NFKC + casefold, Latin accents off, ł→l ø→o æ→ae đ→d ß→ss ё→е ’→', й kept."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).casefold()
    if plain.isascii():
        return plain
    runs = _LETTERS_TO_FOLD.findall(plain)
    if len(letters := set(runs)) > _FEW:
        return _LETTERS_TO_FOLD.sub(_folded, plain)
    for letter in sorted(letters, key=len, reverse=True):  # no run may be cut by a part of it
        plain = plain.replace(letter, letter.translate(_FOLDED))
    return plain


def _folded(run: re.Match[str]) -> str:
    return run[0].translate(_FOLDED)


def _without_accents(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    return "".join(_LETTERS.get(part, part) for part in parts if not unicodedata.combining(part))

"""Which languages a text can be in at all: told by its letters, before anybody guesses."""

import re
from collections.abc import Sequence

_CYRILLIC = re.compile(r"[\u0400-\u04ff]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_OTHER_LETTER = re.compile(r"[^\W\d_A-Za-z\u00c0-\u024f\u0400-\u04ff]")
_MARKED = re.compile(
    r"[\u00c0-\u024f\u0401\u0404\u0406\u0407\u0451\u0454\u0456\u0457\u0490\u0491ъэыЪЭЫўЎ]"
)
_LETTERS = {
    "nb": "æøåéòèêóôàü",
    "nn": "æøåéòèêóôà",
    "da": "æøåé",
    "sv": "åäöéà",
    "fi": "äöåšž",
    "et": "õäöüšž",
    "lv": "āčēģīķļņšūž",
    "lt": "ąčęėįšųūž",
    "pl": "ąćęłńóśźż",
    "de": "äöüß",
    "en": "éï",
    "fr": "àâçéèêëîïôûùüœ",
    "es": "áéíóúüñ",
    "it": "àèéìòù",
    "nl": "ëéïöüè",
    "pt": "ãõáâàçéêíóôú",
    "cs": "áčďéěíňóřšťúůýž",
    "ru": "ёъэы",
    "uk": "іїєґ",
    "be": "ёэыіў",
}
"""The letters of each beyond the plain alphabet of its script."""
_LETTERS_OF = {code: frozenset(letters) for code, letters in _LETTERS.items()}
_CYRILLIC_LANGUAGES = frozenset({"ru", "uk", "be"})


def written(words: Sequence[str]) -> list[str]:
    """Return the words that tell a language: names and words in another script don't.

    Names are what begins with a capital inside a sentence and has letters beyond the plain ones.
    """
    told, whole = words, "".join(words)
    if whole.isascii():
        return list(words)
    if _is_cyrillic(whole):
        told = [word for word in words if _CYRILLIC.search(word)]
    kept = [
        word
        for at, word in enumerate(told)
        if at == 0 or not word[0].isupper() or word.isupper() or not _MARKED.search(word.lower())
    ]
    return kept if len(kept) > 1 else list(told)


def readable(text: str) -> bool:
    """Is the text in one of the two scripts of the languages known here?"""
    if not _OTHER_LETTER.search(text):
        return bool(_LATIN.search(text) or _CYRILLIC.search(text))
    letters = sum(map(str.isalpha, text))
    return 2 * (_count(_CYRILLIC, text) + _count(_LATIN, text)) > letters


def possible(text: str, languages: Sequence[str]) -> tuple[str, ...]:
    """Return those languages whose script and letters the text uses; all, if none fits."""
    cyrillic = _is_cyrillic(text)
    script = [code for code in languages if (code in _CYRILLIC_LANGUAGES) == cyrillic]
    marked = set() if text.isascii() else set("".join(_MARKED.findall(text)).lower())
    if not marked:
        return tuple(script) or tuple(languages)
    missing = {code: len(marked - _LETTERS_OF.get(code, marked)) for code in script}
    least = min(missing.values(), default=0)
    return tuple(code for code in script if missing[code] == least) or tuple(languages)


def _is_cyrillic(text: str) -> bool:
    """Russian mails are full of product names in Latin letters, hardly ever the other way."""
    if text.isascii() or not _CYRILLIC.search(text):
        return False
    return 3 * _count(_CYRILLIC, text) > _count(_LATIN, text)


def _count(letters: re.Pattern[str], text: str) -> int:
    return sum(map(len, letters.findall(text)))

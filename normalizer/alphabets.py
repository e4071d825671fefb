"""Which languages a text can be in at all: told by its letters, before anybody guesses."""

import re
from collections.abc import Sequence

_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
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
    "ru": "ёъэы",
    "uk": "іїєґ",
    "be": "ёэыіў",
}
"""The letters of each beyond the plain alphabet of its script."""
_CYRILLIC_LANGUAGES = frozenset({"ru", "uk", "be"})


def possible(text: str, languages: Sequence[str]) -> tuple[str, ...]:
    """Return those languages whose script and letters the text uses; all, if none fits."""
    cyrillic = len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text))
    script = [code for code in languages if (code in _CYRILLIC_LANGUAGES) == cyrillic]
    marked = set("".join(_MARKED.findall(text)).lower())
    if not marked:
        return tuple(script) or tuple(languages)
    missing = {code: len(marked - set(_LETTERS.get(code, marked))) for code in script}
    least = min(missing.values(), default=0)
    return tuple(code for code in script if missing[code] == least) or tuple(languages)

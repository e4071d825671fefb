"""The words that make up most of any text: they tell even a short one's language."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from inquiry.folding import fold

_DATA = Path(__file__).parent / "data" / "words"
_AROUND = ".,:;!?()[]\"'«»„”“…*-–"
_TELLING = 5
"""Letters of a word whose beginning or end is looked at."""
_LONGEST = 40
"""Letters of a word that is looked at at all."""
_PART = 0.5
"""What it counts that a word is built as a language builds its words."""


def votes(words: Iterable[str], languages: Sequence[str]) -> dict[str, float]:
    """Count for each language how many of the words are among its commonest.

    A word that is common nowhere counts in part where it begins or ends as words there do.
    """
    table = _spoken()
    counts = dict.fromkeys(languages, 0.0)
    for word in words:
        bare = word.strip(_AROUND).lower()
        found, weight = table.get(bare), 1.0
        if found is None:
            found, weight = _built(bare), _PART
        for language in found:
            if language in counts:
                counts[language] += weight
    return counts


@lru_cache(maxsize=10_000)
def _built(word: str) -> frozenset[str]:
    """Return the languages whose words begin or end like this one, or have such letters inside."""
    if not _TELLING <= len(word) <= _LONGEST:
        return frozenset()
    return frozenset(code for code, pattern in _patterns().items() if pattern.search(word))


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """Read how words are built in each language: ``*sjon``, ``kv*``, ``*øy*``."""
    return {
        path.stem: re.compile("|".join(_pattern(part) for part in parts))
        for path in sorted(_DATA.glob("*.txt"))
        if (parts := [word for word in path.read_text("utf-8").split() if "*" in word])
    }


def _pattern(part: str) -> str:
    start, end = "" if part.startswith("*") else "^", "" if part.endswith("*") else "$"
    return f"{start}{re.escape(part.strip('*'))}{end}"


@cache
def _spoken() -> Mapping[str, frozenset[str]]:
    """Say of each common word in which languages it is one, once."""
    proper: dict[str, set[str]] = {}
    for path in sorted(_DATA.glob("*.txt")):
        for word in path.read_text("utf-8").split():
            if "*" not in word:
                proper.setdefault(word, set()).add(path.stem)
    typed: dict[str, set[str]] = {}
    for word, languages in proper.items():
        if (plain := fold(word)) not in proper:  # as typed on a keyboard without such letters
            typed.setdefault(plain, set()).update(languages)
    return {word: frozenset(languages) for word, languages in (typed | proper).items()}

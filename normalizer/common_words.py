"""The words that make up most of any text: they tell even a short one's language."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from inquiry.folding import fold

_DATA = Path(__file__).parent / "data" / "words"
_AROUND = ".,:;!?()[]\"'«»„”“…*-–"


def votes(words: Iterable[str], languages: Sequence[str]) -> dict[str, int]:
    """Count for each language how many of the words are among its commonest."""
    table = _spoken()
    counts = dict.fromkeys(languages, 0)
    for word in words:
        for language in table.get(word.strip(_AROUND).lower(), ()):
            if language in counts:
                counts[language] += 1
    return counts


@cache
def _spoken() -> Mapping[str, frozenset[str]]:
    """Say of each common word in which languages it is one, once."""
    proper: dict[str, set[str]] = {}
    for path in sorted(_DATA.glob("*.txt")):
        for word in path.read_text("utf-8").split():
            proper.setdefault(word, set()).add(path.stem)
    typed: dict[str, set[str]] = {}
    for word, languages in proper.items():
        if (plain := fold(word)) not in proper:  # as typed on a keyboard without such letters
            typed.setdefault(plain, set()).update(languages)
    return {word: frozenset(languages) for word, languages in (typed | proper).items()}

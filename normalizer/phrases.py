"""What mail programs and people write around their words, by language: the tables in ``data/``."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from inquiry.folding import fold

AUTOMATIC = re.compile(r"auto|otomat|авто|自動|自动|자동")
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Phrases:
    """All languages together, folded: nobody says which language a mail program speaks."""

    wrote: re.Pattern[str]
    """The verb of a quote's introduction."""
    wrote_words: tuple[str, ...]
    opens: frozenset[str]
    """The words that such an introduction may begin with."""
    labels: dict[str, frozenset[str]]
    """``from``, ``fra``, ``od``: what a label in a quoted header may stand for."""
    original: tuple[str, ...]
    above: tuple[str, ...]
    sent_from: tuple[str, ...]
    closings: frozenset[str]
    closing_words: frozenset[str]
    """The first word of each closing."""
    disclaimers: tuple[str, ...]
    disclaimer_words: frozenset[str]
    """The first word of each disclaimer."""
    automatic: tuple[str, ...]
    """How the subjects of automatic answers begin."""
    away: tuple[str, ...]
    away_automatic: tuple[str, ...]
    """Those that no person would write of himself: they say that a program writes."""
    notices: tuple[str, ...]
    """What ticket systems tell those who shall work: that something was assigned to them."""


@cache
def phrases() -> Phrases:
    """Read the tables, once."""
    tables = [json.loads(path.read_text("utf-8")) for path in sorted(_DATA.glob("*.json"))]
    every = {
        key: tuple(dict.fromkeys(fold(phrase) for table in tables for phrase in table[key]))
        for key in tables[0]
        if key != "labels"
    }
    labels: dict[str, set[str]] = {}
    for table in tables:
        for kind, words in table["labels"].items():
            for word in words:
                labels.setdefault(fold(word), set()).add(kind)
    return Phrases(
        wrote=_whole_words(_longest_first(every["wrote"])),
        wrote_words=every["wrote"],
        opens=frozenset(every["opens"]),
        labels={word: frozenset(kinds) for word, kinds in labels.items()},
        original=every["original"],
        above=every["above"],
        sent_from=_longest_first(every["sent_from"]),
        closings=frozenset(every["closings"]),
        closing_words=frozenset(
            phrase.split()[0].strip(" ,.!*_-\u2013") for phrase in every["closings"]
        ),
        disclaimers=every["disclaimers"],
        disclaimer_words=frozenset(phrase.split()[0] for phrase in every["disclaimers"]),
        automatic=_longest_first(every["automatic"]),
        away=every["away"],
        away_automatic=tuple(filter(AUTOMATIC.search, every["away"])),
        notices=every["notices"],
    )


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=len, reverse=True))


def _whole_words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern for any of the phrases; scripts without blanks have no word boundaries."""
    spaced = "|".join(re.escape(word) for word in words if word[0] < "\u3000")
    dense = "|".join(re.escape(word) for word in words if word[0] >= "\u3000")
    return re.compile(rf"(?<!\w)(?:{spaced})(?!\w)|{dense}")

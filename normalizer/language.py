"""Which language a text is in: its letters, its commonest words, and lingua for the rest."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import islice
from math import exp
from typing import Any

from inquiry.understood import Known
from normalizer.alphabets import possible, readable, written
from normalizer.common_words import votes

_SAMPLE = 120
_WORDS = 40
_SHORT = 24
"""Letters below which a guess is worth less than what is known of the customer."""
_SURE = 0.8
"""How sure a text must be of its language to outweigh what the writer's program is set to."""
_DOUBT = 0.45
"""How sure a guess at a short text must be."""
_CLOSE = 0.2
_WORD = 2.0
"""What a common word counts beside the logarithm of lingua's confidence."""
_FLOOR = 0.03
_HOME = 1.0
"""What counts for the desk's own languages: most who write to it speak one of them."""
_CERTAIN = 4
"""Common words by which a language leads so far that nobody needs to be asked."""
_BEHIND = 3
"""Common words by which a language is behind so far that lingua need not think of it."""
_NEAR = {"nn": "nb", "da": "nb"}
"""Whoever writes the one reads the other."""
_NOISE = re.compile(r"://|@|^www\.|[\d_=*#<>|/\\]{2}|^[\W\d_]+$")
"""What makes a word none: links, addresses, numbers, rules."""
_NEIGHBOURS = (
    *("nn", "da", "sv", "fi", "lt", "lv", "uk", "be", "de", "en"),
    *("fr", "es", "it", "nl", "pt", "cs"),
)
"""Looked for beside the desk's languages, so that a guess is not forced."""


def languages_of(text: str, known: Known, *, subject: str = "", hint: str = "") -> tuple[str, str]:
    """Return the language among the desk's, and the unrestricted guess; "" where nothing tells.

    1. what the customer or the program says (``hint``), if the desk speaks it
    2. the text; a short one together with its subject
    3. what is known of the customer
    """
    words = _words(text)
    if sum(map(len, words)) < _SAMPLE // 3 and subject:
        words += _words(subject)
    sample = " ".join(words)
    wanted = tuple(map(code, known.languages))
    if not wanted:
        guess = detect(sample[:_SAMPLE]) if len(sample) >= 2 else ""
        return guess or code(hint), guess
    likely = likelihoods(words, wanted)
    guess = _best(likely, sample)
    if code(hint) in wanted:
        return code(hint), guess
    if len(sample) < _SHORT and known.customer_language in known.languages:
        return known.customer_language, guess
    return _among(wanted, likely, guess, known) or ("" if guess else _led(words, wanted)), guess


def weighed(text: str, known: Known, program: str, name: str) -> tuple[str, str, str]:
    """Return language and guess as :func:`languages_of`, and which of the two has told it.

    ``program`` is the language that the writer's program is set to, ``name`` what it calls that.
    Many people's telephones speak a language that they don't write: a text that is long and sure
    enough decides, of any other the program.
    """
    words, wanted = _words(text), tuple(map(code, known.languages))
    sample, said = " ".join(words), code(program)
    if said not in wanted:
        return (*languages_of(text, known, hint=program), "")
    likely = likelihoods(words, wanted)
    guess = _best(likely, sample)
    if len(sample) >= _SHORT and likely.get(guess, 0.0) >= _SURE:
        theirs = Known(languages=known.languages, language_fallback=known.language_fallback)
        if written_in := _among(wanted, likely, guess, theirs):
            agreed = f"the text and {name}" if written_in == said else f"the text; {name} is {said}"
            return written_in, guess, agreed
    return said, guess, name


def _led(words: list[str], wanted: tuple[str, ...]) -> str:
    """Return the one language of the desk that has the most common words, where nothing is sure."""
    common = votes(words, wanted)
    most = max(common.values(), default=0)
    leading = [language for language in common if common[language] == most]
    return leading[0] if most and len(leading) == 1 else ""


def _best(likely: Mapping[str, float], sample: str) -> str:
    if not likely:
        return ""
    best = max(likely, key=lambda language: likely[language])
    return best if likely[best] >= _DOUBT or len(sample) >= _SHORT else ""


def _among(wanted: tuple[str, ...], likely: Mapping[str, float], guess: str, known: Known) -> str:
    """Choose the desk's language for a text that may be in another; none is forced on it."""
    if guess in wanted:
        return guess
    close = max(wanted, key=lambda language: likely.get(language, 0.0))
    if guess and likely.get(close, 0.0) >= _CLOSE:
        return close
    if fallback := known.language_fallback.get(guess):
        return fallback[0]
    if _NEAR.get(guess) in wanted:
        return _NEAR[guess]
    return known.customer_language if known.customer_language in known.languages else ""


def code(language: str) -> str:
    """Return the short code that we use: ``no`` and ``nb-NO`` are ``nb``."""
    short = language.partition("-")[0].partition("_")[0].lower()
    return "nb" if short == "no" else short


def _words(text: str) -> list[str]:
    found = (word for word in text[:1000].split() if word.isalpha() or not _NOISE.search(word))
    return list(islice(found, _WORDS))


def likelihoods(words: list[str], wanted: tuple[str, ...]) -> dict[str, float]:
    """Return how likely a text is in each language, wanted or a neighbour, that its letters fit."""
    words = written(words)
    sample = " ".join(words)[:_SAMPLE]
    if len(sample) < 2:
        return {}
    if not readable(sample):
        return {detect(sample): 1.0}
    fitting = possible(sample, tuple(dict.fromkeys((*wanted, *_NEIGHBOURS))))
    common = votes(words, fitting)
    first, second = sorted((*common.values(), 0), reverse=True)[:2]
    if first - second >= _CERTAIN or len(fitting) == 1:
        return {max(common, key=lambda language: common[language]): 1.0}
    fitting = tuple(each for each in fitting if common[each] > first - _BEHIND)
    if len(fitting) == 1:
        return {fitting[0]: 1.0}
    weights = {
        language: (confidence + _FLOOR)
        * exp(_WORD * (common[language] - first) + _HOME * (language in wanted))
        for language, confidence in _asked(sample, fitting)
    }
    total = sum(weights.values())
    return {language: weight / total for language, weight in weights.items()}


def _asked(sample: str, languages: tuple[str, ...]) -> list[tuple[str, float]]:
    values = _detector(languages).compute_language_confidence_values(sample)
    names = _names()
    found: dict[str, float] = {names[value.language]: value.value for value in values}
    return [(language, found.get(language, 0.0)) for language in languages]


def detect(sample: str) -> str:
    """Return the ISO 639-1 code of the likeliest language of all, "" where none is likely."""
    found = _detector(()).detect_language_of(sample)
    return _names()[found] if found is not None else ""


@cache
def _names() -> Mapping[Any, str]:
    """Return the ISO 639-1 codes of the languages that lingua knows."""
    from lingua import Language

    return {language: language.iso_code_639_1.name.lower() for language in Language.all()}


@lru_cache(maxsize=500)
def _detector(languages: tuple[str, ...]) -> Any:
    from lingua import LanguageDetectorBuilder

    every = {name: language for language, name in _names().items()}
    chosen = [every[code] for code in languages if code in every]
    if not languages:
        builder = LanguageDetectorBuilder.from_all_languages()
    elif len(chosen) < 2:
        builder = LanguageDetectorBuilder.from_languages(every["nb"], every["en"], *chosen)
    else:
        builder = LanguageDetectorBuilder.from_languages(*chosen)
    return builder.with_low_accuracy_mode().build()

"""Which language a text is in: lingua, with only the languages that may be meant."""

import re
from functools import cache
from typing import Any

from inquiry.understood import Known
from normalizer.alphabets import possible

_SAMPLE = 200
_SHORT = 24
"""Letters below which a guess is worth less than what is known of the customer."""
_DOUBT = 0.45
"""How sure a guess at a short text must be."""
_CLOSE = 0.2
_NEAR = {"nn": "nb", "da": "nb"}
"""Whoever writes the one reads the other."""
_NOISE = re.compile(r"://|@|[\d_=*#<>|/\\]{2}|^[\W\d_]+$")
"""What makes a word none: links, addresses, numbers, rules."""
_NEIGHBOURS = ("nn", "da", "sv", "fi", "lt", "lv", "uk", "be", "de", "en")
"""Looked for beside the desk's languages, so that a guess is not forced."""


def languages_of(text: str, known: Known, *, subject: str = "", hint: str = "") -> tuple[str, str]:
    """Return the language among the desk's, and the unrestricted guess; "" where nothing tells.

    1. what the customer or the program says (``hint``), if the desk speaks it
    2. the text; a short one together with its subject
    3. what is known of the customer
    """
    sample = _sample(text)
    if len(sample) < _SAMPLE // 4 and subject:
        sample = f"{sample} {_sample(subject)}".strip()
    wanted = tuple(map(code, known.languages))
    guess = detect(sample, _all_of(wanted)) if len(sample) >= 2 else ""
    if not wanted:
        return guess or code(hint), guess
    if code(hint) in wanted:
        return code(hint), guess
    if len(sample) < _SHORT and known.customer_language in known.languages:
        return known.customer_language, guess
    return _among(wanted, sample, guess, known), guess


def _all_of(wanted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*wanted, *_NEIGHBOURS))) if wanted else ()


def _among(wanted: tuple[str, ...], sample: str, guess: str, known: Known) -> str:
    """Choose the desk's language for a text that may be in another; none is forced on it."""
    if guess in wanted:
        return guess
    if fallback := known.language_fallback.get(guess):
        return fallback[0]
    if _NEAR.get(guess) in wanted:
        return _NEAR[guess]
    if guess and (close := _close_second(wanted, sample)):
        return close
    return known.customer_language if known.customer_language in known.languages else ""


def _close_second(wanted: tuple[str, ...], sample: str) -> str:
    """Return the desk's language that is nearly as likely as the best guess."""
    fitting = possible(sample, _all_of(wanted))
    for value in _detector(fitting).compute_language_confidence_values(sample)[:3]:
        if _name(value.language) in wanted and value.value >= _CLOSE:
            return _name(value.language)
    return ""


def code(language: str) -> str:
    """Return the short code that we use: ``no`` and ``nb-NO`` are ``nb``."""
    short = language.partition("-")[0].partition("_")[0].lower()
    return "nb" if short == "no" else short


def _sample(text: str) -> str:
    words = (word for word in text[: 3 * _SAMPLE].split() if not _NOISE.search(word))
    return " ".join(words)[:_SAMPLE]


def detect(sample: str, languages: tuple[str, ...] = ()) -> str:
    """Return the ISO 639-1 code of the likeliest language, "" where none is likely."""
    fitting = possible(sample, languages) if languages else ()
    if len(fitting) == 1:
        return fitting[0]
    detector = _detector(fitting)
    if len(sample) < _SHORT and fitting:
        likeliest = detector.compute_language_confidence_values(sample)[0]
        return _name(likeliest.language) if likeliest.value >= _DOUBT else ""
    found = detector.detect_language_of(sample)
    return _name(found) if found is not None else ""


def _name(language: Any) -> str:
    name: str = language.iso_code_639_1.name.lower()
    return name


@cache
def _detector(languages: tuple[str, ...]) -> Any:
    from lingua import Language, LanguageDetectorBuilder

    every = {_name(each): each for each in Language.all()}
    chosen = [every[code] for code in languages if code in every]
    if not languages:
        builder = LanguageDetectorBuilder.from_all_languages()
    elif len(chosen) < 2:
        builder = LanguageDetectorBuilder.from_languages(every["nb"], every["en"], *chosen)
    else:
        builder = LanguageDetectorBuilder.from_languages(*chosen)
    return builder.with_low_accuracy_mode().build()

"""Which language a text is in: lingua, with only the languages that may be meant."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from inquiry.understood import Known

_SAMPLE = 300
_NOISE = re.compile(r"https?://\S{1,2000}|\S{1,200}@\S{1,200}|[\d_=*#<>|/\\]{2,}")
_NEIGHBOURS = ("da", "nn", "sv", "fi", "lt", "lv", "uk", "be", "de", "en")
"""Loaded beside the desk's languages, so that a guess is not forced."""
_LINGUA_NORWEGIAN = {"no": "nb"}


def languages_of(text: str, known: Known, hint: str = "") -> tuple[str, str]:
    """Return the language among the desk's, and the unrestricted guess; "" where nothing tells."""
    sample = _sample(text)
    if len(sample) < 3:
        return _fallen_back(hint or known.customer_language, known), ""
    wanted = tuple(map(_code, known.languages))
    if not wanted:
        guess = detect(sample)
        return guess or hint, guess
    guess = detect(sample, tuple(dict.fromkeys((*wanted, *_NEIGHBOURS))))
    if hint and _code(hint) in wanted:
        return hint, guess
    if len(sample) < 20 and known.customer_language in known.languages:
        return known.customer_language, guess
    if guess in wanted:
        return guess, guess
    if guess:
        return _elsewhere(sample, guess, known), guess
    return known.customer_language, guess


def _elsewhere(sample: str, guess: str, known: Known) -> str:
    """The best guess is not spoken here: is there another language for it, or is it a near miss?"""
    fallback = known.language_fallback.get(guess)
    if fallback:
        return fallback[0]
    return detect(sample, tuple(map(_code, known.languages)))


def _fallen_back(language: str, known: Known) -> str:
    if not language or not known.languages or language in known.languages:
        return language
    fallbacks: Mapping[str, tuple[str, ...]] = known.language_fallback
    return next(iter(fallbacks.get(language, ())), "")


def _code(language: str) -> str:
    short = language.partition("-")[0].lower()
    return _LINGUA_NORWEGIAN.get(short, short)


def _sample(text: str) -> str:
    return " ".join(_NOISE.sub(" ", text[:2000]).split())[:_SAMPLE]


def detect(sample: str, languages: tuple[str, ...] = ()) -> str:
    """Return the ISO 639-1 code of the likeliest language, "" where none is likely."""
    if len(languages) == 1:
        return languages[0]
    found = _detector(languages).detect_language_of(sample)
    return found.iso_code_639_1.name.lower() if found is not None else ""


@cache
def _detector(languages: tuple[str, ...]) -> Any:
    from lingua import Language, LanguageDetectorBuilder

    if not languages:
        builder = LanguageDetectorBuilder.from_all_languages()
    else:
        every = {each.iso_code_639_1.name.lower(): each for each in Language.all()}
        chosen = [every[code] for code in languages if code in every]
        if len(chosen) < 2:
            chosen = [*chosen, every["en"], every["nb"]][:2]
        builder = LanguageDetectorBuilder.from_languages(*chosen)
    return builder.with_low_accuracy_mode().build()

"""What was probably meant by a value that people write otherwise: ``2 hours``, ``24.12.2026``."""

import re
from collections.abc import Mapping
from datetime import date

_AMOUNT = re.compile(r"(?P<number>[0-9]{1,6})\s*(?P<unit>[^\W\d_]+)\.?")
_UNITS: Mapping[str, tuple[str, ...]] = {
    "s": ("sec", "sek"),
    "m": ("min",),
    "h": ("h", "hour", "hr", "t", "time", "std", "stund", "god"),
    "d": ("day", "dag", "døgn", "doba", "dob", "dzie", "dni", "tag"),
}
_WEEKS = ("w", "wk", "week", "uke", "uker", "tydz", "tyg")
_SIZES: Mapping[str, tuple[str, ...]] = {
    "KB": ("k", "kb", "kib", "kilobyte"),
    "MB": ("m", "mb", "mib", "meg", "megabyte"),
    "GB": ("g", "gb", "gib", "gig", "gigabyte"),
}
_DATE = re.compile(
    r"(?P<first>[0-9]{1,2})(?P<mark>[./-])(?P<second>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4})"
    r"(?:[ T,]+(?:kl\.? ?)?(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2}))?"
)
_LANGUAGES: Mapping[str, str] = {
    "bokmål": "nb", "norsk": "nb", "norwegian": "nb", "nynorsk": "nn", "dansk": "da",
    "danish": "da", "svenska": "sv", "swedish": "sv", "suomi": "fi", "finnish": "fi",
    "eesti": "et", "estonian": "et", "english": "en", "engelsk": "en", "angielski": "en",
    "polish": "pl", "polski": "pl", "polsk": "pl", "deutsch": "de", "german": "de",
    "français": "fr", "french": "fr", "español": "es", "spanish": "es", "russian": "ru",
    "русский": "ru", "ukrainian": "uk", "українська": "uk", "dutch": "nl", "nederlands": "nl",
}  # fmt: skip


def nearly_duration(text: str) -> str:
    """Return ``2h`` for ``2 hours``, "" if nothing is likely."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        return ""
    number, unit = int(found["number"]), found["unit"].lower()
    if unit in _WEEKS:
        return f"{7 * number}d"
    for short, words in _UNITS.items():
        if unit == short or unit in words or any(len(w) > 1 and unit.startswith(w) for w in words):
            return f"{number}{short}"
    return ""


def nearly_size(text: str) -> str:
    """Return ``5MB`` for ``5 mb``, "" if nothing is likely."""
    found = _AMOUNT.fullmatch(text.strip())
    unit = found["unit"].lower().removesuffix("s") if found else ""
    meant = next((size for size, words in _SIZES.items() if unit in words), "")
    return f"{int(found['number'])}{meant}" if found and meant else ""


def nearly_date(text: str) -> str:
    """Return ``2026-12-24`` for ``24.12.2026``, with the time if there is one.

    Where day and month can't be told from each other, nothing is likely.
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return ""
    day, month = int(found["first"]), int(found["second"])
    if found["mark"] != "." and day <= 12 and month <= 12:
        return ""
    if month > 12:
        day, month = month, day
    try:
        meant = date(int(found["year"]), month, day).isoformat()
    except ValueError:
        return ""
    return meant if found["hour"] is None else f"{meant}T{found['hour']:0>2}:{found['minute']}"


def nearly_language(text: str) -> str:
    """Return ``nb`` for ``Norsk`` and ``nb-NO`` for ``nb_NO``, "" if nothing is likely."""
    code, _, region = text.strip().replace("_", "-").partition("-")
    if re.fullmatch(r"[A-Za-z]{2}", code) and code.lower() != "no":
        return f"{code.lower()}-{region}" if region else code.lower()
    return _LANGUAGES.get(text.strip().lower(), "")


def meaning(meant: str) -> str:
    """Return the end of an error's sentence that asks whether this was meant."""
    return f"; did you mean {meant!r}?" if meant else ""

"""Text into values: each kind of scalar has one spelling."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cache
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from config.nearly import meaning, nearly_date, nearly_duration, nearly_language, nearly_size
from inquiry.errors import Place

_BOOLEANS = {"yes": True, "true": True, "no": False, "false": False}
_DURATION = re.compile(r"([0-9]{1,6})(s|m|h|d|bd)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SIZE = re.compile(r"([0-9]{1,9})(B|KB|MB|GB)")
_BYTES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Word(str):
    """Text that remembers where it stands, for what is checked later."""

    __slots__ = ("place",)
    place: Place

    @classmethod
    def at(cls, text: str, place: Place) -> "Word":
        word = cls(text)
        word.place = place
        return word


class Language(str):
    """A BCP 47 language tag."""

    __slots__ = ()


class Size(int):
    """A number of bytes, written ``30MB``."""


def boolean(text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise ValueError(f"{text!r} is not yes or no")
    return _BOOLEANS[text.lower()]


def whole_number(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def language_version(text: str) -> int:
    if text != "1":
        raise ValueError(f"this deskbridge knows version 1 of the language, not {text!r}")
    return 1


def duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if found is None:
        told = f"{text!r} is not a duration such as 30s, 15m, 2h or 90d"
        raise ValueError(told + meaning(nearly_duration(text)))
    if found[2] == "bd":
        raise ValueError(f"{text!r}: business days need a calendar, here are only s, m, h and d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def size(text: str) -> Size:
    found = _SIZE.fullmatch(text)
    if found is None:
        told = f"{text!r} is not a size such as 500KB or 30MB"
        raise ValueError(told + meaning(nearly_size(text)))
    return Size(int(found[1]) * _BYTES[found[2]])


def language(text: str) -> Language:
    if not _LANGUAGE.fullmatch(text):
        told = f"{text!r} is not a language such as nb or pt-BR"
        raise ValueError(told + meaning(nearly_language(text)))
    if text.lower() == "no":  # the code exists, but a message is never found to be in it
        raise ValueError(f"{text!r} is neither of the two Norwegian languages: write nb or nn")
    return Language(text)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone(text: str) -> ZoneInfo:
    if text not in _zones():
        close = get_close_matches(text, (z for z in _zones() if "/" in z), n=1)
        near = meaning(close[0] if close else "")
        raise ValueError(f"{text!r} is not a time zone such as Europe/Oslo{near}")
    return ZoneInfo(text)


FIRST_YEAR, LAST_YEAR = 1970, 9998
"""Before and after, an hour on the clock of a zone may be none of the calendar."""


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        told = f"{text!r} is not a time such as 2026-12-21T13:00"
        raise ValueError(told + meaning(nearly_date(text))) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(f"{text!r} is not in the years {FIRST_YEAR} to {LAST_YEAR}")
    return found


def reference_format(text: str) -> str:
    """Accept what makes every inquiry's public number a different one."""
    try:
        one, other = (text.format(year=2026, seq=number) for number in (1, 23))
    except (KeyError, IndexError, ValueError, AttributeError):
        one = other = ""
    if one == other or not one.isprintable() or " " in one:
        raise ValueError(f"{text!r} is not a pattern such as NL-{{year}}-{{seq:05}}")
    return text


def web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise ValueError(f"{text!r} is not an address such as https://help.example")
    return text.rstrip("/")


def listen_address(text: str) -> str:
    found = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^\s:\[\]]+):([0-9]{1,5})", text)
    if found is None or int(found[2]) > 65535:
        raise ValueError(f"{text!r} is not an address and port such as 127.0.0.1:8080")
    return text


def mail_address(text: str) -> str:
    if not re.fullmatch(r"[^\s@<>(),;:]+@[^\s@<>(),;:]+", text):
        raise ValueError(f"{text!r} is not a mail address such as ola@nordlys.example")
    return text


def operator_token(text: str) -> str:
    if text and not re.fullmatch(r"[\x21-\x7e]{16,}", text):
        raise ValueError("an operator's token has at least 16 letters and digits, and no blanks")
    return text


def network(text: str) -> str:
    told = f"{text!r} is neither an address such as 10.0.0.5 nor a network such as 10.0.0.0/24"
    try:
        found = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(told) from None
    if "/" in text and str(found) != text.strip().lower():
        raise ValueError(f"{told}; did you mean {str(found)!r}?")
    return str(found)


CONVERSIONS: Mapping[Any, Callable[[str], object]] = {
    bool: boolean,
    int: whole_number,
    timedelta: duration,
    Size: size,
    Language: language,
    ZoneInfo: zone,
    datetime: moment,
}
"""How each type is read; each raises ValueError with the sentence for the operator."""

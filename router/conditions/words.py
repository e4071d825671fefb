"""Conditions on the words of a message: in subject and body, in a form's field, in a header."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from inquiry.folding import fold
from router.conditions.condition import Keys
from router.patterns import Pattern
from router.reading import Reading
from router.text import Found, TooSlow
from router.words import Part, Phrase


@dataclass(frozen=True, slots=True)
class Mentions:
    """``mentions: outage``: a word of one of these lists stands in subject or body."""

    lists: tuple[str, ...]

    def holds(self, reading: Reading) -> bool:
        found = reading.hits.lists
        return any(name in found for name in self.lists)

    def words(self, reading: Reading) -> str:
        for name in self.lists:
            if name in reading.hits.lists:
                return f"mentions {name}: “{reading.hits.lists[name]}”"
        return f"mentions {', '.join(self.lists)}: none of the words"

    def keys(self) -> Keys:
        return frozenset(("list", name) for name in self.lists)


@dataclass(frozen=True, slots=True)
class Contains:
    """``subject: drukar*`` or ``text: '/…/'``: one of these stands in that part."""

    part: Literal["subject", "body", "text"]
    wanted: tuple[Phrase | Pattern, ...]

    def holds(self, reading: Reading) -> bool | None:
        return _truth(lambda: self._found(reading))

    def words(self, reading: Reading) -> str:
        return _told(f"{self.part}:", f"{self.part} no match", lambda: self._found(reading))

    def keys(self) -> Keys:
        needed = [w.needs if isinstance(w, Pattern) else w for w in self.wanted]
        return None if None in needed else frozenset(needed)

    def phrases(self) -> Iterator[Phrase]:
        """Return what the automaton has to look for."""
        for wanted in self.wanted:
            needed = wanted.needs if isinstance(wanted, Pattern) else wanted
            if needed is not None:
                yield needed

    def captured(self, reading: Reading) -> Mapping[str, str]:
        return _groups(lambda: self._found(reading))

    def _found(self, reading: Reading) -> Found | None:
        looks = (
            self._matched(wanted, reading)
            if isinstance(wanted, Pattern)
            else self._said(wanted, reading)
            for wanted in self.wanted
        )
        return _first(looks)

    def _said(self, wanted: Phrase, reading: Reading) -> Callable[[], Found | None]:
        parts: tuple[Part, ...] = ("subject", "body") if self.part == "text" else (self.part,)
        said = (reading.hits.phrases.get((wanted, part)) for part in parts)
        text = next((text for text in said if text is not None), None)
        return lambda: None if text is None else Found(text, {})

    def _matched(self, wanted: Pattern, reading: Reading) -> Callable[[], Found | None]:
        if wanted.needs is not None and not any(
            (wanted.needs, part) in reading.hits.phrases for part in ("subject", "body")
        ):
            return lambda: None
        return lambda: reading.text.search(wanted, reading.text.part(self.part))


@dataclass(frozen=True, slots=True)
class Named:
    """``form: {product: router}``, ``header: {X-Priority: '1*'}``: the value under a name.

    A text is the whole value, without case and accents, ``*`` for anything; ``present`` is what
    ``yes`` and ``no`` ask for.
    """

    where: Literal["form", "header"]
    name: str
    wanted: tuple[str | Pattern, ...] = ()
    present: bool = True

    def holds(self, reading: Reading) -> bool | None:
        value = self._value(reading)
        if not self.wanted or value is None:
            return self.present is (value is not None)
        return _truth(lambda: self._found(value, reading))

    def words(self, reading: Reading) -> str:
        value = self._value(reading)
        name = f"{self.where} {self.name}"
        if value is None:
            return f"{name}: -"
        late = ": a pattern took too long" if self.holds(reading) is None else ""
        return f"{name}: “{_shortened(value)}”{late}"

    def keys(self) -> Keys:
        return frozenset([(self.where, self.name)]) if self.present else None

    def captured(self, reading: Reading) -> Mapping[str, str]:
        value = self._value(reading)
        return {} if value is None else _groups(lambda: self._found(value, reading))

    def _value(self, reading: Reading) -> str | None:
        named = reading.message.form if self.where == "form" else reading.message.headers
        value = named.get(self.name)
        return None if value is None or not value.strip() else value

    def _found(self, value: str, reading: Reading) -> Found | None:
        return _first(_look(wanted, value, reading) for wanted in self.wanted)


def is_like(wanted: str, value: str) -> bool:
    """Is it this value, without case and accents, ``*`` standing for anything?"""
    return _like(wanted).fullmatch(fold(value).strip()) is not None


@lru_cache(maxsize=1_000)
def _like(wanted: str) -> re.Pattern[str]:
    parts = fold(wanted).strip().split("*")
    return re.compile(".*".join(map(re.escape, parts)), re.DOTALL)


def _look(wanted: str | Pattern, value: str, reading: Reading) -> Callable[[], Found | None]:
    if isinstance(wanted, Pattern):
        return lambda: reading.text.search(wanted, value)
    return lambda: Found(value, {}) if is_like(wanted, value) else None


def _first(looks: Iterator[Callable[[], Found | None]]) -> Found | None:
    """Return what the first that finds anything finds. Raises TooSlow if only time was lost."""
    lost = None
    for look in looks:
        try:
            if (found := look()) is not None:
                return found
        except TooSlow as slow:
            lost = slow
    if lost:
        raise lost
    return None


def _truth(look: Callable[[], Found | None]) -> bool | None:
    try:
        return look() is not None
    except TooSlow:
        return None


def _told(found: str, otherwise: str, look: Callable[[], Found | None]) -> str:
    try:
        there = look()
    except TooSlow as slow:
        return f"{found} the pattern {slow} took too long"
    return otherwise if there is None else f"{found} “{_shortened(there.text)}”"


def _groups(look: Callable[[], Found | None]) -> Mapping[str, str]:
    try:
        found = look()
    except TooSlow:
        return {}
    return {} if found is None else found.groups


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


_LONGEST_SHOWN = 80

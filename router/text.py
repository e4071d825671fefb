"""The words of a message: each thing worked out once, and only if a rule asks.

What takes long is here, and needs nothing but message and rules: it can be done ahead, while no
transaction is open.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from math import inf
from time import monotonic

from inquiry.understood import Message, Report
from inquiry.words import Automated
from router.patterns import TIMEOUT_SECONDS, Pattern
from router.words import Hits, Words

LONGEST_SUBJECT = 2_000
LONGEST_BODY = 100_000  # a rule that hasn't found its words by then won't be missed
PATIENCE = ((4 * TIMEOUT_SECONDS, TIMEOUT_SECONDS), (1.0, TIMEOUT_SECONDS / 20), (inf, 0.0002))
"""Seconds that a pattern gets on one text, once less than so many were spent on all before it."""
SHOUTED_SHARE, SHORTEST_SHOUT, LONGEST_SHOUT = 0.7, 12, 600
"""How much of the letters, how many at least, and how far anybody listens."""
_REPORTS = {
    Automated.BOUNCE,
    Automated.DSN_DELAYED,
    Automated.DSN_DELIVERED,
    Automated.FEEDBACK,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a pattern found: the whole match, and its named groups."""

    text: str
    groups: Mapping[str, str]


class TooSlow(Exception):
    """A pattern took too long on this text: whether it matches can't be told."""


class Text:
    """One message and the words found in it."""

    def __init__(self, message: Message | Report, words: Words) -> None:
        self.message = message.message if isinstance(message, Report) else message
        self.bounce = isinstance(message, Report) or self.message.automated in _REPORTS
        self.too_slow: dict[str, None] = {}
        self._words = words
        self._spent = 0.0
        self._searched: dict[tuple[Pattern, str], Found | TooSlow | None] = {}

    @cached_property
    def subject(self) -> str:
        return self.message.subject[:LONGEST_SUBJECT]

    @cached_property
    def body(self) -> str:
        """Return what the customer wrote now; all of it where nothing but quotes is there."""
        new = self.message.new_text
        return (new if new.strip() else self.message.text)[:LONGEST_BODY]

    @cached_property
    def hits(self) -> Hits:
        return self._words.find(self.subject, self.body)

    def rewritten(self, message: Message) -> "Text":
        """Return the same for a message of the same words, with all that was found already."""
        other = copy(self)
        other.message = message
        return other

    @property
    def auto_generated(self) -> bool:
        return self.bounce or self.message.automated not in (Automated.NONE, Automated.LIST)

    @cached_property
    def shouting(self) -> bool:
        """Are most of the letters capitals (where an alphabet has them), in more than a word?"""
        text = self.part("text")[:LONGEST_SHOUT]
        capitals = sum(map(str.isupper, text))
        if capitals < SHORTEST_SHOUT:
            return False
        return capitals >= SHOUTED_SHARE * (capitals + sum(map(str.islower, text)))

    def part(self, name: str) -> str:
        """Return the raw text that ``subject``, ``body`` or ``text`` stands for."""
        if name == "text":
            return f"{self.subject}\n{self.body}"
        return self.subject if name == "subject" else self.body

    def search(self, pattern: Pattern, text: str) -> Found | None:
        """Return what ``pattern`` finds in ``text``, None if nothing. Raises TooSlow."""
        key = pattern, text
        if key not in self._searched:
            self._searched[key] = self._look(pattern, text)
        found = self._searched[key]
        if isinstance(found, TooSlow):
            raise found
        return found

    def _look(self, pattern: Pattern, text: str) -> Found | TooSlow | None:
        # Each slow pattern costs its own time and not that of the others, which take microseconds.
        patience = next(each for spent, each in PATIENCE if self._spent < spent)
        began = monotonic()
        try:
            match = pattern.search(text, patience)
        except TimeoutError:
            self.too_slow[pattern.written] = None
            return TooSlow(pattern.written)
        finally:
            self._spent += monotonic() - began
        if match is None:
            return None
        groups = {name: value for name, value in match.groupdict().items() if value}
        return Found(match[0], groups)

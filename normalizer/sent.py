"""Comparing with what we sent: the strongest sign of where a quote is."""

import re
from collections.abc import Sequence

_SPACE = re.compile(r"[\s>|*_]+")
_SENT_CHARACTERS = 50_000
_LINES = 2_000
_SURE = 25
"""Characters of a line that no customer writes by chance just as we did."""


def said_by_us(lines: Sequence[str], sent_texts: Sequence[str]) -> set[int]:
    """Return the lines that repeat what we wrote, however they were wrapped."""
    ours = [_squeezed(text[:_SENT_CHARACTERS]) for text in sent_texts[:20]]
    if not ours:
        return set()
    found = {
        at
        for at, line in enumerate(lines[:_LINES])
        if len(words := _squeezed(line)) >= _SURE and any(words in text for text in ours)
    }
    return found | _between(lines, found, ours)


def _between(lines: Sequence[str], found: set[int], ours: Sequence[str]) -> set[int]:
    """Take in the short lines of ours that stand between sure ones, and around them."""
    more: set[int] = set()
    for step in (1, -1):
        for sure in found:
            at = sure + step
            while 0 <= at < len(lines) and at not in found:
                words = _squeezed(lines[at])
                if words and not any(words in text for text in ours):
                    break
                if words:
                    more.add(at)
                at += step
    return more


def _squeezed(text: str) -> str:
    return _SPACE.sub(" ", text).strip().casefold()

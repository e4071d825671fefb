"""Comparing with what we sent: the strongest sign of where a quote is."""

import re
from collections.abc import Sequence

_SPACE = re.compile(r"[\s>|*_]+")
_MARKS = re.compile(r"[ >]{1,40}")
_PICTURE = ("[cid:", "[image", "[http")
"""What mail programs put in the place of a picture."""
_ANSWER = 60
"""Filled lines of one answer inside of our text."""
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


def written_inside(lines: Sequence[str], sent_texts: Sequence[str]) -> set[int]:
    """Return the lines with which somebody answered inside of what we wrote.

    They stand where our text goes on without them, quoted no deeper than the lines around them.
    """
    found: set[int] = set()
    for ours in (_squeezed(text[:_SENT_CHARACTERS]) for text in sent_texts[:20]):
        found |= _insertions(lines[:_LINES], ours)
    return found


def _insertions(lines: Sequence[str], ours: str) -> set[int]:
    """Follow our text from its first sure line on; gather what stands between its pieces."""
    found: set[int] = set()
    waiting: list[int] = []
    read, depth = -1, 0
    for at, line in enumerate(lines):
        words = _squeezed(line)
        if not any(map(str.isalnum, words)):
            continue
        if read < 0:
            if len(words) >= _SURE and (start := ours.find(words)) >= 0:
                read, depth = start + len(words), _depth(line)
            continue
        if _depth(line) == depth and (after := _goes_on(ours, read, words)):
            found.update(waiting)
            waiting, read = [], after
        elif _depth(line) > depth or depth > 1 or len(waiting) >= _ANSWER:
            break  # an older mail
        elif not words.startswith(_PICTURE):
            waiting.append(at)
    return found


def _goes_on(ours: str, at: int, words: str) -> int:
    """Return where our text has been read to, if it goes on with these words; else 0."""
    at += ours[at : at + 1] == " "
    after = at + len(words)
    whole = not ours[after : after + 1].isalnum()
    return after if whole and ours.startswith(words, at) else 0


def _depth(line: str) -> int:
    """How many marks of quotes stand before this line?"""
    head = _MARKS.match(line)
    return head[0].count(">") if head else 0


def _between(lines: Sequence[str], found: set[int], ours: Sequence[str]) -> set[int]:
    """Take in the short lines that our text has right before and right behind the sure ones."""
    more: set[int] = set()
    for sure in found:
        words = _squeezed(lines[sure])
        text = next(text for text in ours if words in text)
        start = text.find(words)
        more |= _neighbours(lines, found, range(sure + 1, len(lines)), text, start + len(words))
        more |= _neighbours(lines, found, range(sure - 1, -1, -1), text, start)
    return more


def _neighbours(
    lines: Sequence[str], found: set[int], way: range, text: str, read: int
) -> set[int]:
    """Follow our text from ``read`` on, forwards or backwards, as far as the lines repeat it."""
    more: set[int] = set()
    for at in way:
        if at in found:
            break
        if not (words := _squeezed(lines[at])):
            continue
        read = _goes_on(text, read, words) if way.step > 0 else _came_before(text, read, words)
        if read <= 0:
            if read == 0 and way.step < 0:
                more.add(at)
            break
        more.add(at)
    return more


def _came_before(ours: str, at: int, words: str) -> int:
    """Return where these words begin, if our text has them right before; else -1."""
    at -= ours[at - 1 : at] == " "
    start = at - len(words)
    whole = start <= 0 or not ours[start - 1].isalnum()
    return start if start >= 0 and whole and ours.startswith(words, start) else -1


def _squeezed(text: str) -> str:
    return _SPACE.sub(" ", text).strip().casefold()

"""What kept a condition from holding, in full: every branch, and which words were looked for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from router.conditions.condition import Condition
from router.conditions.message import HasAttachment
from router.conditions.words import Contains, Mentions, Named
from router.logic import All, Any, parts_of
from router.patterns import Pattern
from router.reading import Reading
from router.words import Phrase, Words

MOST_WORDS = 12
"""Words of a list that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Missed:
    """One condition that did not hold; ``parts`` are the branches of an ``any``."""

    holds: bool | None
    """False, or None where it can't be told."""
    words: str
    parts: tuple["Missed", ...] = ()


def missed(condition: Condition, reading: Reading, words: Words) -> tuple[Missed, ...]:
    """Return everything that must be different for ``condition`` to hold."""
    return tuple(_missed(condition, reading, words))


def _missed(condition: Condition, reading: Reading, words: Words) -> Iterator[Missed]:
    for part in parts_of(condition):
        holds = part.holds(reading)
        if holds:
            continue
        if isinstance(part, All):
            yield from _missed(part, reading, words)
        elif isinstance(part, Any):
            branches = tuple(_branch(each, reading, words) for each in part.parts)
            yield Missed(holds, "none of these:", branches)
        else:
            yield Missed(holds, _told(part, reading, words))


def _branch(condition: Condition, reading: Reading, words: Words) -> Missed:
    found = missed(condition, reading, words)
    if len(found) == 1:
        return found[0]
    return Missed(condition.holds(reading), "together:", found)


def _told(condition: Condition, reading: Reading, words: Words) -> str:
    match condition:
        case Mentions(lists):
            entries = [word for name in lists for word in words.of(name)]
            read = _words_of(reading, "text")
            return f"mentions {', '.join(lists)}: {_none_of(entries)} in {_counted(read)}"
        case Contains(part, wanted) if condition.holds(reading) is False:
            read = _words_of(reading, part)
            return f"{part}: {_none_of(map(_written, wanted))} in {_counted(read)}"
        case Named(_, _, wanted, True) if wanted and condition.holds(reading) is False:
            told = condition.words(reading)
            there = not told.endswith(": -")
            return f"{told}, not {' or '.join(map(_written, wanted))}" if there else told
        case HasAttachment() if condition.wanted and (condition.extensions or condition.types):
            like = " or ".join((*condition.extensions, *condition.types))
            names = ", ".join(file.filename or "unnamed" for file in reading.message.attachments)
            return f"attachment: none is {like}; there is {names or 'none'}"
        case _:
            return condition.words(reading)


def _written(wanted: Phrase | Pattern | str) -> str:
    return wanted if isinstance(wanted, str) else wanted.written


def _none_of(words: Iterable[str]) -> str:
    every = list(dict.fromkeys(words))
    rest = len(every) - MOST_WORDS
    more = f" and {rest} more" if rest > 0 else ""
    return f"none of {', '.join(every[:MOST_WORDS])}{more}"


def _words_of(reading: Reading, part: str) -> int:
    return len(reading.text.part(part).split())


def _counted(words: int) -> str:
    return "1 word" if words == 1 else f"{words} words"

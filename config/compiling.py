"""Rules as they are written into rules that run."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TypeVar, cast

from config.files import Files
from config.findings import Findings
from config.scalars import Word
from config.sections import RuleEntry
from config.when import FileTest, FlagTest, Group, LaterTest, Test, When
from router.conditions import (
    Address,
    Channel,
    Condition,
    Contains,
    Flag,
    HasAttachment,
    Language,
    Later,
    Mentions,
)
from router.logic import ALWAYS, All, Any, Not
from router.patterns import BadPattern, Pattern, is_pattern, pattern
from router.rules import Effect, Rule
from router.words import Phrase, phrase

T = TypeVar("T")
_BY_NAME: Mapping[str, Callable[[tuple[str, ...]], Condition]] = {
    "channel": Channel,
    "language": Language,
    "mentions": Mentions,
}


class Compiler:
    """Turns what was read into rules; notes bad patterns and words."""

    def __init__(self, files: Files, findings: Findings) -> None:
        self._files = files
        self._findings = findings

    def rule(self, entry: RuleEntry) -> Rule:
        condition = self.condition(entry.when)
        return Rule(
            name=str(entry.name),
            when=condition if isinstance(condition, All) else All((condition,)),
            then=tuple(Effect(str(e.field), str(e.value)) for e in entry.then),
            stop=entry.stop,
            on=frozenset(entry.on),
            place=self._files.short(entry.name.place),
        )

    def condition(self, when: When) -> Condition:
        match when:
            case Group("all", ()):
                return ALWAYS
            case Group("not", parts):
                return Not(self._any(parts))
            case Group("any", parts):
                return self._any(parts)
            case Group(_, parts):
                return All(tuple(map(self.condition, parts)))
            case FlagTest(word, wanted):
                return Flag(word, wanted)
            case FileTest():
                return _attachment(when)
            case LaterTest(word, _):
                return Later(word)
            case Test(word, values):
                return self._test(word, values)

    def phrases(self, words: tuple[Word, ...]) -> tuple[Phrase, ...]:
        """Return the phrases of a word list."""
        return tuple(found for word in words if (found := self._phrase(word)) is not None)

    def _any(self, parts: tuple[When, ...]) -> Condition:
        conditions = tuple(map(self.condition, parts))
        return conditions[0] if len(conditions) == 1 else Any(conditions)

    def _test(self, word: str, values: tuple[Word, ...]) -> Condition:
        if word in _BY_NAME:
            return _BY_NAME[word](tuple(map(str, values)))
        if word in ("from", "to"):
            side = cast("Literal['from', 'to']", word)
            return Address(side, tuple(self._patterns(values, str)))
        part = cast("Literal['subject', 'body', 'text']", word)
        return Contains(part, tuple(self._patterns(values, self._phrase)))

    def _patterns(
        self, values: tuple[Word, ...], otherwise: Callable[[Word], T | None]
    ) -> Iterator[Pattern | T]:
        for value in values:
            found = self._pattern(value) if is_pattern(value) else otherwise(value)
            if found is not None:
                yield found

    def _pattern(self, value: Word) -> Pattern | None:
        try:
            return pattern(str(value))
        except BadPattern as error:
            self._findings.error(value.place, "pattern", str(error))
            return None

    def _phrase(self, value: Word) -> Phrase | None:
        found = phrase(str(value))
        if not found.folded or "*" in found.folded:
            text = f"{str(value)!r} is no word: '*' stands only at the end of one"
            self._findings.error(value.place, "value", text)
            return None
        return found


def _attachment(test: FileTest) -> HasAttachment:
    return HasAttachment(
        extensions=tuple(end.lower().removeprefix(".") for end in test.extension),
        types=tuple(kind.lower() for kind in test.type),
        bigger_than=-1 if test.bigger_than is None else test.bigger_than,
        count=test.count,
        wanted=test.wanted,
    )

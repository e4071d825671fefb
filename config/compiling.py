"""Rules as they are written into rules that run."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TypeVar, cast

from config.asked import CountTest, FileTest, FlagTest, Group, LaterTest, NamedTest, Test, When
from config.customers import Attribute as AttributeKind
from config.files import Files
from config.findings import Findings, did_you_mean
from config.scalars import Word
from config.sections import RuleEntry
from config.then import EffectEntry
from config.urgency import UrgencyEntry
from inquiry.errors import Place
from inquiry.words import Priority, Trust
from router.conditions.condition import Condition, Later
from router.conditions.customer import Attribute, Count, LastCategory, Organization
from router.conditions.message import (
    Address,
    Authenticated,
    Channel,
    Flag,
    HasAttachment,
    Language,
    Trusted,
)
from router.conditions.moment import Decided, Hours, IsUrgent
from router.conditions.words import Contains, Mentions, Named
from router.logic import ALWAYS, All, Any, Not, leaves
from router.patterns import BadPattern, Pattern, is_pattern, pattern
from router.rules import Effect, Rule
from router.urgency import Impact, Scale, Weight
from router.words import Phrase, phrase

T = TypeVar("T")
_BY_NAME: Mapping[str, Callable[[tuple[str, ...]], Condition]] = {
    "channel": Channel,
    "language": Language,
    "mentions": Mentions,
    "organization": Organization,
    "last_category": LastCategory,
    "trust": lambda levels: Trusted(tuple(map(Trust, levels))),
    "urgency": lambda levels: IsUrgent(tuple(map(Priority, levels))),
    "during": lambda names: Hours("during", names),
    "outside": lambda names: Hours("outside", names),
    "queue": lambda names: Decided("queue", names),
    "category": lambda names: Decided("category", names),
    "priority": lambda names: Decided("priority", names),
    "tags": lambda names: Decided("tags", names),
}


class Compiler:
    """Turns what was read into rules; notes bad patterns and words."""

    def __init__(
        self, files: Files, findings: Findings, attributes: Mapping[str, AttributeKind]
    ) -> None:
        self._files = files
        self._findings = findings
        self._attributes = attributes
        self._bad_patterns = 0

    def rule(self, entry: RuleEntry) -> Rule:
        bad = self._bad_patterns
        condition = self.condition(entry.when)
        effects = [Effect(str(e.field), str(e.value)) for e in entry.then]
        if self._bad_patterns == bad:
            self._check_blanks(condition, zip(entry.then, effects, strict=True))
        return Rule(
            name=str(entry.name),
            when=condition if isinstance(condition, All) else All((condition,)),
            then=tuple(effects),
            stop=entry.stop,
            on=frozenset(entry.on),
            place=self._files.short(entry.name.place),
        )

    def scale(self, entry: UrgencyEntry, place: Place) -> Scale:
        """Return how urgency is counted."""
        return Scale(
            weights=tuple(
                Weight(signal.name, signal.points, self.condition(signal.when))
                for signal in entry.signals
            ),
            levels=entry.levels,
            impacts=tuple(
                Impact(str(impact.name), self.condition(impact.when)) for impact in entry.impacts
            ),
            matrix={str(name): steps for name, steps in entry.matrix.items()},
            place=self._files.short(place),
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
            case NamedTest():
                return self._named(when)
            case CountTest():
                return _count(when)
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

    def _named(self, test: NamedTest) -> Condition:
        values = tuple(self._patterns(test.values, str))
        match test.word:
            case "authenticated":
                method = cast("Literal['spf', 'dkim', 'dmarc']", str(test.name))
                return Authenticated(method, tuple(map(str, test.values)))
            case "customer":
                return self._attribute(test, values)
            case where:
                return Named(where, str(test.name), values, test.present)

    def _attribute(self, test: NamedTest, values: tuple[str | Pattern, ...]) -> Condition:
        kind = self._attributes.get(test.name)
        if kind is None or kind.kind != "boolean":
            return Attribute(str(test.name), values)
        known = {"true": "yes", "false": "no"}
        plain = tuple(known.get(str(value).lower(), str(value).lower()) for value in test.values)
        return Attribute(str(test.name), plain, kind.otherwise)

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
            self._bad_patterns += 1
            return None

    def _phrase(self, value: Word) -> Phrase | None:
        found = phrase(str(value))
        if not found.folded or "*" in found.folded:
            text = f"{str(value)!r} is no word: '*' stands only at the end of one"
            self._findings.error(value.place, "value", text)
            return None
        return found

    def _check_blanks(
        self, condition: Condition, effects: Iterator[tuple[EffectEntry, Effect]]
    ) -> None:
        """Note a ``{order}`` that no group of the rule's own patterns is named after."""
        groups: set[str] | None = None
        for entry, effect in effects:
            if not effect.blanks:
                continue
            if groups is None:
                groups = {name for found in _patterns_of(condition) for name in found.groups}
            for blank in effect.blanks:
                if blank not in groups:
                    hint = did_you_mean(blank, groups, "groups") or "name one: (?P<…>…)"
                    text = f"no pattern of this rule has a group {blank!r}"
                    self._findings.error(entry.value.place, "reference", text, hint)


def _patterns_of(condition: Condition) -> Iterator[Pattern]:
    for leaf in leaves(condition):
        if isinstance(leaf, (Contains, Named, Address, Attribute)):
            yield from (wanted for wanted in leaf.wanted if isinstance(wanted, Pattern))


def _attachment(test: FileTest) -> HasAttachment:
    return HasAttachment(
        extensions=tuple(end.lower().removeprefix(".") for end in test.extension),
        types=tuple(kind.lower() for kind in test.type),
        bigger_than=-1 if test.bigger_than is None else test.bigger_than,
        count=test.count,
        wanted=test.wanted,
    )


def _count(test: CountTest) -> Condition:
    if test.word == "urgency":
        return IsUrgent(more_than=test.more_than)
    return Count(
        word=test.word,
        more_than=test.more_than,
        queue=str(test.queue or ""),
        within=test.within,
    )

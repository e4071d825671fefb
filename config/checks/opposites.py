"""Which two tests of a rule can never both come out as wanted; in doubt none.

Told from the tests alone, whatever message there is: the reference interpreter of the tests is held
against it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from config.asked import CountTest, FileTest, FlagTest, NamedTest, Test, When
from inquiry.errors import Place
from inquiry.folding import fold
from router.patterns import is_pattern

_ONE_ONLY = frozenset(
    ("channel", "organization", "queue", "category", "priority", "trust", "urgency")
) | {"last_category"}
"""A message, or what was decided of it so far, has one of these at the most."""
_YES_AND_NO = {"true": "yes", "false": "no"}


@dataclass(frozen=True, slots=True)
class Claim:
    """A test that has to hold, or has not to."""

    test: When
    holds: bool = True

    @property
    def place(self) -> Place | None:
        """Return where it stands, None where that is not known."""
        match self.test:
            case Test(_, values):
                return values[0].place
            case NamedTest(_, name):
                return name.place
            case CountTest(queue=queue) if queue is not None:
                return queue.place
        return None

    def __str__(self) -> str:
        return f"{'' if self.holds else 'not '}{_told(self.test)}"


def exclude(one: Claim, other: Claim) -> bool:
    """Can they surely never both be true?"""
    return _excludes(one, other) or _excludes(other, one)


def _excludes(one: Claim, other: Claim) -> bool:
    match one.test, other.test:
        case Test() as this, Test() as that:
            return _by_values(this, that, other.holds) if one.holds else False
        case FlagTest(word, wanted), FlagTest(another, theirs):
            so, not_so = wanted is one.holds, theirs is not other.holds
            return so and not_so and (word == another or (word, another) == _IMPLIED)
        case NamedTest() as this, NamedTest() as that:
            same = (this.word, this.name) == (that.word, that.name)
            return same and one.holds and _by_named(this, that, other.holds)
        case CountTest() as this, CountTest() as that:
            same = (this.word, this.queue, this.within) == (that.word, that.queue, that.within)
            return same and one.holds and not other.holds and that.more_than <= this.more_than
        case FileTest() as this, FileTest() as that:
            enough, too_many = this.wanted is one.holds, that.wanted is not other.holds
            return enough and too_many and that.count <= this.count and _are_among(this, that)
    return False


_IMPLIED = ("bounce", "auto_generated")
"""Who is the first is the second, too."""


def _by_values(this: Test, that: Test, holds: bool) -> bool:
    """Does ``this`` keep ``that`` from being so?"""
    if not holds:
        return _is_within(this, that)
    if this.word != that.word:
        return False
    if this.word in _ONE_ONLY:
        return not set(this.values) & set(that.values)
    alike = {"language": _one_language, "from": _one_sender}.get(this.word)
    return alike is not None and _none_alike(this.values, that.values, alike)


def _is_within(this: Test, that: Test) -> bool:
    """Does ``that`` hold whenever ``this`` does?"""
    if this.word == that.word == "language":
        return all(
            any(_is_region(one.lower(), other.lower()) for other in that.values)
            for one in this.values
        )
    if this.word == that.word:
        return set(this.values) <= set(that.values)
    inside = (this.word, that.word) in (("subject", "text"), ("body", "text"))
    return inside and set(this.values) <= set(that.values) and not any(map(is_pattern, this.values))


def _by_named(this: NamedTest, that: NamedTest, holds: bool) -> bool:
    there, missing = (
        bool(this.values) or this.present,
        not that.values and that.present is not holds,
    )
    if this.word in ("form", "header") and there and missing:
        return True
    if not (this.values and that.values):
        return False
    if not holds:
        return set(this.values) <= set(that.values)
    return _none_alike(this.values, that.values, _one_value)


def _none_alike(
    these: Collection[str], those: Collection[str], alike: Callable[[str, str], bool]
) -> bool:
    """Is there no value that one of these and one of those may both be asking for?"""
    if any(is_pattern(value) or "*" in value for value in (*these, *those)):
        return False
    return not any(alike(one, other) for one in these for other in those)


def _one_language(one: str, other: str) -> bool:
    one, other = one.lower(), other.lower()
    return _is_region(one, other) or _is_region(other, one)


def _is_region(one: str, language: str) -> bool:
    return one == language or one.startswith(f"{language}-")


def _one_sender(one: str, other: str) -> bool:
    """May one address be both? An address is also in its domain, and that in those above it."""
    one, other = (value.strip().lower().removeprefix("@") for value in (one, other))
    return _is_below(one, other) or _is_below(other, one)


def _is_below(one: str, other: str) -> bool:
    return one == other or f".{one.rpartition('@')[2]}".endswith(f".{other}")


def _one_value(one: str, other: str) -> bool:
    one, other = (fold(value).strip() for value in (one, other))
    return _YES_AND_NO.get(one, one) == _YES_AND_NO.get(other, other)


def _are_among(this: FileTest, that: FileTest) -> bool:
    """Are all files that ``this`` counts also counted by ``that``?"""
    any_file = not that.extension and not that.type and that.bigger_than is None
    same = (this.extension, this.type, this.bigger_than)
    return any_file or same == (that.extension, that.type, that.bigger_than)


def _told(test: When) -> str:
    match test:
        case Test(word, values):
            return f"{word}: {_listed(values)}"
        case FlagTest(word, wanted):
            return f"{word}: {'yes' if wanted else 'no'}"
        case NamedTest(word, name, values, present):
            return f"{word} {name}: {_listed(values) or ('yes' if present else 'no')}"
        case CountTest():
            return f"{test.word} more than {test.more_than}"
        case FileTest(wanted=wanted):
            return f"attachment: {'yes' if wanted else 'no'}"
    return "this"


def _listed(values: Collection[str]) -> str:
    return (
        values[0] if len(values := list(values)) == 1 else f"[{', '.join(values)}]" * bool(values)
    )

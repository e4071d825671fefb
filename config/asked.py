"""What the ``when:`` of a rule is read as: a tree of tests, compared with others by equality."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from config.scalars import Word
from inquiry.errors import Place
from router.conditions.customer import CountWord

FlagWord = Literal["auto_generated", "bounce", "mailing_list", "shouting", "known"]
NamedWord = Literal["form", "header", "authenticated", "customer"]


@dataclass(frozen=True, slots=True)
class Group:
    """Tests that belong together; all of none is ``always``."""

    how: Literal["all", "any", "not"]
    parts: tuple["When", ...]


@dataclass(frozen=True, slots=True)
class Test:
    """``mentions: [outage, printer]``: one of the values will do."""

    word: str
    values: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class FlagTest:
    """``bounce: yes``"""

    word: FlagWord
    wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTest:
    """``attachment: {extension: [exe]}``, or yes or no."""

    extension: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    count: int = field(default=1, metadata={"least": 1})
    bigger_than: int | None = field(default=None, metadata={"unit": "size"})
    wanted: bool = field(default=True, metadata={"yaml": " "})


@dataclass(frozen=True, slots=True)
class NamedTest:
    """``form: {invoice: '/[0-9]+/'}``; without values: is it there at all?"""

    word: NamedWord
    name: Word
    values: tuple[Word, ...]
    present: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTest:
    """``inquiries_in: {days: 30, more_than: 3}`` and the like."""

    word: CountWord | Literal["urgency"]
    more_than: int = 0
    queue: Word | None = None
    within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class LaterTest:
    """A condition of a later version: equal to no other, since nobody has looked inside."""

    word: str
    place: Place


When = Group | Test | FlagTest | FileTest | NamedTest | CountTest | LaterTest
EVERYTHING = Group("all", ())


def tests_in(when: When) -> Iterator[When]:
    """Return the tests inside a condition, those that are not made of others."""
    if isinstance(when, Group):
        for part in when.parts:
            yield from tests_in(part)
    else:
        yield when

"""The ``urgency:`` section: named signals with points, levels, and impact times urgency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from config.asked import CountTest, FileTest, FlagTest, Group, NamedTest, Test, When, tests_in
from config.findings import Findings, did_you_mean
from config.nodes import Listing, Node, Table
from config.reader import Reader, Unreadable
from config.scalars import Word
from config.when import read_when
from inquiry.errors import Place
from inquiry.words import Priority

_UNDECIDED = ("queue", "category", "priority", "tags", "urgency")


@dataclass(frozen=True, slots=True)
class SignalEntry:
    """``{words: outage, points: 40}``; its name is made of its condition unless it has one."""

    name: str
    points: int
    when: When
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactEntry:
    """``{name: everybody, when: {mentions: everybody}}``"""

    name: Word
    when: When = field(metadata={"read": read_when})


def read_signals(reader: Reader, node: Node) -> tuple[SignalEntry, ...]:
    """Read the list of signals. Raises Unreadable."""
    if not isinstance(node, Listing):
        raise reader.wrong(node, "here belongs a list of signals: - {words: outage, points: 40}")
    return tuple(reader.all_of(node.items, lambda item: _signal(reader, item)))


def _signal(reader: Reader, node: Node) -> SignalEntry:
    if not isinstance(node, Table):
        raise reader.wrong(node, "a signal is a table: {words: outage, points: 40}")
    points, name = node.get("points"), node.get("name")
    if points is None:
        reader.findings.error(node.place, "missing", "'points' is missing")
        raise Unreadable
    rest = tuple(
        replace(entry, key=replace(entry.key, text="mentions"))
        if entry.key.text == "words"
        else entry
        for entry in node.entries
        if entry.key.text not in ("points", "name")
    )
    if not rest:
        raise reader.wrong(node, "a signal needs a condition: {words: outage, points: 40}")
    when = read_when(reader, replace(node, entries=rest))
    called = reader.text(name) if name is not None else _called(when)
    return SignalEntry(called, reader.read(points, int), when, node.place)


def _called(when: When) -> str:
    """Name a signal after what it asks for."""
    match when:
        case Test(_, values):
            return ", ".join(values)
        case FlagTest(word, _):
            return word.replace("_", " ")
        case NamedTest(_, name, _, _):
            return str(name)
        case CountTest():
            return when.word.replace("_", " ")
        case FileTest():
            return "attachment"
        case Group("not", parts):
            return f"not {_called(parts[0])}"
        case Group(_, parts):
            return " and ".join(map(_called, parts))
        case _:
            return when.word


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyEntry:
    """What makes a message urgent, and what follows."""

    signals: tuple[SignalEntry, ...] = field(default=(), metadata={"read": read_signals})
    levels: Mapping[Priority, int] = field(default_factory=dict)
    impacts: tuple[ImpactEntry, ...] = ()
    matrix: Mapping[Word, Mapping[Priority, Priority]] = field(default_factory=dict)


def check_urgency(urgency: UrgencyEntry, node: Node | None, findings: Findings) -> None:
    """Note levels in the wrong order, impacts that aren't there, and questions put too early."""
    if node is None:
        return
    place = node.get("levels") if isinstance(node, Table) else None
    steps = sorted(urgency.levels.items(), key=lambda step: step[0].rank)
    for (lower, less), (higher, more) in pairwise(steps):
        if less >= more:
            text = f"{higher} is reached with {more} points, before {lower} with {less}"
            findings.error((place or node).place, "value", text)
    if urgency.signals and not urgency.levels:
        findings.error(
            node.place, "missing", "'levels' is missing", "levels: {high: 50, urgent: 80}"
        )
    names = [str(impact.name) for impact in urgency.impacts]
    for name in urgency.matrix:
        if name not in names:
            hint = did_you_mean(name, names, "impacts")
            findings.error(name.place, "reference", f"no impact {str(name)!r}", hint)
    for place_, when in _conditions(urgency):
        _check_early(place_, when, findings)


def conditions_of(urgency: UrgencyEntry) -> Sequence[When]:
    """Return what signals and impacts ask for."""
    return [when for _, when in _conditions(urgency)]


def _conditions(urgency: UrgencyEntry) -> Sequence[tuple[Place, When]]:
    signals = [(signal.place, signal.when) for signal in urgency.signals]
    return [*signals, *((impact.name.place, impact.when) for impact in urgency.impacts)]


def _check_early(place: Place, when: When, findings: Findings) -> None:
    for test in tests_in(when):
        if isinstance(test, (Test, CountTest)) and test.word in _UNDECIDED:
            text = f"{test.word!r} can't be asked for here: urgency is counted before the rules"
            findings.error(place, "value", text)

"""Names that are still stored and stand in the file no more: whoever renamed may have forgotten."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.checks.allowances import allowances_in
from config.configuration import Configuration
from config.files import Files
from config.findings import Findings, nearest
from config.load import spliced
from config.nodes import Table
from inquiry.errors import Place, Problem

_SECTIONS = {"queue": "queues", "specialist": "specialists", "channel": "channels"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """How many open inquiries, or dispatches to be sent, have a name."""

    thing: str
    name: str
    inquiries: int = 0
    dispatches: int = 0


def orphaned(
    path: Path, configuration: Configuration, stored: Iterable[Stored]
) -> tuple[Problem, ...]:
    """Return a warning for each stored name that the file has no more."""
    findings = Findings()
    files = Files(path, findings)
    root = spliced(files, files.root())
    findings.allowed = allowances_in(files.texts, root).silence
    for each, known in _without(configuration, stored):
        findings.warn(
            _place(root, path, each.thing), "orphaned", _told(each), _hint(each.name, known)
        )
    return tuple(problem for problem in findings.problems if problem.code == "orphaned")


def _without(
    configuration: Configuration, stored: Iterable[Stored]
) -> Iterator[tuple[Stored, Collection[str]]]:
    former = configuration.former
    known: Mapping[str, tuple[Collection[str], Collection[str]]] = {
        "queue": (configuration.queues, former.queues),
        "specialist": (configuration.specialists, former.specialists),
        "channel": (configuration.channels, former.channels),
    }
    for each in stored:
        present, past = known[each.thing]
        if each.name not in present and each.name not in past:
            yield each, present


def _told(stored: Stored) -> str:
    if stored.dispatches:
        number, verb = _number(stored.dispatches, "dispatch", "dispatches", "waits for", "wait for")
    else:
        verbs = {
            "queue": ("is in", "are in"),
            "specialist": ("is assigned to", "are assigned to"),
            "channel": ("came in by", "came in by"),
        }[stored.thing]
        number, verb = _number(stored.inquiries, "open inquiry", "open inquiries", *verbs)
    return f"{number} {verb} {stored.thing} {stored.name!r}, which the file has no more"


def _number(number: int, one: str, several: str, verb: str, verbs: str) -> tuple[str, str]:
    return (f"1 {one}", verb) if number == 1 else (f"{number} {several}", verbs)


def _hint(name: str, known: Collection[str]) -> str:
    close = nearest(name, known)
    asked = f"did it become {close!r}?" if close else "has it another name now?"
    return f"{asked} then write there 'was: {name}'; else put it back until they are done"


def _place(root: Table, path: Path, thing: str) -> Place:
    section = _SECTIONS[thing]
    found = (entry.key.place for entry in root.entries if entry.key.text == section)
    return next(found, Place(path, 1))

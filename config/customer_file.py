"""The file that ``customers.import`` names: its lines as records, whatever is wrong by its place.

No sentence repeats what stands in a line: it is about people, and sentences get into logs.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from config.customers import Attribute, Customers, Import, MatchOn
from config.delimited import Cells, Delimited
from config.findings import did_you_mean, nearest
from inquiry.errors import ConfigError, Place, Problem
from storage.records import Line, Record, key_of

MOST_TOLD = 20
"""Problems that are told one by one; of the others only how many."""
_BATCH = 1_000
_LONGEST = 500
_EVERY: tuple[MatchOn, ...] = get_args(MatchOn)
_OTHERS = ("organization", "name")
_BETWEEN: Mapping[MatchOn, re.Pattern[str]] = {
    "email": re.compile(r"[\s,;]+"),
    "phone": re.compile(r"[,;/|\n]+"),  # blanks stand inside of a number
    "domain": re.compile(r"[\s,;]+"),
}
_FORMS: Mapping[MatchOn, tuple[re.Pattern[str], str]] = {
    "email": (re.compile(r"[^\s@<>(),;:\"]+@[^\s@<>(),;:\"]+"), "this is no mail address"),
    "phone": (re.compile(r"\+?[0-9]{3,20}"), "this is no phone number"),
    "domain": (re.compile(r"[^\s@/:.]+(\.[^\s@/:.]+)+"), "this is no domain such as acme.example"),
}
_NUMBER = re.compile(r"[0-9+()./\s\u00a0-]+")
_SWITCHES = {"1": "yes", "0": "no"}


@dataclass(frozen=True, slots=True)
class _Columns:
    """What stands where, as the first line says."""

    count: int
    keys: Sequence[tuple[int, MatchOn]]
    organization: int | None
    attributes: Sequence[tuple[int, str, Attribute]]


class _Wrong(Exception):
    """Why a cell can't be read."""


class CustomerFile:
    """An open file of customers, read by batches; knows what was wrong with it so far."""

    def __init__(self, text: Delimited, customers: Customers) -> None:
        """Read the first line. Raises ConfigError."""
        self.text = text
        self.problems: list[Problem] = []
        """The first of them."""
        self.lines = 0
        self.nameless = 0
        """Lines without any address, number or domain."""
        self._wrong: set[int] = set()
        self._told: set[int] = set()
        self._rows = text.rows()
        first = next(self._rows, None)
        if first is None:
            raise ConfigError([_problem(Place(text.file, 1), "missing", "the file is empty")])
        self._columns = _columns(first, text.file, customers)

    @property
    def wrong(self) -> int:
        """Return how many lines are left out since something in them is wrong."""
        return len(self._wrong)

    @property
    def refused(self) -> tuple[Problem, ...]:
        """Return all that was wrong: one by one, and how many lines there are more."""
        if not (more := sorted(self._wrong - self._told)):
            return tuple(self.problems)
        rest = f"{len(more)} more line{'s are' if len(more) > 1 else ' is'} wrong"
        return (*self.problems, _problem(Place(self.text.file, more[0]), "value", rest))

    def batches(self) -> Iterator[list[Line]]:
        """Return the records of some lines at a time. Raises ConfigError where reading must end."""
        batch: list[Line] = []
        for row in self._rows:
            self.lines += 1
            batch += self._read(row)
            if len(batch) >= _BATCH:
                yield batch
                batch = []
        yield batch

    def twice(self, first: Line, second: Line) -> None:
        """Note two lines that say different things of one customer; the first one stays."""
        text = f"another line says something else of the same {first.matched_by}"
        place = Place(self.text.file, second.number)
        self._note(_problem(place, "duplicate-key", text, f"first on line {first.number}"))

    def _read(self, row: Cells) -> list[Line]:
        columns = self._columns
        if len(row.cells) != columns.count:
            text = f"the line has {len(row.cells)} cells, the first one names {columns.count}"
            self._note(_problem(row.place(self.text.file, columns.count), "value", text))
            return []
        before = self.wrong
        keys = {each for at, sort in columns.keys for each in self._keys(row, at, sort)}
        record = self._record(row)
        if self.wrong != before:
            return []
        if not keys:
            self.nameless += 1
        return [Line(sort, key, record, row.line) for sort, key in sorted(keys)]

    def _keys(self, row: Cells, at: int, sort: MatchOn) -> Iterator[tuple[MatchOn, str]]:
        form, sentence = _FORMS[sort]
        for written in filter(None, _BETWEEN[sort].split(row.cells[at].strip())):
            key = key_of(sort, written)
            if not form.fullmatch(key) or (sort == "phone" and not _NUMBER.fullmatch(written)):
                self._note(_problem(row.place(self.text.file, at), "value", sentence), row)
            yield sort, key

    def _record(self, row: Cells) -> Record:
        found = {}
        for at, name, attribute in self._columns.attributes:
            try:
                if written := row.cells[at].strip():
                    found[name] = _value(attribute, written)
            except _Wrong as why:
                text = f"{name}: {why}"
                self._note(_problem(row.place(self.text.file, at), "value", text), row)
        at_organization = self._columns.organization
        organization = "" if at_organization is None else row.cells[at_organization].strip()
        if len(organization) > _LONGEST:
            place = row.place(self.text.file, at_organization or 0)
            self._note(_problem(place, "value", f"it has more than {_LONGEST} letters"), row)
        return Record(organization, found)

    def _note(self, problem: Problem, row: Cells | None = None) -> None:
        line = row.line if row else problem.place.line
        self._wrong.add(line)
        if len(self.problems) < MOST_TOLD and problem not in self.problems:
            self._told.add(line)
            self.problems.append(problem)


def first_lines(customers: Customers, wanted: Import, most: int) -> tuple[Problem, ...]:
    """Return what is wrong with the first lines of the file, or with all of it."""
    try:
        with Delimited(wanted.file) as text:
            there = CustomerFile(text, customers)
            batches = there.batches()
            while there.lines < most and next(batches, None):
                pass
            return there.refused
    except ConfigError as wrong:
        return wrong.problems


def _value(attribute: Attribute, written: str) -> str:
    if attribute.kind == "boolean":
        written = _SWITCHES.get(written, written)
    if len(written) > _LONGEST:
        raise _Wrong(f"it has more than {_LONGEST} letters")
    try:
        return attribute.plain(written)
    except ValueError:
        if attribute.kind == "boolean":
            raise _Wrong("this is not yes or no") from None
        raise _Wrong(f"this is not one of {', '.join(attribute.choices)}") from None


def _columns(first: Cells, file: Path, customers: Customers) -> _Columns:
    """Read the first line. Raises ConfigError."""
    known = (*_EVERY, *_OTHERS, *customers.attributes)
    spelt = {name.casefold(): name for name in reversed(known)} | {name: name for name in known}
    written = [cell.strip() for cell in first.cells]
    meant = [spelt.get(name) or spelt.get(name.casefold(), "") for name in written]
    if not any(meant):
        text = "the first line names none of the columns that are known"
        raise ConfigError([_problem(Place(file, first.line), "missing", text, _there(known))])
    problems = list(_odd(first, file, customers, known, meant))
    at = {name: number for number, name in reversed(list(enumerate(meant))) if name}
    matched = customers.import_.match_on if customers.import_ else ()
    wanted = matched or tuple(name for name in _EVERY if name in at)
    for name in wanted:
        if name not in at and not any(f"{name!r}" in problem.hint for problem in problems):
            text = f"there is no column {name!r}, by which customers are to be known again"
            problems.append(_problem(Place(file, first.line), "missing", text))
    if not wanted:
        text = "no column says by what customers are known again"
        problems.append(_problem(Place(file, first.line), "missing", text, _there(_EVERY)))
    if problems:
        raise ConfigError(problems)
    return _Columns(
        count=len(meant),
        keys=[(at[name], name) for name in wanted],
        organization=at.get("organization"),
        attributes=[
            (at[name], name, kind) for name, kind in customers.attributes.items() if name in at
        ],
    )


def _odd(
    first: Cells, file: Path, customers: Customers, known: Sequence[str], meant: Sequence[str]
) -> Iterator[Problem]:
    """Find columns that are unknown, or there twice."""
    ignored = customers.import_.ignore if customers.import_ else ()
    for number, (cell, name) in enumerate(zip(first.cells, meant, strict=True)):
        written = cell.strip()
        place = first.place(file, number)
        if name and name in meant[:number]:
            hint = f"first in column {meant.index(name) + 1}"
            yield _problem(place, "duplicate-key", f"two columns are called {name!r}", hint)
        elif not name and written not in ignored and "*" not in ignored:
            hint = "write it into customers.attributes, or into customers.import.ignore"
            if nearest(written, known):
                hint = did_you_mean(written, known)
            yield _problem(place, "unknown-key", f"unknown column {written!r}", hint)


def _there(names: Sequence[str]) -> str:
    return f"columns: {', '.join(dict.fromkeys(names))}"


def _problem(place: Place, code: str, text: str, hint: str = "") -> Problem:
    return Problem(place=place, code=code, text=text, hint=hint, private=True)

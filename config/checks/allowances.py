"""``# deskbridge: allow=shadowed``: what the operator has looked at and wants to keep as it is.

The comment stands at the end of the line that a problem points at, or alone above it; or so at the
first line of the rule, queue or other entry in which that line is.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.checks.codes import CODES, ELSEWHERE, LINTS
from config.findings import Findings, did_you_mean
from config.nodes import Entry, Listing, Node, Table
from inquiry.errors import Place, Problem

_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*deskbridge:\s*allow=(?P<codes>[\w, -]*)")
_CODE = re.compile(r"[\w-]+")
_NO_CODE = re.compile(r"\s*(#|$)")


@dataclass(frozen=True, slots=True)
class Allowance:
    """One code that is allowed on one line."""

    code: str
    place: Place
    line: int
    """The line that it is about: its own one, or the next that says something."""


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines of one rule, queue, word list or test."""

    first: int
    last: int


@dataclass(slots=True)
class Allowances:
    """All allowances of a configuration; remembers which were of use."""

    lines: Mapping[tuple[Path, int], tuple[Allowance, ...]]
    blocks: Mapping[Path, list[_Block]]
    used: set[Allowance] = field(default_factory=set)

    def silence(self, problem: Problem) -> bool:
        """Is the problem one that the operator allows?"""
        if not (problem.warning or problem.code in LINTS):
            return False
        file = problem.place.file
        for line in {problem.place.line, self._first_line(problem.place)}:
            for allowance in self.lines.get((file, line), ()):
                if allowance.code == problem.code:
                    self.used.add(allowance)
                    return True
        return False

    def check_used(self, findings: Findings) -> None:
        """Note what is allowed though nobody minds: it would hide a problem to come."""
        for allowance in (each for line in self.lines.values() for each in line):
            code = allowance.code
            if code not in CODES:
                hint = did_you_mean(code, CODES)
                findings.warn(allowance.place, "unused-allow", f"no check {code!r}", hint)
            elif allowance not in self.used and code not in ELSEWHERE:
                text = f"'allow={code}' silences nothing here"
                findings.warn(allowance.place, "unused-allow", text, _reason(code))

    def _first_line(self, place: Place) -> int:
        blocks = self.blocks.get(place.file, [])
        number = bisect_right(blocks, place.line, key=lambda block: block.first) - 1
        if number < 0 or blocks[number].last < place.line:
            return place.line
        return blocks[number].first


def _reason(code: str) -> str:
    if code in LINTS:
        return "take it away: it would hide what goes wrong later"
    return "this one can't be allowed, it has to be corrected"


def allowances_in(texts: Mapping[Path, str], root: Table) -> Allowances:
    """Find the comments in all files; ``root`` tells where rules and other entries begin."""
    lines: dict[tuple[Path, int], list[Allowance]] = {}
    for file, text in texts.items():
        for allowance in _in_text(file, text):
            lines.setdefault((file, allowance.line), []).append(allowance)
    blocks = _blocks(root) if lines else {}
    return Allowances({where: tuple(found) for where, found in lines.items()}, blocks)


def _in_text(file: Path, text: str) -> Iterator[Allowance]:
    if "deskbridge:" not in text:
        return
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        comment = _COMMENT.search(line)
        if comment is None:
            continue
        alone = not line[: comment.start()].strip()
        about = _next_line(lines, number) if alone else number
        for code in _CODE.finditer(line, comment.start("codes"), comment.end("codes")):
            yield Allowance(code[0], Place(file, number, code.start() + 1), about)


def _next_line(lines: list[str], number: int) -> int:
    """Return the number of the first line after this one that is not a comment."""
    following = enumerate(lines[number:], start=number + 1)
    return next((other for other, line in following if not _NO_CODE.match(line)), number)


def _blocks(root: Table) -> dict[Path, list[_Block]]:
    found: dict[Path, list[_Block]] = {}
    for section in root.entries:
        value = section.value
        items: tuple[Node | Entry, ...] = ()
        if isinstance(value, Listing):
            items = value.items
        elif isinstance(value, Table):
            items = value.entries
        for item in items:
            first = item.key.place if isinstance(item, Entry) else item.place
            node = item.value if isinstance(item, Entry) else item
            last = _last_line(node, first.file)
            found.setdefault(first.file, []).append(_Block(first.line, max(first.line, last)))
    return {file: sorted(blocks, key=lambda b: b.first) for file, blocks in found.items()}


def _last_line(node: Node, file: Path) -> int:
    """Return the last line on which something of the node begins, 0 if it is in another file."""
    children: tuple[Node, ...] = ()
    if isinstance(node, Listing):
        children = node.items
    elif isinstance(node, Table):
        children = tuple(n for entry in node.entries for n in (entry.key, entry.value))
    own = node.place.line if node.place.file == file else 0
    return max((own, *(_last_line(child, file) for child in children)))

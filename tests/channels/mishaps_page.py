"""``docs/mishaps.md`` as its tests read it: tables whose every cell somebody has to answer for."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.layout.tree import ROOT, text_of

PAGE = Path("docs/mishaps.md")
NOT_THERE = "–"
"""Such a thing does not exist there."""
Table = Mapping[str, Mapping[str, str]]


def table_of(first_row: str) -> Table:
    """Return the table whose first row is called so: by row, by column."""
    for table in tables():
        if first_row in table:
            return table
    raise AssertionError(f"{PAGE} has no table that begins with {first_row!r}")


def tables() -> Iterator[Table]:
    """Return all tables of the page."""
    for block in re.findall(r"(?:^\|.*\n)+", text_of(PAGE), re.MULTILINE):
        head, _, *rows = ([cell.strip() for cell in line.split("|")[1:-1]] for line in lines(block))
        yield {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


def lines(block: str) -> list[str]:
    return block.strip().split("\n")


def is_a_test(name: str) -> bool:
    """Is there a test ``channels/test_form.py::test_a_double_click_is_one_message``?"""
    file, _, test = name.partition("::")
    path = ROOT / "tests" / file
    return path.is_file() and f"def {test}(" in path.read_text("utf-8")

"""Does every text lead to a configuration or to sentences about it, never to anything else?"""

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import load
from inquiry.errors import ConfigError
from tests.config.builders import ENVIRONMENT, KINDS, a_text

CALENDARS = """\
calendars:
  office:
    open: {mon-thu: 08:00-16:00, fri: [08:00-12:00, 12:30-15:30]}
    holidays: {extra: {2026-12-24: closed}}
  late: {extends: office, timezone: Europe/Oslo}
"""
TEXT = a_text(
    portal="portal: {link_valid_for: 90d}\n",
    web="web: {listen: 127.0.0.1:8080}\n",
    calendars=CALENDARS,
    tests="tests:\n  - {name: it, given: {subject: a}, expect: {queue: first-line}}\n",
)
LINES = TEXT.splitlines(keepends=True)
ODD = [
    "",
    "[]",
    "{}",
    "&a",
    "*a",
    "!x",
    "- ",
    "\t",
    "\x00",
    ": ",
    "${env:",
    "~",
    "null",
    "é",
    "'/(/'",
    '"\\0"',
    "${file:a}",
    "include: [a**]\\n",
]
change = st.tuples(
    st.integers(0, len(TEXT) - 1), st.integers(0, 12), st.sampled_from(ODD) | st.text(max_size=5)
)


@settings(max_examples=300, deadline=None)
@given(st.lists(change, min_size=1, max_size=3))
def test_a_file_with_letters_changed(changes: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for start, length, new in changes:
        text = text[:start] + new + text[start + length :]
    read(text)


@settings(max_examples=200, deadline=None)
@given(st.permutations(range(len(LINES))), st.integers(0, len(LINES)))
def test_a_file_with_lines_mixed(order: list[int], kept: int) -> None:
    read("".join(LINES[number] for number in sorted(order[:kept])))
    read("".join(LINES[number] for number in order[:kept]))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_a_file_of_any_bytes(raw: bytes) -> None:
    read(raw)


def read(text: str | bytes) -> None:
    """Load it; every problem names a line that there is, and says something."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "desk.yaml"
        file.write_bytes(raw)
        with suppress(ConfigError):
            load(file, KINDS, known_templates={"ack"}, environment=ENVIRONMENT)
            return
        with pytest.raises(ConfigError) as refused:
            load(file, KINDS, known_templates={"ack"}, environment=ENVIRONMENT)
    assert any(not problem.warning for problem in refused.value.problems)
    assert all(problem.text and problem.place.line > 0 for problem in refused.value.problems)

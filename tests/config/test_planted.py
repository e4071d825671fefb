"""Is each of many mistakes in one file told, at its exact place, and nothing else?"""

import re
from collections import Counter
from pathlib import Path

import pytest

from config.checks.codes import ELSEWHERE, LINTS, MEANING, SHAPE
from config.load import load
from deskbridge.kinds import SettingsByKind
from inquiry.errors import ConfigError, Problem

FOLDER = Path(__file__).parent / "planted"
MARK = re.compile(r"#! (?P<codes>[a-z0-9, -]+)$")
LEAST = 40
Planted = Counter[tuple[str, int, int, str]]
TEMPLATES: Planted = Counter(
    [
        ("late.en.md", 1, 15, "template-variable"),
        ("late.md", 1, 1, "template"),
        ("sum.en.md", 2, 1, "template"),
    ]
)
"""What is wrong in the templates, which can't be marked there."""


def planted(name: str) -> Planted:
    """File, line, column and code of each mistake that the file itself names."""
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    found: Planted = Counter()
    for number, line in enumerate(lines, start=1):
        if mark := MARK.search(line):
            for each in mark["codes"].split(", "):
                code, column = each.split()
                found[name, number, int(column), code] += 1
    return found


def told(name: str) -> list[Problem]:
    with pytest.raises(ConfigError) as refused:
        load(
            FOLDER / name,
            SettingsByKind(),
            known_templates={"ack"},
            environment={"PASSWORD": "x"},
        )
    return list(refused.value.problems)


def places(problems: list[Problem]) -> Planted:
    return Counter((p.place.file.name, p.place.line, p.place.column, p.code) for p in problems)


def test_every_mistake_in_the_shape_is_told_at_its_place() -> None:
    assert places(told("shape.yaml")) == planted("shape.yaml")


def test_every_mistake_in_the_meaning_is_told_at_its_place() -> None:
    assert places(told("meaning.yaml")) == planted("meaning.yaml") + TEMPLATES


def test_there_are_many() -> None:
    assert planted("shape.yaml").total() >= LEAST
    assert (planted("meaning.yaml") + TEMPLATES).total() >= 30


def test_they_are_of_all_kinds() -> None:
    """But for those that end the reading, and those that are looked for once nothing is wrong."""
    codes = {code for *_, code in planted("shape.yaml") + planted("meaning.yaml") + TEMPLATES}
    assert SHAPE - codes == {"yaml", "file"}
    assert MEANING - codes == {"test", "unused-allow", *ELSEWHERE} - {"orphaned"}
    assert codes & LINTS == {
        *("ascii-pattern", "loop-address", "no-answer", "overlapping-mailboxes"),
        *("secret-in-file", "shadowed", "slow-pattern"),
    }


@pytest.mark.parametrize("name", ["shape.yaml", "meaning.yaml"])
def test_every_sentence_is_one(name: str) -> None:
    for problem in told(name):
        assert problem.text[-1] not in ".!?"
        assert "Traceback" not in problem.text
        assert "hunter2" not in f"{problem.text} {problem.hint}"

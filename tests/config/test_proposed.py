"""Are proposed rules checked and compiled in place of those in force, without using the disk?"""

from itertools import pairwise
from pathlib import Path

import pytest

from config.proposed import Proposed, proposed
from router.rules import Rules
from tests.config.builders import DESK, RULES, loaded

NEW = RULES.replace("queue: second-line", "queue: first-line")
REST = "- {name: rest, when: always, then: {queue: first-line}}\n"


@pytest.fixture
def kept(tmp_path: Path) -> str:
    desk = DESK + "  storage: postgresql://desk:hunter2@db/desk\n"
    return loaded(tmp_path, desk=desk, web="web: {operator_token: abcdefghijklmnopqrst}\n").text


def tried(kept: str, pasted: str) -> Proposed:
    return proposed(kept, pasted, templates={"ack"}, form_fields={})


def names(rules: Rules | None) -> list[str]:
    assert rules is not None
    return [rule.name for rule in rules.rules]


def said(found: Proposed) -> list[str]:
    return [f"{p.place.file.name}:{p.place.line}: {p.code}: {p.text}" for p in found.problems]


@pytest.mark.parametrize(
    "pasted",
    [
        pytest.param(NEW, id="a section"),
        pytest.param(NEW.replace("rules:\n", ""), id="a list"),
        pytest.param(f"{DESK}  storage: x\nspecialists: 7\n{NEW}", id="a whole file"),
    ],
)
def test_the_sections_that_decide_are_taken(kept: str, pasted: str) -> None:
    found = tried(kept, pasted)
    assert names(found.rules) == ["outage", "everything-else"]
    assert found.rules
    assert found.rules.rules[0].then[1].value == "first-line"
    assert [line for line in said(found) if "unreachable-queue" not in line] == []


def test_words_alone_leave_the_rules_as_they_are(kept: str) -> None:
    words = "words: {outage: {en: [dead]}, printer: {en: [printer]}}\n"
    found = tried(kept, words)
    assert names(found.rules) == ["outage", "everything-else"]
    assert found.rules
    assert found.rules.words.of("outage") == ("dead",)


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("rules: [", "pasted.yaml:2: yaml: did not find expected node content"),
        ("- {name: a, when: always}\n", "pasted.yaml:1: no-default: "),
        (f"- {{name: a, when: {{channel: fax}}}}\n{REST}", "pasted.yaml:1: reference: no channel"),
        (f"- {{name: a, when: {{text: '/(/'}}}}\n{REST}", "pasted.yaml:1: pattern: "),
        (f"- {{name: a, wen: always}}\n{REST}", "pasted.yaml:1: unknown-key: unknown key 'wen'"),
        ("words: {a: {en: [b]}}", "reference: no word list 'outage'"),
        ("queues: {a: {members: []}}", "pasted.yaml:1: value: here belong rules, or one of"),
        ("just words", "pasted.yaml:1: value: here belong rules, or one of"),
        ("", "pasted.yaml:1: value: here belong rules, or one of"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_decided(kept: str, pasted: str, expected: str) -> None:
    found = tried(kept, pasted)
    assert found.rules is None
    assert expected in "\n".join(said(found))


@pytest.mark.parametrize(
    "pasted",
    [
        "- {name: a, when: {text: '${file:SECRET}'}, then: {tags: [x]}}\n" + REST,
        "- {name: a, when: {text: x}, then: {set: {x: '${env:HOME}'}}}\n" + REST,
        "- include: SECRET\n" + REST,
        "calendars: {a: {open: 24/7, holidays: {ical: SECRET}}}\n",
        "calendars: {a: {open: 24/7, holidays: {ical: ../../SECRET}}}\n",
    ],
)
def test_nothing_outside_of_the_text_is_looked_at(tmp_path: Path, kept: str, pasted: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("BEGIN:hunter2\n")
    found = tried(kept, pasted.replace("SECRET", str(secret)))
    assert found.rules is None
    told = "\n".join(f"{p.text} {p.hint}" for p in found.problems)
    assert "hunter2" not in told
    assert any(word in told for word in ("referred to here", "no file matches", "was not kept"))


def test_a_text_that_grows_without_end_is_refused(kept: str) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    doubled = (f"{b}: &{b} [*{a}, *{a}]" for a, b in pairwise(letters))
    found = tried(kept, "\n".join(["a: &a [x, x]", *doubled]))
    assert found.rules is None
    assert "too deep, too large or containing itself" in {p.text for p in found.problems}

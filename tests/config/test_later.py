"""Does a file that already uses words of a later version load, with a warning at each?"""

from pathlib import Path

import pytest

from config import later
from config.then import FIELDS
from config.when import WORDS
from tests.config.builders import CHANNELS, PEOPLE, QUEUES, RULES, loaded, problems, told

CASES = [
    pytest.param({"sla": "sla: {gold: {calendar: nowhere}}\n"}, "'sla'", id="a section"),
    pytest.param(
        {"specialists": PEOPLE.replace("name: Ola", "works: office, name: Ola")},
        "'works'",
        id="a key of a specialist",
    ),
    pytest.param(
        {"queues": QUEUES.replace("line: 2", "next: first-line, line: 2")},
        "'next'",
        id="of a queue",
    ),
    pytest.param(
        {"queues": QUEUES.replace("round-robin", "least-loaded")}, "'least-loaded'", id="a way"
    ),
    pytest.param(
        {"channels": CHANNELS + "  chat: {kind: web-chat, anything: goes}\n"},
        "'web-chat'",
        id="a kind of channel",
    ),
    pytest.param({"rules": RULES.replace("category: other", "sla: gold")}, "'sla'", id="an effect"),
    pytest.param(
        {"rules": RULES.replace("category: other", "assign: {prefer: [nobody]}")},
        "'assign.prefer'",
        id="an effect inside another",
    ),
]


@pytest.mark.parametrize(("changes", "word"), CASES)
def test_a_later_word_is_a_warning_and_ignored(
    tmp_path: Path, changes: dict[str, str], word: str
) -> None:
    expected = f"not-yet: {word} comes in a later version and is ignored | "
    assert told(tmp_path, **changes) == [expected]
    assert all(problem.warning for problem in problems(tmp_path, **changes))


def test_no_rule_matches_by_a_later_condition(tmp_path: Path) -> None:
    rules = RULES.replace("mentions: outage,", "mentions: outage, outside: office,")
    configuration = loaded(tmp_path, rules=rules)
    assert [str(warning) for warning in configuration.warnings] == [
        f"{tmp_path}/desk.yaml:26:30: warning[not-yet]: "
        "'outside' comes in a later version: no rule matches by it"
    ]


def test_no_word_is_of_now_and_of_later() -> None:
    assert set(later.CONDITIONS).isdisjoint(WORDS)
    assert set(later.EFFECTS).isdisjoint(FIELDS)

"""Does a file that already uses words of a later version load, with a warning at each?"""

from pathlib import Path

import pytest

from config import later
from config.then import ASSIGN_FIELDS, FIELDS
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
        {"queues": QUEUES.replace("line: 2", "slack: desk-2, line: 2")}, "'slack'", id="of a queue"
    ),
    pytest.param(
        {"queues": QUEUES.replace("round-robin", "least-loaded")}, "'least-loaded'", id="a way"
    ),
]


@pytest.mark.parametrize(("changes", "word"), CASES)
def test_a_later_word_is_a_warning_and_ignored(
    tmp_path: Path, changes: dict[str, str], word: str
) -> None:
    expected = f"not-yet: {word} comes in a later version and is ignored | "
    assert told(tmp_path, **changes) == [expected]
    assert all(problem.warning for problem in problems(tmp_path, **changes))


def test_a_channel_of_a_later_kind_is_left_out(tmp_path: Path) -> None:
    """However many there are, the kind is told of once."""
    chats = "".join(f"  c{n}: {{kind: fax-folder, anything: goes}}\n" for n in range(2))
    people = PEOPLE.replace("name: Ola", "slack: U02, name: Ola")
    assert told(tmp_path, channels=CHANNELS + chats, specialists=people) == [
        "not-yet: the kind 'fax-folder' comes in a later version; "
        "until then the channel is left out | ",
        "not-yet: 'slack' comes in a later version and is ignored | ",
    ]


@pytest.mark.parametrize(
    ("effect", "field", "later_on"),
    [
        ("sla: gold", "sla", "what it promises"),
        ("assign: {prefer: [nobody]}", "assign.prefer", "choosing people by it"),
        ("notify: [nobody]", "notify", "telling people"),
    ],
)
def test_what_is_decided_already_names_what_comes_later(
    tmp_path: Path, effect: str, field: str, later_on: str
) -> None:
    rules = RULES.replace("category: other", effect)
    assert told(tmp_path, rules=rules) == [
        f"not-yet: {field!r} is decided and shown; {later_on} comes in a later version | "
    ]
    (rule,) = loaded(tmp_path, rules=rules).rules.rules[-1:]
    assert field in [each.field for each in rule.then]


def test_no_rule_matches_by_a_later_condition(tmp_path: Path) -> None:
    rules = RULES.replace("mentions: outage,", "mentions: outage, mood: angry,")
    configuration = loaded(tmp_path, rules=rules)
    assert [str(warning) for warning in configuration.warnings] == [
        f"{tmp_path}/desk.yaml:26:30: warning[not-yet]: "
        "'mood' comes in a later version: no rule matches by it"
    ]


def test_no_word_is_of_now_and_of_later() -> None:
    assert set(later.CONDITIONS).isdisjoint(WORDS)
    names = {*FIELDS, *(f"assign.{name}" for name in ASSIGN_FIELDS)}
    assert set(later.RECORDED) <= names

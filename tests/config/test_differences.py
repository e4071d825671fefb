"""Is what changed between two configurations told in words, and nothing else?"""

from pathlib import Path

import pytest

from config.differences import differences
from tests.config.builders import QUEUES, RULES, WORDS, loaded

SAME = "a", "b", "c", "d"


def between(tmp_path: Path, **changes: str) -> list[str]:
    """What is different once ``changes`` are made."""
    found = differences(loaded(tmp_path).text, loaded(tmp_path, **changes).text)
    return [f"{each.sign} {each.path} {each.told}" for each in found]


ORDER = "  - {name: order, when: {subject: order}, then: {tags: [order]}}\n"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param(
            {"queues": QUEUES.replace("[ola, kasia]", "[kasia]")},
            ["~ queues.first-line.members - ola"],
            id="a member less",
        ),
        pytest.param(
            {"queues": QUEUES.replace("[ola, kasia]", "[kasia, ola]")},
            ["~ queues.first-line.members in another order"],
            id="in another order",
        ),
        pytest.param(
            {"queues": QUEUES.replace("line: 2", "line: 3")},
            ["~ queues.second-line.line 2 → 3"],
            id="a value",
        ),
        pytest.param(
            {"words": WORDS.replace("[down, outage]", "[down, out]")},
            ["~ words.outage.en + out, - outage"],
            id="words",
        ),
        pytest.param(
            {"rules": RULES.replace("rules:\n", f"rules:\n{ORDER}")},
            ["+ rules[1] order"],
            id="a rule more",
        ),
        pytest.param(
            {"rules": RULES.replace("priority: high", "priority: urgent")},
            ["~ rules.outage.then.priority high → urgent"],
            id="inside a rule",
        ),
        pytest.param(
            {"words": WORDS + "  extra: {en: [more]}\n"},
            ["+ words.extra {en: [more]}"],
            id="a whole table",
        ),
    ],
)
def test_each_change_is_told(tmp_path: Path, changes: dict[str, str], expected: list[str]) -> None:
    assert between(tmp_path, **changes) == expected


def named(*names: str) -> str:
    rules = "".join(
        f"  - {{name: {name}, when: {{subject: {name}}}, then: {{tags: [{name}]}}}}\n"
        for name in names
    )
    last = RULES[RULES.index("  - name: everything-else") :]
    return f"rules:\n{rules}{last}"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param("bacd", ["~ rules.b moved to the top"], id="one up"),
        pytest.param("acdb", ["~ rules.b moved below d"], id="one down"),
        pytest.param("dabc", ["~ rules.d moved to the top"], id="the last to the top"),
    ],
)
def test_the_fewest_rules_that_moved_are_told(
    tmp_path: Path, order: str, expected: list[str]
) -> None:
    words = WORDS.replace("words:", "words:  # deskbridge: allow=dead-word")
    old = loaded(tmp_path, words=words, rules=named(*SAME)).text
    new = loaded(tmp_path, words=words, rules=named(*order)).text
    found = differences(old, new)
    assert [f"{each.sign} {each.path} {each.told}" for each in found] == expected

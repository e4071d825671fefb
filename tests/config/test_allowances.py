"""Can operators keep what they meant, without hiding what is wrong?"""

from pathlib import Path

import pytest

from tests.config.builders import CHANNELS, QUEUES, RULES, loaded, problems, told

EARLY = """\
  - name: early
    when: always
    then: {queue: first-line}
"""
SHADOWS = [
    ("'queue' of rule 'outage' can never apply", 30),
    ("'queue' of rule 'everything-else' can never apply", 33),
]


def shadowed(folder: Path, rules: str) -> list[tuple[str, int]]:
    found = problems(folder, rules=rules)
    return [(p.text, p.place.line) for p in found if p.code == "shadowed"]


def with_early(rules: str = RULES) -> str:
    return rules.replace("rules:\n", f"rules:\n{EARLY}")


def with_comments(where: str, comment: str = "  # deskbridge: allow=shadowed") -> str:
    """The rules with the comment at the end of each line that contains the text."""
    lines = with_early().splitlines()
    return "".join(f"{line}{comment if where in line else ''}\n" for line in lines)


def test_without_a_comment_it_is_told(tmp_path: Path) -> None:
    assert shadowed(tmp_path, with_early()) == SHADOWS


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("then: {category: ", id="on the line itself"),
        pytest.param("- name: ", id="on the first line of the rule"),
    ],
)
def test_what_is_allowed_is_not_told(tmp_path: Path, where: str) -> None:
    assert shadowed(tmp_path, with_comments(where)) == []


def test_a_comment_alone_is_about_the_next_line_that_says_something(tmp_path: Path) -> None:
    above = "  # deskbridge: allow=shadowed\n\n  # kept for the summer\n  - name: outage\n"
    rules = with_early().replace("  - name: outage\n", above)
    assert [line for _, line in shadowed(tmp_path, rules)] == [36]


def test_several_codes_stand_in_one_comment(tmp_path: Path) -> None:
    rules = with_comments("then: {category", "  # deskbridge: allow=ascii-pattern, shadowed")
    assert shadowed(tmp_path, rules) == []


def test_an_allowed_word_of_a_later_version_is_allowed_everywhere(tmp_path: Path) -> None:
    queues = (
        QUEUES.replace("line: 1,", "slack: a, line: 1,").replace("line: 2,", "slack: b, line: 2,")
    ).replace("round-robin}}", "round-robin}}  # deskbridge: allow=not-yet")
    assert told(tmp_path, queues=queues) == []


def test_a_word_of_a_later_version_is_told_once_at_its_first_place(tmp_path: Path) -> None:
    queues = QUEUES.replace("line: 1,", "slack: a, line: 1,").replace(
        "line: 2,", "slack: b, line: 2,"
    )
    found = [
        (p.code, p.text, p.place.line, p.place.column) for p in problems(tmp_path, queues=queues)
    ]
    assert found == [("not-yet", "'slack' comes in a later version and is ignored", 19, 16)]


@pytest.mark.parametrize(
    ("queues", "expected"),
    [
        pytest.param(
            QUEUES + "  # deskbridge: allow=shadowed\n",
            "unused-allow: 'allow=shadowed' silences nothing here"
            " | take it away: it would hide what goes wrong later",
            id="nothing there",
        ),
        pytest.param(
            QUEUES + "  # deskbridge: allow=shadwed\n",
            "unused-allow: no check 'shadwed' | did you mean 'shadowed'?",
            id="no such check",
        ),
        pytest.param(
            QUEUES + "  # deskbridge: allow=value\n",
            "unused-allow: 'allow=value' silences nothing here"
            " | this one can't be allowed, it has to be corrected",
            id="not one to allow",
        ),
    ],
)
def test_what_silences_nothing_is_told(tmp_path: Path, queues: str, expected: str) -> None:
    assert told(tmp_path, queues=queues) == [expected]


def test_it_is_pointed_at_the_code(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, queues=QUEUES + "  # deskbridge: allow=shadowed\n")
    assert (found.place.line, found.place.column, found.warning) == (21, 23, True)


def test_what_only_the_database_shows_may_be_allowed_beforehand(tmp_path: Path) -> None:
    assert told(tmp_path, queues=QUEUES + "  # deskbridge: allow=orphaned\n") == []


def test_a_mistake_can_not_be_allowed(tmp_path: Path) -> None:
    channels = CHANNELS.replace("kind: imap", "kind: imapp  # deskbridge: allow=value")
    assert [line.partition(" |")[0] for line in told(tmp_path, channels=channels)] == [
        "value: no kind of channel 'imapp'"
    ]


def test_allowing_says_nothing_about_other_entries(tmp_path: Path) -> None:
    rules = with_comments("name: early")
    found = [(p.code, p.place.line) for p in problems(tmp_path, rules=rules)]
    assert found == [("shadowed", 30), ("shadowed", 33)]


def test_an_included_file_has_allowances_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "early.yaml").write_text(EARLY.replace("  - ", "- ").replace("\n    ", "\n  "))
    (tmp_path / "late.yaml").write_text(
        "- name: late\n  when: {channel: support-mail}\n"
        "  then: {queue: first-line}  # deskbridge: allow=shadowed\n"
    )
    above = "  - include: early.yaml\n  - include: late.yaml\n  # deskbridge: allow=shadowed\n"
    rules = RULES.replace("  - name: every", f"{above}  - name: every")
    assert told(tmp_path, rules=rules) == []
    assert loaded(tmp_path, rules=rules).warnings == ()

"""Are former names known, and does nobody claim a name that is somebody's?"""

from pathlib import Path

import pytest

from config.checks.orphaned import Stored, orphaned
from tests.config.builders import CHANNELS, PEOPLE, QUEUES, loaded, told

WAS = {
    "queues": QUEUES.replace("line: 1,", "was: first-level, line: 1,"),
    "specialists": PEOPLE.replace("name: Ola", "was: [olah, oha], name: Ola"),
    "channels": CHANNELS + "    was: post\n",
}


def test_former_names_are_known(tmp_path: Path) -> None:
    former = loaded(tmp_path, **WAS).former
    assert list(former.renames()) == [
        ("queue", "first-level", "first-line"),
        ("specialist", "olah", "ola"),
        ("specialist", "oha", "ola"),
        ("channel", "post", "support-mail"),
    ]


def test_what_a_channel_extends_was_something_else(tmp_path: Path) -> None:
    other = "  other: {extends: support-mail, user: other, addresses: [o@nordlys.example]}\n"
    former = loaded(tmp_path, channels=WAS["channels"] + other).former
    assert former.channels == {"post": "support-mail"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"queues": QUEUES.replace("line: 1,", "was: second-line, line: 1,")},
            "duplicate-key: 'second-line' is the name of a queue still"
            " | a former name belongs to nothing",
            id="a name in use",
        ),
        pytest.param(
            {"queues": QUEUES.replace("{line: ", "{was: old, line: ")},
            "duplicate-key: 'old' is the former name of 'first-line' already"
            " | it can have become only one",
            id="of two",
        ),
        pytest.param(
            {"specialists": PEOPLE.replace("name: Ola", "was: kasia, name: Ola")},
            "duplicate-key: 'kasia' is the name of a specialist still"
            " | a former name belongs to nothing",
            id="a person's",
        ),
    ],
)
def test_a_former_name_is_nobody_elses(
    tmp_path: Path, changes: dict[str, str], expected: str
) -> None:
    assert told(tmp_path, **changes) == [expected]


STORED = [
    Stored(thing="queue", name="first-level", inquiries=12),
    Stored(thing="queue", name="second-line", inquiries=3),
    Stored(thing="specialist", name="olaf", inquiries=1),
    Stored(thing="channel", name="fax", inquiries=2),
    Stored(thing="channel", name="fax", dispatches=1),
    Stored(thing="channel", name="support-mail", dispatches=4),
]


def test_stored_names_that_the_file_has_no_more_are_told(tmp_path: Path) -> None:
    configuration = loaded(tmp_path)
    file = tmp_path / "desk.yaml"
    found = [
        f"{p.place.line}:{p.place.column} {p.severity}[{p.code}]: {p.text} | {p.hint}"
        for p in orphaned(file, configuration, STORED)
    ]
    else_ = "else put it back until they are done"
    assert found == [
        "8:1 warning[orphaned]: 2 open inquiries came in by channel 'fax', which the file has no"
        f" more | has it another name now? then write there 'was: fax'; {else_}",
        "8:1 warning[orphaned]: 1 dispatch waits for channel 'fax', which the file has no more"
        f" | has it another name now? then write there 'was: fax'; {else_}",
        "15:1 warning[orphaned]: 1 open inquiry is assigned to specialist 'olaf', which the file"
        f" has no more | did it become 'ola'? then write there 'was: olaf'; {else_}",
        "18:1 warning[orphaned]: 12 open inquiries are in queue 'first-level', which the file has"
        f" no more | did it become 'first-line'? then write there 'was: first-level'; {else_}",
    ]


def test_a_former_name_is_no_orphan(tmp_path: Path) -> None:
    stored = [Stored(thing="queue", name="first-level", inquiries=12)]
    configuration = loaded(tmp_path, queues=WAS["queues"])
    assert orphaned(tmp_path / "desk.yaml", configuration, stored) == ()


def test_orphans_may_be_allowed(tmp_path: Path) -> None:
    queues = QUEUES.replace("queues:", "queues:  # deskbridge: allow=orphaned")
    configuration = loaded(tmp_path, queues=queues)
    stored = [Stored(thing="queue", name="first-level", inquiries=12)]
    assert orphaned(tmp_path / "desk.yaml", configuration, stored) == ()

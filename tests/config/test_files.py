"""Are files joined at their place, and every oddity of a file told?"""

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.load import load
from config.nodes import MOST_NODES
from config.regular import LARGEST
from inquiry.errors import ConfigError, Place
from tests.config.builders import (
    CHANNELS,
    ENVIRONMENT,
    KINDS,
    QUEUES,
    RULES,
    a_text,
    loaded,
    problems,
    told,
)

PRINTERS = """\
- name: printers
  when: {mentions: printer}
  then: {category: printer}
"""
BROKEN = [
    pytest.param(
        "desk: {name: [a\n",
        "yaml: did not find expected ',' or ']' | close the bracket of line 1",
        id="unclosed",
    ),
    pytest.param(
        "desk: {name: a: b}\n",
        "yaml: did not find expected ',' or '}' | "
        "a comma stands between two values; put a text with a colon or comma in quotes",
        id="a colon between brackets",
    ),
    pytest.param(
        'desk: {name: "\\d"}\n',
        "yaml: found unknown escape character | "
        "in double quotes a backslash means something to YAML: use single quotes",
        id="a pattern in double quotes",
    ),
    pytest.param(
        "desk:\n\tname: a\n",
        "yaml: found character that cannot start any token | "
        "indent with spaces; YAML allows no tabs there",
        id="a tab",
    ),
    pytest.param(
        "desk: {name: @home}\n",
        "yaml: found character that cannot start any token | "
        "a value that starts with @ means something to YAML: put it in quotes",
        id="an at",
    ),
    pytest.param(
        "desk:\n  name: *.example\n",
        "yaml: did not find expected alphabetic or numeric character | "
        "a value that starts with * means something to YAML: put it in quotes",
        id="an asterisk",
    ),
    pytest.param(
        "desk:\n  name: %s\n",
        "yaml: found character that cannot start any token | "
        "a value that starts with % means something to YAML: put it in quotes",
        id="a per cent",
    ),
    pytest.param(
        "desk:\n  name: Help: now\n",
        "yaml: mapping values are not allowed in this context | "
        "a text with a colon and a space in it: put it in quotes",
        id="a colon in a text",
    ),
    pytest.param("- a\n- b\n", "value: a configuration is a table: key: value | ", id="a list"),
    pytest.param(
        "a: \x07\n",
        "yaml: unacceptable character #x0007: control characters are not allowed | ",
        id="a bell",
    ),
]


@pytest.mark.parametrize(("text", "expected"), BROKEN)
def test_what_is_no_yaml_is_told(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(file, KINDS)
    (problem,) = refused.value.problems
    assert f"{problem.code}: {problem.text} | {problem.hint}" == expected


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("!vault x", "a value that starts with ! means something to YAML: put it in quotes"),
        (">25", "a value that starts with > means something to YAML: put it in quotes"),
        ("line:2", "write a space after the colon: line: 2"),
        ("#2", "text after # is a comment; put the value in quotes"),
    ],
)
def test_traps_of_yaml_are_hinted_at(tmp_path: Path, value: str, hint: str) -> None:
    queues = QUEUES.replace(
        "{line: 2, members: [kasia]}", f"\n    members: [kasia]\n    line: {value}"
    )
    assert told(tmp_path, queues=queues)[0].endswith(f" | {hint}")


def test_an_anchor_that_contains_itself_is_refused(tmp_path: Path) -> None:
    assert told(tmp_path, words="words: &a {outage: {en: [down]}, printer: *a}\n")[0] == (
        "yaml: too deep, too large or containing itself | "
    )


def test_a_list_is_split_at_its_exact_place(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "printers.yaml").write_text(PRINTERS)
    rules = RULES.replace("rules:\n", "rules:\n  - include: rules/*.yaml\n")
    made = loaded(tmp_path, rules=rules).rules.rules
    assert [rule.name for rule in made] == ["printers", "outage", "everything-else"]
    assert made[0].place == "rules/printers.yaml:1"


def test_an_included_file_changes_the_hash(tmp_path: Path) -> None:
    rules = RULES.replace("rules:\n", "rules:\n  - include: more.yaml\n")
    hashes = []
    for text in (PRINTERS, PRINTERS.replace("category: printer", "category: paper")):
        (tmp_path / "more.yaml").write_text(text)
        hashes.append(loaded(tmp_path, rules=rules).hash)
    assert hashes[0] != hashes[1]


def test_tables_may_come_from_other_files(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "words.yaml").write_text("words: {invoice: {en: [bill]}}\n")
    configuration = loaded(tmp_path, include="include: [conf/*.yaml]\n")
    assert set(configuration.words) == {"outage", "printer", "invoice"}
    assert [file.name for file in configuration.files] == ["desk.yaml", "words.yaml"]


def test_a_key_in_two_files_names_both_places(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("queues:\n  second-line: {line: 3, members: [ola]}\n")
    assert told(tmp_path, include="include: more.yaml\n") == [
        "duplicate-key: 'second-line' is written twice | first at desk.yaml:20"
    ]


def test_rules_are_not_joined_without_a_place(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text(f"rules:\n{PRINTERS}")
    assert told(tmp_path, include="include: more.yaml\n") == [
        "duplicate-key: 'rules' is written twice | first at desk.yaml:24"
    ]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    rules = RULES.replace("rules:\n", "rules:\n  - include: rules/priters.yaml\n")
    assert told(tmp_path, rules=rules) == ["include: no file matches 'rules/priters.yaml' | "]


def test_a_file_that_includes_itself_comes_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("- include: more.yaml\n")
    rules = RULES.replace("rules:\n", "rules:\n  - include: more.yaml\n")
    assert told(tmp_path, rules=rules) == ["include: 'more.yaml' includes itself | "]


def test_files_that_include_each_other_many_times_come_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("- include: other.yaml\n" * 20)
    (tmp_path / "other.yaml").write_text("- include: sub/../more.yaml\n" * 20)
    (tmp_path / "sub").mkdir()
    rules = RULES.replace("rules:\n", "rules:\n  - include: more.yaml\n")
    found = told(tmp_path, rules=rules)
    assert set(found) == {"include: 'sub/../more.yaml' includes itself | "}


def test_lists_in_lists_in_lists_come_to_an_end(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.yaml").write_text(f"- include: {number + 1}.yaml\n")
    rules = RULES.replace("rules:\n", "rules:\n  - include: 0.yaml\n")
    assert told(tmp_path, rules=rules) == ["include: '8.yaml' is included too deep | "]


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[Path]:
    """Things that are no files."""
    folder = tmp_path / "odd"
    (folder / "folder").mkdir(parents=True)
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket"))
        (folder / "zero").symlink_to("/dev/zero")
        with (folder / "huge").open("wb") as huge:
            huge.truncate(LARGEST + 1)
        yield folder


ODD = [
    pytest.param("folder", "Is a directory", id="a folder"),
    pytest.param("pipe", "it is a pipe, not a file", id="a pipe to which nobody writes"),
    pytest.param("zero", "it is a device, not a file", id="a device without an end"),
    pytest.param("socket", "No such device or address", id="a socket"),
    pytest.param("huge", "it is larger than 10 000 kB", id="a huge file"),
]


@pytest.mark.parametrize(("name", "why"), ODD)
@pytest.mark.parametrize(
    ("changes", "place"),
    [
        pytest.param({"include": "include: odd/NAME\n"}, (31, 10), id="beside the others"),
        pytest.param(
            {"rules": RULES.replace("rules:\n", "rules:\n  - include: odd/NAME\n")},
            (25, 14),
            id="in a list",
        ),
        pytest.param(
            {"calendars": "calendars: {a: {open: 24/7, holidays: {ical: odd/NAME}}}\n"},
            (31, 46),
            id="holidays",
        ),
        pytest.param(
            {"channels": CHANNELS.replace("${env:PASSWORD}", "${file:odd/NAME}")},
            (13, 15),
            id="a password",
        ),
    ],
)
def test_what_is_no_file_is_told_at_its_line(
    odd: Path, changes: dict[str, str], place: tuple[int, int], name: str, why: str
) -> None:
    (found,) = problems(odd.parent, **{k: v.replace("NAME", name) for k, v in changes.items()})
    assert found.text == f"cannot read '{odd / name}': {why}"
    assert found.place == Place(odd.parent / "desk.yaml", *place)


@pytest.mark.parametrize(("name", "why"), [each for each in ODD if each.id != "a huge file"])
def test_a_mail_of_a_test_that_is_no_file_is_told(odd: Path, name: str, why: str) -> None:
    tests = f"tests: [{{name: a, given: {{file: odd/{name}}}, expect: {{queue: first-line}}}}]\n"
    assert told(odd.parent, tests=tests) == [
        f"test: test 'a' fails: file is {why}, expected readable | "
    ]


@pytest.mark.parametrize(
    ("name", "why"), [each for each in ODD if each.id != "a pipe to which nobody writes"]
)
def test_the_main_file_that_is_none_is_told(odd: Path, name: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(odd / name, KINDS)
    assert caught.value.problems[0].text == f"cannot read '{odd / name}': {why}"


def test_the_main_file_may_come_through_a_pipe(odd: Path) -> None:
    text = a_text().replace("data_dir: data", "data_dir: /data")
    with ThreadPoolExecutor() as threads:
        writing = threads.submit((odd / "pipe").write_text, text)
        found = load(odd / "pipe", KINDS, known_templates={"ack"}, environment=ENVIRONMENT)
        writing.result()
    assert found.desk.data_dir == Path("/data")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("- a\n" * (MOST_NODES + 10), 1, id="below each other"),
        pytest.param("[" + "a, " * 400 + "\n" + "a, a,\n" * MOST_NODES + "]", 249801, id="a row"),
    ],
)
def test_a_file_of_too_many_things_is_refused_before_all_are_there(
    tmp_path: Path, text: str, line: int
) -> None:
    (tmp_path / "more.yaml").write_text(text)
    (found,) = problems(tmp_path, include="include: more.yaml\n")
    assert found.text == "too deep, too large or containing itself"
    assert found.place.line == line


def test_values_may_come_from_files_and_with_a_default(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    channels = CHANNELS.replace("${env:PASSWORD}", "${file:secret}").replace(
        "support@nordlys.example\n", "${env:USER_OF_NOBODY:-desk}-$${x}\n", 1
    )
    (entry,) = loaded(tmp_path, channels=channels).channels.values()
    assert entry.settings.password == "from a file"
    assert entry.settings.user == "desk-${x}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${cred:mail}", "value: no credential 'mail': CREDENTIALS_DIRECTORY is not set | "),
        ("${file:nowhere}", "value: cannot read '{folder}/nowhere': No such file or directory | "),
    ],
)
def test_a_secret_that_is_not_there_is_told(tmp_path: Path, value: str, expected: str) -> None:
    channels = CHANNELS.replace("${env:PASSWORD}", value)
    assert told(tmp_path, channels=channels) == [expected.replace("{folder}", str(tmp_path))]


def test_a_main_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path / "nowhere.yaml", KINDS)
    assert str(refused.value) == (
        f"{tmp_path}/nowhere.yaml:1:1: error[file]: "
        f"cannot read '{tmp_path}/nowhere.yaml': No such file or directory"
    )


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_bytes("desk: {name: Grønn}".encode("latin-1"))
    with pytest.raises(ConfigError) as refused:
        load(file, KINDS)
    assert str(refused.value) == f"{file}:1:1: error[yaml]: this file is not UTF-8 text"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("rules: " + "[" * 200_000 + "]" * 200_000, id="lists on one line"),
        pytest.param("{a:\n" * 200_000 + "1" + "}" * 200_000, id="tables on lines of their own"),
        pytest.param("- " * 200_000 + "x", id="lists without brackets"),
    ],
)
def test_an_abyss_ends_nobodys_process(tmp_path: Path, text: str) -> None:
    (tmp_path / "desk.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "desk.yaml", KINDS)
    assert "too deep, too large or containing itself" in str(caught.value.problems[0])

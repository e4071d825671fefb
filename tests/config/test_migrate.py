"""Do old names of keys work on for a while, and is a file rewritten without losing a letter?"""

from pathlib import Path

import pytest

from config.load import load
from config.migrate import migrated, rewritten, write
from config.renamed import RENAMED, Rename, Splice
from inquiry.errors import ConfigError, Place
from tests.config.builders import ENVIRONMENT, KINDS, QUEUES, RULES, a_text

RENAMES = (
    Rename("queues.*", "people", "members", until="0.4"),
    Rename("rules.when.**", "mention", "mentions", until="0.4"),
    Rename("", "lists", "words", until="0.3"),
    Rename("rules.then", "stock", "queue", until="0.3"),
)
OLD = a_text(
    queues=QUEUES.replace("members: [ola, kasia]", "people: [ola, kasia]  # the early shift"),
    rules=RULES.replace("mentions: printer", '"mention":   printer').replace(
        "queue: first-line", "stock: first-line"
    ),
).replace("words:", "lists:   # in all languages\n")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "desk.yaml"
    path.write_text(
        OLD.replace("{line: 1, people", "{line: 1,\n    people").replace("shift,", "shift\n   ,")
    )
    return path


def loaded(file: Path) -> list[str]:
    found = load(
        file, KINDS, known_templates={"ack"}, environment=ENVIRONMENT, renames=RENAMES
    ).warnings
    return [f"{p.place.line}:{p.place.column} {p.code}: {p.text} | {p.hint}" for p in found]


def position(file: Path, key: str) -> str:
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if key in line:
            return f"{number}:{line.index(key) + 1}"
    raise LookupError(key)


def test_old_names_work_and_are_told_where_they_stand(file: Path) -> None:
    hint = "'deskbridge config migrate' rewrites it; it works until version"
    assert loaded(file) == [
        f"{position(file, 'people')} deprecated: 'people' is now called 'members' | {hint} 0.4",
        f"{position(file, 'lists:   #')} deprecated: 'lists' is now called 'words' | {hint} 0.3",
        f"{position(file, chr(34) + 'mention')} deprecated: 'mention' is now called 'mentions'"
        f" | {hint} 0.4",
        f"{position(file, 'stock')} deprecated: 'stock' is now called 'queue' | {hint} 0.3",
    ]


def test_only_the_keys_are_rewritten(file: Path) -> None:
    before = file.read_text()
    (new,) = migrated(file, RENAMES).values()
    expected = (
        before.replace("people:", "members:")
        .replace("\nlists:", "\nwords:")
        .replace('"mention":', '"mentions":')
        .replace("stock:", "queue:")
    )
    assert new == expected
    assert "# the early shift" in new


def test_a_rewritten_file_has_no_old_names(file: Path) -> None:
    for each, text in migrated(file, RENAMES).items():
        write(each, text)
    assert loaded(file) == []
    assert migrated(file, RENAMES) == {}


def test_included_files_are_rewritten_too(tmp_path: Path) -> None:
    rule = '- name: "æ early"\n  when: {any: [{mention: outage}]}\n  then: {tags: [a]}\n'
    (tmp_path / "rules.yaml").write_text(rule)
    include = RULES.replace(
        "rules:\n", "rules:\n  - include: rules.yaml\n  - include: rules.yaml\n"
    )
    (tmp_path / "desk.yaml").write_text(a_text(rules=include))
    changed = migrated(tmp_path / "desk.yaml", RENAMES)
    assert changed == {tmp_path / "rules.yaml": rule.replace("mention:", "mentions:")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: {old: 1, old: 2}\r\n", "a: {longer: 1, old: 2}\r\n", id="CRLF"),
        pytest.param("\ufeffa: {old: 1}", "\ufeffa: {longer: 1}", id="a byte order mark"),
        pytest.param("a: {'old': 1}\n", "a: {'longer': 1}\n", id="single quotes"),
        pytest.param('a: {"old": 1}\n', 'a: {"longer": 1}\n', id="double quotes"),
        pytest.param('a: {"\\x6fld": 1}\n', 'a: {"\\x6fld": 1}\n', id="an escape is left alone"),
    ],
)
def test_a_line_keeps_all_the_rest(text: str, expected: str) -> None:
    splice = Splice(Place(Path("desk.yaml"), 1, 5), "old", "longer")
    assert rewritten(text, [splice]) == expected


def test_two_on_one_line_do_not_disturb_each_other() -> None:
    file = Path("desk.yaml")
    splices = [Splice(Place(file, 1, 2), "a", "longer"), Splice(Place(file, 1, 8), "b", "c")]
    assert rewritten("{a: 1, b: 2}", splices) == "{longer: 1, c: 2}"


def test_both_names_at_once_are_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(a_text(queues=QUEUES.replace("members: [ola", "people: [ola], members: [ola")))
    with pytest.raises(ConfigError) as refused:
        load(file, KINDS, known_templates={"ack"}, environment=ENVIRONMENT, renames=RENAMES)
    (problem,) = refused.value.problems
    assert (problem.code, problem.text, problem.hint) == (
        "duplicate-key",
        "'people' is the old name of 'members', which stands here as well",
        "keep one of the two",
    )


def test_what_is_no_yaml_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text("queues: {people: [")
    with pytest.raises(ConfigError):
        migrated(file, RENAMES)


def test_a_written_file_keeps_who_may_read_it(file: Path) -> None:
    file.chmod(0o640)
    write(file, "version: 1\n")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("version: 1\n", 0o640)
    assert list(file.parent.iterdir()) == [file]


def test_a_link_stays_a_link(file: Path) -> None:
    link = file.with_name("link.yaml")
    link.symlink_to(file)
    write(link, "version: 1\n")
    assert link.is_symlink()
    assert file.read_text() == "version: 1\n"


@pytest.mark.parametrize(
    ("where", "keys", "fits"),
    [
        ("", "", True),
        ("", "queues", False),
        ("queues.*", "queues first-line", True),
        ("queues.*", "queues first-line assign", False),
        ("rules.when.**", "rules when", True),
        ("rules.when.**", "rules when any not", True),
        ("rules.when.**", "rules then", False),
        ("**.send", "channels mail send", True),
    ],
)
def test_where_a_name_is_meant(where: str, keys: str, fits: bool) -> None:
    assert Rename(where, "a", "b", until="9").fits(keys.split()) is fits


def test_no_rename_undoes_another() -> None:
    """A new name that is an old one as well would never come to rest."""
    old = {(rename.where, rename.old) for rename in RENAMED}
    assert [rename for rename in RENAMED if (rename.where, rename.new) in old] == []

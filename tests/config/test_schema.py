"""Do editors get to know the language: is what is right right for them, and every key explained?"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from config.schema.make import make_schema
from config.schema.names import names_in
from config.schema.texts import HELP, THEN, WHEN
from config.then import FIELDS, TABLES
from config.when import WORDS
from deskbridge.kinds import OURS, SettingsByKind
from tests.layout.tree import ROOT

INCLUDED = sorted(
    file for file in (ROOT / "examples").glob("*/*.yaml") if file.name != "deskbridge.yaml"
)
MAIN = [*sorted((ROOT / "examples").glob("*/deskbridge.yaml")), ROOT / "deskbridge/demo/desk.yaml"]
RULES = sorted((ROOT / "examples").glob("*/rules/*.yaml"))
TESTS = sorted((ROOT / "examples").glob("*/tests/*.yaml"))
SCHEMA = make_schema({name: SettingsByKind()[name] for name in OURS})


class Editor(yaml.CSafeLoader):
    """YAML 1.2 as editors read it: only true, false, null and plain numbers are no text."""


Editor.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+0123456789."),
):
    Editor.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), first)


def read(text: str) -> Any:
    return yaml.load(text, Loader=Editor)


def wrong(text: str, schema: dict[str, Any] = SCHEMA) -> list[str]:
    """What the editor underlines: the path to each wrong value."""
    errors = Draft7Validator(schema).iter_errors(read(text))
    return ["/".join(map(str, error.absolute_path)) for error in errors]


def included(name: str) -> dict[str, Any]:
    """The schema of a file that is a list, as its first line names it."""
    return {**SCHEMA["$defs"][name], "definitions": SCHEMA["definitions"]}


def test_it_is_a_schema_of_draft_7() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert "prefixItems" not in str(SCHEMA)


@pytest.mark.parametrize("file", MAIN, ids=lambda file: file.parent.name)
def test_every_example_is_right(file: Path) -> None:
    assert wrong(file.read_text("utf-8")) == []


@pytest.mark.parametrize("file", RULES, ids=str)
def test_every_included_list_of_rules_is_right(file: Path) -> None:
    assert wrong(file.read_text("utf-8"), included("Rules")) == []


@pytest.mark.parametrize("file", INCLUDED, ids=str)
def test_every_included_file_of_sections_is_right(file: Path) -> None:
    assert wrong(file.read_text("utf-8"), included("Sections")) == []


def test_what_other_files_hold_is_not_missing_here() -> None:
    assert wrong("version: 1\ninclude: [people.yaml]\n") == []
    assert wrong("version: 1\n") == [""] * 4
    assert wrong("queues: {a: {members: [ola]}}\n", included("Sections")) == []


@pytest.mark.parametrize("file", TESTS, ids=str)
def test_every_included_list_of_tests_is_right(file: Path) -> None:
    assert wrong(file.read_text("utf-8"), included("Tests")) == []


@pytest.mark.parametrize("file", MAIN, ids=lambda file: file.parent.name)
def test_the_names_of_a_file_are_right_for_itself(file: Path) -> None:
    schema = make_schema(SettingsByKind(), names_in(file, {"ack", "busy-ack"}))
    assert wrong(file.read_text("utf-8"), schema) == []


DESK = """\
version: 1
desk: {name: Nordlys, url: https://help.example, languages: [nb, en], data_dir: data}
channels:
  mail: {kind: imap, host: imap.example, user: desk, password: "${env:PASSWORD}"}
  other: {extends: mail, user: other, send: {from: a@b.example}}
queues:
  first-line: {members: [ola]}
calendars:
  office: {open: {mon-thu: 08:00-16:00, fri: [08:00-12:00, 13:00-15:00]}, holidays: {country: NO}}
  always: {open: 24/7}
rules:
  - {name: a, when: {reopened: 2, not: {customer: {vip: yes}}}, then: {set: {order: "{order}"}}}
  - {name: b, when: {any: [{urgency: high}, {urgency: {more_than: 3}}]}, then: {snooze: 2h}}
  - {name: rest, when: always, then: {queue: first-line}, stop: yes, on: [opening]}
urgency: {signals: [{words: outage, points: 40}, {shouting: yes, points: 10}], levels: {high: 50}}
tests:
  - {name: t, given: {subject: Hello, at: 2026-12-21T13:00}, expect: {queue: first-line}}
"""


def test_a_file_with_many_words_is_right() -> None:
    assert wrong(DESK) == []


PLANTED = [
    ("version: 1\n", "version: 2\n", "version"),
    ("name: Nordlys", "nam: Nordlys", "desk"),
    ("languages: [nb, en]", "languages: [norsk, en]", "desk/languages"),
    ("kind: imap", "kind: imapp", "channels/mail/kind"),
    ("host: imap.example", "hots: imap.example", "channels/mail"),
    ("user: other", "usr: other", "channels/other"),
    ("members: [ola]", "line: 10, members: [ola]", "queues/first-line/line"),
    ("members: [ola]", "line: 1", "queues/first-line"),
    ("mon-thu: 08:00-16:00", "mon-thu: 8-16", "calendars/office/open"),
    ("country: NO", "contry: NO", "calendars/office/holidays"),
    ("reopened: 2", "reopend: 2", "rules/0/when"),
    ("urgency: high", "urgency: hihg", "rules/1/when"),
    ("queue: first-line}, stop", "queu: first-line}, stop", "rules/2/then"),
    ("stop: yes", "stop: perhaps", "rules/2/stop"),
    ("on: [opening]", "on: [always]", "rules/2/on"),
    ("points: 40", "pionts: 40", "urgency/signals/0"),
    ("at: 2026-12-21T13:00", "at: noon", "tests/0/given/at"),
    ("expect: {queue", "expect: {queu", "tests/0/expect"),
    ("queues:", "queus:", ""),
]


@pytest.mark.parametrize(("old", "new", "place"), PLANTED, ids=[new for _, new, _ in PLANTED])
def test_a_mistake_is_underlined_where_it_is(old: str, new: str, place: str) -> None:
    assert old in DESK
    found = wrong(DESK.replace(old, new))
    assert found != []
    assert {path for path in found if path != place} <= {""} if place == "" else place in found


def test_the_names_of_the_file_are_offered(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(DESK + "specialists: {ola: {name: Ola}}\n")
    definitions = make_schema(SettingsByKind(), names_in(file, {"ack"}))["definitions"]
    offered = {thing: definitions[thing]["anyOf"][0]["enum"] for thing in ("queue", "specialist")}
    assert offered == {"queue": ["first-line"], "specialist": ["ola"]}
    assert definitions["channel"]["anyOf"][0]["enum"] == ["mail", "other"]
    assert definitions["calendar"]["anyOf"][0]["enum"] == ["always", "office"]
    assert definitions["template"]["anyOf"][0]["enum"] == ["ack"]


def test_a_name_that_the_file_has_not_is_underlined(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(DESK)
    schema = make_schema(SettingsByKind(), names_in(file))
    changed = DESK.replace("then: {queue: first-line}", "then: {queue: first-lin}")
    assert wrong(changed, schema) == ["rules/2/then/queue"]


def test_a_file_that_is_no_yaml_has_no_names(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text("queues: [")
    assert names_in(file) == {}


def tables(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """All tables of keys in the schema, and where they are."""
    if isinstance(schema, dict):
        if isinstance(found := schema.get("properties"), dict):
            yield path, found
        for key, value in schema.items():
            yield from tables(value, f"{path}/{key}")


def test_every_key_has_a_sentence() -> None:
    silent = [
        f"{path}: {key}"
        for path, keys in tables(SCHEMA)
        for key, schema in keys.items()
        if not path.endswith("/if") and not schema.get("description")
    ]
    assert silent == []


def test_every_sentence_is_about_a_key() -> None:
    there = {
        f"{path.rpartition('/')[2].removeprefix('channel-') or 'Sections'}.{key}"
        for path, keys in tables(SCHEMA)
        for key in keys
    }
    deeper = {"Rules.include", "Organization.domains"}
    assert {key for key in HELP if "." in key} - there == deeper


def test_every_word_of_the_rules_is_in_it() -> None:
    assert set(WHEN) == set(WORDS)
    inner = {f"{table}.{key}" for table, keys in TABLES.items() for key in keys or ()}
    assert set(THEN) == {*FIELDS, *TABLES, *inner, "language", "rule", "urgency", "not"}

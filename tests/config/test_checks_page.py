"""Does the page of checks say of every code what is printed, word for word, and only that?"""

import ast
import re
from pathlib import Path

import pytest

from config.checks.codes import CODES, ELSEWHERE, LINTS, PAGE, explained
from config.checks.orphaned import Stored, orphaned
from config.load import load
from config.renamed import Rename
from config.report import rendered
from deskbridge.in_force import RestartNeeded
from inquiry.errors import ConfigError, Problem
from tests.config.builders import KINDS
from tests.layout.tree import ROOT, modules, syntax

DOCS = ROOT / "docs" / "checks.md"
PRINTED = re.compile(r"^## (?P<code>[a-z-]+)$", re.MULTILINE)
FIRST_LINE = re.compile(
    r"(?P<severity>Error|Warning|Notice)\b.*; (?P<silenced>may|can't) be silenced\."
)
DESK = """\
version: 1
desk: {name: Nordlys, url: https://help.example, languages: [nb, en], data_dir: data}
channels:
  support-mail:
    kind: imap
    host: imap.nordlys.example
    user: support
    password: ${env:PASSWORD}
    addresses: [support@nordlys.example]
specialists:
  ola: {name: Ola Hansen, languages: [nb, en]}
  kasia: {name: Kasia Nowak, languages: [nb]}
queues:
  first-line: {members: [ola]}
  second-line: {members: [ola]}
rules:
  - {name: rest, when: always, then: {queue: first-line}}
"""
SECTION = re.compile(r"^(?P<name>\w+):.*\n(?:[ \n].*\n?)*", re.MULTILINE)


def block(code: str, language: str) -> str:
    """The first block of this language in the section about a code."""
    found = re.search(rf"```{language}\n(.*?)```", explained(code), re.DOTALL)
    assert found, f"no {language} block about {code}"
    return found[1]


def with_desk(snippet: str) -> str:
    """The snippet and below it what a whole file needs; so its lines keep their numbers."""
    given = set(re.findall(r"^(\w+):", snippet, re.MULTILINE))
    rest = [found[0] for found in SECTION.finditer(DESK) if found["name"] not in given]
    return snippet + "".join(rest)


def problems(folder: Path, snippet: str) -> list[Problem]:
    (folder / "folder.yaml").mkdir()
    for name, text in {
        "computing/sum.en.md": "Two\nTogether {{ 1 + 1 }}",
        "misspelt/late.en.md": "We have got {{ referense }}.",
    }.items():
        (folder / name).parent.mkdir()
        (folder / name).write_text(text)
    file = folder / "desk.yaml"
    file.write_text(with_desk(snippet), encoding="utf-8")
    try:
        found = load(
            file,
            KINDS,
            known_templates={"ack"},
            environment={"PASSWORD": "x"},
            renames=(Rename("queues.*", "people", "members", until="0.4"),),
        )
    except ConfigError as wrong:
        return list(wrong.problems)
    return [*found.warnings, *found.notices]


@pytest.mark.parametrize("code", sorted(CODES - ELSEWHERE))
def test_the_example_prints_what_the_page_says(
    code: str, tmp_path: Path, update_golden: bool
) -> None:
    found = [p for p in problems(tmp_path, block(code, "yaml")) if p.code == code]
    printed = "\n".join(map(rendered, found)).replace(f"{tmp_path}/", "")
    if update_golden:
        page = DOCS.read_text("utf-8").replace(block(code, "text"), f"{printed}\n")
        DOCS.write_text(page, "utf-8")
    assert printed.splitlines() == block(code, "text").splitlines()


@pytest.mark.parametrize("code", sorted(CODES - ELSEWHERE))
def test_the_severity_is_the_one_printed(code: str) -> None:
    said = FIRST_LINE.match(explained(code))
    assert said
    printed = re.search(r": (error|warning|notice)\[", block(code, "text"))
    assert printed
    assert printed[1] == said["severity"].lower()


@pytest.mark.parametrize("code", sorted(CODES))
def test_it_says_whether_a_check_may_be_silenced(code: str) -> None:
    said = FIRST_LINE.match(explained(code))
    assert said
    assert (said["silenced"] == "may") == (code in LINTS)


def test_the_sentence_of_a_restart_is_the_one_of_the_service() -> None:
    needed = RestartNeeded(name="web.listen", old="127.0.0.1:8080", new="127.0.0.1:9090")
    assert block("restart-needed", "text") == f"{needed}\n"


def test_the_sentence_about_orphans_is_the_one_printed(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    queues = "queues:\n  first-line: {members: [ola]}\n  second-line: {members: [ola]}\n"
    file.write_text("\n" * 17 + with_desk(queues))
    configuration = load(file, KINDS, environment={"PASSWORD": "x"})
    stored = [Stored(thing="queue", name="first-level", inquiries=12)]
    printed = "\n".join(map(rendered, orphaned(file, configuration, stored)))
    assert printed.replace(f"{tmp_path}/", "") + "\n" == block("orphaned", "text")


def test_the_page_tells_of_every_code_once_and_in_order() -> None:
    assert PRINTED.findall(PAGE.read_text("utf-8")) == sorted(CODES)


def test_the_page_in_the_product_is_the_one_in_the_manual() -> None:
    assert PAGE.read_text("utf-8") == DOCS.read_text("utf-8"), "make map copies it"


def test_every_code_in_the_program_is_a_known_one() -> None:
    used = {code for path in modules("config", "deskbridge") for code in codes_in(path)}
    assert used - CODES == set()


def codes_in(path: Path) -> set[str]:
    """The codes of all problems that a module notes."""
    calls = [node for node in ast.walk(syntax(path)) if isinstance(node, ast.Call)]
    noted = [
        call.args[1]
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in ("error", "warn", "notice")
        and len(call.args) > 2
    ]
    made = [word.value for call in calls for word in call.keywords if word.arg == "code"]
    constants = [each for each in (*noted, *made) if isinstance(each, ast.Constant)]
    return {each.value for each in constants if isinstance(each.value, str)}

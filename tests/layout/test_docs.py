"""Do the pages say what the code does?"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from pathlib import Path

import click
import pytest

from config import sections, then, when
from deskbridge import kinds
from deskbridge.cli.main import deskbridge
from inquiry import words
from inquiry.failpoints import REGISTRY
from tests.layout.map import PAGE, with_modules
from tests.layout.tree import PRODUCT, ROOT, text_of, tracked

PAGES = [path for path in tracked() if path.suffix == ".md" and path.parts[0] != "tests"]
DECISIONS = [path for path in PAGES if path.parent == Path("docs/decisions")]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)(?P<target>[^)#\s]+)")
TREE = re.compile(r"^(?P<name>[a-z]+)/ +\S", re.MULTILINE)

NAMED = re.compile(rf"`(?P<path>(?:{'|'.join(PRODUCT)}|tests|docs|deploy|examples)/[\w./-]*)`")

ENUMS = [
    cls
    for cls in vars(words).values()
    if isinstance(cls, type) and issubclass(cls, StrEnum) and cls is not StrEnum
]


def commands(command: click.Command, path: str = "deskbridge") -> Iterator[str]:
    """Find the full names of all commands that can be run."""
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner
        yield from commands(inner, f"{path} {name}")


def test_the_map_names_every_folder_at_the_top_and_no_other() -> None:
    there = {path.parts[0] for path in tracked() if len(path.parts) > 1}
    assert set(TREE.findall(text_of(PAGE))) == {name for name in there if not name.startswith(".")}


def test_the_map_names_every_module_as_make_map_would() -> None:
    assert text_of(PAGE) == with_modules(text_of(PAGE))


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_the_glossary_has_every_word_of_a_closed_set(enum: type[StrEnum]) -> None:
    page = text_of(Path("docs/glossary.md"))
    assert [word.value for word in enum if not re.search(rf"\b{word.value}\b", page)] == []


def test_the_commands_that_are_documented_are_those_there_are() -> None:
    page = text_of(Path("docs/operating.md"))
    named = re.findall(r"^\| `(deskbridge(?: [a-z]+)+)", page, re.MULTILINE)
    assert set(named) == set(commands(deskbridge))


LANGUAGE = [
    *(one.name for one in fields(sections.Sections)),
    *kinds.OURS,
    *when.WORDS,
    *then.FIELDS,
]


@pytest.mark.parametrize("word", sorted(set(LANGUAGE)))
def test_every_word_of_the_configuration_is_documented(word: str) -> None:
    assert f"`{word}`" in text_of(Path("docs/configuration.md"))


@pytest.mark.parametrize("failpoint", sorted(REGISTRY))
def test_every_failpoint_is_documented(failpoint: str) -> None:
    assert f"`{failpoint}`" in text_of(Path("docs/testing.md"))


def test_no_failpoint_is_documented_that_is_gone() -> None:
    named = re.findall(r"^\| `([a-z]+\.[a-z]+)`", text_of(Path("docs/testing.md")), re.MULTILINE)
    assert set(named) == REGISTRY


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [ROOT / page.parent / link for link in LINK.findall(text_of(page))]
    assert [str(target) for target in targets if not target.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    named = {match["path"] for match in NAMED.finditer(text_of(page))}
    assert {path for path in named if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_a_context_and_a_price(page: Path) -> None:
    headings = re.findall(r"^## (.+)$", text_of(page), re.MULTILINE)
    assert headings == ["Context", "Decision", "Price"]
    assert len(text_of(page).splitlines()) <= 60


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(page.name[:4]) for page in sorted(DECISIONS)]
    assert numbers == list(range(1, len(DECISIONS) + 1))


def test_the_changelog_has_room_for_the_next_release() -> None:
    assert "## [Unreleased]" in text_of(Path("CHANGELOG.md"))


@pytest.mark.parametrize("command", ["check", "test"])
def test_the_configuration_in_the_readme_is_right(command: str, tmp_path: Path) -> None:
    (yaml,) = re.findall(r"```yaml\n(.*?)```", text_of(Path("README.md")), re.DOTALL)
    (tmp_path / "deskbridge.yaml").write_text(yaml, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "deskbridge.cli.main", command, "deskbridge.yaml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SUPPORT_MAIL_PASSWORD": "secret"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

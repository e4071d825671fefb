"""Is all that the manual's page on rules shows true: its rules, their tests, what is printed?"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from config.cases import Verdict, run_cases
from deskbridge.cli.configuration import load_file
from deskbridge.cli.main import deskbridge
from inquiry.errors import ConfigError
from tests.layout.tree import ROOT

PAGE = ROOT / "docs" / "rules.md"
BLOCK = re.compile(r"```(?P<language>yaml|console)\n(?P<text>.*?)```", re.DOTALL)
COMMAND = re.compile(r"^(?:\$|\s+- (?:run: )?) *(?P<line>deskbridge .*)$", re.MULTILINE)
CALL = re.compile(r"`(?P<line>deskbridge [^`]+)`")
QUEUE = re.compile(r"\bqueue: (?P<name>[\w-]+)")
UNSTEADY = re.compile(r"^\d+ (?:error|warning|problem)s? in .*\n", re.MULTILINE)
"""How long a check took."""
DESK = """
version: 1
desk:
  name: Nordlys Support
  url: https://help.nordlys.example
  timezone: Europe/Oslo
  languages: [nb, en, pl, et, ru]
  data_dir: data
channels:
  support-mail:
    kind: smtp
    listen: 127.0.0.1:2525
    addresses: [support@nordlys.example, invoices@nordlys.example]
specialists:
  ola: {name: Ola Hansen, email: ola@nordlys.example, languages: [nb, en]}
  kasia: {name: Kasia Nowak, email: kasia@nordlys.example, languages: [pl, et, ru]}
queues:
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A configuration on the page, and what is shown of commands on it."""

    text: str
    commands: tuple[str, ...]

    @property
    def title(self) -> str:
        named = re.search(r"name: ([\w-]+)", self.text)
        return named[1] if named else self.text[:20]

    def whole(self) -> str:
        """The configuration with all that it needs below, so that its lines keep their numbers."""
        queues = sorted({*QUEUE.findall(self.text), "first-line"})
        lines = (f"  {name}: {{members: [ola, kasia]}}\n" for name in queues)
        return self.text + DESK + "".join(lines)


def shown() -> Iterator[Shown]:
    """Every configuration of a desk on the page."""
    found = [(block["language"], block["text"]) for block in BLOCK.finditer(PAGE.read_text())]
    for number, (language, text) in enumerate(found):
        if language == "yaml" and "when:" in text:
            rest = found[number + 1 :]
            end = next((i for i, each in enumerate(rest) if each[0] == "yaml"), len(rest))
            yield Shown(text, tuple(text for _, text in rest[:end]))


def with_commands() -> list[Shown]:
    return [each for each in shown() if each.commands]


def is_wrong(example: Shown) -> bool:
    """Is it there to show how a mistake is told?"""
    return any("error[" in said or "✗ " in said.split("\n")[1] for said in example.commands)


def printed(folder: Path, example: Shown, said: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the command of a console block prints on the desk of the example."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    Path("desk.yaml").write_text(example.whole(), "utf-8")
    first = said.partition("\n")[0]
    words = shlex.split(first.removeprefix("$ deskbridge "))
    result = CliRunner(env={"DESKBRIDGE_CONFIG": "desk.yaml"}).invoke(deskbridge, words)
    assert result.stdout, result.stderr
    return f"{first}\n" + UNSTEADY.sub("", result.stdout)


@pytest.mark.parametrize(
    "example", [each for each in shown() if not is_wrong(each)], ids=lambda each: each.title
)
def test_its_rules_load_without_a_word_and_their_tests_pass(example: Shown, tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(example.whole(), "utf-8")
    configuration = load_file(file)
    assert [str(problem) for problem in configuration.warnings] == []
    assert {result.verdict for result in run_cases(configuration)} <= {Verdict.PASSED}


@pytest.mark.parametrize(
    "example", [each for each in shown() if is_wrong(each)], ids=lambda each: each.title
)
def test_what_shows_a_mistake_is_refused(example: Shown, tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(example.whole(), "utf-8")
    with pytest.raises(ConfigError):
        load_file(file)


@pytest.mark.parametrize("example", with_commands(), ids=lambda each: each.title)
def test_a_command_prints_what_the_page_says(
    example: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool
) -> None:
    for said in example.commands:
        now = printed(tmp_path, example, said, monkeypatch)
        if update_golden:
            PAGE.write_text(PAGE.read_text("utf-8").replace(said, now), "utf-8")
        assert now == said


def test_there_is_something_to_try_out() -> None:
    assert len(list(shown())) >= 9
    assert len(with_commands()) >= 4


@pytest.mark.parametrize("line", sorted({*CALL.findall(PAGE.read_text("utf-8"))}))
def test_a_command_that_is_named_is_one(line: str) -> None:
    is_a_command(line)


@pytest.mark.parametrize(
    "recipe",
    [each["text"] for each in BLOCK.finditer(PAGE.read_text("utf-8")) if "pip" in each["text"]],
    ids=["github", "gitlab"],
)
def test_a_recipe_is_yaml_whose_commands_are_ours(recipe: str) -> None:
    assert yaml.safe_load(recipe)
    lines = COMMAND.findall(recipe)
    assert {line.split()[1] for line in lines} == {"check", "test", "replay"}
    for line in lines:
        is_a_command(line)


def is_a_command(line: str) -> None:
    """Would the program take these words? Raises click.UsageError."""
    words = shlex.split(line.partition(" || ")[0], comments=True)[1:]
    command: click.Command = deskbridge
    context = click.Context(command)
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found, f"no command {words[0]!r}"
        command, words = found, words[1:]
    command.make_context(line, words)

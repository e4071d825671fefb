"""Are the examples right as they are delivered, and do their tests notice what a rule loses?"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.cases import Verdict, run_cases
from config.configuration import Configuration
from deskbridge.cli.configuration import load_file
from deskbridge.cli.main import deskbridge
from tests.layout.tree import ROOT

EXAMPLES = sorted(ROOT.glob("examples/*/deskbridge.yaml"))
SECRETS = ("TELEGRAM_TOKEN", "RELAY_PASSWORD", "ACCOUNTS_PASSWORD")


def run(*words: str) -> Result:
    """Run a command where none of the examples' secrets is known."""
    return CliRunner(env=dict.fromkeys(SECRETS)).invoke(deskbridge, words)


def without_each_effect(configuration: Configuration) -> Iterator[tuple[str, Configuration]]:
    """The configuration again and again, each time with one thing less that a rule does."""
    rules = configuration.rules
    for number, rule in enumerate(rules.rules):
        for effect in rule.then:
            rest = tuple(each for each in rule.then if each != effect)
            lesser = replace(rule, then=rest)
            changed = (*rules.rules[:number], lesser, *rules.rules[number + 1 :])
            told = f"{rule.name} without {effect.field}: {effect.value}"
            yield told, replace(configuration, rules=replace(rules, rules=changed))


def passes(configuration: Configuration) -> bool:
    return all(result.verdict is Verdict.PASSED for result in run_cases(configuration))


def test_there_are_four() -> None:
    names = [file.parent.name for file in EXAMPLES]
    assert names == ["public-office", "small-office", "software-company", "web-shop"]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_check_has_nothing_to_say(file: Path) -> None:
    checked = run("check", str(file))
    assert checked.exit_code == 0, checked.output
    assert checked.output.splitlines()[-1].startswith("no problems in ")
    assert "!" not in checked.output, "a notice, or a language without its template"


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_its_tests_pass_and_reach_every_rule(file: Path) -> None:
    tested = run("test", str(file))
    assert tested.exit_code == 0, tested.output
    assert tested.output.splitlines()[-1].strip().endswith(" passed")


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_its_tests_notice_whatever_a_rule_no_longer_does(file: Path) -> None:
    configuration = load_file(file)
    assert passes(configuration)
    unnoticed = [told for told, lesser in without_each_effect(configuration) if passes(lesser)]
    assert unnoticed == []

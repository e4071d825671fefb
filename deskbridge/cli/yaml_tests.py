"""``deskbridge test``: do the rules decide as the tests in the file expect?"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskbridge.cli.check import files_argument, loaded
from deskbridge.cli.configuration import chosen, environment_option, print_errors
from deskbridge.cli.leaving import json_option
from deskbridge.endings import INVALID, NOTHING_THERE, PROBLEM

if TYPE_CHECKING:
    from config.cases import Result
    from config.configuration import Configuration

_NAME_WIDTH = 66


@click.command("test")
@files_argument
@environment_option
@json_option
@click.option("-k", "pattern", default="", help="Only tests with this in their name.")
@click.option("--coverage", is_flag=True, help="List for each rule the tests that reach it.")
def test(
    files: tuple[Path, ...], config: Path | None, as_json: bool, pattern: str, coverage: bool
) -> None:
    """Run the tests that stand in configuration FILES, without network.

    \b
    deskbridge test                  all tests of ./deskbridge.yaml
    deskbridge test -k invoice       those with "invoice" in their name
    """
    verdicts: list[str] = []
    for file in files or (chosen(config),):
        configuration, problems = loaded(file, run_tests=False)
        if configuration is None:
            print_errors(problems)
            raise SystemExit(INVALID)
        verdicts += _run(configuration, pattern, as_json=as_json, coverage=coverage)
    if pattern and not verdicts:
        click.echo(f"no test has {pattern!r} in its name", err=True)
        raise SystemExit(NOTHING_THERE)
    if "failed" in verdicts:
        raise SystemExit(PROBLEM)


def _run(
    configuration: "Configuration", pattern: str, *, as_json: bool, coverage: bool
) -> list[str]:
    """Run the tests that are asked for, print how they ended, and return their verdicts."""
    from config.cases import never_reached, run_cases

    results = [r for r in run_cases(configuration) if pattern.lower() in r.case.name.lower()]
    # What some of the tests don't reach says nothing.
    unreached = () if pattern else never_reached(configuration, results)
    if as_json:
        click.echo(json.dumps(_results_as_data(results, unreached), ensure_ascii=False))
    else:
        _print_results(results, unreached)
        if coverage:
            _print_coverage(configuration, results)
    return [result.verdict.value for result in results]


def _print_results(results: "Sequence[Result]", unreached: Sequence[str]) -> None:
    from config.cases import Verdict

    marks = {
        Verdict.PASSED: ("✓", "green"),
        Verdict.FAILED: ("✗", "red"),
        Verdict.OPEN: ("?", "yellow"),
    }
    for result in results:
        mark, colour = marks[result.verdict]
        name = f"{result.case.name:<{_NAME_WIDTH}} {result.case.place}"
        shown = result.case.name if result.verdict is Verdict.PASSED else name
        click.echo(f"  {click.style(mark, fg=colour)} {shown}")
        for difference in result.differences:
            click.echo(f"      {difference.field:<8} expected {difference.expected}")
            click.echo(f"      {'':<8} got      {difference.got}")
            if difference.nearest:
                click.echo(f"      {'':<8} nearest  {difference.nearest}")
    click.echo(f"  {_summary(results)}{_unreached(unreached)}")


def _summary(results: "Sequence[Result]") -> str:
    counts = dict.fromkeys(("passed", "failed", "open"), 0)
    for result in results:
        counts[result.verdict.value] += 1
    told = [f"{counts['passed']} passed"]
    if counts["failed"]:
        told.append(f"{counts['failed']} failed")
    if counts["open"]:
        told.append(f"{counts['open']} depending on words of a later version")
    return ", ".join(told)


def _unreached(rules: Sequence[str]) -> str:
    return f" · rules never reached by a test: {', '.join(rules)}" if rules else ""


def _print_coverage(configuration: "Configuration", results: "Sequence[Result]") -> None:
    for rule in configuration.rules.rules:
        names = [result.case.name for result in results if rule.name in result.matched]
        click.echo(f"  {rule.name:<30} {len(names):>3}  {'; '.join(names) or '-'}")


def _results_as_data(results: "Sequence[Result]", unreached: Sequence[str]) -> dict[str, Any]:
    from inquiry.data import as_data

    return {
        "tests": [
            {
                "name": result.case.name,
                "place": result.case.place,
                "verdict": result.verdict.value,
                "differences": as_data(result.differences),
                "matched": list(result.matched),
            }
            for result in results
        ],
        "never_reached": list(unreached),
    }

"""``deskbridge check`` and ``deskbridge test``: is the configuration right, before it runs?"""

import json
import time
from collections.abc import Iterator, Sequence, Sized
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskbridge.cli.configuration import chosen, load_file, print_errors, print_problems
from deskbridge.endings import INVALID, PROBLEM

if TYPE_CHECKING:
    from config.cases import Result
    from config.configuration import Configuration
    from inquiry.errors import Problem

_NAME_WIDTH = 66

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
files_argument = click.argument("files", nargs=-1, type=click.Path(path_type=Path))
environment_option = click.option(
    "-c", "--config", type=click.Path(path_type=Path), envvar="DESKBRIDGE_CONFIG", hidden=True
)


@click.command("check")
@files_argument
@environment_option
@json_option
@click.option("--skip-tests", is_flag=True, help="Do not run the tests in the file.")
def check(files: tuple[Path, ...], config: Path | None, as_json: bool, skip_tests: bool) -> None:
    """Check configuration FILES: every problem with its place and what to write instead.

    \b
    deskbridge check                     ./deskbridge.yaml, or the one in /etc/deskbridge
    deskbridge check new.yaml --json     the same as data
    """
    failed = False
    for file in files or (chosen(config),):
        began = time.monotonic()
        configuration, problems = _loaded(file, run_tests=not skip_tests)
        failed |= configuration is None
        if as_json:
            click.echo(json.dumps(_as_data(file, configuration, problems), ensure_ascii=False))
            continue
        _print_checked(file, configuration, problems, time.monotonic() - began)
    if failed:
        raise SystemExit(INVALID)


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
    failed = False
    for file in files or (chosen(config),):
        configuration, problems = _loaded(file, run_tests=False)
        if configuration is None:
            print_errors(problems)
            raise SystemExit(INVALID)
        failed |= _run(configuration, pattern, as_json=as_json, coverage=coverage)
    if failed:
        raise SystemExit(PROBLEM)


def _loaded(file: Path, *, run_tests: bool) -> "tuple[Configuration | None, Sequence[Problem]]":
    from inquiry.errors import ConfigError

    try:
        configuration = load_file(file, run_tests=run_tests)
    except ConfigError as wrong:
        return None, wrong.problems
    return configuration, configuration.warnings


def _print_checked(
    file: Path,
    configuration: "Configuration | None",
    problems: "Sequence[Problem]",
    seconds: float,
) -> None:
    from config.report import counted

    print_problems(problems)
    if configuration is not None:
        more = len(configuration.files) - 1
        included = f" (+ {more} included file{'s' * (more > 1)})" if more else ""
        click.echo(f"{file}{included}: version 1 · {configuration.hash[:6]}")
        click.echo(f"  ✓ {'   '.join(_figures(configuration))}")
        for gap in _template_gaps(configuration):
            click.echo(f"  ! {gap}")
    elif _shape_only(problems):
        click.echo("names, patterns and the order of the rules are checked once this is right")
    click.echo(f"{counted(problems)} in {seconds:.2f}s")


def _shape_only(problems: "Sequence[Problem]") -> bool:
    shape = {
        "value",
        "unknown-key",
        "missing",
        "duplicate-key",
        "yaml",
        "yaml-escape",
        "include",
        "file",
    }
    return all(problem.code in shape for problem in problems if not problem.warning)


def _template_gaps(configuration: "Configuration") -> Iterator[str]:
    """Name the replies that some of the desk's languages have no template for."""
    from outbox.wording import SHIPPED

    folders = [folder for folder in (configuration.templates, SHIPPED) if folder]
    files = {file.name for folder in folders for file in folder.glob("*.md")}
    effects = (effect for rule in configuration.rules.rules for effect in rule.then)
    for name in dict.fromkeys(effect.value for effect in effects if effect.field == "reply"):
        languages = map(str, configuration.desk.languages)
        missing = [tag for tag in languages if f"{name}.{tag}.md" not in files]
        if missing:
            yield f"template {name} is missing in {', '.join(missing)}: another language is taken"


def _figures(configuration: "Configuration") -> Iterator[str]:
    figures: dict[str, Sized] = {
        "channel": configuration.channels,
        "specialist": configuration.specialists,
        "queue": configuration.queues,
        "rule": configuration.rules.rules,
        "test": configuration.tests,
    }
    for word, things in figures.items():
        yield f"{len(things)} {word}{'s' * (len(things) != 1)}"


def _as_data(
    file: Path, configuration: "Configuration | None", problems: "Sequence[Problem]"
) -> dict[str, Any]:
    from config.report import as_json

    return {
        "file": str(file),
        "ok": configuration is not None,
        "hash": configuration.hash if configuration else None,
        "problems": [as_json(problem) for problem in problems],
    }


def _run(configuration: "Configuration", pattern: str, *, as_json: bool, coverage: bool) -> bool:
    from config.cases import Verdict, never_reached, run_cases

    results = [r for r in run_cases(configuration) if pattern.lower() in r.case.name.lower()]
    unreached = never_reached(configuration, results)
    if as_json:
        click.echo(json.dumps(_results_as_data(results, unreached), ensure_ascii=False))
    else:
        _print_results(results, unreached)
        if coverage:
            _print_coverage(configuration, results)
    return any(result.verdict is Verdict.FAILED for result in results)


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

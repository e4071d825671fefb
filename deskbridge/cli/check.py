"""``deskbridge check``: is the configuration right, before it runs?"""

import json
import time
from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskbridge.cli.configuration import chosen, environment_option, load_file, print_problems
from deskbridge.endings import INVALID

if TYPE_CHECKING:
    from config.configuration import Configuration
    from inquiry.errors import Problem

_MOST_NOTICES = 3
FIRST_LINES = 100
"""Of a file of customers: those that are checked."""

files_argument = click.argument("files", nargs=-1, type=click.Path(path_type=Path))


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one file."""

    file: Path
    configuration: "Configuration | None"
    problems: "Sequence[Problem]"
    seconds: float


@click.command("check")
@files_argument
@environment_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    help="For people, programs, code hosts, or as annotations of GitHub.",
)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--skip-tests", is_flag=True, help="Do not run the tests in the file.")
@click.option("-v", "--verbose", is_flag=True, help="Show every notice.")
@click.option(
    "--database",
    is_flag=True,
    help="Also look for stored names of queues, people and channels that the file has no more.",
)
@click.option("--fix", is_flag=True, help="Give keys their present names, then check.")
@click.option(
    "--write-schema",
    is_flag=True,
    help="Write deskbridge.schema.json beside the file: editors then know its names.",
)
@click.option("--explain", "code", metavar="CODE", help="Tell what a check means.")
def check(
    files: tuple[Path, ...],
    config: Path | None,
    form: str,
    skip_tests: bool,
    verbose: bool,
    database: bool,
    fix: bool,
    write_schema: bool,
    code: str | None,
) -> None:
    """Check configuration FILES: every problem with its place and what to write instead.

    \b
    deskbridge check                     ./deskbridge.yaml, or the one in /etc/deskbridge
    deskbridge check new.yaml --json     the same as data
    deskbridge check --explain shadowed  what a check means, with an example
    """
    if code is not None:
        _explain(code)
        return
    checked = []
    for file in files or (chosen(config),):
        began = time.monotonic()
        if fix:
            _fix(file)
        configuration, problems = loaded(file, run_tests=not skip_tests)
        if configuration is not None:
            missing = (*_not_installed(configuration), *_hidden(configuration))
            problems = (*problems, *missing, *_customers(configuration))
        if database and configuration is not None:
            problems = (*problems, *_orphaned(file, configuration))
        checked.append(Checked(file, configuration, problems, time.monotonic() - began))
        if form == "text":
            _print_checked(checked[-1], verbose=verbose)
        if write_schema:
            _write_schema(file)
    _print_as(form, checked)
    if any(each.configuration is None for each in checked):
        raise SystemExit(INVALID)


def loaded(file: Path, *, run_tests: bool) -> "tuple[Configuration | None, Sequence[Problem]]":
    """Return the configuration, None if it is wrong, and all problems, notices among them."""
    from inquiry.errors import ConfigError

    try:
        configuration = load_file(file, run_tests=run_tests)
    except ConfigError as wrong:
        return None, wrong.problems
    found = (*configuration.warnings, *configuration.notices)
    return configuration, sorted(found, key=lambda problem: problem.place)


def _orphaned(file: Path, configuration: "Configuration") -> "Sequence[Problem]":
    from config.checks.orphaned import Stored, orphaned
    from deskbridge.cli.reaching import look
    from storage.renames import in_use

    stored = [
        Stored(thing=u.thing, name=u.name, inquiries=u.inquiries, dispatches=u.dispatches)
        for u in look(configuration, in_use)
    ]
    return orphaned(file, configuration, stored)


def _fix(file: Path) -> None:
    from deskbridge.cli.config_migrate import rewrite

    for told in rewrite(file):
        click.echo(told, err=True)


def _write_schema(file: Path) -> None:
    from deskbridge.cli import schema

    click.echo(f"wrote {schema.write_schema(file)}", err=True)


def _explain(code: str) -> None:
    from config.checks.codes import CODES, explained
    from config.findings import did_you_mean

    if not (told := explained(code)):
        hint = did_you_mean(code, CODES).capitalize() or f"There are {', '.join(sorted(CODES))}."
        raise click.UsageError(f"No check {code!r}. {hint}")
    click.echo(f"{code}\n\n{told}")


def _print_as(form: str, checked: Sequence[Checked]) -> None:
    from config.report import annotation

    if form == "json":
        for each in checked:
            click.echo(json.dumps(_as_data(each), ensure_ascii=False))
    elif form == "sarif":
        click.echo(json.dumps(_as_sarif(checked), ensure_ascii=False, indent=2))
    elif form == "github":
        for problem in (problem for each in checked for problem in each.problems):
            click.echo(annotation(problem))


def _as_sarif(checked: Sequence[Checked]) -> dict[str, Any]:
    from importlib.metadata import version

    from config.sarif import as_sarif

    problems = [problem for each in checked for problem in each.problems]
    return as_sarif(problems, Path.cwd(), version("deskbridge"))


def _not_installed(configuration: "Configuration") -> "Iterator[Problem]":
    """Name the settings that ask for libraries which are not on this machine."""
    from deskbridge.wiring import checked_channels

    if not (names := sorted(checked_channels(configuration))):
        return
    from channels.mail.verify import NotInstalled, demand_libraries
    from inquiry.errors import Problem

    for name in names:
        try:
            demand_libraries(name)
        except NotInstalled as missing:
            place = configuration.channels[name].place
            yield Problem(place=place, code="not-installed", text=str(missing), warning=True)


def _hidden(configuration: "Configuration") -> "Iterator[Problem]":
    """Name packages from outside whose kind nobody can have: it is called as one of ours."""
    from deskbridge.kinds import hidden_by_ours
    from inquiry.errors import Problem

    for entry in configuration.channels.values():
        for package in hidden_by_ours(entry.kind):
            text = f"the kind {entry.kind!r} is ours: that of {package} is not used"
            hint = "its kind needs another name, or this machine does not need it"
            yield Problem(
                place=entry.place, code="not-installed", text=text, hint=hint, warning=True
            )


def _customers(configuration: "Configuration") -> "Iterator[Problem]":
    """Look at the first lines of the file of customers: a wrong one keeps no desk from running."""
    from dataclasses import replace

    from config.customer_file import first_lines

    if wanted := configuration.customers.import_:
        for problem in first_lines(configuration.customers, wanted, FIRST_LINES):
            yield replace(problem, warning=True)


def _print_checked(checked: Checked, *, verbose: bool) -> None:
    from config.report import counted

    configuration = checked.configuration
    print_problems([problem for problem in checked.problems if not problem.notice])
    if configuration is not None:
        more = len(configuration.files) - 1
        included = f" (+ {more} included file{'s' * (more > 1)})" if more else ""
        click.echo(f"{checked.file}{included}: version 1 · {configuration.hash[:6]}")
        click.echo(f"  ✓ {'   '.join(_figures(configuration))}")
        for notice in _notices(configuration, verbose=verbose):
            click.echo(f"  ! {notice}")
    elif _shape_only(checked.problems):
        click.echo("names, patterns and the order of the rules are checked once this is right")
    click.echo(f"{counted(checked.problems)} in {checked.seconds:.2f}s")


def _shape_only(problems: "Sequence[Problem]") -> bool:
    from config.checks.codes import SHAPE

    return all(problem.code in SHAPE for problem in problems if not problem.warning)


def _notices(configuration: "Configuration", *, verbose: bool) -> Iterator[str]:
    notices = configuration.notices
    most = len(notices) if verbose or len(notices) <= _MOST_NOTICES + 1 else _MOST_NOTICES
    for notice in notices[:most]:
        yield f"{notice.text} ({notice.place.file.name}:{notice.place.line})"
    if most < len(notices):
        yield f"{len(notices) - most} more notices: deskbridge check --verbose"


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


def _as_data(checked: Checked) -> dict[str, Any]:
    from config.report import as_json

    configuration = checked.configuration
    return {
        "file": str(checked.file),
        "ok": configuration is not None,
        "hash": configuration.hash if configuration else None,
        "problems": [as_json(problem) for problem in checked.problems],
    }

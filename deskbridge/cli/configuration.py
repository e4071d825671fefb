"""Which configuration a command works with, and what to say if it is wrong."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from deskbridge.cli.leaving import tell_programs
from deskbridge.endings import INVALID

if TYPE_CHECKING:
    from config.configuration import Configuration
    from inquiry.errors import Problem

Command = TypeVar("Command", bound=Callable[..., Any])
PLACES = (Path("deskbridge.yaml"), Path("/etc/deskbridge/deskbridge.yaml"))

environment_option = click.option(
    "-c", "--config", type=click.Path(path_type=Path), envvar="DESKBRIDGE_CONFIG", hidden=True
)
"""For commands that name their files otherwise, and heed what the environment says."""


def config_option(command: Command) -> Command:
    """Give a command the option ``-c/--config``; its value goes to :func:`opened`."""
    option = click.option(
        "-c",
        "--config",
        type=click.Path(path_type=Path),
        envvar="DESKBRIDGE_CONFIG",
        help="The configuration; default ./deskbridge.yaml, then /etc/deskbridge/.",
    )
    return option(command)


def chosen(path: Path | None) -> Path:
    """Return the configuration to take, and say on stderr which one it is."""
    found = path or next((place for place in PLACES if place.exists()), None)
    if found is None:
        looked = " and ".join(map(str, PLACES))
        raise click.UsageError(f"No configuration: looked for {looked}. Name one with -c FILE.")
    click.echo(f"configuration {found}", err=True)
    return found


def opened(path: Path | None, *, run_tests: bool = True) -> "Configuration":
    """Load the configuration; if it is wrong, print every error on stderr and exit with 3."""
    from inquiry.errors import ConfigError

    try:
        return load_file(chosen(path), run_tests=run_tests)
    except ConfigError as wrong:
        print_errors(wrong.problems)
        tell_programs(INVALID, "the configuration is wrong", wrong.problems)
        raise SystemExit(INVALID) from wrong


def load_file(path: Path, *, run_tests: bool = True) -> "Configuration":
    """Load one file with all kinds of channels and the templates that ship with the product."""
    from config.load import load
    from deskbridge.kinds import SettingsByKind

    known = shipped_templates()
    return load(path, SettingsByKind(), known_templates=known, run_tests=run_tests)


def shipped_templates() -> set[str]:
    """Return the names of the templates that come along."""
    from outbox.wording import SHIPPED

    return {template.name.split(".")[0] for template in SHIPPED.glob("*.md")}


def print_errors(problems: "Sequence[Problem]") -> None:
    """Print on stderr what keeps a configuration from being used; warnings are for ``check``."""
    print_problems([problem for problem in problems if not problem.warning], err=True)


def print_problems(problems: "Sequence[Problem]", *, err: bool = False) -> None:
    """Print problems with their lines; for GitHub also as annotations."""
    from config.report import annotation, rendered

    for problem in problems:
        click.echo(rendered(problem), err=err)
        if os.environ.get("GITHUB_ACTIONS"):
            click.echo(annotation(problem))

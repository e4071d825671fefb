"""``deskbridge config``: bringing a configuration to the present names of its keys."""

from pathlib import Path

import click

from deskbridge.cli.configuration import chosen, environment_option, print_errors
from deskbridge.endings import INVALID, PROBLEM


@click.group("config")
def config() -> None:
    """What can be done to a configuration."""


@config.command("migrate")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@environment_option
@click.option("--dry-run", is_flag=True, help="Only say which files would change.")
def migrate(files: tuple[Path, ...], config: Path | None, dry_run: bool) -> None:
    """Give the keys in FILES, and in what they include, their present names.

    Comments and all else stay as they are.

    \b
    deskbridge config migrate --dry-run     which files have old names?
    deskbridge config migrate               rewrite them
    """
    rewritten = [change for file in files or (chosen(config),) for change in rewrite(file, dry_run)]
    click.echo("\n".join(rewritten) or "nothing to rename")


def rewrite(file: Path, dry_run: bool = False) -> list[str]:
    """Rewrite the files of one configuration; say what was done. Exits with 3 if one is no YAML."""
    from config.migrate import migrated, write
    from inquiry.errors import ConfigError

    try:
        changed = migrated(file)
    except ConfigError as wrong:
        print_errors(wrong.problems)
        raise SystemExit(INVALID) from wrong
    for each, text in () if dry_run else changed.items():
        try:
            write(each, text)
        except OSError as error:
            click.echo(f"cannot write {each}: {error.strerror}", err=True)
            raise SystemExit(PROBLEM) from error
    return [f"{each}: {'would get' if dry_run else 'has'} present names" for each in changed]

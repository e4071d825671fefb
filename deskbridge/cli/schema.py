"""``deskbridge schema``: the language for editors, which then complete and explain every key."""

import json
from pathlib import Path
from typing import Any

import click

FILE = "deskbridge.schema.json"


@click.command("schema")
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Offer the queues, people and other names of this file.",
)
def schema(config: Path | None) -> None:
    """Print the JSON Schema of the configuration.

    \b
    deskbridge schema > deskbridge.schema.json      the language
    deskbridge check --write-schema                 the same with the names of the file, beside it

    The first line of a configuration names it:
    # yaml-language-server: $schema=./deskbridge.schema.json
    """
    click.echo(as_text(config))


def write_schema(config: Path) -> Path:
    """Write the schema beside a configuration, with its names; return where."""
    file = config.parent / FILE
    file.write_text(as_text(config) + "\n", encoding="utf-8")
    return file


def as_text(config: Path | None) -> str:
    """Return the schema, with the names of a file if there is one."""
    return json.dumps(_schema(config), ensure_ascii=False, indent=1)


def _schema(config: Path | None) -> dict[str, Any]:
    from config.schema.make import make_schema
    from config.schema.names import names_in
    from deskbridge.cli.configuration import shipped_templates
    from deskbridge.kinds import SettingsByKind

    names = names_in(config, shipped_templates()) if config else None
    return make_schema(SettingsByKind(), names)

"""How commands end when something is wrong: a sentence for people, by ``--json`` also data."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from inquiry.errors import Problem

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


def leave(code: int, sentence: str, problems: "Sequence[Problem]" = ()) -> NoReturn:
    """Say what is wrong on stderr, where ``--json`` was asked for also as data, and end."""
    from config.redact import without_passwords

    said = without_passwords(sentence)
    click.echo(said, err=True)
    tell_programs(code, said, problems)
    raise SystemExit(code)


def tell_programs(code: int, sentence: str, problems: "Sequence[Problem]" = ()) -> None:
    """Print ``{"error": {…}}`` on stdout if the command was called with ``--json``."""
    from config.report import as_json

    if not _asked_for_json():
        return
    error = {"exit": code, "text": sentence, "problems": [as_json(each) for each in problems]}
    click.echo(json.dumps({"error": error}, ensure_ascii=False))


def _asked_for_json() -> bool:
    """Look at the command's options; before they are read, at its words."""
    context = click.get_current_context(silent=True)
    if context is None or not context.params:
        return "--json" in sys.argv or "--jsonl" in sys.argv
    return bool(context.params.get("as_json") or context.params.get("jsonl"))

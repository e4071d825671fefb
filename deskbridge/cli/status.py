"""``deskbridge status`` and ``deskbridge version``."""

import asyncio
import json
import sys
from datetime import datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import click

from deskbridge.cli.configuration import config_option
from deskbridge.cli.leaving import json_option, leave
from deskbridge.cli.reaching import data_dir_of
from deskbridge.endings import DONE, PROBLEM, TRY_AGAIN


@click.command()
@config_option
@json_option
@click.option("--quiet", is_flag=True, help="Only the exit code: 0 is running and well.")
def status(config: Path | None, as_json: bool, quiet: bool) -> None:
    """Show how the running service is doing.

    \b
    deskbridge status
    deskbridge status --json
    """
    from deskbridge.local import call
    from inquiry.errors import TemporaryFailure

    data_dir = data_dir_of(config)
    try:
        reply = asyncio.run(call(data_dir, "GET", "/status"))
    except TemporaryFailure as trouble:
        leave(TRY_AGAIN, str(trouble))
    if reply is None:
        if quiet:
            sys.exit(TRY_AGAIN)
        leave(TRY_AGAIN, f"the service is not running on {data_dir}: start it by deskbridge run")
    state = json.loads(reply.body)
    if as_json:
        click.echo(json.dumps(state, ensure_ascii=False, indent=2))
    elif not quiet:
        _print(state)
    sys.exit(PROBLEM if state["trouble"] else DONE)


def _print(state: dict[str, Any]) -> None:
    from deskbridge.cli.printing import table, when

    since = when(datetime.fromisoformat(state["reload"]["in_force_since"]))
    click.echo(f"{state['desk']} · configuration {state['configuration']} since {since}")
    width = max(map(len, state["channels"]), default=0)
    for name, channel in state["channels"].items():
        if channel["trouble"]:
            sign, word = "✗", channel["trouble"]
        else:
            sign, word = "✓", "well"
        click.echo(f"  {sign} {name:{width}}  {channel['kind']:10}  {word}")
    for name, trouble in state["trouble"].items():
        if name not in state["channels"]:
            click.echo(f"  ✗ {name}: " + trouble.replace("\n", "\n      "))
    for change in state.get("reload", {}).get("restart_needed", ()):  # an older desk has none
        click.echo(f"  ! {change['name']} {change['old']} → {change['new']} needs a restart")
    if state["queues"]:
        rows = [(name, q["open"], q["new"], q["unassigned"]) for name, q in state["queues"].items()]
        click.echo("")
        table(("queue", "open", "new", "unassigned"), rows)
    for title in ("outbox", "waiting for a person"):
        if state[title]:
            counts = ", ".join(f"{number} {what}" for what, number in state[title].items())
            click.echo(f"\n{title}: {counts}")


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(installed("deskbridge"))

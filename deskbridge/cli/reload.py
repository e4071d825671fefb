"""``deskbridge reload``: the running service loads its configuration again."""

import json
from pathlib import Path
from typing import Any

import click

from deskbridge.cli.configuration import config_option
from deskbridge.cli.leaving import json_option, leave
from deskbridge.cli.reaching import data_dir_of
from deskbridge.endings import TRY_AGAIN


@click.command("reload")
@config_option
@click.option("--skip-tests", is_flag=True, help="Load it even if its own tests fail.")
@json_option
def reload(config: Path | None, skip_tests: bool, as_json: bool) -> None:
    """Let the running service load its configuration again.

    What is wrong is printed, and the old configuration stays in force.

    \b
    deskbridge reload
    deskbridge reload --skip-tests       now, although a test fails
    """
    from deskbridge.local import call_and_wait
    from inquiry.errors import TemporaryFailure

    data_dir = data_dir_of(config)
    try:
        reply = call_and_wait(data_dir, "POST", f"/reload{'?skip-tests' * skip_tests}")
    except TemporaryFailure as trouble:
        leave(TRY_AGAIN, str(trouble))
    if reply is None:
        leave(TRY_AGAIN, f"no service runs on {data_dir}; one with another data_dir hears SIGHUP")
    if reply.status != 200:
        leave(TRY_AGAIN, "the running service did not understand; is it another version?")
    told = json.loads(reply.body)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print(told)
    raise SystemExit(told["code"])


def _print(told: dict[str, Any]) -> None:
    for problem in told["problems"]:
        click.echo(problem["shown"], err=True)
    click.echo(told["said"], err=told["code"] != 0)
    for change in told["restart_needed"]:
        click.echo(f"  ! {change['name']} {change['old']} → {change['new']} needs a restart")
    for name, why in told["channels"]["failed"].items():
        click.echo(f"  ! channel {name}: {why}")
    for warning in told["warnings"]:
        click.echo(f"  ! {warning}")

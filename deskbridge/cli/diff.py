"""``deskbridge diff``: what a changed file would change, in words."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskbridge.cli.configuration import config_option, opened
from deskbridge.cli.leaving import json_option, leave
from deskbridge.cli.reaching import look
from deskbridge.endings import NOTHING_THERE, PROBLEM, TRY_AGAIN

if TYPE_CHECKING:
    from config.configuration import Configuration
    from config.differences import Difference
    from storage.database import Transaction

_SIGNS = {"+": "green", "-": "red", "~": "yellow", "!": "red"}


@click.command("diff")
@config_option
@json_option
def diff(config: Path | None, as_json: bool) -> None:
    """Show how a configuration FILE differs from the one that the desk runs by.

    Where no service runs, it is the one that ran last. What needs a restart is marked with !.

    \b
    deskbridge diff
    deskbridge diff -c new/deskbridge.yaml

    Ends with 1 if there is any difference.
    """
    from config.differences import differences
    from inquiry.errors import ConfigError

    configuration = opened(config, run_tests=False)
    hash_, text = _running(configuration)
    try:
        found = differences(text, configuration.text)
    except ConfigError as wrong:
        leave(TRY_AGAIN, f"the text kept of configuration {hash_[:6]} can't be read: {wrong}")
    if as_json:
        click.echo(json.dumps(_as_data(hash_, configuration.hash, found), ensure_ascii=False))
    else:
        _print(hash_, found)
    if found:
        raise SystemExit(PROBLEM)


def _running(configuration: "Configuration") -> tuple[str, str]:
    """Return hash and text of the configuration in force, else of the last one that was."""
    from deskbridge.local import call_and_wait
    from storage import decisions

    reply = call_and_wait(configuration.desk.data_dir, "GET", "/status")
    hash_ = json.loads(reply.body)["configuration"] if reply and reply.status == 200 else ""

    async def read(tx: "Transaction") -> tuple[str, str] | None:
        if not hash_:
            return await decisions.last_configuration(tx)
        text = await decisions.configuration_text(tx, hash_)
        return None if text is None else (hash_, text)

    found = look(configuration, read)
    if found is None:
        leave(NOTHING_THERE, "no configuration has been in force yet")
    return found


def _needs_restart(path: str) -> bool:
    from deskbridge.in_force import FIXED

    return any(path == name or path == name.partition(".")[0] for name in FIXED)


def _print(hash_: str, found: "Sequence[Difference]") -> None:
    if not found:
        click.echo(f"no difference from configuration {hash_[:6]}")
    for each in found:
        sign = "!" if _needs_restart(each.path) else each.sign
        late = "        needs a restart" if sign == "!" else ""
        mark = click.style(sign, fg=_SIGNS[sign])
        click.echo(f"  {mark} {each.path:<40} {each.told}{late}")


def _as_data(old: str, new: str, found: "Sequence[Difference]") -> dict[str, object]:
    return {
        "running": old,
        "file": new,
        "differences": [
            {
                "sign": each.sign,
                "path": each.path,
                "told": each.told,
                "needs_restart": _needs_restart(each.path),
            }
            for each in found
        ],
    }

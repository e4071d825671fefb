"""``deskbridge run``: the service in the foreground."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskbridge.cli.configuration import config_option, opened
from inquiry.errors import BridgeError

if TYPE_CHECKING:
    from config.configuration import Configuration
    from deskbridge.bridge import Bridge, DemoMailbox

UNREACHABLE = 5
"""Exit code: the database is away or in use; try again."""

log = logging.getLogger("deskbridge")


@click.command()
@config_option
@click.option(
    "--only",
    default="intake,stages,outbox,web",
    show_default=True,
    help="Some parts only, separated by commas.",
)
def run(config: Path | None, only: str) -> None:
    """Start the service: channels, rules, outbox, web.

    \b
    deskbridge run -c desk.yaml
    deskbridge run --only intake,web     on one of several nodes
    """
    from deskbridge.app import PARTS

    parts = frozenset(part.strip() for part in only.split(","))
    for unknown in sorted(parts - PARTS):
        raise click.UsageError(f"--only knows {', '.join(sorted(PARTS))}, not {unknown!r}")
    serve(opened(config), parts=parts)


def serve(
    configuration: "Configuration",
    *,
    parts: frozenset[str],
    on_ready: "Callable[[Bridge], None] | None" = None,
    demo: "DemoMailbox | None" = None,
    level: int = logging.INFO,
) -> None:
    """Run a desk until SIGTERM or Ctrl-C; exit with 5 where it can't."""
    from deskbridge import logs, wiring

    logs.set_up(secrets=wiring.secrets(configuration), level=level)
    for warning in configuration.warnings:
        log.warning("%s", warning)
    try:
        asyncio.run(_until_signalled(configuration, parts, on_ready, demo))
    except BridgeError as failure:
        click.echo(f"deskbridge: {failure}", err=True)
        sys.exit(UNREACHABLE)
    except OSError as failure:
        click.echo(f"deskbridge: {failure}: is something else listening there?", err=True)
        sys.exit(UNREACHABLE)


async def _until_signalled(
    configuration: "Configuration",
    parts: frozenset[str],
    on_ready: "Callable[[Bridge], None] | None",
    demo: "DemoMailbox | None",
) -> None:
    from systemd_watchdog.systemd_watchdog import WatchDog

    from deskbridge.app import run as run_desk

    stop, systemd = asyncio.Event(), WatchDog()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def ready(bridge: "Bridge") -> None:
        systemd.ready()
        log.info("ready: %s", configuration.desk.url)
        if on_ready:
            on_ready(bridge)

    await run_desk(configuration, stop=stop, parts=parts, on_ready=ready, demo=demo)

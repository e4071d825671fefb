"""``deskbridge run``: the service in the foreground."""

import asyncio
import errno
import logging
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskbridge.cli.configuration import config_option, load_file, opened
from deskbridge.endings import TRY_AGAIN
from inquiry.errors import BridgeError

if TYPE_CHECKING:
    from config.configuration import Configuration
    from deskbridge.bridge import Bridge, DemoMailbox

log = logging.getLogger("deskbridge")


@click.command()
@config_option
@click.option(
    "--only",
    default="intake,stages,outbox,web",
    show_default=True,
    help="Some parts only, separated by commas.",
)
@click.option("--watch", is_flag=True, help="Reload whenever a file of the configuration changes.")
def run(config: Path | None, only: str, watch: bool) -> None:
    """Start the service: channels, rules, outbox, web.

    \b
    deskbridge run -c desk.yaml
    deskbridge run --only intake,web     on one of several nodes
    deskbridge run --watch               while rules are written
    """
    from deskbridge.app import PARTS

    parts = frozenset(part.strip() for part in only.split(","))
    for unknown in sorted(parts - PARTS):
        raise click.UsageError(f"--only knows {', '.join(sorted(PARTS))}, not {unknown!r}")
    began = time.time_ns()
    serve(opened(config), parts=parts, watch_since=began if watch else None)


def serve(
    configuration: "Configuration",
    *,
    parts: frozenset[str],
    on_ready: "Callable[[Bridge], None] | None" = None,
    demo: "DemoMailbox | None" = None,
    level: int = logging.INFO,
    watch_since: int | None = None,
) -> None:
    """Run a desk until SIGTERM or Ctrl-C, reload it on SIGHUP; exit with 5 where it can't."""
    from deskbridge import logs, wiring

    logs.set_up(secrets=wiring.secrets(configuration), level=level)
    for warning in configuration.warnings:
        log.warning("%s", warning)
    try:
        asyncio.run(_until_signalled(configuration, parts, on_ready, demo, watch_since))
    except BridgeError as failure:
        click.echo(f"deskbridge: {failure}", err=True)
        sys.exit(TRY_AGAIN)
    except OSError as failure:
        click.echo(f"deskbridge: {why_not_started(configuration.desk.data_dir, failure)}", err=True)
        sys.exit(TRY_AGAIN)


def why_not_started(data_dir: Path, failure: OSError) -> str:
    """Say what the system refused: a place to listen on, or the data folder."""
    if failure.errno in (errno.EADDRINUSE, errno.EADDRNOTAVAIL):
        return f"{failure.strerror}: is something else listening there?"
    if failure.filename and Path(failure.filename).is_relative_to(data_dir):
        return f"cannot use data_dir: {failure.filename}: {failure.strerror}"
    return str(failure)


async def _until_signalled(
    configuration: "Configuration",
    parts: frozenset[str],
    on_ready: "Callable[[Bridge], None] | None",
    demo: "DemoMailbox | None",
    watch_since: int | None,
) -> None:
    from deskbridge.app import Again
    from deskbridge.app import run as run_desk
    from deskbridge.systemd import Notices

    stop, hung_up, systemd = asyncio.Event(), asyncio.Event(), Notices()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, hung_up.set)
    again = Again(
        load=partial(load_file, configuration.files[0]),
        signalled=hung_up,
        watch_since=watch_since,
        on_begin=systemd.reloading,
        on_end=lambda reloaded: systemd.ready_again(reloaded.sentence),
    )

    def ready(bridge: "Bridge") -> None:
        systemd.ready()
        log.info("ready: %s", configuration.desk.url)
        if on_ready:
            on_ready(bridge)

    await run_desk(configuration, stop=stop, parts=parts, on_ready=ready, demo=demo, again=again)

"""``deskbridge demo``: a complete desk on this machine, no accounts needed."""

import asyncio
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inquiry.journey import SpecialistName

if TYPE_CHECKING:
    from config.configuration import Configuration
    from deskbridge.bridge import Bridge, DemoMailbox

log = logging.getLogger(__name__)
YAML = Path(__file__).parents[1] / "demo" / "desk.yaml"
SIGNED_IN_AS = SpecialistName("kasia")
LINK = timedelta(days=1)


@click.command()
@click.option(
    "--speed",
    default="1x",
    show_default=True,
    help="How fast the invented customers write; 60x is one every 5 s, 0 lets them rest.",
)
@click.option("--verbose", is_flag=True, help="Log every hop.")
def demo(speed: str, verbose: bool) -> None:
    """Try a complete desk on this machine: SQLite, mail on port 2525, pages on port 8080.

    \b
    deskbridge demo
    deskbridge demo --speed 60x
    """
    from deskbridge.cli.configuration import load_file
    from deskbridge.cli.run import serve

    pace = _pace(speed)
    os.environ.setdefault("DESKBRIDGE_DEMO_DATA", str(Path("demo-data").absolute()))
    configuration = load_file(YAML, run_tests=False)
    mailbox = _mailbox(configuration)
    mailbox.folder.mkdir(parents=True, exist_ok=True)
    fresh = not (configuration.desk.data_dir / "deskbridge.db").exists()
    feeding: list[asyncio.Task[None]] = []

    def ready(bridge: "Bridge") -> None:
        feeding.append(asyncio.create_task(_welcome(bridge, mailbox, pace, fresh)))

    serve(
        configuration,
        parts=frozenset({"intake", "stages", "outbox", "web"}),
        on_ready=ready,
        demo=mailbox,
        level=logging.INFO if verbose else logging.WARNING,
    )


def _pace(speed: str) -> float:
    try:
        pace = float(speed.removesuffix("x"))
    except ValueError:
        raise click.BadParameter(f"{speed!r} is not a number such as 60x") from None
    if pace < 0:
        raise click.BadParameter("customers can't un-write their mails")
    return pace


def _mailbox(configuration: "Configuration") -> "DemoMailbox":
    from deskbridge.bridge import DemoMailbox

    settings = next(e.settings for e in configuration.channels.values() if e.kind == "smtp")
    return DemoMailbox(
        folder=settings.send.folder,
        port=int(settings.listen.rpartition(":")[2]),
        address=settings.addresses[0],
    )


async def _welcome(bridge: "Bridge", mailbox: "DemoMailbox", pace: float, fresh: bool) -> None:
    from deskbridge.demo.feeder import play
    from storage import credentials

    url, now = bridge.configuration.desk.url, datetime.now(UTC)
    token = await bridge.db.write(
        lambda tx: credentials.new_link(tx, SIGNED_IN_AS, now=now, valid_for=LINK)
    )
    click.echo(_greeting(url, f"{url}/sign-in/{token}", mailbox))
    if pace or fresh:
        await play("127.0.0.1", mailbox.port, mailbox.folder, speed=pace, fresh=fresh)


def _greeting(url: str, link: str, mailbox: "DemoMailbox") -> str:
    return f"""
{click.style("The demo desk is ready.", bold=True)} All of it stays on this machine; Ctrl-C ends it.

  Sign in as Kasia      {link}
  Customers' mailbox    {url}/demo/mailbox
  The customers' form   {url}/new
  A shop with a chat    {url}/demo/shop
  Mail to               {mailbox.address}, SMTP on 127.0.0.1:{mailbox.port}

What to try first
  1. Sign in, open “Drukarka nie działa” and press “Why here?”.
  2. Answer it. Ten seconds later the answer is in the customers' mailbox.
  3. Answer back from there: your words join the inquiry.
  4. Chat from the shop, and answer from the console: each sees the other write.
"""

"""``deskbridge message``: single arrivals, and the quarantine."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskbridge.cli.configuration import config_option
from deskbridge.cli.leaving import json_option
from deskbridge.cli.reaching import act, desk, look

if TYPE_CHECKING:
    from storage.arrivals import Stored
    from storage.database import Transaction


@click.group()
def message() -> None:
    """Single messages as they came in, and those kept in quarantine.

    \b
    deskbridge message list
    deskbridge message raw 17 > original.eml
    """


@message.command("list")
@config_option
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@json_option
def list_(config: Path | None, limit: int, as_json: bool) -> None:
    """List what is in quarantine, the newest first.

    \b
    deskbridge message list
    deskbridge message list --json
    """
    from deskbridge.cli import printing
    from storage import quarantine

    async def work(tx: "Transaction") -> "list[Stored]":
        return await quarantine.listed(tx, limit=limit)

    found = look(desk(config), work)
    if as_json:
        printing.documents(found)
    elif not found:
        click.echo("nothing is in quarantine", err=True)
    else:
        rows = [
            (one.id, one.channel, printing.when(one.received_at), one.size, one.reason or "–")
            for one in found
        ]
        printing.table(("id", "channel", "received", "bytes", "reason"), rows)


@message.command()
@config_option
@click.argument("arrival", type=int)
@json_option
def show(config: Path | None, arrival: int, as_json: bool) -> None:
    """Show one arrival, as far as it was understood.

    \b
    deskbridge message show 17
    """
    from deskbridge.cli import printing

    found = _find(config, arrival)
    if as_json:
        printing.document(found)
        return
    click.echo(f"arrival {found.id} by {found.channel}: {found.state}")
    click.echo(f"  received  {printing.when(found.received_at)}, {found.size} bytes")
    click.echo(f"  identity  {printing.one_line(found.remote_id, 200)}")
    if found.envelope.mail_from is not None:
        click.echo(f"  from      <{printing.one_line(found.envelope.mail_from)}>")
    if found.reason:
        click.echo(f"  reason    {printing.one_line(found.reason, 300)}")
    if found.understood:
        click.echo("")
        click.echo(printing.paragraphs(found.understood, "  "))


@message.command()
@config_option
@click.argument("arrival", type=int)
def raw(config: Path | None, arrival: int) -> None:
    """Write its bytes as they came in to standard output.

    \b
    deskbridge message raw 17 > original.eml
    """
    from inquiry.journey import ArrivalId
    from storage import arrivals

    async def work(tx: "Transaction") -> bytes:
        return await arrivals.raw(tx, ArrivalId(arrival))

    sys.stdout.buffer.write(look(desk(config), work))


@message.command()
@config_option
@click.argument("arrival", type=int)
def reprocess(config: Path | None, arrival: int) -> None:
    """Let it be understood and routed once more.

    \b
    deskbridge message reprocess 17
    """
    act(desk(config), "reprocess", arrival=arrival)


@message.command()
@config_option
@click.argument("arrival", type=int)
def release(config: Path | None, arrival: int) -> None:
    """Make an inquiry of it, whatever the rules say.

    \b
    deskbridge message release 17
    """
    act(desk(config), "admit", arrival=arrival)


def _find(config: Path | None, arrival: int) -> "Stored":
    from inquiry.journey import ArrivalId
    from storage import arrivals

    async def work(tx: "Transaction") -> "Stored":
        return await arrivals.find(tx, ArrivalId(arrival))

    return look(desk(config), work)

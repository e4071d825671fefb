"""``deskbridge outbox``: what is waiting to go out, and why."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskbridge.cli.configuration import config_option
from deskbridge.cli.deciding import decide
from deskbridge.cli.leaving import json_option
from deskbridge.cli.reaching import act, confirm, desk, look

if TYPE_CHECKING:
    from config.configuration import Configuration
    from storage.database import Transaction
    from storage.dispatches import Entry

STATES = (
    *("held", "waiting", "sending", "sent", "delivered", "read"),
    *("doubtful", "dead", "cancelled"),
)
UNDONE = ("held", "waiting", "sending", "doubtful", "dead")


@click.group()
def outbox() -> None:
    """What is waiting to go out, what did not arrive, and why.

    \b
    deskbridge outbox list
    deskbridge outbox retry 17
    """


outbox.add_command(decide)


@outbox.command("list")
@config_option
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only these.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@json_option
@click.option("--jsonl", is_flag=True, help="One JSON document per line.")
def list_(
    config: Path | None, states: tuple[str, ...], limit: int, as_json: bool, jsonl: bool
) -> None:
    """List what is not done, the newest first; with --state anything.

    \b
    deskbridge outbox list
    deskbridge outbox list --state dead --state doubtful --json
    """
    from deskbridge.cli import printing
    from inquiry.words import OutboxState
    from storage import dispatches

    wanted = [OutboxState(state) for state in states or UNDONE]

    async def work(tx: "Transaction") -> "list[Entry]":
        return await dispatches.listed(tx, wanted, limit=limit)

    found = look(desk(config), work)
    if as_json:
        printing.documents(found)
    elif jsonl:
        printing.lines(found)
    else:
        _print_list(found)


@outbox.command()
@config_option
@click.argument("dispatch", type=int)
@json_option
def show(config: Path | None, dispatch: int, as_json: bool) -> None:
    """Show one dispatch.

    \b
    deskbridge outbox show 17
    """
    from deskbridge.cli import printing

    found = _find(desk(config), dispatch)
    if as_json:
        printing.document(found)
    else:
        _print(found)


@outbox.command()
@config_option
@click.argument("dispatch", type=int)
def retry(config: Path | None, dispatch: int) -> None:
    """Send it (again) now; one in doubt is marked as a possible repeat.

    \b
    deskbridge outbox retry 17
    """
    act(desk(config), "retry", dispatch=dispatch)


@outbox.command()
@config_option
@click.argument("dispatch", type=int)
@click.option("--yes", is_flag=True, help="Don't ask.")
def cancel(config: Path | None, dispatch: int, yes: bool) -> None:
    """Never send it; the customer won't see it.

    \b
    deskbridge outbox cancel 17
    """
    configuration = desk(config)
    found = _find(configuration, dispatch)
    whom = _whom(found)
    confirm(f"{found.reference}: the message to {whom} will never be sent.", yes=yes)
    act(configuration, "cancel", dispatch=dispatch)


@outbox.command()
@config_option
@click.argument("dispatch", type=int)
def hold(config: Path | None, dispatch: int) -> None:
    """Don't send it until somebody releases it.

    \b
    deskbridge outbox hold 17
    """
    act(desk(config), "hold", dispatch=dispatch)


@outbox.command()
@config_option
@click.argument("dispatch", type=int)
def release(config: Path | None, dispatch: int) -> None:
    """Send what was held.

    \b
    deskbridge outbox release 17
    """
    act(desk(config), "release", dispatch=dispatch)


def _find(configuration: "Configuration", dispatch: int) -> "Entry":
    from inquiry.errors import NotFound
    from inquiry.journey import DispatchId
    from storage import dispatches

    async def work(tx: "Transaction") -> "Entry":
        found = await dispatches.find(tx, DispatchId(dispatch))
        if found is None:
            raise NotFound(f"there is no dispatch {dispatch}")
        return found

    return look(configuration, work)


def _print_list(found: "list[Entry]") -> None:
    from deskbridge.cli.printing import table, when

    if not found:
        click.echo("nothing is waiting", err=True)
        return
    titles = ("id", "to", "inquiry", "state", "tries", "next", "reason")
    table(
        titles,
        [
            (
                one.id,
                f"{one.channel} {_whom(one)}",
                one.reference,
                one.state,
                one.attempts,
                when(one.due_at) if one.state == "waiting" else "–",
                one.last_error or "–",
            )
            for one in found
        ],
    )


def _print(found: "Entry") -> None:
    from deskbridge.cli.printing import one_line, paragraphs, when
    from web.words import reached

    address = one_line(reached(found.address, found.contact))
    click.echo(f"dispatch {found.id} of {found.reference}: {found.state}")
    click.echo(f"  to       {one_line(found.name)} <{address}> by {found.channel}")
    click.echo(f"  purpose  {found.purpose}")
    click.echo(f"  tries    {found.attempts}" + _warnings(found))
    if found.state == "waiting":
        click.echo(f"  next     {when(found.due_at)}")
    if found.last_error:
        click.echo(f"  reason   {one_line(found.last_error, 300)}")
    if found.subject:
        click.echo(f"  subject  {one_line(found.subject, 300)}")
    click.echo("")
    click.echo(paragraphs(found.text, "  "))


def _whom(found: "Entry") -> str:
    from web.words import called

    return called(found.name, found.address, found.contact)


def _warnings(found: "Entry") -> str:
    repeat = ", perhaps sent twice" if found.possible_repeat else ""
    return repeat + (f", {found.deaths} workers died over it" if found.deaths else "")

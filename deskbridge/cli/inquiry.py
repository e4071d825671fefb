"""``deskbridge inquiry``: list, show, answer, note, assign, move, resolve, close, reopen."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from deskbridge.cli.configuration import config_option
from deskbridge.cli.leaving import json_option, leave
from deskbridge.cli.reaching import act, desk, look
from deskbridge.endings import WRONG_USAGE

if TYPE_CHECKING:
    from storage.database import Transaction
    from storage.inquiries.shown import Listed, Shown

Command = TypeVar("Command", bound=Callable[..., Any])


def _by(command: Command) -> Command:
    """Give a command the option that says who acts."""
    option = click.option(
        "--as",
        "by",
        envvar="DESKBRIDGE_SPECIALIST",
        required=True,
        metavar="NAME",
        help="The specialist who acts; default $DESKBRIDGE_SPECIALIST.",
    )
    return option(command)


def _text(command: Command) -> Command:
    """Give a command the option for its text."""
    option = click.option("--text", help="The text; without it, standard input.")
    return option(command)


@click.group()
def inquiry() -> None:
    """Inquiries: what customers asked for, and what became of it.

    \b
    deskbridge inquiry list 'is:open queue:first-line'
    deskbridge inquiry answer NL-2026-00001 --as kasia --text 'Please try again now.'
    """


@inquiry.command("list")
@config_option
@click.argument("query", default="is:open")
@click.option("--as", "viewer", envvar="DESKBRIDGE_SPECIALIST", help="Whom assignee:me means.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@json_option
@click.option("--jsonl", is_flag=True, help="One JSON document per line.")
def list_(
    config: Path | None, query: str, viewer: str | None, limit: int, as_json: bool, jsonl: bool
) -> None:
    """List what a query finds, in the language of the console's search box.

    \b
    deskbridge inquiry list
    deskbridge inquiry list 'assignee:kasia priority:>=high' --json
    """
    from deskbridge.cli import printing
    from inquiry.journey import SpecialistName
    from storage.inquiries import reading
    from storage.inquiries.query import parse

    async def work(tx: "Transaction") -> "list[Listed]":
        name = SpecialistName(viewer) if viewer else None
        return await reading.listed(tx, parse(query), name, limit=limit)

    found = look(desk(config), work)
    if as_json:
        printing.documents(found)
    elif jsonl:
        printing.lines(found)
    else:
        _print_list(found)


@inquiry.command()
@config_option
@click.argument("reference")
@json_option
def show(config: Path | None, reference: str, as_json: bool) -> None:
    """Show one inquiry with all that happened.

    \b
    deskbridge inquiry show NL-2026-00001
    deskbridge inquiry show NL-2026-00001 --json
    """
    from deskbridge.cli import printing
    from storage.inquiries import reading, transitions

    async def work(tx: "Transaction") -> "Shown":
        found = await transitions.by_reference(tx, reference)
        return await reading.shown(tx, await reading.reference_of(tx, found))

    found = look(desk(config), work)
    if as_json:
        printing.document(found)
    else:
        _print_inquiry(found)


@inquiry.command()
@config_option
@click.argument("reference")
@_by
@_text
@click.option(
    "--then", default="waiting-for-customer", show_default=True, help="The state afterwards."
)
@click.option("--channel", help="Send by this channel instead of the one the customer used last.")
@click.option(
    "--seen", type=int, help="Refuse if anything is newer than this event (see show --json)."
)
@click.option("--at-once", is_flag=True, help="Without the time to take it back.")
def answer(
    config: Path | None,
    reference: str,
    by: str,
    text: str | None,
    then: str,
    channel: str | None,
    seen: int | None,
    at_once: bool,
) -> None:
    """Answer the customer.

    \b
    deskbridge inquiry answer NL-2026-00001 --as kasia --text 'It works again.' --then resolved
    deskbridge inquiry answer NL-2026-00001 --as kasia < answer.txt
    """
    act(
        desk(config),
        "answer",
        reference=reference,
        by=by,
        text=_words(text),
        then=then,
        channel=channel,
        seen=seen,
        at_once=at_once,
    )


@inquiry.command()
@config_option
@click.argument("reference")
@_by
@_text
def note(config: Path | None, reference: str, by: str, text: str | None) -> None:
    """Write what only specialists see.

    \b
    deskbridge inquiry note NL-2026-00001 --as ola --text 'Same printer as last week.'
    """
    act(desk(config), "note", reference=reference, by=by, text=_words(text))


@inquiry.command()
@config_option
@click.argument("reference")
@click.argument("who")
@_by
def assign(config: Path | None, reference: str, who: str, by: str) -> None:
    """Make WHO responsible: a name, or "me", or "none".

    \b
    deskbridge inquiry assign NL-2026-00001 me --as kasia
    """
    act(desk(config), "assign", reference=reference, by=by, to=by if who == "me" else who)


@inquiry.command()
@config_option
@click.argument("reference")
@click.argument("queue")
@_by
def move(config: Path | None, reference: str, queue: str, by: str) -> None:
    """Hand it over to another queue.

    \b
    deskbridge inquiry move NL-2026-00001 second-line --as ola
    """
    act(desk(config), "move", reference=reference, by=by, queue=queue)


@inquiry.command()
@config_option
@click.argument("reference")
@click.argument("priority", type=click.Choice(["low", "normal", "high", "urgent"]))
@_by
def priority(config: Path | None, reference: str, priority: str, by: str) -> None:
    """Say how pressing it is.

    \b
    deskbridge inquiry priority NL-2026-00001 high --as ola
    """
    act(desk(config), "priority", reference=reference, by=by, priority=priority)


@inquiry.command()
@config_option
@click.argument("reference")
@_by
def resolve(config: Path | None, reference: str, by: str) -> None:
    """Say that the customer is helped.

    \b
    deskbridge inquiry resolve NL-2026-00001 --as kasia
    """
    act(desk(config), "state", reference=reference, by=by, state="resolved")


@inquiry.command()
@config_option
@click.argument("reference")
@_by
def close(config: Path | None, reference: str, by: str) -> None:
    """Put it away: what the customer writes next opens a new inquiry.

    \b
    deskbridge inquiry close NL-2026-00001 --as kasia
    """
    act(desk(config), "state", reference=reference, by=by, state="closed")


@inquiry.command()
@config_option
@click.argument("reference")
@_by
def reopen(config: Path | None, reference: str, by: str) -> None:
    """Take a resolved or closed inquiry up again.

    \b
    deskbridge inquiry reopen NL-2026-00001 --as kasia
    """
    act(desk(config), "state", reference=reference, by=by, state="open")


def _words(text: str | None) -> str:
    if text is None and sys.stdin.isatty():
        click.echo("Write the text, then end it with Ctrl-D.", err=True)
    words = sys.stdin.read() if text is None else text
    if not words.strip():
        leave(WRONG_USAGE, "there are no words: give --text or standard input")
    return words


def _print_list(found: "list[Listed]") -> None:
    from deskbridge.cli.printing import table, when
    from web.words import reached

    if not found:
        click.echo("nothing found", err=True)
        return
    titles = ("reference", "state", "priority", "queue", "assignee", "updated", "from", "subject")
    table(
        titles,
        [
            (
                one.reference,
                one.state,
                one.priority,
                one.queue,
                one.assignee or "–",
                when(one.updated_at),
                one.customer or reached(one.address, one.contact),
                one.subject,
            )
            for one in found
        ],
    )


def _print_inquiry(found: "Shown") -> None:
    from deskbridge.cli.printing import one_line
    from deskbridge.cli.timeline import told
    from web.words import reached

    head = " · ".join((found.state, found.priority, found.queue, found.assignee or "unassigned"))
    click.echo(f"{found.reference}  {one_line(found.subject)}    {head}")
    who = ", ".join(
        f"{one_line(p.name)} <{one_line(reached(p.address, p.contact))}>".strip()
        for p in found.people
    )
    click.echo(f"{who} · {found.language or 'language unknown'} · {found.channel}")
    for entry in found.timeline:
        click.echo(told(entry))
    click.echo(f"event {found.event}", err=True)

"""``deskbridge customers join`` and its like: who of them is one person."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskbridge.cli.configuration import config_option
from deskbridge.cli.leaving import json_option
from deskbridge.cli.reaching import act, desk, look

if TYPE_CHECKING:
    from storage.claims import Suggestion
    from storage.database import Transaction
    from storage.joins import Join, Point


@click.command()
@config_option
@click.argument("one")
@click.argument("other")
@click.option("--by", default="", help="The specialist who says so; else the operator.")
def join(config: Path | None, one: str, other: str, by: str) -> None:
    """Say that two contact points are one person. ``customers part`` undoes it.

    \b
    deskbridge customers join kari@kunde.example 'telegram 5012345'
    deskbridge customers join kari@kunde.example kari@hjem.example --by ola
    """
    act(desk(config), "join-customers", one=one, other=other, by=by)


@click.command()
@config_option
@click.argument("number", type=int)
@click.option("--by", default="", help="The specialist who says so; else the operator.")
def part(config: Path | None, number: int, by: str) -> None:
    """Undo the join of this NUMBER: they are two persons again, as before.

    \b
    deskbridge customers show kari@kunde.example
    deskbridge customers part 12
    """
    act(desk(config), "part-customers", join=number, by=by)


@click.command()
@config_option
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
@json_option
def suggestions(config: Path | None, limit: int, as_json: bool) -> None:
    """List who may be the same person, and why. Nothing is joined by being listed.

    \b
    deskbridge customers suggestions
    deskbridge customers suggestions --json --limit 20
    """
    from deskbridge.cli.printing import one_line, table
    from storage import claims

    async def work(tx: "Transaction") -> "list[Suggestion]":
        return await claims.all_suggested(tx, limit=limit)

    found = look(desk(config), work)
    if as_json:
        click.echo(json.dumps([_suggested(one) for one in found], ensure_ascii=False, indent=2))
        return
    rows = [
        (
            _called(one.mine),
            _called(one.other),
            f"{one.sort} {one_line(one.value)}: {', '.join(one.sources)}",
            "verified" if one.verified else "only said",
        )
        for one in found
    ]
    if rows:
        table(("one", "other", "why", "how sure"), rows)
    else:
        click.echo("nobody is suggested", err=True)


def _called(point: "Point") -> str:
    """Return a contact point as people read it, and as ``customers join`` takes it."""
    from deskbridge.cli.printing import one_line
    from web.words import reached

    guest = reached(point.address, point.contact)
    plain = f"{point.contact} {point.address}" if guest == point.address else guest
    named = f" ({one_line(point.name, 30)})" if point.name and point.contact != "mail" else ""
    return f"{one_line(plain)}{named}"


def _raw(point: "Point") -> str:
    """Return a contact point as programs read it."""
    from deskbridge.cli.printing import one_line

    return f"{point.contact} {one_line(point.address, 400)}"


def _suggested(one: "Suggestion") -> dict[str, Any]:
    return {
        "one": _raw(one.mine),
        "other": _raw(one.other),
        "same": one.sort,
        "value": one.value,
        "from": list(one.sources),
        "verified": one.verified,
    }


@dataclass(frozen=True, slots=True)
class SamePerson:
    """Who one address is, on other channels too."""

    points: "Sequence[Point]" = ()
    joins: "Sequence[Join]" = ()
    suggestions: "Sequence[Suggestion]" = ()

    def as_data(self) -> dict[str, Any]:
        called = {one.id: _raw(one) for one in self.points}
        return {
            "contact_points": list(called.values()),
            "joins": [
                {
                    "number": one.id,
                    "between": [called.get(one.one, ""), called.get(one.other, "")],
                    "way": one.way,
                    "by": one.actor,
                    "at": one.joined_at.isoformat(),
                    "undone_at": one.ended_at.isoformat() if one.ended_at else None,
                    "undone_by": one.ended_by,
                }
                for one in self.joins
            ],
            "suggestions": [_suggested(one) for one in self.suggestions],
        }

    def print(self) -> None:
        from deskbridge.cli.printing import when

        called = {one.id: _called(one) for one in self.points}
        for one in self.joins:
            until = f", undone {when(one.ended_at)} by {one.ended_by}" if one.ended_at else ""
            between = " = ".join(called[side] for side in (one.one, one.other) if side in called)
            told = f"join {one.id}: {between}, {one.way} by {one.actor} {when(one.joined_at)}"
            click.echo(told + until)
        for each in self.suggestions:
            sure = "verified" if each.verified else "only said"
            click.echo(f"may be the same person as {_called(each.other)}: {each.value} ({sure})")


async def same_person(tx: "Transaction", point: "Point") -> SamePerson:
    """Return who a contact point is on other channels too."""
    from storage import claims, joins

    return SamePerson(
        await joins.points(tx, point.customer),
        await joins.of(tx, point.customer),
        await claims.suggested(tx, point.customer),
    )

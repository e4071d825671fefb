"""``deskbridge specialist``: the passwords of the people who answer."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskbridge.cli.configuration import config_option
from deskbridge.cli.leaving import json_option, leave
from deskbridge.cli.reaching import act, desk, look
from deskbridge.endings import WRONG_USAGE

if TYPE_CHECKING:
    from inquiry.journey import SpecialistName
    from storage.database import Transaction


@click.group()
def specialist() -> None:
    """The people who answer. They stand in the configuration, their passwords in the database.

    \b
    deskbridge specialist list
    deskbridge specialist passwd kasia
    """


@specialist.command("list")
@config_option
@json_option
def list_(config: Path | None, as_json: bool) -> None:
    """List all, and who can sign in.

    \b
    deskbridge specialist list
    """
    from deskbridge.cli import printing
    from inquiry.data import as_data
    from storage import credentials

    async def work(tx: "Transaction") -> "list[SpecialistName]":
        return await credentials.with_password(tx)

    configuration = desk(config)
    people = configuration.specialists
    able = set(look(configuration, work))
    if as_json:
        printing.document(
            [{**as_data(who), "password": name in able} for name, who in people.items()]
        )
        return
    printing.table(
        ("name", "full name", "email", "languages", "role", "password"),
        [
            (
                name,
                who.full_name,
                who.email,
                " ".join(who.languages),
                who.role,
                "yes" if name in able else "–",
            )
            for name, who in people.items()
        ],
    )


@specialist.command()
@config_option
@click.argument("name")
@click.option("--stdin", is_flag=True, help="Read the password from standard input.")
def passwd(config: Path | None, name: str, stdin: bool) -> None:
    """Give a specialist a new password; sessions opened with the old one end.

    \b
    deskbridge specialist passwd kasia
    """
    if stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif sys.stdin.isatty():
        password = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    else:
        leave(WRONG_USAGE, "nobody to ask: add --stdin")
    act(desk(config), "password", who=name, password=password)

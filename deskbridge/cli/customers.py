"""``deskbridge customers``: what is known of them beforehand."""

import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskbridge.cli.configuration import config_option
from deskbridge.cli.leaving import json_option, leave
from deskbridge.cli.reaching import carried_out, desk, look
from deskbridge.cli.same_person import SamePerson, join, part, same_person, suggestions
from deskbridge.endings import NOTHING_THERE, WRONG_USAGE

if TYPE_CHECKING:
    from config.configuration import Configuration
    from deskbridge.importing import Importing
    from storage.database import Transaction
    from storage.imports import Import
    from storage.records import Line

LOOK = 0.3
"""Seconds between two looks at how far an import has come."""


@click.group()
def customers() -> None:
    """What is known of customers, and who of them is one person.

    \b
    deskbridge customers import
    deskbridge customers show kari@kunde.example
    deskbridge customers suggestions
    """


@customers.command("import")
@config_option
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--allow-errors", is_flag=True, help="Leave out lines that are wrong.")
def import_(config: Path | None, file: Path | None, allow_errors: bool) -> None:
    """Read a FILE of customers in place of what was read before; else the one configured.

    \b
    deskbridge customers import
    deskbridge customers import new.csv --allow-errors

    Nothing is imported if a line is wrong, unless errors are allowed.
    """
    from deskbridge.importing import Importing

    configuration = desk(config)
    configured = configuration.customers.import_
    wanted = file or (configured.file if configured else None)
    if wanted is None:
        leave(WRONG_USAGE, "name a FILE: the configuration has none in customers.import")
    importing = Importing()
    asked = {"file": str(wanted.absolute()), "allow_errors": allow_errors}
    with _progress(configuration.desk.data_dir, importing):
        code, said = carried_out(configuration, "import-customers", asked, importing=importing)
    if code:
        leave(code, said)
    *problems, sentence = said.splitlines()
    for problem in problems:
        click.echo(problem, err=True)
    click.echo(sentence)


@customers.command()
@config_option
@click.argument("address")
@json_option
def show(config: Path | None, address: str, as_json: bool) -> None:
    """Show what is known of a mail address, a phone number or a domain, and where from.

    \b
    deskbridge customers show kari@kunde.example
    deskbridge customers show '+47 22 33 44 55'
    deskbridge customers show kunde.example --json
    """
    configuration = desk(config)
    known = _known(configuration, address.strip())
    if not known.about and not known.written:
        leave(NOTHING_THERE, f"nothing is known of {address}")
    if as_json:
        click.echo(json.dumps(known.as_data(), ensure_ascii=False, indent=2))
    else:
        _print(known)


for command in (join, part, suggestions):
    customers.add_command(command)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one address."""

    address: str
    about: Mapping[str, tuple[str, str]]
    """By name: value, and where it is from."""
    written: bool
    """Has it written before?"""
    person: SamePerson = field(default_factory=SamePerson)

    def as_data(self) -> dict[str, Any]:
        told = dict(self.about)
        organization, source = told.pop("organization", ("", ""))
        return {
            "address": self.address,
            "written_before": self.written,
            "organization": {"name": organization, "from": source} if organization else None,
            "attributes": {
                name: {"value": value, "from": source} for name, (value, source) in told.items()
            },
            **self.person.as_data(),
        }


def _known(configuration: "Configuration", address: str) -> _Known:
    from storage import imports, joins, records

    contact, asked = _asked(address)

    async def work(tx: "Transaction") -> _Known:
        newest = await imports.newest(tx)
        lines = await records.about(tx, contact, asked)
        point = await joins.find(tx, contact, asked) or await joins.called(tx, address)
        about = _about(configuration, asked, lines, newest)
        written = point is not None and not point.hearsay
        person = await same_person(tx, point) if point else SamePerson()
        return _Known(address, about, written=written, person=person)

    return look(configuration, work)


def _asked(address: str) -> tuple[str, str]:
    """Return the sort of contact point, and the address to look for; a domain is that of nobody."""
    if "@" in address:
        return "mail", address
    if address[:1] in "+(0123456789" and not any(letter.isalpha() for letter in address):
        return "phone", address
    return "mail", f"@{address}"


def _about(
    configuration: "Configuration", address: str, lines: "Sequence[Line]", newest: "Import | None"
) -> dict[str, tuple[str, str]]:
    """Return what holds, as rules see it of a sender who is not in doubt."""
    from router.customers import organization_of

    own: dict[str, tuple[str, str]] = {}
    for line in reversed(lines):
        at = f" ({line.matched_by} {line.key})" if line.matched_by == "domain" else ""
        source = f"{newest.file.name if newest else ''}:{line.number}{at}"
        own |= {name: (value, source) for name, value in line.record.attributes.items()}
        if line.record.organization:
            own["organization"] = (line.record.organization, source)
    organizations = configuration.organizations
    name, _ = own.get("organization", ("", ""))
    firm = organizations.named(name) if name else organization_of(organizations, address)
    if firm is None:
        return own
    source = f"organization {firm.name}"
    shared = {name: (value, source) for name, value in firm.attributes.items()}
    return {"organization": (firm.name, "its domain"), **shared, **own}


def _print(known: _Known) -> None:
    from deskbridge.cli.printing import one_line, table
    from web.words import without_guests

    before = "has written before" if known.written else "has never written"
    click.echo(f"{one_line(without_guests(known.address))} · {before}")
    rows = [(name, value, source) for name, (value, source) in known.about.items()]
    if rows:
        table(("what", "is", "from"), rows)
    known.person.print()


@contextmanager
def _progress(data_dir: Path, importing: "Importing") -> Iterator[None]:
    """Show on a terminal how far an import has come, here or in the running service."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task, done = bar.add_task("importing customers", total=None), threading.Event()

        def watch() -> None:
            while not done.wait(LOOK):
                read, whole = importing.progress if importing.progress[1] else _elsewhere(data_dir)
                bar.update(task, completed=read, total=whole or None)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _elsewhere(data_dir: Path) -> tuple[int, int]:
    from deskbridge.local import call_and_wait
    from inquiry.errors import TemporaryFailure

    try:
        reply = call_and_wait(data_dir, "GET", "/importing")
    except TemporaryFailure:
        return 0, 0
    read, whole = json.loads(reply.body) if reply and reply.status == 200 else (0, 0)
    return int(read), int(whole)

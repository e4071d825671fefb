"""How a command reaches its desk: reads look into the database, acts go to whoever runs."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from deskbridge.cli.configuration import chosen, load_file, opened, print_errors
from deskbridge.cli.leaving import leave
from deskbridge.endings import INVALID, NOTHING_THERE, TRY_AGAIN, WRONG_USAGE

if TYPE_CHECKING:
    from config.configuration import Configuration
    from storage.database import Transaction

T = TypeVar("T")
Read = Callable[["Transaction"], Awaitable[T]]


def desk(config: Path | None) -> "Configuration":
    """Load the configuration of the desk; its own tests are no business of a command."""
    return opened(config, run_tests=False)


def data_dir_of(config: Path | None) -> Path:
    """Return where the desk's data lies: also of a file with mistakes, which a running desk has
    refused and can tell of."""
    from config.data_dir import data_dir_in
    from inquiry.errors import ConfigError

    file = chosen(config)
    try:
        return load_file(file, run_tests=False).desk.data_dir
    except ConfigError as wrong:
        if found := data_dir_in(file):
            return found
        print_errors(wrong.problems)
        said = "the service was not asked: what data_dir it has can't be read"
        leave(INVALID, said, wrong.problems)


def look(configuration: "Configuration", work: "Read[T]", meant: str = "") -> T:
    """Read from the desk's database, whether or not the service runs.

    ``meant`` begins the sentence if what is looked for isn't there: what else it might have been.
    """
    from inquiry.errors import BridgeError, NotFound
    from storage.inquiries.query import QueryError

    try:
        return asyncio.run(_look(configuration, work))
    except NotFound as missing:
        leave(NOTHING_THERE, f"{meant}{missing}")
    except QueryError as wrong:
        leave(WRONG_USAGE, str(wrong))
    except BridgeError as trouble:
        leave(TRY_AGAIN, str(trouble))
    except OSError as trouble:
        leave(TRY_AGAIN, unusable(configuration, trouble))


def unusable(configuration: "Configuration", trouble: OSError) -> str:
    """Say why the folder of a desk's data can't be used."""
    folder = configuration.desk.data_dir
    named = f" ({trouble.filename})" if trouble.filename not in (None, str(folder)) else ""
    remedy = "give desk.data_dir a folder of its own that this user may write to"
    return f"cannot use {folder}: {trouble.strerror or trouble}{named}; {remedy}"


def check_there(configuration: "Configuration", folder: Path | None = None) -> None:
    """Refuse to make an empty database where one is to be read. Raises NotFound, OSError."""
    from inquiry.errors import NotFound

    desk = configuration.desk
    folder = folder or desk.data_dir
    if desk.storage != "sqlite":
        return
    try:
        (folder / "deskbridge.db").stat()
    except FileNotFoundError:
        raise NotFound(
            f"nothing is in {folder} yet: deskbridge run or deskbridge migrate makes the database"
        ) from None


def act(configuration: "Configuration", name: str, **asked: object) -> None:
    """Have something done, say how it ended, and end with its code unless all is well."""
    code, said = carried_out(configuration, name, asked)
    if code:
        leave(code, said)
    click.echo(said)


def confirm(what: str, *, yes: bool) -> None:
    """Say what will happen and ask; without a terminal only ``--yes`` will do."""
    click.echo(what, err=True)
    if yes:
        return
    if not sys.stdin.isatty():
        leave(WRONG_USAGE, "nobody to ask: add --yes")
    click.confirm("Go on?", abort=True, err=True)


async def _look(configuration: "Configuration", work: "Read[T]") -> T:
    from storage.migrate import check_tables
    from storage.opening import open_database

    desk = configuration.desk
    check_there(configuration)
    async with open_database(desk.storage, desk.data_dir) as database:
        await check_tables(database)
        return await database.read(work)


def carried_out(
    configuration: "Configuration", name: str, asked: Mapping[str, Any], **more: Any
) -> tuple[int, str]:
    """Have something done; return how it ended. ``more`` is for where no service runs."""
    from deskbridge.acting import carry_out_directly
    from deskbridge.local import call_and_wait
    from inquiry.errors import BridgeError

    body = json.dumps(asked, ensure_ascii=False).encode()
    try:
        reply = call_and_wait(configuration.desk.data_dir, "POST", f"/act/{name}", body)
        if reply is None:
            outcome = asyncio.run(carry_out_directly(configuration, name, asked, **more))
            return outcome.code, outcome.said
    except BridgeError as trouble:
        return TRY_AGAIN, str(trouble)
    except OSError as trouble:
        return TRY_AGAIN, unusable(configuration, trouble)
    if reply.status != 200:
        return TRY_AGAIN, "the running service did not understand; is it another version?"
    said = json.loads(reply.body)
    return int(said["code"]), str(said["said"])

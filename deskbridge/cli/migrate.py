"""``deskbridge migrate``: bring the database to this version's tables."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskbridge.cli.configuration import config_option
from deskbridge.cli.leaving import leave
from deskbridge.cli.reaching import check_there, desk, unusable
from deskbridge.endings import TRY_AGAIN

if TYPE_CHECKING:
    from config.configuration import Configuration

WAITING = 1


@click.command("migrate")
@config_option
@click.option("--check", is_flag=True, help="Only say what is missing; exit 1 if anything is.")
def migrate(config: Path | None, check: bool) -> None:
    """Bring the database to this version. The service does the same when it starts.

    Nodes of another version should be stopped, and a backup made, before.

    \b
    deskbridge migrate --check
    deskbridge migrate
    """
    from inquiry.errors import BridgeError

    configuration = desk(config)
    try:
        names = asyncio.run(_names(configuration, check=check))
    except BridgeError as trouble:
        leave(TRY_AGAIN, str(trouble))
    except OSError as trouble:
        leave(TRY_AGAIN, unusable(configuration, trouble))
    for name in names:
        click.echo(f"{'missing' if check else 'applied'}: {name}")
    if not names:
        click.echo("the database is up to date")
    elif check:
        raise SystemExit(WAITING)


async def _names(configuration: "Configuration", *, check: bool) -> list[str]:
    from inquiry.errors import NotFound
    from storage.migrate import migrate as apply
    from storage.migrate import migrations, pending
    from storage.opening import open_database

    address, folder = configuration.desk.storage, configuration.desk.data_dir
    if check:
        try:
            check_there(configuration)
        except NotFound:
            return [step.name for step in migrations("sqlite")]
    async with open_database(address, folder) as database:
        if check:
            return [step.name for step in await pending(database, migrations(database.dialect))]
        return await apply(database, datetime.now(UTC))

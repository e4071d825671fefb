"""A desk on disk whose commands a test calls, in this process but each on a thread of its own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from deskbridge import acting
from deskbridge.cli.configuration import load_file
from deskbridge.cli.main import deskbridge
from deskbridge.local_site import served
from storage.database import Database
from storage.migrate import migrate
from storage.opening import alone, open_database

DESK = """\
version: 1
desk: {name: Nordlys, url: http://127.0.0.1:8080, data_dir: DATA}
channels:
  support-mail:
    kind: smtp
    listen: 127.0.0.1:2525
    addresses: [support@nordlys.example]
    send: {folder: DATA/mailbox, from: support@nordlys.example}
specialists:
  ola: {name: Ola Hansen, email: ola@nordlys.example, languages: [nb]}
  kasia: {name: Kasia Nowak, email: kasia@nordlys.example, languages: [pl, nb]}
queues:
  first-line: {line: 1, members: [ola, kasia]}
  second-line: {line: 2, members: [kasia]}
rules:
  - {name: all, when: always, then: {queue: first-line}}
"""


class CommandDesk:
    """A configuration file, its data folder, and commands on it."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "data"
        self.file = folder / "desk.yaml"
        self.file.write_text(DESK.replace("DATA", str(self.data_dir)))

    async def migrate(self) -> None:
        async with self.database() as db:
            await migrate(db, datetime.now(UTC))

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        async with open_database("sqlite", self.data_dir) as db:
            yield db

    @asynccontextmanager
    async def service(self) -> AsyncIterator[list[str]]:
        """Run as much of a service as commands talk to; yields the bells that it rings."""
        rung: list[str] = []
        configuration = await asyncio.to_thread(load_file, self.file)
        with alone(self.data_dir):
            async with self.database() as db:

                def where(now: datetime) -> acting.Where:
                    return acting.Where(
                        db=db,
                        configuration=configuration,
                        now=now,
                        answers_bell=lambda: rung.append("answers"),
                        outbox_bell=lambda: rung.append("outbox"),
                    )

                async with served(self.data_dir, acting.routes(where)):
                    yield rung

    async def run(self, *words: str, stdin: str = "") -> Result:
        """Run a command; the configuration is named by the environment."""
        return await asyncio.to_thread(
            CliRunner(env={"DESKBRIDGE_CONFIG": str(self.file)}).invoke,
            deskbridge,
            list(words),
            input=stdin,
        )

    async def json(self, *words: str) -> Any:
        """Run a reading command; return its document."""
        result = await self.run(*words, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

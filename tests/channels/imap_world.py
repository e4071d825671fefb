"""A mailbox whose server is about to misbehave, a desk, and the table of what has been tried."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Premises
from channels.imap.channel import Mailbox
from channels.imap.session import Session
from channels.imap.settings import Settings
from channels.mail.settings import Tls
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName
from tests.channels.suite import raw_bytes, receiving
from tests.fakes import MemoryInlet
from tests.servers.imap import FakeImap

PAGE = Path("docs/mailboxes.md")
ONE = b"Subject: one\r\n\r\n1\r\n"


@dataclass(slots=True)
class World:
    """A mailbox with three mails on a server that is about to misbehave, and a desk."""

    server: FakeImap
    spool: Path
    inlet: MemoryInlet = field(default_factory=MemoryInlet)
    settings: dict[str, Any] = field(default_factory=dict)
    answering: timedelta = timedelta(seconds=0.5)
    """How long the server may keep silent."""

    def mailbox(self) -> Mailbox:
        settings: dict[str, Any] = {"host": "127.0.0.1", "port": self.server.port, "tls": Tls.NONE}
        return Mailbox(
            ChannelName("support-mail"),
            Settings(**{**settings, "user": "help", "password": "hunter2", **self.settings}),
            Premises(spool=self.spool),
            session=partial(Session, answering=self.answering),
        )

    async def fails(self, mailbox: Mailbox | None = None) -> TemporaryFailure:
        """Receive until the connection is given up, and return why."""
        with pytest.raises(TemporaryFailure) as failure:
            async with asyncio.timeout(30):
                await (mailbox or self.mailbox()).receive(self.inlet)
        assert "hunter2" not in str(failure.value)
        return failure.value

    async def takes(self, count: int) -> None:
        """Receive as the bridge does, until so many are here."""
        async with receiving(self.mailbox(), self.inlet):
            await self.inlet.holds(count)

    @property
    def uids(self) -> list[int | None]:
        return [arrival.envelope.uid for arrival in self.inlet.arrivals]


Row = Callable[[World], Awaitable[None]]


class Rows(dict[str, tuple[str, Row]]):
    """Tests by the name that they have on the page, with what they show."""

    def row(self, name: str, what_happens: str) -> Callable[[Row], Row]:
        """Enter a test in the table."""

        def entered(test: Row) -> Row:
            self[name] = (what_happens, test)
            return test

        return entered

    @property
    def names(self) -> list[object]:
        return [pytest.param(name, id=name) for name in self]

    async def survived(self, name: str, world: World) -> None:
        """Let it happen; then every mail is here, once."""
        _, test = self[name]
        await test(world)
        mails = world.server.mails
        taken = [raw_bytes(arrival) for arrival in world.inlet.arrivals]
        assert set(mails.values()) <= set(taken), "a mail is missing"
        assert len(taken) == len(set(taken)), "a mail came twice"
        assert b"" not in taken
        assert list(world.spool.iterdir()) == []

    def are_on_the_page(self) -> None:
        """Is the page's table this one, with others?"""
        cells = re.findall(
            r"^\| (?P<name>[^|]+) \| (?P<what>[^|]+) \|$", PAGE.read_text(), re.MULTILINE
        )
        assert dict(cells).items() >= {name: what for name, (what, _) in self.items()}.items()

"""Are channels opened, exchanged and closed one after the other, whatever one of them does?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from deskbridge import kinds
from tests.deskbridge import scripted_kind
from tests.deskbridge.running_desk import RunningDesk, running_desk, until
from tests.deskbridge.scripted_kind import happened
from tests.rows import rows
from tests.servers.ports import free_port

YAML = """\
version: 1
desk: {name: Nordlys, url: http://127.0.0.1:1, data_dir: data, hold: {mail: 0s, chat: 0s}}
web: {listen: "127.0.0.1:WEB"}
channels:
CHANNELS
specialists: {ola: {name: Ola Hansen, email: ola@nordlys.example}}
queues: {first-line: {members: [ola]}}
rules: [{name: all, when: always, then: {queue: first-line, reply: ack}}]
"""


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    happened.clear()
    monkeypatch.setitem(
        kinds.OURS, "scripted", (scripted_kind.__name__, "open_channel", "telegram")
    )


class Channels:
    """Writes desks with channels of the scripted kind."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "desk.yaml"
        self.port = free_port()

    def text(self, **does: str) -> str:
        lines = (f"  {name}: {{kind: scripted, {settings}}}" for name, settings in does.items())
        return YAML.replace("WEB", str(self.port)).replace("CHANNELS", "\n".join(lines))

    @asynccontextmanager
    async def desk(self, **does: str) -> AsyncIterator[RunningDesk]:
        async with running_desk(self.file, self.text(**does)) as desk:
            yield desk


@pytest.fixture
def channels(tmp_path: Path) -> Channels:
    return Channels(tmp_path)


async def test_all_that_leave_have_stopped_before_any_begins(channels: Channels) -> None:
    slow = "does: stops-slowly, word: {}"
    async with channels.desk(a=slow.format(1), b=slow.format(1), c="word: same") as desk:
        await until(lambda: len(happened) == 6)
        happened.clear()
        told = await desk.reload(channels.text(a=slow.format(2), d="word: new", c="word: same"))
        await until(lambda: "d receives new" in happened)
        assert told["channels"] == {
            "opened": ["d"],
            "changed": ["a"],
            "closed": ["b"],
            "failed": {},
        }
        stops = max(happened.index(f"{name} stops") for name in "ab")
        assert stops < min(happened.index(f"{name} opens") for name in "ad")
        assert not any(line.startswith("c ") for line in happened)
        assert set(desk.bridge.channels) == {"a", "c", "d"}
    assert {"a closes", "b closes", "c closes", "d closes"} <= set(happened)


async def test_one_that_cannot_be_opened_harms_no_other(channels: Channels) -> None:
    async with channels.desk(a="word: 1") as desk:
        told = await desk.reload(channels.text(a="does: cannot-open", b="word: 1"))
        assert told["applied"]
        assert told["channels"]["failed"] == {"a": "a finds nothing in Nordlys"}
        assert set(desk.bridge.channels) == {"b"}
        trouble = (await desk.status())["channels"]["a"]["trouble"]
        assert trouble == "cannot be opened: a finds nothing in Nordlys"
        told = await desk.reload(channels.text(a="word: 2", b="word: 1"))
        assert told["channels"]["changed"] == ["a"]
        assert desk.bridge.pulse.trouble == {}


async def test_at_the_start_it_keeps_the_desk_from_starting(channels: Channels) -> None:
    with pytest.raises(LookupError, match="finds nothing"):
        async with channels.desk(a="does: cannot-open", b="word: 1"):
            raise AssertionError("it runs")
    assert happened == ["b opens", "b closes"]


async def test_one_that_stopped_by_a_fault_is_opened_anew(channels: Channels) -> None:
    async with channels.desk(a="does: breaks", b="word: 1") as desk:
        await until(lambda: "a" in desk.bridge.pulse.trouble)
        assert desk.bridge.pulse.trouble["a"] == "stopped by a fault of deskbridge; see the log"
        happened.clear()
        told = await desk.reload()
        assert told["channels"]["changed"] == ["a"]
        await until(lambda: len(happened) >= 3)
        assert "a opens" in happened
        assert not any(line.startswith("b ") for line in happened)


async def test_one_that_breaks_while_it_closes_takes_nobody_along(channels: Channels) -> None:
    async with channels.desk(a="does: breaks-while-closing", b="word: 1") as desk:
        told = await desk.reload(channels.text(a="word: 2", b="word: 1"))
        assert told["channels"]["changed"] == ["a"]
        await until(lambda: "a receives 2" in happened)
        assert set(desk.bridge.channels) == {"a", "b"}
        assert desk.bridge.pulse.trouble == {}


class Waits:
    """A server that says nothing to a mail before it may."""

    def __init__(self) -> None:
        self.reached, self.may = asyncio.Event(), asyncio.Event()
        self.taken: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - their name
        self.reached.set()
        await self.may.wait()
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 Ok"


async def test_what_is_being_sent_is_sent_once_by_the_one_that_leaves(tmp_path: Path) -> None:
    waits, web, port = Waits(), free_port(), free_port()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(waits, hostname="sink"), "127.0.0.1", 0
    )
    out = server.sockets[0].getsockname()[1]
    mail = f"""\
  mail:
    kind: smtp
    listen: 127.0.0.1:{port}
    addresses: [help@nordlys.example]
    trust_authentication_results: [mx.nordlys.example]
    send: {{host: 127.0.0.1, port: {out}, tls: none, from: help@nordlys.example}}
"""
    text = YAML.replace("WEB", str(web)).replace("CHANNELS\n", mail)
    async with server, running_desk(tmp_path / "desk.yaml", text) as desk:
        await aiosmtplib.send(
            b"From: jan@kunde.example\r\nMessage-ID: <1@kunde.example>\r\n"
            b"Authentication-Results: mx.nordlys.example; dmarc=pass\r\nSubject: Help\r\n\r\nHelp!",
            sender="jan@kunde.example",
            recipients=["help@nordlys.example"],
            hostname="127.0.0.1",
            port=port,
            start_tls=False,
        )
        await asyncio.wait_for(waits.reached.wait(), 20)
        told = await desk.reload(text.replace("    addresses", "    max_size: 29MB\n    addresses"))
        assert told["channels"]["changed"] == ["mail"]
        assert waits.taken == []
        sql = "SELECT state, attempts, possible_repeat FROM outbox"
        assert await rows(desk.bridge.db, sql) == [_row("sending")]
        waits.may.set()
        await until(lambda: bool(waits.taken))
        async with asyncio.timeout(20):
            while await rows(desk.bridge.db, sql) != [_row("sent")]:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
    assert len(waits.taken) == 1


def _row(state: str) -> dict[str, object]:
    return {"state": state, "attempts": 1, "possible_repeat": 0}

"""Is a message lost, or decided by half a configuration, while these change many times a second?"""

import asyncio
import json
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import aiosmtplib
import asyncpg
import pytest

from deskbridge.local import call
from tests.harness.bridge import DESK, Bridge
from tests.harness.scene import scene
from tests.servers.imap import FakeImap, fake_imap

pytestmark = pytest.mark.server

SECONDS = 5.0
"""For each half: first the rules change, then channels too."""
OFTEN = 10
PAUSE = 0.1
"""Between two, so that the desk gets to its work, too."""
FILLERS = 40
"""Rules that match nothing: a configuration takes a while to be read."""
DECISIONS = """
    SELECT decisions.decision, decisions.configuration, configurations.text
      FROM decisions JOIN configurations ON configurations.hash = decisions.configuration"""
TESTED = """tests:
  - {name: t, given: {subject: help}, expect: {category: %s}}
"""


def yaml_of(number: int, *, max_size: int = 30, category: str = "") -> str:
    """Write configuration ``number``: two rules decide, both by its name."""
    name = f"g{number}"
    base, _, _ = DESK.read_text().partition("rules:\n")
    fillers = "".join(
        f"  - {{name: f{n}, when: {{subject: nobody writes {n}}}, then: {{category: f{n}}}}}\n"
        for n in range(FILLERS)
    )
    return (
        base.replace("kind: smtp\n", f"kind: smtp\n    max_size: {max_size}MB\n").replace(
            "specialists:\n",
            "  quiet: {kind: imap, host: 127.0.0.1, port: '${env:QUIET_PORT}', tls: none,"
            " user: quiet, password: '${env:IMAP_PASSWORD}'}\nspecialists:\n",
        )
        + "rules:\n"
        + f"  - {{name: first, when: {{not: {{subject: nobody}}}}, then: {{tags: [{name}]}}}}\n"
        + fillers
        + f"  - name: everything\n    when: always\n"
        f"    then: {{category: {name}, queue: first-line, reply: ack}}\n"
        + TESTED
        % (category or name)
    )


MISTAKES: tuple[Callable[[str], str], ...] = (
    lambda text: text.replace("queue: first-line, reply", "queue: frst-line, reply"),
    lambda text: text + "\t: [",
    lambda text: text.replace("rules:\n", "ruls:\n"),
    lambda text: text.replace("expect: {category: g", "expect: {category: not-g"),
    lambda text: text[: len(text) // 2],
)
"""A name that isn't there, no YAML, an unknown key, a test that fails, half of a file."""


@dataclass
class Swapper:
    """Writes one configuration after the other and has each loaded, in one way after the other."""

    bridge: Bridge
    number: int = 0
    right: set[str] = field(default_factory=set)
    codes: Counter[int] = field(default_factory=Counter)
    in_a_row: list[str] = field(default_factory=list)

    async def swap(self, seconds: float, *, channels: bool) -> None:
        """Do so for some seconds, and on a slow machine until it has been done often enough."""
        deadline, sizes, first = time.monotonic() + seconds, cycle((30, 31)), self.number
        mistakes = cycle(MISTAKES)
        while time.monotonic() < deadline or self.number < first + OFTEN:
            self.number += 1
            text = yaml_of(self.number, max_size=next(sizes) if channels else 30)
            if self.number % 4 == 0:
                await self._load(next(mistakes)(text), expected=3)
            else:
                self.right.add(f"g{self.number}")
                await self._load(text, expected=0)
            if self.number % 5 == 0:
                self._signal()
            await asyncio.sleep(PAUSE)

    def write(self, text: str) -> None:
        new = self.bridge.desk.with_suffix(".new")
        new.write_text(text)
        new.rename(self.bridge.desk)

    async def _load(self, text: str, *, expected: int) -> None:
        self.write(text)
        reply = await call(self.bridge.data_dir, "POST", "/reload")
        assert reply is not None
        told = json.loads(reply.body)
        assert told["code"] == expected, told
        assert bool([p for p in told["problems"] if p["severity"] == "error"]) == (expected == 3)
        self.codes[told["code"]] += 1
        self.in_a_row += [*told["channels"]["changed"], *told["channels"]["opened"]]

    def _signal(self) -> None:
        assert self.bridge.process
        os.kill(self.bridge.process.pid, signal.SIGHUP)


async def decisions(bridge: Bridge) -> list[tuple[dict[str, object], str, str]]:
    """Return each decision, the hash stored with it, and the text stored with that."""
    if bridge.storage == "sqlite":
        path = f"file:{bridge.data_dir / 'deskbridge.db'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as connection:
            rows = connection.execute(DECISIONS).fetchall()
    else:
        server = await asyncpg.connect(bridge.storage)
        rows = await server.fetch(DECISIONS)
        await server.close()
    return [(json.loads(decision), hash_, text) for decision, hash_, text in rows]


def halves(found: list[tuple[dict[str, object], str, str]], right: set[str]) -> Iterator[str]:
    """Find decisions that no single right configuration has made."""
    for decision, hash_, text in found:
        name = str(decision["category"])
        one = decision["tags"] == [name] and decision["configuration"] == hash_
        its_own = f"tags: [{name}]" in text and f"category: {name}, queue" in text
        if not (one and its_own and name in right):
            yield f"{decision['category']} {decision['tags']} by {hash_}"


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_nothing_is_lost_or_decided_by_halves(database: str, tmp_path: Path) -> None:
    quiet = FakeImap()
    async with (
        scene(tmp_path, database=database, durable=False) as campaign,
        fake_imap(quiet),
    ):
        bridge = campaign.bridge
        bridge.environment["QUIET_PORT"] = str(quiet.port)
        swapper = Swapper(bridge)
        swapper.write(yaml_of(0))
        swapper.right.add("g0")

        async def work() -> None:
            held = aiosmtplib.SMTP(hostname="127.0.0.1", port=bridge.smtp_port, start_tls=False)
            async with held:
                await swapper.swap(SECONDS, channels=False)
                assert swapper.in_a_row == []
                assert (await held.noop()).code == 250  # nobody hung up
            await swapper.swap(SECONDS, channels=True)
            assert set(swapper.in_a_row) == {"smtp-in"}

        report = await campaign.undisturbed(work)
        found = await decisions(bridge)
        assert await bridge.stop() == 0
    assert report.violations == []
    assert list(halves(found, swapper.right)) == []
    assert min(report.accepted[name] for name in ("smtp-in", "imap-in", "telegram", "web")) > 0
    assert len(found) == report.accepted.total()
    assert len({str(decision["category"]) for decision, _, _ in found}) > 3
    assert sum(command.startswith("LOGIN") for command in quiet.commands) == 1
    assert swapper.codes[0] > OFTEN
    assert swapper.codes[3] > OFTEN / 4

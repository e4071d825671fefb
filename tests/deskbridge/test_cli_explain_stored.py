"""Can a decision be explained from what was stored, after the rules have changed?"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deskbridge.cli.configuration import load_file
from deskbridge.wiring import router_desk
from inquiry.data import understood_as_text
from inquiry.journey import MAIL, Arrival, ChannelName
from inquiry.tokens import KeyRing
from inquiry.words import ArrivalState
from router.stage import step
from storage import arrivals, decisions
from storage.database import Transaction
from storage.intake import Intake
from tests.deskbridge.command_desk import CommandDesk
from tests.router.builders import a_message

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
REF = "2026-00001"


async def arrive(desk: CommandDesk) -> None:
    """Let a mail come in and be decided by the rules in the file."""
    configuration = await asyncio.to_thread(load_file, desk.file)

    async def understand(tx: Transaction) -> None:
        await decisions.remember_configuration(tx, configuration.hash, configuration.text, NOW)
        (claimed,) = await arrivals.claim(
            tx, ArrivalState.WAITING, limit=1, lease=timedelta(minutes=1)
        )
        await arrivals.understood(tx, claimed, understood_as_text(a_message(subject="Down")), "1")

    async with desk.database() as db:
        channel = ChannelName("support-mail")
        await (
            Intake(db)
            .inlet(channel)
            .accept(
                Arrival(
                    channel=channel, remote_id="1", media_type=MAIL, raw=b"raw", received_at=NOW
                )
            )
        )
        await db.write(understand)
        assert await step(db, router_desk(configuration, KeyRing((b"key",))), now=NOW)


@pytest.fixture
async def desk(tmp_path: Path) -> CommandDesk:
    desk = CommandDesk(tmp_path)
    await desk.migrate()
    await arrive(desk)
    return desk


async def test_the_winners_are_told_as_they_were_stored(desk: CommandDesk) -> None:
    result = await desk.run("explain", REF)
    assert result.exit_code == 0
    first, _, winner = result.stdout.splitlines()[:3]
    assert first.startswith("decided 2026-01-05 09:00:00 UTC by configuration ")
    assert first.endswith(" (today's rules would decide the same)")
    assert winner.split() == ["queue", "first-line", "all", "desk.yaml:16", "always"]


async def test_changed_rules_are_compared_with_what_was_decided(desk: CommandDesk) -> None:
    text = desk.file.read_text()
    desk.file.write_text(text.replace("queue: first-line}", "queue: second-line}"))
    lines = (await desk.run("explain", REF)).stdout.splitlines()
    assert lines[0].endswith(" (today's rules would decide otherwise)")
    assert lines[2].split()[:3] == ["queue", "first-line", "all"]
    assert "     → queue: second-line" in lines


async def test_a_stored_decision_as_data(desk: CommandDesk) -> None:
    (told,) = await desk.json("explain", REF)
    assert told["decision"]["queue"] == told["today"]["decision"]["queue"] == "first-line"
    assert told["facts"]["channel"] == "support-mail"


async def test_a_reference_that_nobody_has(desk: CommandDesk) -> None:
    result = await desk.run("explain", "2026-00099")
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.endswith("there is no inquiry 2026-00099\n")

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
from router.stage.step import step
from storage import arrivals, decisions
from storage.database import Transaction
from storage.intake import Intake
from tests.deskbridge.command_desk import CommandDesk
from tests.router.builders import a_message

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
REF = "2026-00001"
MESSAGE = a_message(subject="Down", message_id="<1@acme.example>")
NEW_RULE = "{name: other, when: always, then: {queue: second-line}}"


async def arrive(desk: CommandDesk) -> None:
    """Let a mail come in and be decided by the rules in the file."""
    configuration = await asyncio.to_thread(load_file, desk.file)

    async def understand(tx: Transaction) -> None:
        await decisions.remember_configuration(tx, configuration.hash, configuration.text, NOW)
        (claimed,) = await arrivals.claim(
            tx, ArrivalState.WAITING, limit=1, lease=timedelta(minutes=1)
        )
        await arrivals.understood(tx, claimed, understood_as_text(MESSAGE), "1")

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


async def change(desk: CommandDesk, old: str, new: str) -> None:
    text = desk.file.read_text()
    assert old in text
    desk.file.write_text(text.replace(old, new))


async def lines(desk: CommandDesk, *words: str) -> list[str]:
    result = await desk.run("explain", *words)
    assert result.exit_code == 0, result.stderr
    return result.stdout.splitlines()


@pytest.mark.parametrize("name", [REF, "<1@acme.example>", "1@acme.example", "arrival 1"])
async def test_a_decision_is_found_by_any_of_its_names(desk: CommandDesk, name: str) -> None:
    found = await lines(desk, name)
    assert found[0] == (f"{REF} · support-mail · jan@acme.example · “Down” · language en")
    assert found[2].split() == ["queue", "first-line", "all", "desk.yaml:16", "always"]
    at, same = found[-2:]
    assert at.startswith("decided 05 Jan 2026 09:00:00 UTC by configuration ")
    assert same == "today's rules would decide the same"


async def test_the_past_is_told_by_the_rules_of_then(desk: CommandDesk) -> None:
    await change(desk, "{name: all, when: always, then: {queue: first-line}}", NEW_RULE)
    found = await lines(desk, REF, "--rules", "--why-not", "queue=second-line")
    assert found[2].split()[:3] == ["queue", "first-line", "all"]
    assert "today's rules would decide otherwise:" in found
    (changed,) = [line.split() for line in found if "→ second-line" in line]
    assert changed == ["queue", "first-line", "→", "second-line", "by", "other", "(desk.yaml:16)"]
    assert " ✓ all                      desk.yaml:16" in found
    assert "  No rule sets queue: second-line. Rules set first-line." in found
    assert not any(line.startswith(" ✓ other") for line in found)


async def test_what_new_rules_ask_and_nobody_recorded_is_said(desk: CommandDesk) -> None:
    asking = "when: {open_inquiry: yes}, then: {queue: second-line}}"
    await change(desk, "rules:\n", f"rules:\n  - {{name: again, {asking}\n")
    found = await lines(desk, REF)
    assert found[-2:] == [
        "today's rules would decide the same",
        "  (they ask for open-inquiries, which nobody recorded then)",
    ]


async def test_a_configuration_that_cannot_be_read_any_more(desk: CommandDesk) -> None:
    async with desk.database() as db:
        await db.script("UPDATE configurations SET text = replace(text, 'then:', 'than:')")
    await change(desk, "queue: first-line}", "queue: second-line}")
    found = await lines(desk, REF, "-v", "--why-not", "queue=second-line")
    assert found[1].startswith("! this version can't read configuration ")
    assert found[1].endswith(": only what was recorded can be told")
    assert "unknown key 'than'" in found[1]
    assert ["queue", "first-line", "all"] in [line.split()[:3] for line in found]
    assert "today's rules would decide otherwise:" in found


async def test_a_stored_decision_as_data(desk: CommandDesk) -> None:
    (told,) = await desk.json("explain", REF, "--why-not", "queue=second-line")
    assert told["decision"]["queue"] == told["today"]["decision"]["queue"] == "first-line"
    assert told["today"]["same"] is True
    assert told["facts"]["channel"] == "support-mail"
    assert (told["reference"], told["arrival"]) == (REF, 1)
    assert told["rules"][0]["matched"] is True
    assert told["why_not"]["known"] == ["first-line"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2026-00099", "there is no inquiry 2026-00099\n"),
        ("<nobody@acme.example>", "no decision is recorded for <nobody@acme.example>\n"),
        ("arrival 17", "no decision is recorded for arrival 17\n"),
    ],
)
async def test_what_nobody_has(desk: CommandDesk, name: str, said: str) -> None:
    result = await desk.run("explain", name)
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.endswith(said)

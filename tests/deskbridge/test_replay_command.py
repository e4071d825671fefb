"""Does the replay command tell what would be different, and end with the right code?"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deskbridge.cli.configuration import load_file
from deskbridge.endings import NOTHING_THERE, PROBLEM
from inquiry.understood import Message, Party
from tests.deskbridge.command_desk import CommandDesk
from tests.deskbridge.test_replay import World

NOW = datetime.now(UTC)
YEAR = f"{NOW:%Y}"
ALL = "{name: all, when: always, then: {queue: first-line}}"
DOWN = "{name: down, when: {subject: down}, then: {queue: second-line, tags: [down]}}"
SAID = ["All is down", "Hello", "Down again"]


@pytest.fixture
async def desk(tmp_path: Path) -> CommandDesk:
    """A desk that three messages have come to, all in the first line."""
    desk = CommandDesk(tmp_path)
    await desk.migrate()
    async with desk.database() as db:
        world = World(db, load_file(desk.file), now=NOW)
        for number, said in enumerate(SAID):
            sender = Party(f"{number}@kunde.example")
            await world.comes(
                Message(sender=sender, subject=said, text="-", message_id=f"<{number}@k.example>")
            )
    return desk


def add(desk: CommandDesk, *rules: str) -> None:
    lines = "".join(f"  - {rule}\n" for rule in (*rules, ALL))
    desk.file.write_text(desk.file.read_text().replace(f"  - {ALL}\n", lines))


async def test_the_same_rules_find_no_difference(desk: CommandDesk) -> None:
    result = await desk.run("replay")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "3 messages, read only, nothing is sent",
        "0 would be decided differently",
        "0 into quarantine · 0 out of it",
    ]


async def test_what_would_be_different_is_told_with_the_rule_to_blame(desk: CommandDesk) -> None:
    add(desk, DOWN, "{name: never, when: {subject: nobody}, then: {tags: [x]}}")
    result = await desk.run("replay")
    assert result.exit_code == PROBLEM
    head, different, queue, tags, quarantine, unmatched, hint = result.stdout.splitlines()
    assert (head, different) == (
        "3 messages, read only, nothing is sent",
        "2 (66.7%) would be decided differently",
    )
    assert queue.split() == [
        "queue",
        "first-line",
        "→",
        "second-line",
        "2",
        "by",
        "down",
        "(desk.yaml:16)",
    ]
    assert tags.split() == ["tags", "–", "→", "down", "2", "by", "down", "(desk.yaml:16)"]
    assert quarantine == "0 into quarantine · 0 out of it"
    assert unmatched == "rules that matched nothing: never"
    assert hint == f"one by one: --show {YEAR}-00001   as data: --json"


async def test_what_goes_into_quarantine_is_counted(desk: CommandDesk) -> None:
    add(desk, "{name: lost, when: {subject: down}, then: {handle: quarantine}, stop: yes}")
    assert "2 into quarantine · 0 out of it" in (await desk.run("replay")).stdout


@pytest.mark.parametrize(
    ("where", "count"),
    [
        pytest.param("queue", 2, id="a field"),
        pytest.param("queue:second-line", 2, id="where it goes"),
        pytest.param("queue:first-line", 2, id="where it came from"),
        pytest.param("queue:invoices", 0, id="another value"),
        pytest.param("priority", 0, id="another field"),
    ],
)
async def test_only_what_is_asked_for_counts(desk: CommandDesk, where: str, count: int) -> None:
    add(desk, DOWN)
    result = await desk.run("replay", "--where", where)
    assert f"would be decided differently in {where}" in result.stdout
    assert result.stdout.splitlines()[1].startswith(f"{count} ")
    assert result.exit_code == (PROBLEM if count else 0)


async def test_one_inquiry_is_shown(desk: CommandDesk) -> None:
    add(desk, DOWN)
    result = await desk.run("replay", "--show", f"{YEAR}-00003")
    assert result.exit_code == PROBLEM
    assert [line.split() for line in result.stdout.splitlines()] == [
        [f"{YEAR}-00003"],
        ["queue", "first-line", "→", "second-line", "by", "down", "(desk.yaml:16)"],
        ["tags", "–", "→", "down", "by", "down", "(desk.yaml:16)"],
        ["rules", "that", "would", "match:", "down,", "all"],
    ]
    other = await desk.run("replay", "--show", f"{YEAR}-00002")
    assert (other.exit_code, other.stdout) == (0, f"{YEAR}-00002 would be decided as it was\n")


async def test_an_inquiry_that_is_not_there_is_said_not_to_be(desk: CommandDesk) -> None:
    result = await desk.run("replay", "--show", "2026-77777")
    assert result.exit_code == NOTHING_THERE
    assert result.stderr.splitlines()[1] == "no message of 2026-77777 was decided in this time"


async def test_as_data(desk: CommandDesk) -> None:
    add(desk, DOWN)
    result = await desk.run("replay", "--json")
    assert result.exit_code == PROBLEM
    found: dict[str, Any] = json.loads(result.stdout)
    assert (found["messages"], found["different"]) == (3, 2)
    assert found["changes"][0] == {
        "field": "queue",
        "was": "first-line",
        "now": "second-line",
        "rule": "down",
        "place": "desk.yaml:16",
        "messages": 2,
    }
    assert [one["name"] for one in found["inquiries"]] == [f"{YEAR}-00001", f"{YEAR}-00003"]
    assert (found["into_quarantine"], found["not_recorded"]) == (0, {})


async def test_a_fact_that_nobody_recorded_is_named(desk: CommandDesk) -> None:
    add(desk, "{name: again, when: {open_inquiry: yes}, then: {tags: [again]}}")
    result = await desk.run("replay")
    told = "not recorded with 3 of them, so no rule matches by it: open-inquiries"
    assert told in result.stdout.splitlines()
    assert result.exit_code == 0


async def test_older_messages_are_left_out(desk: CommandDesk) -> None:
    async with desk.database() as db:
        await db.script("UPDATE decisions SET decided_at = 0 WHERE id < 3")
    add(desk, DOWN)
    assert (await desk.run("replay")).stdout.startswith("1 messages,")


async def test_an_empty_desk_has_no_differences(tmp_path: Path) -> None:
    desk = CommandDesk(tmp_path)
    await desk.migrate()
    result = await desk.run("replay")
    assert result.exit_code == 0
    assert result.stdout.startswith("0 messages, read only, nothing is sent\n")


async def test_a_field_that_there_is_not_is_refused(desk: CommandDesk) -> None:
    result = await desk.run("replay", "--where", "quue:first-line")
    assert result.exit_code == 2
    assert "rules decide no field 'quue'; did you mean 'queue'?" in result.stderr


async def test_without_a_database_it_says_where_it_looked(tmp_path: Path) -> None:
    desk = CommandDesk(tmp_path)
    result = await desk.run("replay")
    assert result.exit_code == NOTHING_THERE
    assert result.stderr.splitlines()[1].startswith(f"nothing is in {desk.data_dir} yet: ")


async def test_the_data_of_another_folder(desk: CommandDesk, tmp_path: Path) -> None:
    text = desk.file.read_text()
    desk.file.write_text(text.replace(f"data_dir: {desk.data_dir}", f"data_dir: {tmp_path}/none"))
    assert (await desk.run("replay", "--data", str(desk.data_dir))).exit_code == 0
    assert (await desk.run("replay")).exit_code == NOTHING_THERE


@pytest.mark.parametrize("last", ["7", "x", "0d", "7y", "-1d"])
async def test_what_is_no_time_is_refused(desk: CommandDesk, last: str) -> None:
    result = await desk.run("replay", f"--last={last}")
    assert result.exit_code == 2
    assert "is not a time such as 24h, 7d or 2w" in result.stderr

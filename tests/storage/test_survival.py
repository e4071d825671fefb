"""Is everything that was accepted still there after a kill or a power cut, and only once?"""

import asyncio
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from storage import arrivals
from storage.database import Database
from storage.migrate import migrate
from storage.opening import open_database
from tests.rows import rows
from tests.storage.arrivals import MONDAY
from tests.torture.accepting import accept, raw_of
from tests.torture.powerloss import ROOT, power_cuts

pytestmark = pytest.mark.server
MESSAGES = 40


@pytest.mark.parametrize(
    "careless",
    [
        pytest.param(False, id="nothing is lost"),
        pytest.param(True, id="without syncing the test would see a loss"),
    ],
)
def test_a_power_cut_loses_nothing(tmp_path: Path, careless: bool) -> None:
    found = power_cuts(tmp_path, MESSAGES, 40, careless=careless)
    assert found.accepted == MESSAGES
    assert found.moments >= 40
    assert found.damaged == 0
    assert bool(found.lost) == careless


def killed(folder: Path, *, calls: str = "", failpoints: str = "") -> set[int]:
    """Accept until a signal ends it; return what it said it had accepted."""
    program = [sys.executable, "-m", "tests.torture.accepting", str(folder), str(MESSAGES)]
    if calls:
        traced = calls.partition(":")[0]
        strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={traced}"]
        program = [*strace, "-e", f"inject={calls}", *program]
    environment = os.environ | {"DESKBRIDGE_FAILPOINTS": failpoints}
    done = subprocess.run(
        program, cwd=ROOT, env=environment, capture_output=True, check=False, timeout=120
    )
    assert done.returncode != 0, "it was not killed"
    return {int(line.split()[1]) for line in done.stdout.splitlines()}


async def accept_again(folder: Path, accepted: set[int]) -> None:
    """Look for what was accepted, then accept everything again: each is there exactly once."""
    async with open_database("sqlite", folder) as db:
        await migrate(db, MONDAY)  # it may have died before
        assert accepted <= {int(row["remote_id"]) for row in await _stored(db)}
        for number in range(MESSAGES):
            arrival = await accept(db, folder, number)
            assert await db.read(partial(arrivals.raw, id_=arrival)) == raw_of(number)
        assert len(await _stored(db)) == MESSAGES
        assert await rows(db, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]


async def _stored(db: Database) -> list[dict[str, str]]:
    return await rows(db, "SELECT remote_id FROM arrivals")


@pytest.mark.parametrize(
    ("call", "number"),
    [
        ("pwrite64", 90),
        ("pwrite64", 171),
        ("fdatasync", 6),
        ("fdatasync", 14),
        ("link", 2),
        ("rename", 1),
        ("fsync", 3),
        ("unlink", 1),
    ],
)
def test_a_kill_at_a_system_call_loses_nothing(tmp_path: Path, call: str, number: int) -> None:
    accepted = killed(tmp_path, calls=f"{call}:signal=SIGKILL:when={number}")
    assert len(accepted) < MESSAGES
    asyncio.run(accept_again(tmp_path, accepted))


@pytest.mark.torture
@pytest.mark.parametrize("number", range(1, 25))
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
def test_a_kill_at_any_system_call_loses_nothing(tmp_path: Path, call: str, number: int) -> None:
    at = number * 7 if call == "pwrite64" else number
    accepted = killed(tmp_path, calls=f"{call}:signal=SIGKILL:when={at}")
    asyncio.run(accept_again(tmp_path, accepted))


@pytest.mark.parametrize(
    "failpoint",
    ["arrivals.inserted=kill@9", "arrivals.committed=kill@9", "arrivals.inserted=raise@9"],
)
def test_a_death_around_the_commit_loses_nothing(tmp_path: Path, failpoint: str) -> None:
    accepted = killed(tmp_path, failpoints=failpoint)
    assert accepted
    asyncio.run(accept_again(tmp_path, accepted))

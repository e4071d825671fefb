"""Is a change of a file seen, once, and only when nothing more changes?"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from deskbridge import watching
from deskbridge.reloading import Reloading
from deskbridge.watching import watch, when_signalled

SOON = timedelta(seconds=0.02)
PATIENCE = 20


class Counting:
    """Counts reloads, and says which files they were of."""

    def __init__(self, *named: Path) -> None:
        self.named = frozenset(named)
        self.asked: list[str] = []

    def files(self) -> frozenset[Path]:
        return self.named

    async def reload(self, *, by: str) -> None:
        self.asked.append(by)
        await asyncio.sleep(0)


class Looks:
    """Looks as the product does, and counts."""

    def __init__(self) -> None:
        self.count = 0
        self.before: Callable[[], None] = lambda: None
        self._look = watching._marks

    def __call__(self, files: Collection[Path]) -> watching.Marks:
        self.before()
        found = self._look(files)
        self.count += 1
        return found

    async def again(self, times: int = 5) -> None:
        """Wait for so many looks that begin later: time for all that may follow from a change."""
        count = self.count
        async with asyncio.timeout(PATIENCE):
            while self.count < count + times:
                await asyncio.sleep(SOON.total_seconds() / 2)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    made = Looks()
    monkeypatch.setattr(watching, "_marks", made)
    return made


@asynccontextmanager
async def watched(counting: Counting, looks: Looks, since: int = 0) -> AsyncIterator[None]:
    watching = watch(cast("Reloading", counting), since or time.time_ns(), look=SOON, settled=SOON)
    task = asyncio.create_task(watching)
    await looks.again()
    yield
    await looks.again()
    task.cancel()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "desk.yaml").write_text("version: 1")
    (tmp_path / "chain.pem").write_text("old")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "times"),
    [
        pytest.param("desk.yaml", 1, id="the file itself"),
        pytest.param("more.yaml", 1, id="a new one that an include may find"),
        pytest.param("templates/ack.en.md", 1, id="a new template"),
        pytest.param("chain.pem", 1, id="a file that a channel names"),
        pytest.param("desk.yaml.swp", 0, id="what an editor keeps beside it"),
        pytest.param("notes.txt", 0, id="something else"),
    ],
)
async def test_what_is_a_reason_to_reload(
    folder: Path, looks: Looks, name: str, times: int
) -> None:
    named = folder / "desk.yaml", folder / "chain.pem", folder / "templates"
    counting = Counting(*named)
    async with watched(counting, looks):
        (folder / name).write_text("version: 1 # changed")
    assert counting.asked == ["a changed file"] * times


async def test_nothing_is_loaded_while_somebody_still_writes(folder: Path, looks: Looks) -> None:
    counting = Counting(folder / "desk.yaml")
    asked_meanwhile: list[str] = []

    def write() -> None:
        asked_meanwhile.extend(counting.asked)
        (folder / "desk.yaml").write_text(f"# {looks.count}")

    async with watched(counting, looks):
        looks.before = write  # whenever it looks, more has been written
        await looks.again(8)
        looks.before = lambda: None
    assert asked_meanwhile == []
    assert counting.asked == ["a changed file"]


async def test_a_file_that_was_replaced_or_is_gone_has_changed(folder: Path, looks: Looks) -> None:
    counting = Counting(folder / "desk.yaml")
    async with watched(counting, looks):
        (folder / "new").write_text("version: 1")
        (folder / "new").rename(folder / "desk.yaml")
    async with watched(counting, looks):
        (folder / "desk.yaml").unlink()
    assert counting.asked == ["a changed file"] * 2


async def test_what_is_included_from_now_on_is_watched_from_now_on(
    folder: Path, looks: Looks
) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "rules.yaml").write_text("[]")
    counting = Counting(folder / "desk.yaml")
    async with watched(counting, looks):
        counting.named = frozenset({folder / "desk.yaml", folder / "sub" / "rules.yaml"})
        (folder / "desk.yaml").write_text("rules: [{include: sub/rules.yaml}]")
        await looks.again()
        (folder / "sub" / "rules.yaml").write_text("[] # changed")
    assert counting.asked == ["a changed file"] * 2


@pytest.mark.parametrize("how", ["written", "moved here"])
async def test_what_changed_while_the_desk_was_starting_has_changed(
    folder: Path, looks: Looks, how: str
) -> None:
    counting = Counting(folder / "desk.yaml")
    (folder / "older").write_text("version: 1")
    since = time.time_ns()
    await asyncio.sleep(0.02)  # files tell time less exactly
    if how == "written":
        (folder / "desk.yaml").write_text("version: 1 # changed")
    else:
        (folder / "older").rename(folder / "desk.yaml")
    async with watched(counting, looks, since):
        pass
    assert counting.asked == ["a changed file"]


async def test_signals_while_a_reload_is_under_way_are_one_more(folder: Path) -> None:
    counting: Any = Counting(folder / "desk.yaml")
    signalled = asyncio.Event()
    task = asyncio.create_task(when_signalled(counting, signalled))
    signalled.set()
    await asyncio.sleep(0)
    for _ in range(3):
        signalled.set()
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()
    assert counting.asked == ["SIGHUP"] * 2

"""Who writes first, and is anybody overtaken for ever?"""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Transaction
from storage.postgres import open_postgres
from storage.sqlite import Sqlite
from storage.turns import OVERTAKEN, Turn, Turns, at


@pytest.fixture
def turns() -> Iterator[Turns]:
    thread = Turns("test")
    yield thread
    thread.shutdown()


class Line:
    """Whoever is done writes his name down; meanwhile the thread can be held."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.done: list[str] = []
        self._go_on = threading.Event()
        turns.submit(self._go_on.wait, 5)

    def asks(self, name: str, turn: Turn) -> None:
        self.turns.submit(self.done.append, name, turn=turn)

    def order(self) -> list[str]:
        """Let all go; return in which order they went."""
        last = self.turns.submit(lambda: None, turn=Turn.LATER)
        self._go_on.set()
        last.result(5)
        return self.done


def test_who_accepts_goes_first_and_a_backlog_last(turns: Turns) -> None:
    line = Line(turns)
    line.asks("routing", Turn.LATER)
    line.asks("receipt", Turn.SOON)
    line.asks("another receipt", Turn.SOON)
    line.asks("accepting", Turn.FIRST)
    assert line.order() == ["accepting", "receipt", "another receipt", "routing"]


@pytest.mark.parametrize("turn", [Turn.SOON, Turn.LATER])
def test_nobody_is_overtaken_for_ever(turns: Turns, turn: Turn) -> None:
    line = Line(turns)
    line.asks("patient", turn)
    for number in range(3 * OVERTAKEN):
        line.asks(f"hasty {number}", Turn.FIRST)
    assert line.order().index("patient") == OVERTAKEN


def test_neither_of_two_that_are_overtaken_starves(turns: Turns) -> None:
    line = Line(turns)
    for number in range(3):
        line.asks(f"receipt {number}", Turn.SOON)
        line.asks(f"routing {number}", Turn.LATER)
    for _ in range(100):
        line.asks("hasty", Turn.FIRST)
    order = line.order()
    assert order.index("receipt 2") < 5 * OVERTAKEN
    assert order.index("routing 2") < 5 * OVERTAKEN


def test_a_failure_is_told_to_the_one_who_asked(turns: Turns) -> None:
    with pytest.raises(ZeroDivisionError):
        turns.submit(lambda: 1 // 0).result(5)
    assert turns.submit(lambda: "on").result(5) == "on"


def test_who_no_longer_waits_is_left_out(turns: Turns) -> None:
    line = Line(turns)
    given_up = turns.submit(line.done.append, "given up")
    assert given_up.cancel()
    line.asks("next", Turn.SOON)
    assert line.order() == ["next"]


@pytest.mark.server
async def test_a_backlog_leaves_connections_to_others(
    postgres_template: str, tmp_path: Path
) -> None:
    under_way, go_on = list[int](), asyncio.Event()

    async def hold(_tx: Transaction) -> None:
        under_way.append(1)
        await go_on.wait()

    async with (
        open_postgres(postgres_template, tmp_path, connections=4) as database,
        asyncio.timeout(20),
        asyncio.TaskGroup() as group,
    ):
        later = at(Turn.LATER, database)
        for _ in range(9):
            group.create_task(later.write(hold))
        while len(under_way) < 2:
            await asyncio.sleep(0.01)
        await at(Turn.FIRST, database).write(lambda tx: tx.run("epochs.seen", id=0, now=1))
        assert len(under_way) == 2
        go_on.set()


async def test_a_database_at_another_turn_is_the_same_database(sqlite: Sqlite) -> None:
    async def write(tx: Transaction) -> None:
        await tx.run("epochs.begin", node="n", now=1)

    later = at(Turn.LATER, sqlite)
    await later.write(write)
    rows = await later.read(lambda tx: tx.all("epochs.not_ended"))
    assert len(rows) == 1
    assert (later.dialect, later.files, later.broken) == ("sqlite", sqlite.files, "")
    assert await later.has_room()
    await later.close()
    assert len(await sqlite.read(lambda tx: tx.all("epochs.not_ended"))) == 1

"""Do small writes share their commits, and does each of them end as if it were alone?"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from inquiry.errors import TemporaryFailure
from storage.database import Database, StorageUnavailable, Transaction
from storage.together import Together
from tests.rows import rows


class Counting:
    """A database that counts its transactions, or has no room."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.commits = 0
        self.full = False

    async def write(self, work: Callable[[Transaction], Awaitable[list[int]]]) -> list[int]:
        if self.full:
            raise StorageUnavailable("the disk is full")
        found = await self.database.write(work)
        self.commits += 1
        return found


async def note(tx: Transaction, number: int) -> int:
    """Write a number down; 13 is refused."""
    values: dict[str, Any] = {"channel": "c", "source": str(number), "position": str(number)}
    await tx.many("acceptance.advance", [values])
    if number == 13:
        raise ValueError("not this one")
    return 10 * number


@pytest.fixture
def counting(database: Database) -> Counting:
    return Counting(database)


@pytest.fixture
def together(counting: Counting) -> Together[int, int]:
    return Together[int, int](counting.write, note, order=lambda number: number)


async def written(database: Database) -> set[str]:
    return {row["source"] for row in await rows(database, "SELECT source FROM cursors")}


async def test_many_share_few_commits_and_each_gets_its_own_result(
    database: Database, counting: Counting, together: Together[int, int]
) -> None:
    numbers = [n for n in range(250) if n != 13]
    found = await asyncio.gather(*(together.write(number) for number in numbers))
    assert found == [10 * number for number in numbers]
    assert await written(database) == set(map(str, numbers))
    assert counting.commits <= 4


async def test_one_that_fails_takes_no_other_along(
    database: Database, together: Together[int, int]
) -> None:
    tasks = [together.write(number) for number in (12, 13, 14)]
    one, failed, other = await asyncio.gather(*tasks, return_exceptions=True)
    assert (one, other) == (120, 140)
    assert isinstance(failed, ValueError)
    assert await written(database) == {"12", "14"}


async def test_what_cannot_be_written_now_is_told_to_each(
    database: Database, counting: Counting, together: Together[int, int]
) -> None:
    counting.full = True
    tasks = [together.write(number) for number in (1, 2)]
    failures = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in failures] == [TemporaryFailure, TemporaryFailure]
    assert failures[0] is not failures[1]
    counting.full = False
    assert await together.write(3) == 30
    assert await written(database) == {"3"}


async def test_who_goes_away_leaves_the_others_what_they_wrote(
    database: Database, together: Together[int, int]
) -> None:
    leaving = asyncio.create_task(together.write(1))
    staying = asyncio.create_task(together.write(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == 20
    await together.close()
    assert await written(database) == {"1", "2"}

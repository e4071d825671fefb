"""Do both databases give the same promises about a transaction?"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiry.journey import Envelope
from inquiry.words import ArrivalState
from storage.database import (
    ConstraintViolated,
    Database,
    Transaction,
    clean,
    moment,
    moment_or_none,
    stamp,
    storable,
)
from tests.rows import rows
from tests.storage.arrivals import MONDAY


async def add_key(tx: Transaction, secret: bytes) -> None:
    await tx.run("keys.add", secret=secret, now=MONDAY)


async def secrets(db: Database) -> list[bytes]:
    return [bytes(row["secret"]) for row in await rows(db, "SELECT secret FROM signing_keys")]


async def test_what_returned_is_written(database: Database) -> None:
    async def work(tx: Transaction) -> str:
        await add_key(tx, b"1")
        return "done"

    assert await database.write(work) == "done"
    assert await secrets(database) == [b"1"]


async def test_what_raised_has_written_nothing(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await add_key(tx, b"1")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(work)
    assert await secrets(database) == []
    await database.write(lambda tx: add_key(tx, b"2"))
    assert await secrets(database) == [b"2"]


async def test_a_savepoint_is_undone_alone(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await add_key(tx, b"before")
        with suppress(ZeroDivisionError):
            async with tx.savepoint():
                await add_key(tx, b"inside")
                raise ZeroDivisionError
        async with tx.savepoint():
            await add_key(tx, b"after")

    await database.write(work)
    assert await secrets(database) == [b"before", b"after"]


async def test_one_is_the_first_row_or_none(database: Database) -> None:
    async def work(tx: Transaction) -> list[object]:
        before = await tx.one("keys.valid")
        await add_key(tx, b"1")
        await add_key(tx, b"2")
        return [before, await tx.one("keys.valid"), await tx.all("keys.valid")]

    assert await database.write(work) == [
        None,
        {"secret": b"2"},
        [{"secret": b"2"}, {"secret": b"1"}],
    ]


async def test_many_rows_go_in_one_call(database: Database) -> None:
    keys = [{"secret": bytes([number]), "now": MONDAY} for number in range(50)]
    await database.write(lambda tx: tx.many("keys.add", keys))
    assert len(await secrets(database)) == 50


async def test_each_returns_what_all_rows_returned(database: Database) -> None:
    added = [{"hash": name, "size": 1, "content": b"x"} for name in (b"1", b"2")]

    async def work(tx: Transaction) -> list[Mapping[str, object]]:
        first = await tx.each("originals.add", added)
        again = await tx.each("originals.add", [*added, {**added[0], "hash": b"3"}])
        return [*first, *again, *(await tx.each("originals.add", []))]

    assert await database.write(work) == [{"hash": b"1"}, {"hash": b"2"}, {"hash": b"3"}]


async def test_what_the_tables_forbid_is_an_error_of_its_own(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.run("acceptance.also", source_key=b"1", arrival=4711)

    with pytest.raises(ConstraintViolated):
        await database.write(work)


async def test_a_reader_can_write_nothing(database: Database) -> None:
    with pytest.raises(Exception, match=r"read-only|readonly"):
        await database.read(lambda tx: add_key(tx, b"1"))
    assert await secrets(database) == []


async def test_an_unknown_query_is_a_bug(database: Database) -> None:
    with pytest.raises(KeyError):
        await database.write(lambda tx: tx.run("keys.forge"))


async def test_writers_at_the_same_time_all_get_their_turn(database: Database) -> None:
    await asyncio.gather(*(database.write(lambda tx: tx.run("keys.take_turn")) for _ in range(20)))
    (row,) = await rows(database, "SELECT value FROM sequences WHERE name = 'signing-keys'")
    assert row["value"] == 20


async def test_a_script_is_done_wholly_or_not_at_all(database: Database) -> None:
    with pytest.raises(Exception, match=r"nowhere"):
        await database.script("CREATE TABLE one (id INTEGER); DELETE FROM nowhere;")
    await database.script("CREATE TABLE one (id INTEGER); DROP TABLE one;")


async def test_blocking_work_may_be_done_inside(database: Database) -> None:
    assert await database.write(lambda tx: tx.blocking(lambda: 7)) == 7


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param(None, None, id="nothing"),
        pytest.param(7, 7, id="a number"),
        pytest.param(True, 1, id="a truth"),
        pytest.param(b"\0", b"\0", id="bytes as they are"),
        pytest.param(Colour.RED, "red", id="a word"),
        pytest.param(MONDAY, 1772442000000000, id="an instant, in microseconds"),
        pytest.param(timedelta(seconds=1.5), 1_500_000, id="a duration"),
        pytest.param(ArrivalState.DONE, "done", id="a state"),
        pytest.param({"b": [1, "ł"]}, '{"b": [1, "ł"]}', id="a mapping, as JSON"),
        pytest.param(Envelope(uid=7), '{"uid": 7}', id="a value of ours, as JSON"),
        pytest.param("a\0b", "ab", id="text without NUL"),
        pytest.param("a\ud800b", "a\ufffdb", id="text without lone surrogates"),
        pytest.param(Envelope(helo="\0"), '{"helo": "\\u0000"}', id="in JSON it is escaped"),
    ],
)
def test_our_values_become_what_both_can_keep(value: object, kept: object) -> None:
    assert storable(value) == kept


@given(st.text(st.characters(exclude_categories=())))
def test_cleaned_text_can_always_be_stored_and_cleaning_again_changes_nothing(text: str) -> None:
    cleaned = clean(text)
    assert b"\0" not in cleaned.encode()
    assert clean(cleaned) == cleaned


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_comes_back_to_the_microsecond(instant: datetime) -> None:
    assert moment(stamp(instant)) == instant
    assert moment_or_none(stamp(instant)) == instant


def test_no_instant_stays_none() -> None:
    assert moment_or_none(None) is None
    oslo = timezone(timedelta(hours=1))
    assert moment(stamp(MONDAY.astimezone(oslo))) == MONDAY

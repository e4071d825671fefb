"""Do the tables themselves refuse what must never be?"""

from typing import Any

import pytest

from storage.database import ConstraintViolated, Database, Transaction
from tests.rows import rows
from tests.storage.every_table import NOW, ROWS, script


async def test_what_is_right_is_taken(database: Database) -> None:
    await database.script(script(database.dialect))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        pytest.param("arrivals", {"state": "lost"}, id="a state that is no word"),
        pytest.param("arrivals", {"state": "understood"}, id="understood, but as what?"),
        pytest.param("arrivals", {"state": "quarantined"}, id="quarantined without a reason"),
        pytest.param("arrivals", {"original": b"?"}, id="an arrival without its bytes"),
        pytest.param("inquiries", {"state": "lost"}, id="an inquiry in no state"),
        pytest.param("inquiries", {"priority": "asap"}, id="a priority that is no word"),
        pytest.param("inquiries", {"state": "closed"}, id="closed, but when?"),
        pytest.param("inquiries", {"closed_at": NOW}, id="a closing time while it is open"),
        pytest.param("inquiries", {"state": "resolved"}, id="resolved, but when?"),
        pytest.param("inquiries", {"opened_by": 2}, id="opened by nothing that came in"),
        pytest.param("participants", {"role": "stranger"}, id="a participant by no right"),
        pytest.param("messages", {"direction": "in"}, id="in, but with a purpose and no arrival"),
        pytest.param("messages", {"purpose": None}, id="out without a purpose"),
        pytest.param("messages", {"arrival": 1}, id="out, but from an arrival"),
        pytest.param("messages", {"purpose": "advertising"}, id="a purpose that is no word"),
        pytest.param("answers", {"contact_point": 2}, id="an answer to a stranger"),
        pytest.param("answers", {"message": None}, id="an answer of nothing"),
        pytest.param("answers", {"template": "hello"}, id="an answer of two things"),
        pytest.param("outbox", {"contact_point": 2}, id="a dispatch to a stranger"),
        pytest.param("outbox", {"inquiry": 2}, id="a dispatch of another inquiry"),
        pytest.param("outbox", {"state": "sending"}, id="sending without a lease"),
        pytest.param("outbox", {"leased_until": NOW}, id="leased, but not sending"),
        pytest.param("outbox", {"state": "queued"}, id="a dispatch in no state"),
        pytest.param("asides", {"state": "joined"}, id="an aside in no state"),
        pytest.param("history", {"inquiry": 2}, id="history of nothing"),
        pytest.param("customers", {"name": None}, id="nobody"),
    ],
)
async def test_what_must_never_be_is_refused(
    database: Database, table: str, change: dict[str, Any]
) -> None:
    with pytest.raises(ConstraintViolated):
        await database.script(script(database.dialect, **{table: change}))


@pytest.mark.parametrize(
    ("table", "key", "apart"),
    [
        pytest.param("arrivals", "source_key", {}, id="one arrival per source identity"),
        pytest.param(
            "inquiries",
            "reference",
            {"public_key": "'q'", "opened_by": "NULL"},
            id="one inquiry per reference",
        ),
        pytest.param(
            "inquiries",
            "opened_by",
            {"public_key": "'q'", "reference": "'other'"},
            id="one inquiry per arrival",
        ),
        pytest.param("contact_points", "address_key", {}, id="one contact point per address"),
        pytest.param(
            "answers", "nonce", {"message": "NULL", "template": "'t'"}, id="one answer per nonce"
        ),
        pytest.param("answers", "message", {"nonce": "'m'"}, id="one answer per message"),
        pytest.param("outbox", "answer", {}, id="one dispatch per answer"),
    ],
)
async def test_what_is_unique_stays_so(
    database: Database, table: str, key: str, apart: dict[str, str]
) -> None:
    """A copy of the row, apart in everything else that has to be unique."""
    await database.script(script(database.dialect))
    columns = ", ".join(ROWS[table])
    values = ", ".join(({"id": "2"} | apart).get(column, column) for column in ROWS[table])
    with pytest.raises(ConstraintViolated, match=key):
        await database.script(f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table};")


async def test_history_is_never_rewritten(database: Database) -> None:
    await database.script(script(database.dialect))
    with pytest.raises(ConstraintViolated, match="history is append-only"):
        await database.script("UPDATE history SET actor = 'customer';")


async def test_a_violation_inside_a_savepoint_costs_only_that(database: Database) -> None:
    await database.script(script(database.dialect))

    async def work(tx: Transaction) -> None:
        await tx.run("keys.take_turn")
        try:
            async with tx.savepoint():
                await tx.run("acceptance.also", source_key=b"1", arrival=4711)
        except ConstraintViolated:
            await tx.run("keys.take_turn")

    await database.write(work)
    (row,) = await rows(database, "SELECT value FROM sequences WHERE name = 'signing-keys'")
    assert row["value"] == 2

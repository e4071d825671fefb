"""Do the tables themselves refuse what must never be?"""

from typing import Any

import pytest

from storage.database import ConstraintViolated, Database, Transaction, stamp
from tests.rows import rows
from tests.storage.arrivals import MONDAY

NOW = stamp(MONDAY)
"""In the order of their foreign keys; a test changes one of them."""
ROWS: dict[str, dict[str, Any]] = {
    "originals": {"hash": b"h", "size": 1, "content": b"x"},
    "customers": {"id": 1, "name": "Kari", "language": "nb", "created_at": NOW},
    "contact_points": {
        "id": 1,
        "customer": 1,
        "contact": "mail",
        "address": "kari@fjell.example",
        "address_key": b"k",
        "name": "Kari",
        "created_at": NOW,
    },
    "arrivals": {
        "id": 1,
        "channel": "m",
        "remote_id": "1",
        "source_key": b"1",
        "media_type": "message/rfc822",
        "original": b"h",
        "envelope": "{}",
        "received_at": NOW,
        "state": "waiting",
        "due_at": NOW,
        "understood": None,
        "reason": None,
    },
    "inquiries": {
        "id": 1,
        "public_key": "p",
        "reference": "NL-2026-00001",
        "opened_by": 1,
        "customer": 1,
        "contact_point": 1,
        "channel": "m",
        "conversation": "",
        "subject": "Printer",
        "language": "nb",
        "state": "new",
        "queue": "help",
        "category": "",
        "priority": "normal",
        "assign_by": "",
        "assignment": "waiting",
        "tags": "[]",
        "search": "",
        "event": 0,
        "unanswered": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "resolved_at": None,
        "closed_at": None,
    },
    "participants": {"inquiry": 1, "contact_point": 1, "role": "customer", "added_at": NOW},
    "messages": {
        "id": 1,
        "inquiry": 1,
        "arrival": None,
        "direction": "out",
        "purpose": "answer",
        "channel": "m",
        "contact_point": 1,
        "subject": "",
        "text": "",
        "new_text": "",
        "quoted_text": "",
        "signature": "",
        "html": "",
        "language": "nb",
        "message_id": "",
        "conversation": "",
        "remote_id": "",
        "automated": "none",
        "trust": "claimed",
        "too_complex": "",
        "created_at": NOW,
    },
    "answers": {
        "id": 1,
        "inquiry": 1,
        "contact_point": 1,
        "message": 1,
        "purpose": "answer",
        "channel": "m",
        "template": "",
        "nonce": "n",
        "send_at": NOW,
        "state": "waiting",
        "created_at": NOW,
    },
    "outbox": {
        "id": 1,
        "answer": 1,
        "inquiry": 1,
        "contact_point": 1,
        "message": 1,
        "channel": "m",
        "purpose": "answer",
        "dispatch": "{}",
        "state": "waiting",
        "due_at": NOW,
        "leased_until": None,
        "created_at": NOW,
    },
    "asides": {
        "id": 1,
        "inquiry": 1,
        "arrival": 1,
        "sender": "x",
        "subject": "",
        "text": "",
        "reason": "",
        "state": "waiting",
        "created_at": NOW,
    },
    "history": {
        "id": 1,
        "inquiry": 1,
        "at": NOW,
        "kind": "opened",
        "actor": "rules",
        "data": "{}",
    },
}


def written(value: object) -> str:
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    return "NULL" if value is None else repr(value)


def script(dialect: str, **changes: dict[str, Any]) -> str:
    text = ""
    for table, values in ROWS.items():
        changed = values | changes.get(table, {})
        literals = ", ".join(map(written, changed.values()))
        if dialect == "sqlite":
            literals = literals.replace("'\\x", "x'")
        text += f"INSERT INTO {table} ({', '.join(changed)}) VALUES ({literals});\n"
    return text


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

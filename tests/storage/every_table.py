"""One valid row of every table that belongs to an inquiry, as SQL."""

from typing import Any

from storage.database import stamp
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
        "id": 1000,
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

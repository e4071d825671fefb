"""Does what is stored follow when a queue, a specialist or a channel gets another name?"""

from datetime import timedelta

import pytest

from inquiry.journey import ChannelName, SpecialistName
from inquiry.understood import Party
from storage import credentials, customers, renames
from storage.acceptance import source_key
from storage.database import Database, Transaction
from storage.renames import InUse, Rename
from tests.inquiries import NOW
from tests.rows import rows
from tests.storage.every_table import script

QUEUE = Rename(thing="queue", old="help", new="first-line")
PERSON = Rename(thing="specialist", old="ola", new="ola-h")
CHANNEL = Rename(thing="channel", old="m", new="mail")
LATER = NOW + timedelta(days=1)


async def filled(database: Database, **changes: dict[str, object]) -> None:
    await database.script(script(database.dialect, **changes))
    await rows(database, "INSERT INTO turns (queue, last) VALUES ('help', 'ola')")
    await rows(
        database,
        "INSERT INTO cursors (channel, source, position, updated_at) VALUES ('m', 'INBOX', '7', 1)",
    )


async def apply(database: Database, *wanted: Rename) -> list[str]:
    return [str(each) for each in await renames.follow(database, wanted, now=NOW)]


async def values(database: Database, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in await rows(database, sql)]


async def test_inquiries_and_the_turn_follow_a_queue(database: Database) -> None:
    await filled(database)
    assert await apply(database, QUEUE) == [
        "queue 'help' is called 'first-line' now: 1 inquiries and 0 dispatches followed"
    ]
    assert await values(database, "SELECT queue FROM inquiries") == [("first-line",)]
    assert await values(database, "SELECT queue, last FROM turns") == [("first-line", "ola")]


async def test_inquiries_and_the_way_in_follow_a_specialist(database: Database) -> None:
    await filled(database, inquiries={"assignee": "ola"})
    ola, renamed = SpecialistName("ola"), SpecialistName("ola-h")
    await credentials.set_password(database, ola, "correct horse battery", now=NOW)
    token = await database.write(lambda tx: credentials.open_session(tx, ola, now=NOW))
    link = await database.write(lambda tx: credentials.new_link(tx, ola, now=NOW))
    assert await apply(database, PERSON) == [
        "specialist 'ola' is called 'ola-h' now: 1 inquiries and 0 dispatches followed"
    ]
    assert await values(database, "SELECT assignee FROM inquiries") == [("ola-h",)]
    assert await values(database, "SELECT last FROM turns") == [("ola-h",)]
    right = "correct horse battery"
    assert await credentials.holds_password(database, renamed, right, now=NOW)
    assert await database.read(lambda tx: credentials.session_of(tx, token, now=NOW)) == renamed
    assert await database.read(lambda tx: credentials.link_of(tx, link, now=NOW)) == renamed


async def test_a_password_under_the_new_name_stays(database: Database) -> None:
    for name, password in (("ola", "the old password"), ("ola-h", "the new password")):
        await credentials.set_password(database, SpecialistName(name), password, now=NOW)
    await apply(database, PERSON)
    renamed = SpecialistName("ola-h")
    assert await credentials.holds_password(database, renamed, "the new password", now=NOW)
    assert await database.read(credentials.with_password) == [renamed]


async def test_what_waits_and_the_cursor_follow_a_channel(database: Database) -> None:
    await filled(database, messages={"remote_id": "77"})
    assert await apply(database, CHANNEL) == [
        "channel 'm' is called 'mail' now: 1 inquiries and 1 dispatches followed"
    ]
    for table in ("inquiries", "arrivals", "messages", "answers", "outbox"):
        assert await values(database, f"SELECT channel FROM {table}") == [("mail",)], table
    assert await values(database, "SELECT channel, position FROM cursors") == [("mail", "7")]


async def test_a_cursor_that_has_gone_on_stays(database: Database) -> None:
    await filled(database)
    await rows(
        database,
        "INSERT INTO cursors (channel, source, position, updated_at)"
        " VALUES ('mail', 'INBOX', '9', 2)",
    )
    await apply(database, CHANNEL)
    assert await values(database, "SELECT channel, position FROM cursors") == [("mail", "9")]


async def test_what_is_past_keeps_the_names_of_its_time(database: Database) -> None:
    await filled(
        database,
        messages={"specialist": "ola"},
        history={"actor": "specialist:ola"},
        outbox={"state": "sent"},
        answers={"state": "composed"},
        arrivals={"state": "done", "understood": "{}"},
    )
    await apply(database, QUEUE, PERSON, CHANNEL)
    assert await values(database, "SELECT actor FROM history") == [("specialist:ola",)]
    assert await values(database, "SELECT specialist FROM messages") == [("ola",)]
    for table in ("answers", "outbox"):
        assert await values(database, f"SELECT channel FROM {table}") == [("m",)], table


async def test_what_still_lies_in_a_mailbox_is_known_under_the_new_name(
    database: Database,
) -> None:
    """Else all of it would come in once more."""
    key = source_key(ChannelName("m"), "INBOX/7/1")
    await filled(database, arrivals={"remote_id": "INBOX/7/1", "source_key": key})
    await apply(database, CHANNEL)
    fresh = source_key(ChannelName("mail"), "INBOX/7/1")
    (row,) = await rows(database, "SELECT source_key FROM arrivals")
    assert bytes(row["source_key"]) == fresh


async def test_a_key_that_is_taken_stays_with_who_has_it(database: Database) -> None:
    old, new = (source_key(ChannelName(name), "1") for name in ("m", "mail"))
    await filled(database, arrivals={"remote_id": "1", "source_key": old})
    literal = f"'\\x{new.hex()}'" if database.dialect == "postgres" else f"x'{new.hex()}'"
    await rows(
        database,
        "INSERT INTO arrivals (id, channel, remote_id, source_key, media_type, original, envelope,"
        f" received_at, state, due_at) SELECT 77, 'mail', '1', {literal}, media_type, original,"
        " envelope, received_at, state, due_at FROM arrivals",
    )
    await apply(database, CHANNEL)
    found = await rows(database, "SELECT source_key FROM arrivals ORDER BY id")
    assert [bytes(row["source_key"]) for row in found] == [old, new]


async def test_a_second_time_nothing_happens(database: Database) -> None:
    await filled(database, inquiries={"assignee": "ola"})
    everything = (QUEUE, PERSON, CHANNEL)
    assert len(await apply(database, *everything)) == 3
    assert await apply(database, *everything) == []
    done = await database.read(renames.done)
    assert [(each.rename, each.inquiries, each.dispatches, each.at) for each in done] == [
        (QUEUE, 1, 0, NOW),
        (PERSON, 1, 0, NOW),
        (CHANNEL, 1, 1, NOW),
    ]


async def test_an_empty_desk_has_nothing_to_rename(database: Database) -> None:
    assert await apply(database, QUEUE, PERSON, CHANNEL) == []


async def test_names_in_use_are_counted(database: Database) -> None:
    await filled(database, inquiries={"assignee": "ola"})
    assert await database.read(renames.in_use) == [
        InUse(thing="queue", name="help", inquiries=1),
        InUse(thing="specialist", name="ola", inquiries=1),
        InUse(thing="channel", name="m", inquiries=1),
        InUse(thing="channel", name="m", dispatches=1),
    ]


@pytest.mark.parametrize(
    "closed", [{"state": "closed", "closed_at": 1}, {"state": "resolved", "resolved_at": 1}]
)
async def test_names_of_what_is_done_matter_no_more(
    database: Database, closed: dict[str, object]
) -> None:
    await filled(database, inquiries=closed, outbox={"state": "sent"})
    assert await database.read(renames.in_use) == []


async def test_who_writes_by_another_system_is_known_under_its_new_name(database: Database) -> None:
    async def write(tx: Transaction) -> None:
        for contact, address in (
            *(("webhook", "sms:+47"), ("webhook", "sms:+48"), ("webhook", "text:+48")),
            *(("webhook", "smsx:+47"), ("mail", "sms:x@kunde.example")),
        ):
            await customers.find_or_add(tx, contact, Party(address), language="", now=NOW)

    await database.write(write)
    await apply(database, Rename(thing="channel", old="sms", new="text"))
    found = await values(database, "SELECT address FROM contact_points ORDER BY id")
    assert [address for (address,) in found] == [
        *("text:+47", "sms:+48", "text:+48"),  # somebody has the second one's new address already
        *("smsx:+47", "sms:x@kunde.example"),
    ]
    again = await database.read(lambda tx: customers.find(tx, "webhook", "text:+47"))
    assert again
    assert again.known

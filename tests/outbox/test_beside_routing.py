"""Can messages be placed while acknowledgements take form, without either waiting for the other?"""

import asyncio
from datetime import timedelta

from inquiry.understood import Party
from outbox.stage import compose_step
from router.stage.step import step
from storage.database import Database
from tests.inquiries import NOW, a_message
from tests.outbox.senders import DESK as OUTBOX
from tests.router.test_stage import DESK, World
from tests.rows import rows

SENDERS = 8
EACH = 6


async def test_routing_and_composing_never_lock_each_other_out(database: Database) -> None:
    world = World(database)
    for number in range(EACH):
        order = range(SENDERS) if number % 2 else reversed(range(SENDERS))
        for sender in order:
            await world.comes(
                a_message(sender=Party(f"kunde{sender}@kunde.example"), message_id=""),
                placed=False,
            )

    async def route() -> None:
        while await step(database, DESK, now=NOW):
            await asyncio.sleep(0)

    async def compose(minutes: int) -> None:
        for _ in range(SENDERS * EACH):
            await compose_step(database, OUTBOX, now=NOW + timedelta(minutes=minutes))

    await asyncio.gather(route(), route(), compose(1), compose(2))
    while await compose_step(database, OUTBOX, now=NOW + timedelta(minutes=3)):
        pass
    answers = await rows(database, "SELECT state, count(*) AS n FROM answers GROUP BY state")
    assert sum(row["n"] for row in answers) == SENDERS * EACH
    assert {row["state"] for row in answers} == {"composed", "dropped"}
    if database.dialect == "postgres":
        sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        (found,) = await rows(database, sql)
        assert found["deadlocks"] == 0

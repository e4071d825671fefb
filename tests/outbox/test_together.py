"""Do people and programs at work on the same inquiries stand in each other's way?"""

import asyncio

import pytest

from inquiry.errors import Conflict
from inquiry.retry import RetryPolicy
from outbox.stage import compose_step
from specialists.acts import answering, notes
from storage.database import Database
from tests.inquiries import KASIA, NOW, OLA, Inquiries, Opened, a_message
from tests.outbox.senders import DESK, Says
from tests.outbox.steps import send_step


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


async def talk(inquiries: Inquiries, opened: Opened, turns: int) -> None:
    """Let Ola and Kasia write at once, and take one of three answers back."""
    db, about = inquiries.db, opened.id
    for turn in range(turns):
        written, _ = await asyncio.gather(
            answering.answer(db, inquiry=about, specialist=KASIA, text=f"{about}.{turn}", now=NOW),
            notes.note(db, inquiry=about, specialist=OLA, text="Hm", now=NOW),
        )
        if turn % 3 == 2:
            try:
                await answering.undo(db, answer=written, specialist=KASIA, now=NOW)
            except Conflict:
                continue


async def send(inquiries: Inquiries, channel: Says, done: asyncio.Event) -> None:
    while not done.is_set() or await send_step(inquiries.db, channel, RetryPolicy(), now=NOW):
        await send_step(inquiries.db, channel, RetryPolicy(), now=NOW)
        await asyncio.sleep(0)


async def compose(inquiries: Inquiries, done: asyncio.Event) -> None:
    while not done.is_set():
        await compose_step(inquiries.db, DESK, now=NOW)
        await asyncio.sleep(0)


async def test_two_nodes_and_two_people_at_once(inquiries: Inquiries) -> None:
    opened = [await inquiries.opened(a_message(message_id="")) for _ in range(4)]
    for one in opened:
        await inquiries.acknowledged(one)
    channel, done = Says(), asyncio.Event()

    async def everybody_talks() -> None:
        await asyncio.gather(*(talk(inquiries, one, 6) for one in opened))
        while await compose_step(inquiries.db, DESK, now=NOW):
            pass
        done.set()

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(everybody_talks())
        for _ in range(2):
            group.create_task(compose(inquiries, done))
            group.create_task(send(inquiries, channel, done))
    while await send_step(inquiries.db, channel, RetryPolicy(), now=NOW):
        pass

    said = [dispatch.text for dispatch in channel.tried if not dispatch.automatic]
    assert len(said) == len(set(said))
    for one in opened:
        turns = [int(text.partition(".")[2]) for text in said if text.startswith(f"{one.id}.")]
        assert turns == sorted(turns)
        assert {0, 1, 3, 4} <= set(turns)
    states = {row["state"] for row in await inquiries.rows("outbox")}
    assert states <= {"sent", "cancelled"}

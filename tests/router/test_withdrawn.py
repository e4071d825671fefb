"""Is a message that its author deletes withdrawn, also where the deletion overtakes it?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from inquiry.journey import ArrivalId
from inquiry.understood import Deletion, Message, Party
from router.stage.step import step
from storage.database import Database
from tests.inquiries import NOW, TELEGRAM, a_message
from tests.router.test_stage import DESK, World
from tests.rows import rows

GONE = Deletion(remote_id="1", conversation="99", sender=Party("4711"))


def said(remote_id: str = "1", conversation: str = "99") -> Message:
    return a_message(
        sender=Party("4711"), conversation=conversation, message_id="", remote_id=remote_id
    )


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


async def look_again(world: World, *, after: timedelta) -> bool:
    await rows(world.db, "UPDATE arrivals SET due_at = 1 WHERE state = 'understood'")
    return await step(world.db, DESK, now=NOW + after)


async def put_off(world: World, gone: Deletion = GONE) -> ArrivalId:
    arrival = await world.comes(gone, TELEGRAM, placed=False)
    await look_again(world, after=timedelta(seconds=1))
    assert (await world.state(arrival))[0] == "understood"
    return arrival


async def test_what_is_deleted_is_withdrawn_and_told(world: World) -> None:
    await world.comes(said(), TELEGRAM)
    await world.comes(said("2"), TELEGRAM)
    arrival = await world.comes(GONE, TELEGRAM)
    first, second = await world.rows("messages")
    assert first["deleted_at"] is not None
    assert second["deleted_at"] is None
    assert (await world.kinds(1))[-1] == "deleted"
    assert (await world.state(arrival))[0] == "done"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(GONE, conversation="98"), id="another conversation"),
        pytest.param(replace(GONE, remote_id="3"), id="another number"),
        pytest.param(replace(GONE, remote_id=""), id="no number"),
    ],
)
async def test_nothing_else_is_withdrawn(world: World, other: Deletion) -> None:
    await world.comes(said(), TELEGRAM)
    await world.comes(replace(said(), conversation="97", remote_id=""), TELEGRAM)
    await world.comes(other, TELEGRAM)
    assert [row["deleted_at"] for row in await world.rows("messages")] == [None, None]


async def test_a_deletion_that_overtakes_its_message_waits_for_it(world: World) -> None:
    arrival = await put_off(world)
    await world.comes(said(), TELEGRAM, placed=False)
    while await look_again(world, after=timedelta(minutes=1)):
        pass
    (message,) = await world.rows("messages")
    assert message["deleted_at"] is not None
    assert (await world.state(arrival))[0] == "done"


async def test_a_deletion_of_what_never_comes_is_let_go(world: World) -> None:
    arrival = await put_off(world)
    await look_again(world, after=timedelta(minutes=11))
    assert await world.state(arrival) == ("done", None)
    assert await world.rows("messages") == []

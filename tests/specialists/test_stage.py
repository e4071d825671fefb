"""Is every new inquiry given to somebody, or left to whoever takes it?"""

import asyncio

import pytest

from inquiry.journey import QueueName
from specialists.acts import handover
from specialists.people import Queue
from specialists.stage import step
from storage.database import Database
from tests.inquiries import FIRST_LINE, INVOICES, KASIA, MARI, NOW, OLA, Inquiries

QUEUES = {
    FIRST_LINE: Queue(name=FIRST_LINE, members=(OLA, KASIA, MARI), assign_by="round-robin"),
    INVOICES: Queue(name=INVOICES, members=(KASIA,), assign_by="pull"),
}


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


async def settle(inquiries: Inquiries) -> None:
    while await step(inquiries.db, QUEUES, now=NOW):
        pass


async def assignees(inquiries: Inquiries) -> list[str | None]:
    return [row["assignee"] for row in await inquiries.rows("inquiries")]


async def test_an_empty_desk_lets_the_caller_rest(inquiries: Inquiries) -> None:
    assert not await step(inquiries.db, QUEUES, now=NOW)


async def test_they_take_turns(inquiries: Inquiries) -> None:
    for _ in range(4):
        await inquiries.opened()
    await settle(inquiries)
    assert await assignees(inquiries) == ["ola", "kasia", "mari", "ola"]


async def test_turns_go_on_where_they_stopped(inquiries: Inquiries) -> None:
    await inquiries.opened()
    await settle(inquiries)
    opened = await inquiries.opened()
    await settle(inquiries)
    assert (await inquiries.inquiry(opened))["assignee"] == "kasia"
    last = (await inquiries.events(opened))[-1]
    assert (last.kind, last.actor, dict(last.data)) == (
        "assigned",
        "rules",
        {"was": "", "to": "kasia"},
    )


@pytest.mark.parametrize("queue", [INVOICES, QueueName("gone")])
async def test_a_pull_queue_leaves_them_to_whoever_takes_them(
    inquiries: Inquiries, queue: QueueName
) -> None:
    opened = await inquiries.opened(queue=queue)
    await settle(inquiries)
    row = await inquiries.inquiry(opened)
    assert (row["assignee"], row["assignment"]) == (None, "done")


async def test_whom_the_rule_names_is_not_passed_over(inquiries: Inquiries) -> None:
    opened = await inquiries.opened(assign_to=MARI)
    await settle(inquiries)
    assert (await inquiries.inquiry(opened))["assignee"] == "mari"


async def test_a_rule_may_ask_for_turns_in_a_pull_queue(inquiries: Inquiries) -> None:
    opened = await inquiries.opened(queue=INVOICES, assign_by="round-robin")
    await settle(inquiries)
    assert (await inquiries.inquiry(opened))["assignee"] == "kasia"


async def test_whoever_was_quicker_keeps_it(inquiries: Inquiries) -> None:
    opened = await inquiries.opened()
    await handover.assign(inquiries.db, inquiry=opened.id, specialist=MARI, to=MARI, now=NOW)
    await settle(inquiries)
    assert (await inquiries.inquiry(opened))["assignee"] == "mari"


async def test_two_nodes_give_each_inquiry_to_one(inquiries: Inquiries) -> None:
    opened = [await inquiries.opened() for _ in range(6)]
    await asyncio.gather(*(step(inquiries.db, QUEUES, now=NOW) for _ in range(4)))
    await settle(inquiries)
    for one in opened:
        assert (await inquiries.kinds(one)).count("assigned") == 1
    found = await assignees(inquiries)
    assert {name: found.count(name) for name in ("ola", "kasia", "mari")} == {
        "ola": 2,
        "kasia": 2,
        "mari": 2,
    }


async def test_a_handover_gives_the_next_queue_its_turn(inquiries: Inquiries) -> None:
    opened = await inquiries.opened(queue=INVOICES)
    await settle(inquiries)
    await handover.move(
        inquiries.db, inquiry=opened.id, specialist=KASIA, queue=FIRST_LINE, now=NOW
    )
    await settle(inquiries)
    assert (await inquiries.inquiry(opened))["assignee"] == "ola"

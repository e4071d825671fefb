"""Are rules told the truth about the customer's past, and is what they set kept?"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from inquiry.calendar import Calendar, Span
from inquiry.decision import Facts
from inquiry.journey import InquiryId
from router.conditions.condition import Condition
from router.conditions.customer import Attribute, Count, LastCategory, Organization
from router.conditions.words import Contains
from router.customers import Organization as Firm
from router.customers import Organizations
from router.logic import ALWAYS
from router.patterns import pattern
from router.rules import Effect, Rule, compile_rules
from router.stage.desk import Desk
from router.stage.step import step
from specialists.stage import wake_step
from storage import decisions
from storage.database import Database, Transaction
from storage.records import Line, Record
from tests.inquiries import MINUTE, NOW, SUPPORT, Inquiries, a_message
from tests.router.test_stage import DESK, HASH
from tests.rows import rows
from tests.storage.imported import imported

LATER = NOW + timedelta(hours=1)
OFFICE = Calendar(zone=ZoneInfo("UTC"), week=((Span(20 * 60, 21 * 60),),) * 7)


def asking(*conditions: Condition, then: Sequence[Effect] = ()) -> Desk:
    """A desk that tags a message with the number of each condition that holds."""
    rules = [
        Rule(name=str(number), when=condition, then=(Effect("tags", str(number)),))
        for number, condition in enumerate(conditions)
    ]
    last = Rule(name="last", when=ALWAYS, then=(Effect("queue", "first-line"), *then))
    return replace(
        DESK,
        rules=compile_rules(
            [*rules, last],
            calendars={"office": OFFICE},
            durations={"2h": timedelta(hours=2)},
            configuration=HASH,
        ),
        organizations=Organizations([Firm("acme", ("kunde.example",), {"contract": "gold"})]),
    )


class World(Inquiries):
    """A desk's database in which messages come in by mail."""

    async def comes(self, desk: Desk, at: Any = LATER, **changes: Any) -> None:
        """Let a mail come in and be placed."""
        said = a_message(message_id=f"<{self._count + 1}@kunde.example>", **changes)
        await self.arrived(said, SUPPORT, "message/rfc822")

        async def remember(tx: Transaction) -> None:
            await decisions.remember_configuration(tx, HASH, "rules: []", NOW)

        await self.db.write(remember)
        assert await step(self.db, desk, now=at)

    async def newest(self) -> dict[str, Any]:
        return dict((await self.rows("inquiries"))[-1])

    async def facts(self) -> Facts:
        newest = InquiryId((await self.newest())["id"])
        (kept,) = await self.db.read(lambda tx: decisions.of_inquiry(tx, newest))
        return kept.facts


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


DAY = timedelta(days=1)
PAST = [
    pytest.param(Count(word="open_inquiry"), 1, True, id="another is open"),
    pytest.param(Count(word="open_inquiry"), 0, False, id="none is open"),
    pytest.param(Count(word="inquiries_in", more_than=1, within=DAY), 2, True, id="more"),
    pytest.param(Count(word="inquiries_in", more_than=2, within=DAY), 2, False, id="no more"),
    pytest.param(Count(word="inquiries_in", within=MINUTE), 2, False, id="too long ago"),
    pytest.param(Count(word="repeated_within", within=DAY), 1, True, id="wrote before"),
    pytest.param(Count(word="repeated_within", within=DAY), 0, False, id="first words"),
    pytest.param(Count(word="repeated_within", within=MINUTE), 1, False, id="wrote long ago"),
    pytest.param(LastCategory(("invoice",)), 1, False, id="of another category"),
    pytest.param(LastCategory(("",)), 1, True, id="of no category"),
    pytest.param(
        Count(word="queue_load", queue="first-line", more_than=1), 2, True, id="full queue"
    ),
    pytest.param(
        Count(word="queue_load", queue="first-line", more_than=2), 2, False, id="not so full"
    ),
    pytest.param(Count(word="queue_load", queue="invoices"), 2, False, id="empty queue"),
]


@pytest.mark.parametrize(("condition", "before", "holds"), PAST)
async def test_what_was_before_is_looked_up(
    world: World, condition: Condition, before: int, holds: bool
) -> None:
    for _ in range(before):
        await world.opened(now=NOW)
    await world.comes(asking(condition))
    assert (await world.newest())["tags"] == ('["0"]' if holds else "[]")


async def test_a_resolved_inquiry_is_no_open_one_and_does_not_wait(world: World) -> None:
    await world.opened(now=NOW)
    await rows(world.db, "UPDATE inquiries SET state = 'resolved', resolved_at = 1, unanswered = 0")
    await world.comes(
        asking(Count(word="open_inquiry"), Count(word="queue_load", queue="first-line"))
    )
    assert (await world.newest())["tags"] == "[]"


async def test_counting_ends_where_the_rules_know_enough(world: World) -> None:
    for _ in range(5):
        await world.opened(now=NOW)
    await world.comes(asking(Count(word="inquiries_in", more_than=1, within=DAY)))
    assert (await world.facts()).counted == {"inquiries 86400s": 2}


async def test_an_organization_is_known_by_its_domain(world: World) -> None:
    desk = asking(Organization(("acme",)), Attribute("contract", ("gold",)))
    await world.comes(desk)
    facts = await world.facts()
    assert (await world.newest())["tags"] == '["0", "1"]'
    assert (facts.organization, facts.attributes) == ("acme", {"contract": "gold"})


async def test_a_record_of_the_person_comes_before_that_of_the_domain(world: World) -> None:
    async def put(tx: Transaction) -> None:
        lines = [
            Line("domain", "kunde.example", Record("", {"vip": "no", "region": "north"})),
            Line("email", "jan@kunde.example", Record("acme", {"vip": "yes"})),
        ]
        await imported(tx, lines)

    await world.db.write(put)
    await world.comes(asking(Attribute("vip", ("yes",), "no")))
    facts = await world.facts()
    assert facts.organization == "acme"
    assert facts.attributes == {"contract": "gold", "vip": "yes", "region": "north"}


async def test_fields_that_rules_set_stay_with_the_inquiry(world: World) -> None:
    order = Rule(
        name="order",
        when=Contains("subject", (pattern(r"/\bORD-(?P<order>\d+)/"),)),
        then=(Effect("set.order", "{order}"), Effect("set.kind", "shop")),
    )
    desk = asking()
    desk = replace(desk, rules=compile_rules([order, *desk.rules.rules], configuration=HASH))
    await world.comes(desk, subject="Where is ORD-1234?")
    assert json.loads((await world.newest())["fields"]) == {"order": "1234", "kind": "shop"}


async def test_a_reference_that_a_rule_names_is_shown_and_joins_nothing(world: World) -> None:
    first = await world.opened(now=NOW)
    await world.comes(asking(then=[Effect("link_to_inquiry", first.reference)]))
    newest = await world.newest()
    events = await rows(
        world.db, f"SELECT data FROM history WHERE kind = 'related' AND inquiry = {newest['id']}"
    )
    assert newest["id"] != first.id
    assert [json.loads(event["data"])["reference"] for event in events] == [first.reference]


@pytest.mark.parametrize(
    ("snooze", "sleeps"),
    [
        pytest.param("2h", timedelta(hours=2), id="for a time"),
        pytest.param("office", timedelta(hours=10), id="until it opens"),
    ],
)
async def test_a_new_inquiry_sleeps_until_its_time(
    world: World, snooze: str, sleeps: timedelta
) -> None:
    await world.comes(asking(then=[Effect("snooze", snooze)]))
    assert (await world.newest())["state"] == "snoozed"
    assert not await wake_step(world.db, now=LATER + sleeps - MINUTE)
    assert await wake_step(world.db, now=LATER + sleeps)
    assert (await world.newest())["state"] == "open"
    assert not await wake_step(world.db, now=LATER + sleeps)


async def test_a_calendar_that_is_open_lets_nobody_sleep(world: World) -> None:
    evening = NOW.replace(hour=20, minute=30)
    await world.comes(asking(then=[Effect("snooze", "office")]), at=evening)
    assert (await world.newest())["state"] == "new"

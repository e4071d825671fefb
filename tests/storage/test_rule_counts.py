"""Is every decision counted once, and every change by hand blamed on the rule it undoes?"""

import asyncio
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from inquiry.decision import Decision, Facts, Winner
from inquiry.journey import QueueName
from inquiry.words import Priority
from specialists.acts import handover, marks
from storage import decisions, history, rule_counts
from storage.database import Database, Transaction
from storage.rule_counts import RuleCounts, Week, fold
from tests.inquiries import KASIA, MARI, OLA, SUPPORT, Inquiries, Opened
from tests.rows import rows

OSLO = ZoneInfo("Europe/Oslo")
SATURDAY = datetime(2026, 11, 21, 9, tzinfo=UTC)
LATER = SATURDAY + timedelta(days=3)
QUEUE = {"queue": ("printers-first", "first-line")}


class Counting:
    """A desk whose rules decide, and whose people change their minds."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.inquiries = Inquiries(db)

    async def decided(
        self,
        winners: dict[str, tuple[str, str]],
        *,
        opened: Opened | None = None,
        at: datetime = SATURDAY,
    ) -> Opened:
        """Let rules decide: by field, which rule says what."""
        opened = opened or await self.inquiries.opened()
        said = tuple(
            Winner(field=field, value=value, rule=rule) for field, (rule, value) in winners.items()
        )
        matched = tuple(dict.fromkeys(one.rule for one in said if one.rule != "urgency"))
        decision = Decision(winners=said, matched=matched, configuration="cafe")
        facts = Facts(now=at, channel=SUPPORT)

        async def record(tx: Transaction) -> None:
            await decisions.remember_configuration(tx, "cafe", "version: 1", at)
            await history.add(tx, opened.id, "decided", history.RULES, now=at, winners=said)
            await decisions.record(
                tx, opened.arrival, opened.id, decision=decision, facts=facts, normalizer="", now=at
            )

        await self.db.write(record)
        return opened

    async def moved(self, opened: Opened, to: str) -> None:
        await handover.move(
            self.db, inquiry=opened.id, specialist=OLA, queue=QueueName(to), now=SATURDAY
        )

    async def raised(self, opened: Opened, to: Priority) -> None:
        await marks.prioritise(
            self.db, inquiry=opened.id, specialist=OLA, priority=to, now=SATURDAY
        )

    async def folded(self, *, weeks: int = 2, limit: int = 200) -> RuleCounts:
        """Count all there is, and return it."""
        while await fold(self.db, OSLO, now=LATER, limit=limit):
            pass
        return await self.counts(weeks)

    async def counts(self, weeks: int = 2) -> RuleCounts:
        return await self.db.read(
            lambda tx: rule_counts.counts(tx, OSLO, weeks=weeks, now=SATURDAY)
        )


@pytest.fixture
def desk(database: Database) -> Counting:
    return Counting(database)


async def test_matches_are_counted_by_weeks(desk: Counting) -> None:
    await desk.decided({**QUEUE, "tags": ("tagger", "vip")})
    await desk.decided(QUEUE, at=SATURDAY - timedelta(weeks=1))
    await desk.decided(QUEUE, at=SATURDAY - timedelta(weeks=9))
    found = await desk.folded()
    assert found.mondays == (date(2026, 11, 9), date(2026, 11, 16))
    first = found.rules["printers-first"]
    assert first.weeks == (Week(matched=1, decided=1), Week(matched=1, decided=1))
    assert (first.matched, first.ever, first.last_at) == (2, 3, SATURDAY)
    assert found.rules["tagger"].weeks[1] == Week(matched=1, decided=0)
    assert found.uncounted == 0


async def test_a_week_begins_on_the_desks_own_monday(desk: Counting) -> None:
    await desk.decided(QUEUE, at=datetime(2026, 11, 15, 22, 59, tzinfo=UTC))
    await desk.decided(QUEUE, at=datetime(2026, 11, 15, 23, 0, tzinfo=UTC))
    (rule,) = (await desk.folded()).rules.values()
    assert [week.matched for week in rule.weeks] == [1, 1]


async def test_counting_again_counts_nothing_twice(desk: Counting) -> None:
    opened = await desk.decided(QUEUE)
    await desk.moved(opened, "invoices")
    first = await desk.folded()
    assert await desk.folded() == first
    await desk.decided(QUEUE)
    assert (await desk.folded()).rules["printers-first"].matched == 2


@pytest.mark.parametrize("limit", [1, 2, 7])
async def test_it_goes_on_where_it_stopped(desk: Counting, limit: int) -> None:
    for _ in range(3):
        await desk.moved(await desk.decided(QUEUE), "invoices")
    (rule,) = (await desk.folded(limit=limit)).rules.values()
    assert (rule.matched, rule.overridden) == (3, 3)


async def test_two_that_count_at_once_count_once(desk: Counting) -> None:
    for _ in range(5):
        await desk.moved(await desk.decided(QUEUE), "invoices")
    both = (fold(desk.db, OSLO, now=LATER) for _ in range(4))
    await asyncio.gather(*both)
    (rule,) = (await desk.folded()).rules.values()
    assert (rule.matched, rule.overridden) == (5, 5)


async def test_a_change_by_hand_counts_against_the_rule_that_it_undoes(desk: Counting) -> None:
    opened = await desk.decided(
        {**QUEUE, "priority": ("all", "normal"), "assign.to": ("printers-first", "kasia")}
    )
    await desk.raised(opened, Priority.HIGH)
    await handover.assign(desk.db, inquiry=opened.id, specialist=OLA, to=MARI, now=SATURDAY)
    found = await desk.folded()
    assert found.rules["all"].overridden == 1
    assert found.rules["printers-first"].overridden == 1
    await desk.moved(opened, "invoices")
    again = (await desk.folded()).rules["printers-first"]
    assert (again.overridden, again.decided) == (1, 1)


async def test_what_comes_to_the_same_is_no_change(desk: Counting) -> None:
    opened = await desk.decided({"assign.to": ("printers-first", "kasia")})
    await handover.assign(desk.db, inquiry=opened.id, specialist=OLA, to=KASIA, now=SATURDAY)
    await desk.moved(opened, "invoices")
    assert (await desk.folded()).rules["printers-first"].overridden == 0


async def test_what_a_person_moves_twice_was_wrong_once(desk: Counting) -> None:
    opened = await desk.decided(QUEUE)
    await desk.moved(opened, "invoices")
    await desk.folded()
    await desk.moved(opened, "printers")
    assert (await desk.folded()).rules["printers-first"].overridden == 1


async def test_the_blame_stands_in_the_week_of_the_decision(desk: Counting) -> None:
    opened = await desk.decided(QUEUE, at=SATURDAY - timedelta(weeks=1))
    await desk.moved(opened, "invoices")
    assert [week.overridden for week in (await desk.folded()).rules["printers-first"].weeks] == [
        1,
        0,
    ]


async def test_the_higher_of_priority_and_floor_is_to_blame(desk: Counting) -> None:
    floors = {"priority_at_least": ("urgency", "high"), "priority": ("all", "normal")}
    opened = await desk.decided(floors)
    await desk.raised(opened, Priority.LOW)
    found = (await desk.folded()).rules
    assert found["all"].overridden == 0
    assert (found["urgency"].matched, found["urgency"].decided) == (0, 1)
    assert found["urgency"].overridden == 1


async def test_what_the_desk_itself_does_blames_nobody(desk: Counting) -> None:
    opened = await desk.decided({"assign.to": ("printers-first", "kasia")})

    async def assign(tx: Transaction) -> None:
        await history.add(tx, opened.id, "assigned", history.DESK, now=SATURDAY, to="ola")

    await desk.db.write(assign)
    assert (await desk.folded()).rules["printers-first"].overridden == 0


async def test_young_rows_wait_where_several_write(desk: Counting) -> None:
    await desk.decided(QUEUE)
    await fold(desk.db, OSLO, now=SATURDAY + timedelta(seconds=1))
    found = await desk.counts()
    waits = desk.db.dialect == "postgres"
    assert (found.uncounted, found.rules == {}) == (int(waits), waits)
    assert (await desk.folded()).rules["printers-first"].matched == 1


async def test_looking_costs_the_same_however_much_is_stored(desk: Counting) -> None:
    for _ in range(30):
        await desk.decided(QUEUE)
    await desk.folded()
    assert len(await rows(desk.db, "SELECT * FROM rule_weeks")) == 2
    assert (await desk.counts(weeks=1)).rules["printers-first"].matched == 30


async def test_a_decision_that_led_nowhere_counts_too(desk: Counting) -> None:
    opened = await desk.inquiries.opened()
    decision = Decision(matched=("loops",), configuration="cafe")

    async def record(tx: Transaction) -> None:
        await decisions.remember_configuration(tx, "cafe", "version: 1", SATURDAY)
        await decisions.record(
            tx,
            opened.arrival,
            None,
            decision=decision,
            facts=Facts(now=SATURDAY, channel=SUPPORT),
            normalizer="",
            now=SATURDAY,
        )

    await desk.db.write(record)
    assert (await desk.folded()).rules["loops"].weeks[1] == Week(matched=1)

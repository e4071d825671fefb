"""Can many dispatches be decided about at once, each only as it was seen?"""

import asyncio
from datetime import timedelta

import pytest

from inquiry.errors import Conflict
from inquiry.journey import ChannelName, DispatchId
from inquiry.words import OutboxState
from specialists import deciding
from storage import dispatches, history, undecided
from storage.database import Database
from storage.dispatches import ARRIVED, RETRY, Mark
from storage.undecided import Choice, Decided, Undecided
from tests.inquiries import NOW, Inquiries
from tests.rows import rows
from tests.storage.box import BY_OLA, Outbox

BY_KASIA = history.specialist("kasia")


@pytest.fixture
def box(database: Database) -> Outbox:
    return Outbox(Inquiries(database))


async def stuck(box: Outbox, state: str, number: int = 1, reason: str = "no answer") -> list[int]:
    """Put dispatches of inquiries of their own into ``state``."""
    made = []
    for _ in range(number):
        dispatch = await box.add(await box.inquiries.opened())
        await box.put(dispatch, state)
        await rows(box.db, f"UPDATE outbox SET last_error = '{reason}' WHERE id = {dispatch}")
        made.append(int(dispatch))
    return made


async def seen(box: Outbox, choice: Choice = Choice()) -> list[Undecided]:  # noqa: B008
    everything = await box.db.read(undecided.undecided)
    return [one for one in everything if choice.means(one)]


async def decided(box: Outbox, decision: str, those: list[Undecided], by: str = BY_OLA) -> Decided:
    marks = [one.mark for one in those]
    return await deciding.decide(box.db, decision, marks, by=by, now=NOW)


@pytest.mark.parametrize(
    ("decision", "state", "after", "kind"),
    [
        pytest.param("send-again", "doubtful", "waiting", "retried", id="doubtful, sent again"),
        pytest.param("send-again", "dead", "waiting", "retried", id="dead, sent again"),
        pytest.param("arrived", "doubtful", "sent", "confirmed-sent", id="it has arrived"),
        pytest.param("give-up", "doubtful", "cancelled", "cancelled", id="doubtful, given up"),
        pytest.param("give-up", "dead", "cancelled", "cancelled", id="dead, given up"),
        pytest.param("give-up", "held", "cancelled", "cancelled", id="held, given up"),
    ],
)
async def test_each_is_done_and_told_in_its_history(
    box: Outbox, decision: str, state: str, after: str, kind: str
) -> None:
    numbers = await stuck(box, state, 3)
    made = await decided(box, decision, await seen(box))
    assert made == Decided(tuple(map(DispatchId, numbers)), ())
    assert [one["state"] for one in await box.inquiries.rows("outbox")] == [after] * 3
    told = [one for one in await box.inquiries.rows("history") if one["kind"] == kind]
    assert [one["inquiry"] for one in told] == [1, 2, 3]
    assert {one["actor"] for one in told} == {BY_OLA}


async def test_two_who_press_at_once_do_it_once(box: Outbox) -> None:
    numbers = await stuck(box, "doubtful", 30)
    page = await seen(box)
    both = await asyncio.gather(
        decided(box, "send-again", page, BY_OLA),
        decided(box, "give-up", page[::-1], BY_KASIA),
        decided(box, "send-again", page, BY_OLA),
    )
    assert sorted(one for each in both for one in each.done) == numbers
    assert sorted(one for each in both for one in each.left) == sorted(numbers * 2)
    kinds = ("retried", "cancelled", "confirmed-sent")
    told = [one for one in await box.inquiries.rows("history") if one["kind"] in kinds]
    assert sorted(one["inquiry"] for one in told) == list(range(1, 31))


async def test_what_was_tried_again_meanwhile_is_left_alone(box: Outbox) -> None:
    await stuck(box, "doubtful", 2)
    page = await seen(box)
    await box.act(page[0].id, RETRY)
    claim = await box.claim()
    assert claim
    await box.settle(claim, OutboxState.DOUBTFUL)
    assert [one.state for one in await seen(box)] == ["doubtful", "doubtful"]
    made = await decided(box, "arrived", page)
    assert made == Decided((page[1].id,), (page[0].id,))


async def test_one_alone_is_guarded_alike(box: Outbox) -> None:
    (number,) = await stuck(box, "doubtful")
    (one,) = await seen(box)
    await box.act(one.id, RETRY)
    with pytest.raises(Conflict, match=r"^dispatch 1 is no longer as it was seen: it is waiting$"):
        await box.write(
            dispatches.act, DispatchId(number), ARRIVED, by=BY_OLA, seen=one.mark, now=NOW
        )


async def test_a_dispatch_that_is_not_there_is_left(box: Outbox) -> None:
    made = await box.write(undecided.decide, [Mark(DispatchId(9), 0, 0)], RETRY, by=BY_OLA, now=NOW)
    assert made == Decided((), (DispatchId(9),))


async def test_what_went_another_way_waits_for_nobody(box: Outbox) -> None:
    await stuck(box, "dead")
    assert len(await seen(box)) == 1
    await rows(box.db, "UPDATE outbox SET instead = message")
    assert await seen(box) == []


async def test_more_than_one_transaction_holds(box: Outbox) -> None:
    numbers = await stuck(box, "dead", 5)
    marks = [one.mark for one in await seen(box)]
    made = await deciding.decide(box.db, "send-again", marks, by=BY_OLA, at_once=2, now=NOW)
    assert list(made.done) == numbers
    assert [one["state"] for one in await box.inquiries.rows("outbox")] == ["waiting"] * 5


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        pytest.param(Choice(), {1, 2, 3}, id="all"),
        pytest.param(Choice(state="dead"), {3}, id="by state"),
        pytest.param(Choice(reason="TIMED out"), {1, 3}, id="by a part of the reason"),
        pytest.param(Choice(channel="support-mail"), {1, 2, 3}, id="by channel"),
        pytest.param(Choice(channel="bot"), set(), id="by another channel"),
        pytest.param(Choice(before=NOW), set(), id="older"),
        pytest.param(Choice(before=NOW + timedelta(hours=1)), {1, 2, 3}, id="old enough"),
        pytest.param(Choice(since=NOW + timedelta(hours=1)), set(), id="newer"),
        pytest.param(Choice(since=NOW), {1, 2, 3}, id="new enough"),
        pytest.param(Choice(only={DispatchId(2)}), {2}, id="by hand"),
        pytest.param(Choice(only=frozenset()), set(), id="none by hand"),
    ],
)
async def test_some_are_chosen(box: Outbox, choice: Choice, expected: set[int]) -> None:
    await stuck(box, "doubtful", reason="the line timed out")
    await stuck(box, "doubtful", reason="the worker died")
    await stuck(box, "dead", reason="Timed out for two days")
    await stuck(box, "waiting")
    assert {one.id for one in await seen(box, choice)} == expected


def a_stuck(number: int, state: OutboxState, reason: str = "") -> Undecided:
    return Undecided(
        id=DispatchId(number),
        channel=ChannelName("bot"),
        state=state,
        reason=reason,
        created_at=NOW,
        mark=Mark(DispatchId(number), 1, 5),
    )


@pytest.mark.parametrize("decision", deciding.DECISIONS)
def test_every_state_is_told_of(decision: str) -> None:
    those = [a_stuck(number, state) for number, state in enumerate(undecided.STATES)]
    plan = deciding.plan(decision, those)
    assert sum(number for number, _ in (*plan.told, *plan.told_left)) == len(those)
    assert all(sentence for _, sentence in (*plan.told, *plan.told_left))
    assert {one.id for one in (*plan.goes, *plan.left)} == {one.id for one in those}


def test_too_many_are_told_as_too_many() -> None:
    those = [a_stuck(number, OutboxState.DEAD) for number in range(deciding.MOST + 3)]
    plan = deciding.plan("send-again", those)
    assert (len(plan.goes), plan.later, plan.channels) == (
        deciding.MOST,
        3,
        [("bot", deciding.MOST)],
    )
    assert plan.told == [(deciding.MOST, "tried again from the beginning, for two days")]


def test_reasons_are_counted() -> None:
    those = [a_stuck(n, OutboxState.DEAD, reason) for n, reason in enumerate(("a", "b", "a", ""))]
    assert undecided.reasons(those) == [("a", 2), ("b", 1)]


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "1.2.3.4", "-1.2.3", "1.2.x", "１.2.3", "9" * 19 + ".1.1"]
)
def test_what_is_no_mark_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no mark"):
        Mark.parse(text)


def test_a_mark_is_read_back() -> None:
    mark = Mark(DispatchId(17), 3, 1_790_000_000_000_000)
    assert Mark.parse(str(mark)) == mark

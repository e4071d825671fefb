"""Who may say what became of a dispatch, and what do the dead leave behind?"""

import asyncio
import re
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest

from inquiry.errors import Conflict, NotFound
from inquiry.journey import DispatchId
from inquiry.understood import Party
from inquiry.words import OutboxState
from storage import dispatches, history, outbox
from storage.database import Database, Transaction
from storage.dispatches import ARRIVED, CANCEL, HOLD, RELEASE, RETRY, UNDO, Act
from storage.outbox import DOUBT
from storage.queries import queries
from storage.sqlite import Sqlite
from tests.builders import a_dispatch
from tests.inquiries import MINUTE, NOW, SUPPORT, TELEGRAM, Inquiries, Opened, a_message
from tests.rows import rows
from tests.storage.box import OVER, RECEIPT, Outbox

T = TypeVar("T")
BY_OLA = history.specialist("ola")


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


@pytest.fixture
async def opened(inquiries: Inquiries) -> Opened:
    return await inquiries.opened()


@pytest.fixture
def box(inquiries: Inquiries) -> Outbox:
    return Outbox(inquiries)


class TestLeases:
    """One attempt belongs to one worker."""

    async def test_what_is_claimed_nobody_else_gets(self, box: Outbox, opened: Opened) -> None:
        await box.add(opened)
        assert await box.claim()
        assert await box.claim() is None

    async def test_eight_workers_get_eight(self, box: Outbox, inquiries: Inquiries) -> None:
        for number in range(8):
            customer = Party(f"customer{number}@kunde.example")
            await box.add(await inquiries.opened(a_message(sender=customer, message_id="")))
        claims = await asyncio.gather(*(box.claim() for _ in range(8)))
        assert len({claim.dispatch.id for claim in claims if claim}) == 8

    async def test_whoever_lost_the_lease_has_no_say(self, box: Outbox, opened: Opened) -> None:
        dispatch = await box.add(opened)
        lost = await box.claim(OVER, repeatable=True)
        held = await box.claim(repeatable=True)
        assert lost
        assert held
        assert not await box.settle(lost)
        assert not await box.write(outbox.settle_sent, lost, RECEIPT, now=NOW)
        assert await box.write(outbox.settle_sent, held, RECEIPT, now=NOW)
        assert await box.state(dispatch) == "sent"

    async def test_late_news_of_success_is_believed_while_nobody_has_tried_again(
        self, box: Outbox, opened: Opened
    ) -> None:
        dispatch = await box.add(opened)
        slow = await box.claim(OVER)
        assert slow
        assert await box.claim() is None  # rescued: in doubt
        assert await box.state(dispatch) == "doubtful"
        assert await box.write(outbox.settle_sent, slow, RECEIPT, now=NOW)
        assert await box.state(dispatch) == "sent"

    async def test_it_is_settled_once(self, box: Outbox, opened: Opened) -> None:
        await box.add(opened)
        claim = await box.claim()
        assert claim
        assert await box.settle(claim)
        assert not await box.settle(claim)

    async def test_the_only_process_of_a_desk_waits_for_no_lease(
        self, box: Outbox, opened: Opened
    ) -> None:
        await box.add(opened)
        assert await box.claim(timedelta(days=1), repeatable=True)
        assert await box.claim(repeatable=True) is None
        await box.write(outbox.abandon_leases)
        assert await box.claim(repeatable=True)


class TestStranded:
    """Its channel is gone: it is kept, says why, and goes as soon as there is one again."""

    async def test_what_waits_says_why_and_goes_on_waiting(
        self, box: Outbox, inquiries: Inquiries, opened: Opened
    ) -> None:
        waiting, dead = await box.add(opened), await box.add(await inquiries.opened())
        await box.put(dead, "dead")
        await box.write(outbox.strand, TELEGRAM, "another channel")
        assert (await box.row(waiting))["last_error"] is None
        await box.write(outbox.strand, SUPPORT, "no such channel")
        assert (await box.row(waiting))["last_error"] == "no such channel"
        assert (await box.row(dead))["last_error"] is None
        claim = await box.claim()
        assert claim
        assert claim.dispatch.id == waiting


class TestRescue:
    """A worker died while sending, and nobody knows how far it came."""

    async def test_where_a_repeat_does_no_harm_it_is_due_again(
        self, box: Outbox, opened: Opened
    ) -> None:
        await box.add(opened)
        assert await box.claim(OVER, repeatable=True)
        again = await box.claim(repeatable=True)
        assert again
        assert (again.attempts, again.dispatch.possible_repeat) == (2, False)

    async def test_three_deaths_are_no_accident(self, box: Outbox, opened: Opened) -> None:
        dispatch = await box.add(opened)
        for _ in range(3):
            assert await box.claim(OVER, repeatable=True)
        assert await box.claim(OVER, repeatable=True) is None
        assert await box.claim(repeatable=True, now=100 * DOUBT) is None
        row = await box.row(dispatch)
        assert (row["state"], row["deaths"]) == ("doubtful", 3)

    async def test_elsewhere_it_is_sent_once_more_after_a_while(
        self, box: Outbox, opened: Opened
    ) -> None:
        await box.add(opened)
        assert await box.claim(OVER)
        assert await box.claim() is None
        assert await box.claim(now=DOUBT - MINUTE) is None
        again = await box.claim(now=DOUBT)
        assert again
        assert again.dispatch.possible_repeat

    async def test_history_tells_of_doubt(
        self, box: Outbox, inquiries: Inquiries, opened: Opened
    ) -> None:
        await box.add(opened)
        await box.claim(OVER)
        await box.claim()
        assert (await inquiries.kinds(opened))[-1] == "doubtful"


async def test_a_dispatch_is_frozen(box: Outbox, inquiries: Inquiries, opened: Opened) -> None:
    dispatch = await box.add(opened, "Hei \ud800 på deg")
    await rows(box.db, "UPDATE contact_points SET address = 'eve@other.example', name = 'Eve'")
    claim = await box.claim()
    assert claim
    (nonce,) = await rows(box.db, "SELECT nonce FROM answers")
    expected = a_dispatch(
        id=dispatch,
        text="Hei � på deg",
        message_id="<1@nordlys.example>",
        envelope_id=f"deskbridge-{dispatch}-{nonce['nonce']}",
    )
    assert claim.dispatch == expected
    assert (claim.inquiry, claim.attempts, claim.first_tried_at) == (opened.id, 1, NOW)


class TestPeople:
    """People decide about what nobody is sending at this moment."""

    @pytest.mark.parametrize(
        ("act", "allowed", "to"),
        [
            pytest.param(HOLD, {"waiting", "doubtful"}, "held", id="hold"),
            pytest.param(RELEASE, {"held"}, "waiting", id="release"),
            pytest.param(CANCEL, {"held", "waiting", "doubtful", "dead"}, "cancelled", id="cancel"),
            pytest.param(RETRY, {"waiting", "doubtful", "dead"}, "waiting", id="retry"),
            pytest.param(ARRIVED, {"doubtful"}, "sent", id="it has arrived"),
            pytest.param(UNDO, {"held", "waiting"}, "cancelled", id="undo"),
        ],
    )
    async def test_each_act_has_its_states(
        self, box: Outbox, opened: Opened, act: Act, allowed: set[str], to: str
    ) -> None:
        dispatch = await box.add(opened)
        for state in OutboxState:
            await box.put(dispatch, state)
            if state in allowed:
                await box.act(dispatch, act)
                assert await box.state(dispatch) == to
                continue
            with pytest.raises(Conflict) as refusal:
                await box.act(dispatch, act)
            sentence = f"dispatch {dispatch} is {state}: it can't be {act.done}"
            assert str(refusal.value) == sentence
            assert await box.state(dispatch) == state

    async def test_what_is_not_there(self, box: Outbox) -> None:
        with pytest.raises(NotFound, match=r"^there is no dispatch 9$"):
            await box.act(DispatchId(9), HOLD)

    async def test_a_retry_begins_afresh(self, box: Outbox, opened: Opened) -> None:
        dispatch = await box.add(opened)
        claim = await box.claim()
        assert claim
        await box.settle(claim)
        await box.act(dispatch, RETRY)
        again = await box.claim(now=timedelta(days=30))
        assert again
        assert again.first_tried_at == NOW + timedelta(days=30)
        assert not again.dispatch.possible_repeat

    async def test_a_retry_in_doubt_is_marked(self, box: Outbox, opened: Opened) -> None:
        dispatch = await box.add(opened)
        await box.put(dispatch, "doubtful")
        await box.act(dispatch, RETRY)
        claim = await box.claim()
        assert claim
        assert claim.dispatch.possible_repeat

    async def test_what_is_held_holds_up_the_next(self, box: Outbox, opened: Opened) -> None:
        first, _second = await box.add(opened), await box.add(opened)
        await box.act(first, HOLD)
        assert await box.claim() is None
        await box.act(first, CANCEL)
        assert await box.claim()

    async def test_what_is_cancelled_was_never_said(
        self, box: Outbox, inquiries: Inquiries, opened: Opened
    ) -> None:
        await box.act(await box.add(opened), CANCEL)
        assert (await inquiries.rows("messages"))[-1]["deleted_at"] is not None
        told = (await inquiries.events(opened))[-1]
        assert (told.kind, told.actor, told.data["was"]) == ("cancelled", BY_OLA, "waiting")

    async def test_what_may_have_arrived_stays_said(
        self, box: Outbox, inquiries: Inquiries, opened: Opened
    ) -> None:
        dispatch = await box.add(opened)
        await box.put(dispatch, "doubtful")
        await box.act(dispatch, CANCEL)
        assert (await inquiries.rows("messages"))[-1]["deleted_at"] is None

    async def test_they_see_the_newest_first(self, box: Outbox, opened: Opened) -> None:
        first, second, third = [await box.add(opened) for _ in range(3)]
        await box.put(second, "dead")
        wanted = [OutboxState.WAITING, OutboxState.DEAD]
        listed = await box.db.read(lambda tx: dispatches.listed(tx, wanted, limit=2))
        assert [(one.id, one.state) for one in listed] == [(third, "waiting"), (second, "dead")]
        entry = await box.db.read(partial(_find, first))
        assert entry
        assert (entry.address, entry.text, entry.subject) == (
            "jan@kunde.example",
            "Hei",
            "Re: My printer is on fire",
        )
        assert len(await box.db.read(lambda tx: dispatches.of_inquiry(tx, opened.id))) == 3
        assert await box.db.read(dispatches.counts) == {
            (SUPPORT, OutboxState.WAITING): 2,
            (SUPPORT, OutboxState.DEAD): 1,
        }


async def _find(dispatch: DispatchId, tx: Transaction) -> dispatches.Entry | None:
    return await dispatches.find(tx, dispatch)


async def test_another_channels_dispatches_are_left_alone(box: Outbox, opened: Opened) -> None:
    await box.add(opened)
    assert await box.write(outbox.claim, TELEGRAM, repeatable=True, now=NOW) == []


@pytest.mark.parametrize("query", ["claim", "anything", "rescue", "in_trouble", "under_way"])
async def test_nothing_walks_through_all_that_was_ever_sent(sqlite: Sqlite, query: str) -> None:
    text = re.sub(r":[a-z_]+", "1", queries("sqlite")[f"outbox.{query}"])
    steps = [row["detail"] for row in await rows(sqlite, f"EXPLAIN QUERY PLAN {text}")]
    assert any("INDEX outbox_" in step for step in steps)
    assert [step for step in steps if step in ("SCAN outbox", "SCAN due", "SCAN o")] == []
    assert "SEARCH o USING INTEGER PRIMARY KEY (rowid<?)" not in steps

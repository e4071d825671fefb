"""Does what is said to one leave in the order in which it was written?"""

import pytest

from inquiry.journey import DispatchId
from inquiry.understood import Party
from inquiry.words import OutboxState
from storage import outbox
from storage.database import Database
from storage.dispatches import HOLD, RETRY
from tests.inquiries import MINUTE, NOW, Inquiries, a_message
from tests.rows import rows
from tests.storage.box import RECEIPT, Outbox


@pytest.fixture
def inquiries(database: Database) -> Inquiries:
    return Inquiries(database)


@pytest.fixture
def box(inquiries: Inquiries) -> Outbox:
    return Outbox(inquiries)


class TestOrder:
    """What is said to one, in one inquiry or conversation leaves one after the other (I7)."""

    async def put_in(self, box: Outbox, dispatch: DispatchId, conversation: str) -> None:
        sql = f"UPDATE outbox SET conversation = '{conversation}' WHERE id = {dispatch}"
        await rows(box.db, sql)

    async def two(self, box: Outbox, inquiries: Inquiries, alike: str) -> list[DispatchId]:
        """Put two into the outbox that have only one thing in common."""
        kari = a_message(sender=Party("kari@fjell.example"), message_id="")
        first = await inquiries.opened()
        second = await inquiries.opened() if alike == "contact point" else None
        second = second or await inquiries.opened(kari)
        if alike == "inquiry":
            third = await box.add(first)
            later = await box.add(first)
            sql = f"SELECT contact_point FROM outbox WHERE id = {later}"
            (theirs,) = await rows(box.db, sql)
            assert theirs["contact_point"] == first.contact_point
            return [third, later]
        found = [await box.add(first), await box.add(second)]
        for dispatch in found if alike == "conversation" else []:
            await self.put_in(box, dispatch, "-100/7")
        return found

    @pytest.mark.parametrize("alike", ["inquiry", "contact point", "conversation"])
    async def test_never_two_at_once(self, box: Outbox, inquiries: Inquiries, alike: str) -> None:
        first, second = await self.two(box, inquiries, alike)
        claims = await box.claims(8)
        assert [claim.dispatch.id for claim in claims] == [first]
        assert await box.claims(8) == []
        await box.write(outbox.settle_sent, claims[0], RECEIPT, now=NOW)
        assert [claim.dispatch.id for claim in await box.claims(8)] == [second]

    @pytest.mark.parametrize("alike", ["inquiry", "contact point", "conversation"])
    @pytest.mark.parametrize("state", ["waiting", "doubtful"])
    async def test_not_past_one_that_is_tried_again_later(
        self, box: Outbox, inquiries: Inquiries, alike: str, state: str
    ) -> None:
        first, second = await self.two(box, inquiries, alike)
        (claim,) = await box.claims(8)
        later = {"due_at": NOW + MINUTE, "error": "busy", "now": NOW}
        await box.write(outbox.settle, claim, OutboxState(state), **later)
        assert await box.claims(8) == []
        (claim,) = await box.claims(8, now=MINUTE)
        assert claim.dispatch.id == first
        await box.write(outbox.settle_sent, claim, RECEIPT, now=NOW)
        assert [claim.dispatch.id for claim in await box.claims(8)] == [second]

    async def test_a_mail_that_is_put_off_holds_up_no_other_inquiry(
        self, box: Outbox, inquiries: Inquiries
    ) -> None:
        first, second = await self.two(box, inquiries, "contact point")
        (claim,) = await box.claims(1, in_order=False)
        assert claim.dispatch.id == first
        later = {"due_at": NOW + MINUTE, "error": "busy", "now": NOW}
        await box.write(outbox.settle, claim, OutboxState.WAITING, **later)
        (claim,) = await box.claims(8, in_order=False)
        assert claim.dispatch.id == second

    async def test_what_has_nothing_in_common_goes_side_by_side(
        self, box: Outbox, inquiries: Inquiries
    ) -> None:
        found = await self.two(box, inquiries, "nothing")
        assert [claim.dispatch.id for claim in await box.claims(8)] == found

    async def test_no_more_than_there_is_room_for(self, box: Outbox, inquiries: Inquiries) -> None:
        found = await self.two(box, inquiries, "nothing")
        assert [[c.dispatch.id for c in await box.claims(1)] for _ in found] == [
            [dispatch] for dispatch in found
        ]

    async def test_what_a_person_holds_holds_up_its_own_inquiry_alone(
        self, box: Outbox, inquiries: Inquiries
    ) -> None:
        first, second = await self.two(box, inquiries, "contact point")
        await box.act(first, HOLD)
        assert [claim.dispatch.id for claim in await box.claims(8)] == [second]

    async def test_a_dead_one_tried_again_waits_for_the_one_under_way(
        self, box: Outbox, inquiries: Inquiries
    ) -> None:
        first, second = await self.two(box, inquiries, "inquiry")
        await box.put(first, "dead")
        (claim,) = await box.claims(8)
        assert claim.dispatch.id == second
        await box.act(first, RETRY)
        assert await box.claims(8) == []

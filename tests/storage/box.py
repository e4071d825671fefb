"""A desk's outbox for tests, one act at a time."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from inquiry.journey import AnswerId, DispatchId, Receipt
from inquiry.words import Delivery, OutboxState, Purpose
from storage import answers, dispatches, history, outbox
from storage.database import Transaction
from storage.dispatches import Act
from storage.outbox import Claim
from tests.builders import a_dispatch
from tests.inquiries import MINUTE, NOW, SUPPORT, Inquiries, Opened
from tests.rows import rows

T = TypeVar("T")
OVER = timedelta(0)
"""A lease that has run out as soon as it is given."""
RECEIPT = Receipt(delivery=Delivery.ACCEPTED, remote_id="250", at=NOW)
BY_OLA = history.specialist("ola")


class Outbox:
    """A desk's outbox, one act at a time."""

    def __init__(self, inquiries: Inquiries) -> None:
        self.inquiries = inquiries
        self.db = inquiries.db

    async def add(self, opened: Opened, text: str = "Hei") -> DispatchId:
        """Put an acknowledgement into the outbox."""
        nonce = len(await self.inquiries.rows("outbox"))

        async def work(tx: Transaction) -> DispatchId:
            answer = await answers.add(
                tx,
                inquiry=opened.id,
                contact_point=opened.contact_point,
                purpose=Purpose.ACKNOWLEDGEMENT,
                channel=SUPPORT,
                template=f"t{nonce}",
                arrival=opened.arrival,
                now=NOW,
            )
            waiting = next(
                one for one in await answers.waiting(tx, limit=9) if one.id == AnswerId(answer)
            )
            dispatch = a_dispatch(text=text, message_id=f"<{answer}@nordlys.example>")
            message = await answers.compose(tx, waiting, dispatch, now=NOW)
            assert message
            return await outbox.add(tx, waiting, message, dispatch, now=NOW)

        return await self.db.write(work)

    async def claim(
        self, lease: timedelta = MINUTE, *, repeatable: bool = False, now: timedelta = OVER
    ) -> Claim | None:
        claims = await self.claims(1, lease, repeatable=repeatable, now=now)
        return claims[0] if claims else None

    async def claims(
        self,
        limit: int,
        lease: timedelta = MINUTE,
        *,
        repeatable: bool = False,
        in_order: bool = True,
        now: timedelta = OVER,
    ) -> list[Claim]:
        return await self.write(
            outbox.claim,
            SUPPORT,
            repeatable=repeatable,
            in_order=in_order,
            now=NOW + now,
            lease=lease,
            limit=limit,
        )

    async def write(self, work: Callable[..., Awaitable[T]], *args: object, **named: object) -> T:
        return await self.db.write(lambda tx: work(tx, *args, **named))

    async def settle(self, claim: Claim, state: OutboxState = OutboxState.DEAD) -> bool:
        return await self.write(outbox.settle, claim, state, error="no", now=NOW)

    async def act(self, dispatch: DispatchId, act: Act) -> None:
        await self.write(dispatches.act, dispatch, act, by=BY_OLA, now=NOW)

    async def put(self, dispatch: DispatchId, state: str) -> None:
        leased = 1 if state == "sending" else "NULL"
        await rows(
            self.db,
            f"UPDATE outbox SET state = '{state}', leased_until = {leased} WHERE id = {dispatch}",
        )

    async def row(self, dispatch: DispatchId) -> dict[str, object]:
        (row,) = await rows(self.db, f"SELECT * FROM outbox WHERE id = {dispatch}")
        return row

    async def state(self, dispatch: DispatchId) -> object:
        return (await self.row(dispatch))["state"]

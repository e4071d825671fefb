"""One channel's way out: several dispatches under way, and one transaction for all that is due.

Each transaction writes down what has ended and leases what may begin. What ends while it runs is in
the next one: under load many share a commit, and a single answer waits for nobody.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from channels.contract import Limits, Sender
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import Dispatch, Receipt
from inquiry.retry import RetryPolicy
from inquiry.words import OutboxState
from outbox.fitting import check
from outbox.pauses import Pauses
from storage import outbox
from storage.database import Database, StorageUnavailable, Transaction
from storage.inquiries import chats
from storage.originals import OriginalDamaged
from storage.outbox import Claim

log = logging.getLogger(__name__)

SEND_TIMEOUT = outbox.LEASE / 2
ANY = Limits()


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt that is over, and how: not yet written down."""

    claim: Claim
    outcome: Receipt | Exception


class Outgoing:
    """Sends by one channel, as many at once as it bears; of one conversation one after the other.

    What has ended is kept until it is written down, however long the database is away.
    """

    def __init__(
        self,
        db: Database,
        sender: Sender,
        policy: RetryPolicy,
        attempts: asyncio.TaskGroup,
        *,
        limits: Limits = ANY,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """``attempts`` runs the sends; ``on_end`` is called when one is over."""
        self._db = db
        self._sender = sender
        self._policy = policy
        self._attempts = attempts
        self._limits = limits
        self._on_end = on_end
        self._pauses = Pauses()
        self._under_way = 0
        self._ended: list[Ended] = []
        self._untold: list[Ended] = []
        """Of these: what the channel's pauses don't know of yet."""

    async def step(self, now: datetime) -> bool:
        """Write down what has ended, begin what is due and there is room for; False if nothing.

        Raises:
            StorageUnavailable: nothing was begun; what has ended is written down by a later step.
        """
        ended = self._in_order()
        self._tell_pauses(now)
        room = self._pauses.room(self._limits.at_once, now) - self._under_way
        if not ended and (room <= 0 or not await self._anything(now)):
            return False
        claims = await self._exchange(ended, max(room, 0), now)
        for claim in claims:
            self._under_way += 1
            self._attempts.create_task(self._attempt(claim))
        return bool(ended or claims)

    async def write_down(self, now: datetime) -> None:
        """Write down what has ended, and begin nothing: for the end."""
        ended = self._in_order()
        if not ended:
            return
        try:
            await self._exchange(ended, 0, now)
        except StorageUnavailable:  # it is worth a second try, or a customer gets it twice
            await self._exchange(ended, 0, now)

    async def _anything(self, now: datetime) -> bool:
        """Look before writing: those who write wait for one another, those who read do not."""
        return await self._db.read(
            lambda tx: outbox.anything(tx, self._sender.name, now=now),
        )

    def _in_order(self) -> list[Ended]:
        """Return what has ended, in the order in which composing locks: by contact point."""
        for one in self._ended:
            if isinstance(one.outcome, Receipt):
                failpoint("outbox.sent")
        return sorted(self._ended, key=lambda one: one.claim.contact_point)

    async def _exchange(self, ended: Sequence[Ended], room: int, now: datetime) -> list[Claim]:
        """Write down what has ended for what begins, in one commit; if that fails, one by one."""

        async def work(tx: Transaction) -> list[Claim]:
            await _keep_receipts(tx, ended, now)
            for one in ended:
                await self._settle(tx, one, now)
            if not room:
                return []
            return await outbox.claim(
                tx,
                self._sender.name,
                repeatable=self._sender.repeatable,
                in_order=not self._limits.subject,
                now=now,
                limit=room,
            )

        try:
            claims = await self._db.write(work)
        except TemporaryFailure:
            raise
        except Exception:
            if not ended:
                raise
            if len(ended) > 1:  # one of them is at fault: it shall not take the others along
                for one in ended:
                    await self._exchange([one], 0, now)
                return []
            log.exception("dispatch %s: its end can't be kept", ended[0].claim.dispatch.id)
            claims = []
        self._forget(ended)
        if claims:
            failpoint("outbox.claimed")
        return claims

    def _tell_pauses(self, now: datetime) -> None:
        for one in self._untold:
            if isinstance(one.outcome, TemporaryFailure):
                self._pauses.failed(_chat(one.claim), one.outcome, now)
            elif isinstance(one.outcome, (Receipt, PermanentFailure)):
                self._pauses.went()
        self._untold.clear()

    def _forget(self, ended: Sequence[Ended]) -> None:
        for one in ended:
            self._ended.remove(one)
        if ended:
            failpoint("outbox.settled")

    async def _attempt(self, claim: Claim) -> None:
        try:
            outcome: Receipt | Exception = await self._tried(claim)
        except Exception as failure:  # what it means is found out when it is written down
            outcome = failure
        self._under_way -= 1
        self._ended.append(Ended(claim, outcome))
        self._untold.append(self._ended[-1])
        self._on_end()

    async def _tried(self, claim: Claim) -> Receipt:
        dispatch = await self._whole(claim)
        check(dispatch, self._limits)
        async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
            return await self._sender.send(dispatch)

    async def _whole(self, claim: Claim) -> Dispatch:
        """Read the files of a dispatch: only now, since they may be large."""
        if not claim.files:
            return claim.dispatch
        try:
            return await self._db.read(partial(outbox.with_files, claimed=claim))
        except OriginalDamaged as damage:
            raise PermanentFailure(str(damage)) from damage

    async def _settle(self, tx: Transaction, ended: Ended, now: datetime) -> None:
        """Find out what an end means that is no receipt, and write it down."""
        claim, repeatable = ended.claim, self._sender.repeatable
        match ended.outcome:
            case Receipt():
                return
            case TemporaryFailure() as failure:
                await self._try_later(tx, claim, failure, now)
            case PermanentFailure() as failure:
                dead = OutboxState.DEAD
                await _end(tx, claim, dead, now, error=str(failure), code=failure.code)
            case OutcomeUnknown() | TimeoutError() as failure:
                reason = str(failure) or "no answer in time"
                went = failure.went if isinstance(failure, OutcomeUnknown) else ()
                if repeatable:
                    await self._try_later(tx, claim, TemporaryFailure(reason, went=went), now)
                else:
                    await _doubt(tx, claim, now, reason, went)
            case bug:
                # The channel broke its contract. Another try might repeat the message and
                # would surely repeat the bug, so a human decides.
                log.error("dispatch %s: a fault of the channel", claim.dispatch.id, exc_info=bug)
                await _doubt(tx, claim, now, f"a fault of the channel: {type(bug).__name__}")

    async def _try_later(
        self, tx: Transaction, claim: Claim, failure: TemporaryFailure, now: datetime
    ) -> None:
        again = self._policy.next_attempt(
            attempts=claim.attempts,
            first_tried_at=claim.first_tried_at,
            now=now,
            at_least=failure.retry_after,
        )
        state = OutboxState.WAITING if again else OutboxState.DEAD
        await _end(tx, claim, state, now, due_at=again, error=str(failure), went=failure.went)


def _chat(claim: Claim) -> str:
    return claim.dispatch.conversation or claim.dispatch.recipient


async def _doubt(
    tx: Transaction, claim: Claim, now: datetime, reason: str, went: Sequence[str] = ()
) -> None:
    due_at = now + outbox.DOUBT
    await _end(tx, claim, OutboxState.DOUBTFUL, now, due_at=due_at, error=reason, went=went)


async def _end(
    tx: Transaction,
    claim: Claim,
    state: OutboxState,
    now: datetime,
    *,
    due_at: datetime | None = None,
    error: str,
    code: str = "",
    went: Sequence[str] = (),
) -> None:
    log.warning("dispatch %s: %s: %s", claim.dispatch.id, state, error)
    kept = await outbox.settle(
        tx, claim, state, due_at=due_at, error=error, code=code, went=went, now=now
    )
    if not kept:
        log.warning("dispatch %s: somebody else has it by now", claim.dispatch.id)


async def _keep_receipts(tx: Transaction, ended: Sequence[Ended], now: datetime) -> None:
    """Write down all that was sent; one statement serves many."""
    sent = [(one.claim, one.outcome) for one in ended if isinstance(one.outcome, Receipt)]
    for claim, receipt in sent:
        if receipt.conversation:
            dispatch = claim.dispatch
            await chats.move(tx, dispatch.channel, dispatch.conversation, receipt.conversation)
    kept = await outbox.settle_all_sent(tx, sent, now=now)
    for claim, _ in sent:
        reference, number = claim.dispatch.reference, claim.dispatch.id
        if number in kept:
            log.info("inquiry %s: dispatch %s is sent", reference, number)
        else:
            log.warning(
                "inquiry %s: dispatch %s was sent, but is no longer ours", reference, number
            )

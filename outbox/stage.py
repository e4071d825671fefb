"""The hops from answer to dispatch and from dispatch to receipt."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from channels.contract import Sender
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import ChannelName, Receipt
from inquiry.words import OutboxState, Purpose
from outbox.compose import Composed, Unsaid, compose
from outbox.desk import Desk
from outbox.retry import RetryPolicy
from storage import answers, outbox, portal
from storage.answers import Waiting
from storage.database import ConstraintViolated, Database, StorageUnavailable, Transaction
from storage.inquiries import chats
from storage.outbox import Claim

log = logging.getLogger(__name__)

BATCH = 20
SEND_TIMEOUT = outbox.LEASE / 2

ASKED_FOR = frozenset({"joined", "wrong-code", "code", "code-sent"})
"""Templates that somebody waits for; what asks for them is counted already."""
Made = tuple[Waiting, Composed | Unsaid]


async def compose_step(db: Database, desk: Desk, *, now: datetime) -> bool:
    """Give the oldest waiting answers their form; False if there was none."""

    async def look(tx: Transaction) -> list[tuple[Waiting, str]]:
        return [
            (one, await _link_key(tx, one, now)) for one in await answers.waiting(tx, limit=BATCH)
        ]

    found = await db.read(look)
    if not found:
        return False
    failpoint("answers.claimed")
    made = [(one, compose(one, desk, key)) for one, key in found]
    failpoint("answers.composed")
    await _put(db, desk, made, now)
    failpoint("answers.committed")
    return True


async def send_step(db: Database, sender: Sender, policy: RetryPolicy, *, now: datetime) -> bool:
    """Try the oldest dispatch that is due through ``sender``; False if there was none."""
    claim = await db.write(
        partial(_claim, channel=sender.name, repeatable=sender.repeatable, now=now)
    )
    if claim is None:
        return False
    failpoint("outbox.claimed")
    try:
        async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
            receipt = await sender.send(claim.dispatch)
    except TemporaryFailure as failure:
        await _try_later(db, claim, policy, now, failure)
    except PermanentFailure as failure:
        await _settle(db, claim, OutboxState.DEAD, now, error=str(failure))
    except (OutcomeUnknown, TimeoutError) as failure:
        reason = str(failure) or "no answer in time"
        went = failure.went if isinstance(failure, OutcomeUnknown) else ()
        if sender.repeatable:
            await _try_later(db, claim, policy, now, TemporaryFailure(reason, went=went))
        else:
            await _doubt(db, claim, now, reason, went)
    except Exception as bug:
        # The channel broke its contract. Another try might repeat the message and
        # would surely repeat the bug, so a human decides.
        log.exception("channel %s: dispatch %s", sender.name, claim.dispatch.id)
        await _doubt(db, claim, now, f"a fault of the channel: {type(bug).__name__}")
    else:
        failpoint("outbox.sent")
        await _sent(db, claim, receipt, now)
    failpoint("outbox.settled")
    return True


async def _link_key(tx: Transaction, answer: Waiting, now: datetime) -> str:
    known = await portal.usable(tx, answer.inquiry, answer.contact_point, now=now)
    return known or portal.new_key()


async def _put(db: Database, desk: Desk, made: Sequence[Made], now: datetime) -> None:
    """Write down a batch in one commit; if the tables refuse it, one by one."""

    async def put_all(tx: Transaction) -> None:
        # In the order of the contact points, each held until the end: two nodes can't lock
        # each other out.
        for answer, form in sorted(made, key=lambda one: one[0].contact_point):
            await _put_one(tx, desk, answer, form, now)

    try:
        await db.write(put_all)
    except ConstraintViolated:
        log.exception("answers: a batch of %d is refused", len(made))
        if len(made) == 1:
            ((answer, _),) = made
            reason = "a fault of deskbridge: the tables refuse it"
            await db.write(lambda tx: answers.drop(tx, answer, reason, now=now))
            return
        for one in made:
            await _put(db, desk, [one], now)


async def _put_one(
    tx: Transaction, desk: Desk, answer: Waiting, form: Composed | Unsaid, now: datetime
) -> None:
    automatic = answer.purpose is not Purpose.ANSWER and answer.template not in ASKED_FOR
    if isinstance(form, Composed) and automatic:
        last = await answers.last_automatic(tx, answer.contact_point, now - desk.quiet_for)
        if last is not None:
            form = Unsaid("this address had an automatic answer less than an hour ago")
    if isinstance(form, Unsaid):
        log.warning("inquiry %s: not answered: %s", answer.reference, form.reason)
        await answers.drop(tx, answer, form.reason, now=now)
        return
    dispatch = form.dispatch
    message = await answers.compose(tx, answer, dispatch, now=now)
    if message is None:
        return
    if form.link_key:
        await portal.keep(
            tx,
            form.link_key,
            answer.inquiry,
            answer.contact_point,
            expires_at=now + desk.link_valid_for,
            now=now,
        )
    goes = form.carried
    added = await outbox.add(
        tx,
        answer,
        message,
        dispatch,
        files=goes.files,
        refused=goes.refused,
        fallbacks=goes.ways,
        now=now,
    )
    log.info("inquiry %s: dispatch %s to channel %s", answer.reference, added, dispatch.channel)


async def _claim(
    tx: Transaction, *, channel: ChannelName, repeatable: bool, now: datetime
) -> Claim | None:
    return await outbox.claim(tx, channel, repeatable=repeatable, now=now)


async def _try_later(
    db: Database,
    claim: Claim,
    policy: RetryPolicy,
    now: datetime,
    failure: TemporaryFailure,
) -> None:
    again = policy.next_attempt(
        attempts=claim.attempts,
        first_tried_at=claim.first_tried_at,
        now=now,
        at_least=failure.retry_after,
    )
    state = OutboxState.WAITING if again else OutboxState.DEAD
    await _settle(db, claim, state, now, due_at=again, error=str(failure), went=failure.went)


async def _doubt(
    db: Database, claim: Claim, now: datetime, reason: str, went: Sequence[str] = ()
) -> None:
    due_at = now + outbox.DOUBT
    await _settle(db, claim, OutboxState.DOUBTFUL, now, due_at=due_at, error=reason, went=went)


async def _settle(
    db: Database,
    claim: Claim,
    state: OutboxState,
    now: datetime,
    *,
    due_at: datetime | None = None,
    error: str,
    went: Sequence[str] = (),
) -> None:
    log.warning("dispatch %s: %s: %s", claim.dispatch.id, state, error)

    async def settle(tx: Transaction) -> bool:
        return await outbox.settle(tx, claim, state, due_at=due_at, error=error, went=went, now=now)

    if not await db.write(settle):
        log.warning("dispatch %s: somebody else has it by now", claim.dispatch.id)


async def _sent(db: Database, claim: Claim, receipt: Receipt, now: datetime) -> None:
    """Write down success; it is worth a second try, or the customer gets it twice."""

    async def settle(tx: Transaction) -> bool:
        if receipt.conversation:
            dispatch = claim.dispatch
            await chats.move(tx, dispatch.channel, dispatch.conversation, receipt.conversation)
        return await outbox.settle_sent(tx, claim, receipt, now=now)

    try:
        kept = await db.write(settle)
    except StorageUnavailable:
        kept = await db.write(settle)
    reference, number = claim.dispatch.reference, claim.dispatch.id
    if kept:
        log.info("inquiry %s: dispatch %s is sent", reference, number)
    else:
        log.warning("inquiry %s: dispatch %s was sent, but is no longer ours", reference, number)

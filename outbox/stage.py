"""The hop from answer to dispatch; the one from dispatch to receipt is in ``outgoing.py``."""

import logging
from collections.abc import Sequence
from datetime import datetime

from inquiry.failpoints import failpoint
from inquiry.words import Purpose
from outbox.compose import Composed, Unsaid, compose
from outbox.desk import Desk
from storage import answers, outbox, portal
from storage.answers import Waiting
from storage.database import ConstraintViolated, Database, Transaction

log = logging.getLogger(__name__)

BATCH = 20

ASKED_FOR = frozenset(
    {"go-on-here", "joined", "joined-elsewhere", "wrong-code", "code", "code-sent"}
)
"""Templates that somebody waits for, or has to see; they are counted by what asks for them."""
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

"""The hop from arrival to understood: claim what waits, have it understood, write it down."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from inquiry.errors import TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import MAIL, ChannelName, Envelope
from inquiry.understood import Known
from inquiry.words import ArrivalState
from normalizer.scan import Scanned, scan
from normalizer.workers import Outcome, Task, WorkerDied, Workers
from storage import arrivals, messages, originals
from storage.arrivals import Claimed
from storage.database import ConstraintViolated, Database, Transaction

log = logging.getLogger(__name__)

Verify = Callable[[ChannelName, bytes | Path, Envelope], Awaitable[Mapping[str, str]]]
"""Checks who sent a mail, within a time of its own; {} where nobody wants it checked."""

BATCH = 50
LEASE = timedelta(minutes=1)
HEAD = 256 * 1024
"""Bytes that the header scan looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What the desk knows by its configuration, for understanding."""

    languages: tuple[str, ...]
    language_fallback: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own_addresses: frozenset[str] = frozenset()
    specialist_addresses: frozenset[str] = frozenset()
    contacts: Mapping[ChannelName, str] = field(default_factory=dict)
    """The sort of contact point that each channel brings."""
    trusted_hosts: Mapping[ChannelName, frozenset[str]] = field(default_factory=dict)


async def step(
    db: Database,
    workers: Workers,
    knowledge: Knowledge,
    *,
    now: datetime,
    verify: Verify | None = None,
) -> bool:
    """Understand a batch of waiting arrivals; False if there was none."""

    async def claim(tx: Transaction) -> list[Claimed]:
        return await arrivals.claim(tx, ArrivalState.WAITING, limit=BATCH, lease=LEASE)

    if not workers.running:
        # While the first worker starts nothing is in hand: if we died, it would be blamed.
        if await db.read(arrivals.oldest_waiting_since) is None:
            return False
        await workers.start()
    claimed = await db.write(claim)
    if not claimed:
        return False
    failpoint("normalizer.claimed")
    fresh = [one for one in claimed if not one.blamed]
    worn = [(one, WorkerDied(one.blamed)) for one in claimed if one.blamed]
    await _write_down(db, worn, now)
    tasks = await _tasks(db, knowledge, fresh)
    unfit = [(one, trouble) for one, trouble in tasks if isinstance(trouble, WorkerDied)]
    await _write_down(db, unfit, now)
    fit = [(one, task) for one, task in tasks if isinstance(task, Task)]
    if verify is not None:
        fit = await _verified(verify, fit)
    await _understand(db, workers, fit, now)
    failpoint("normalizer.committed")
    return True


async def _understand(
    db: Database, workers: Workers, tasks: Sequence[tuple[Claimed, Task]], now: datetime
) -> None:
    claimed = [one for one, _ in tasks]
    try:
        outcomes = await workers.many([task for _, task in tasks])
    except WorkerDied:
        async with asyncio.TaskGroup() as group:
            for one, task in tasks:
                group.create_task(_alone(db, workers, one, task, now))
    except TemporaryFailure:  # the machine's trouble: it counts against none of them
        await _give_back(db, claimed)
        raise
    else:
        failpoint("normalizer.parsed")
        await _write_down(db, list(zip(claimed, outcomes, strict=True)), now)


async def _alone(
    db: Database, workers: Workers, claimed: Claimed, task: Task, now: datetime
) -> None:
    try:
        outcome = await workers.alone(task)
    except TemporaryFailure as failure:
        log.warning("arrival %s: put back: %s", claimed.id, failure)
        await _give_back(db, [claimed])
    else:
        await _write_down(db, [(claimed, outcome)], now)


async def _give_back(db: Database, claimed: Sequence[Claimed]) -> None:
    async def give_back(tx: Transaction) -> None:
        for one in claimed:
            await arrivals.give_back(tx, one)

    await db.write(give_back)


async def _tasks(
    db: Database, knowledge: Knowledge, claimed: Sequence[Claimed]
) -> list[tuple[Claimed, Task | WorkerDied]]:
    async def look_up(tx: Transaction) -> list[tuple[Claimed, Task | WorkerDied]]:
        return [(one, await _task_or_trouble(tx, knowledge, one)) for one in claimed]

    return await db.read(look_up)


async def _task_or_trouble(
    tx: Transaction, knowledge: Knowledge, claimed: Claimed
) -> Task | WorkerDied:
    try:
        return await _task(tx, knowledge, claimed)
    except (FileNotFoundError, PermissionError) as error:
        return WorkerDied(f"its original can't be read: {error.strerror}")


async def _verified(
    verify: Verify, tasks: Sequence[tuple[Claimed, Task]]
) -> list[tuple[Claimed, Task]]:
    """Add what is found out about the senders: of all at once, so that none waits for another."""
    found = await asyncio.gather(*(_found(verify, one, task) for one, task in tasks))
    return [
        (one, replace(task, known=replace(task.known, own_results=results)))
        for (one, task), results in zip(tasks, found, strict=True)
    ]


async def _found(verify: Verify, claimed: Claimed, task: Task) -> Mapping[str, str]:
    if task.media_type != MAIL:
        return {}
    return await verify(claimed.channel, task.raw, task.envelope)


async def _task(tx: Transaction, knowledge: Knowledge, claimed: Claimed) -> Task:
    where = await originals.located(tx, claimed.original)
    scanned = scan(claimed.media_type, _head(where), claimed.envelope)
    return Task(
        media_type=claimed.media_type,
        raw=where,
        envelope=claimed.envelope,
        known=await _known(tx, knowledge, claimed.channel, scanned),
    )


def _head(where: bytes | Path) -> bytes:
    if isinstance(where, bytes):
        return where[:HEAD]
    with where.open("rb") as file:
        return file.read(HEAD)


async def _known(
    tx: Transaction, knowledge: Knowledge, channel: ChannelName, scanned: Scanned
) -> Known:
    said = await messages.sent_under(tx, scanned.references)
    contact = knowledge.contacts.get(channel, "mail")
    sender = scanned.sender.address if scanned.sender else ""
    return Known(
        languages=knowledge.languages,
        language_fallback=knowledge.language_fallback,
        customer_language=await messages.language_of(tx, contact, sender),
        own_message_ids=frozenset(one.message_id for one in said),
        sent_texts=tuple(one.text for one in said),
        own_addresses=knowledge.own_addresses,
        sender_is_specialist=sender.casefold() in knowledge.specialist_addresses,
        trusted_hosts=knowledge.trusted_hosts.get(channel, frozenset()),
    )


async def _write_down(
    db: Database, made: Sequence[tuple[Claimed, Outcome | WorkerDied]], now: datetime
) -> None:
    async def write(tx: Transaction) -> None:
        for one, outcome in made:
            if isinstance(outcome, WorkerDied):
                await arrivals.quarantine(tx, one, str(outcome), now=now)
                continue
            try:
                async with tx.savepoint():
                    await _keep(tx, one, outcome)
            except ConstraintViolated as bug:
                log.exception("arrival %s: not written down", one.id)
                await arrivals.quarantine(tx, one, f"a fault of deskbridge: {bug}", now=now)

    if made:
        await db.write(write)


async def _keep(tx: Transaction, claimed: Claimed, outcome: Outcome) -> None:
    if await arrivals.understood(tx, claimed, outcome.text, outcome.version):
        for attachment in outcome.attachments:
            await arrivals.add_attachment(tx, claimed.id, attachment)

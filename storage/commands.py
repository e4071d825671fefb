"""Commands that a bot answers by itself: kept until they are answered, under a lease."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.contract import Asked
from inquiry.journey import ArrivalId, ChannelName
from inquiry.understood import Command
from storage.database import Transaction, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A worker's right to answer a command."""

    asked: Asked
    id: int
    lease: int
    attempts: int
    created_at: datetime


async def add(
    tx: Transaction, arrival: ArrivalId, channel: ChannelName, command: Command, *, now: datetime
) -> None:
    """Promise an answer. The same asked again before it is given gets one answer for both."""
    await tx.run(
        "commands.add",
        arrival=arrival,
        channel=channel,
        command=command.name,
        address=command.sender.address,
        conversation=command.conversation,
        language=command.language,
        now=now,
    )


async def claim(
    tx: Transaction, channel: ChannelName, *, lease: timedelta, now: datetime
) -> Claim | None:
    """Lease the command of a channel that is longest due, also one whose lease ran out."""
    row = await tx.one("commands.claim", channel=channel, lease_time=lease, epoch=tx.epoch, now=now)
    if row is None:
        return None
    return Claim(
        asked=Asked(
            command=row["command"],
            address=row["address"],
            conversation=row["conversation"],
            language=row["language"],
            went=tuple(json.loads(row["went"])),
        ),
        id=row["id"],
        lease=row["lease"],
        attempts=row["attempts"],
        created_at=moment(row["created_at"]),
    )


async def answered(tx: Transaction, claim_: Claim, *, reason: str = "", now: datetime) -> bool:
    """It is answered; ``reason`` says what is unsure about that. False if the lease was lost."""
    values = {"id": claim_.id, "lease": claim_.lease, "reason": reason or None}
    return await tx.one("commands.answered", **values, now=now) is not None


async def postpone(
    tx: Transaction,
    claim_: Claim,
    reason: str,
    due_at: datetime,
    *,
    went: Sequence[str] = (),
    now: datetime,
) -> bool:
    """Let go of it until ``due_at``, and say why; if the same was asked since, leave it to that."""
    if await tx.one("commands.another", id=claim_.id) is not None:
        return await fail(tx, claim_, "asked again meanwhile", now=now)
    values = {"id": claim_.id, "lease": claim_.lease, "reason": reason}
    kept = tuple(went or claim_.asked.went)
    return await tx.one("commands.postpone", **values, due_at=due_at, went=kept) is not None


async def fail(tx: Transaction, claim_: Claim, reason: str, *, now: datetime) -> bool:
    """Give it up, and say why."""
    values = {"id": claim_.id, "lease": claim_.lease, "reason": reason}
    return await tx.one("commands.fail", **values, now=now) is not None


async def abandon_leases(tx: Transaction) -> None:
    """Forget who is at work: for the start of a desk's only process, whose forerunner is dead."""
    await tx.run("commands.abandon_leases")

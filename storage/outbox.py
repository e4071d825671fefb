"""The outbox: every dispatch from frozen to settled, one function per step, guarded in SQL.

A lease is counted by the database's clock and has a number: who settles must name the number it
was given. Answers of one inquiry leave a channel in order; what is dead, cancelled or waits for a
person does not hold up those behind it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from inquiry.data import as_data, from_data
from inquiry.journey import (
    ChannelName,
    ContactPointId,
    Dispatch,
    DispatchId,
    File,
    InquiryId,
    MessageId,
    Receipt,
)
from inquiry.words import OutboxState
from storage import history, originals
from storage.answers import StoredFile, Waiting
from storage.database import Row, Transaction, moment
from storage.fallbacks import take_over

LEASE = timedelta(minutes=4)
DOUBT = timedelta(minutes=10)
"""How long a person may decide about a doubtful dispatch before it is sent once more."""
LOOSE = {"id", "envelope_id", "possible_repeat", "went", "files"}
"""What is filled in at every attempt: the rest of a dispatch is frozen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A worker's right to one attempt."""

    dispatch: Dispatch
    """Without its files."""
    files: tuple[StoredFile, ...]
    inquiry: InquiryId
    contact_point: ContactPointId
    message: MessageId
    lease: int
    attempts: int
    first_tried_at: datetime


async def add(
    tx: Transaction,
    answer: Waiting,
    message: MessageId,
    dispatch: Dispatch,
    *,
    files: Sequence[StoredFile] | None = None,
    refused: str = "",
    fallbacks: Sequence[tuple[ContactPointId, ChannelName]] = (),
    now: datetime,
) -> DispatchId:
    """Freeze a dispatch; due at the answer's time, or dead at once if ``refused`` says why.

    ``files`` are those of the answer that go along, None all of them; ``fallbacks`` where it goes
    if it dies.
    """
    frozen = {name: value for name, value in as_data(dispatch).items() if name not in LOOSE}
    frozen["files"] = [_file_data(file) for file in (answer.files if files is None else files)]
    row = await tx.one(
        "outbox.add",
        answer=answer.id,
        inquiry=answer.inquiry,
        contact_point=answer.contact_point,
        message=message,
        channel=dispatch.channel,
        conversation=dispatch.conversation,
        purpose=dispatch.purpose,
        dispatch=frozen,
        fallbacks=tuple(fallbacks),
        state=OutboxState.DEAD if refused else OutboxState.WAITING,
        due_at=answer.send_at,
        error=refused or None,
        settled_at=now if refused else None,
        now=now,
    )
    assert row
    if refused:
        await note(tx, answer.inquiry, "dead", message, row["id"], now, error=refused)
        await take_over(tx, row["id"], refused, now=now)
    return DispatchId(row["id"])


async def anything(tx: Transaction, channel: ChannelName, *, now: datetime) -> bool:
    """Is something due on ``channel``, or left behind by the dead? For a look before claiming."""
    return await tx.one("outbox.anything", channel=channel, now=now) is not None


async def claim(
    tx: Transaction,
    channel: ChannelName,
    *,
    repeatable: bool,
    in_order: bool = True,
    now: datetime,
    lease: timedelta = LEASE,
    limit: int = 1,
) -> list[Claim]:
    """Lease the dispatches that are longest due on ``channel``, at most ``limit``.

    First gives back what dead workers held: due again where a repeat does no harm, else doubtful.
    Of one inquiry or conversation, and of one contact point if ``in_order``, it is never more than
    one, nor one that follows another which is under way or waits for its next attempt. A chat is
    one thread of talk. A mail is read by itself: one that its server keeps putting off shall not
    hold up those of the customer's other inquiries.
    """
    rescued = await tx.all(
        "outbox.rescue", channel=channel, repeatable=repeatable, now=now, settle_by=now + DOUBT
    )
    for row in rescued:
        if row["state"] == OutboxState.DOUBTFUL:
            await note(
                tx, row["inquiry"], "doubtful", row["message"], row["id"], now, error="worker died"
            )
    leased = await tx.all(
        "outbox.claim",
        channel=channel,
        limit=limit,
        epoch=tx.epoch,
        in_order=in_order,
        now=now,
        lease_time=lease,
    )
    return [_claim(row) for row in sorted(leased, key=lambda row: row["id"])]


async def with_files(tx: Transaction, claimed: Claim) -> Dispatch:
    """Return a claimed dispatch whole. Raises OriginalDamaged where a file can't be read."""
    files = [
        File(
            filename=file.filename,
            content_type=file.content_type,
            content=await originals.read(tx, file.original),
        )
        for file in claimed.files
    ]
    return replace(claimed.dispatch, files=tuple(files))


async def settle(
    tx: Transaction,
    claimed: Claim,
    state: OutboxState,
    *,
    due_at: datetime | None = None,
    error: str = "",
    code: str = "",
    went: Sequence[str] = (),
    now: datetime,
) -> bool:
    """Write down how an attempt ended; False if the lease was lost meanwhile.

    ``went`` are the parts that have arrived: another attempt goes on behind them. ``code`` is the
    word for a refusal that programs understand; history keeps it beside the sentence.
    """
    row = await tx.one(
        "outbox.settle",
        id=claimed.dispatch.id,
        lease=claimed.lease,
        state=state,
        due_at=due_at,
        error=error or None,
        went=tuple(went or claimed.dispatch.went),
        now=now,
    )
    if row and state is not OutboxState.WAITING:
        await note(
            tx, row["inquiry"], state, row["message"], row["id"], now, error=error, code=code
        )
    if row and state is OutboxState.DEAD:
        await take_over(tx, claimed.dispatch.id, error, now=now)
    return row is not None


async def settle_sent(tx: Transaction, claimed: Claim, receipt: Receipt, *, now: datetime) -> bool:
    """Write down that it was sent: true as long as nobody else has tried it again."""
    return bool(await settle_all_sent(tx, [(claimed, receipt)], now=now))


async def settle_all_sent(
    tx: Transaction, sent: Sequence[tuple[Claim, Receipt]], *, now: datetime
) -> set[DispatchId]:
    """Write down what was sent, with few statements; return what nobody else has tried again."""
    if not sent:
        return set()
    remote = {claim.dispatch.id: receipt.remote_id for claim, receipt in sent}
    rows = [
        {"id": claim.dispatch.id, "lease": claim.lease, "remote_id": receipt.remote_id, "now": now}
        for claim, receipt in sent
    ]
    kept = await tx.each("outbox.settle_sent", rows)
    if kept:
        noted = [
            {"message": row["message"], "remote_id": remote[row["id"]], "now": now} for row in kept
        ]
        await tx.each("outbox.note_remote_id", noted)
        told = [(row["inquiry"], row["message"], {"dispatch": row["id"]}) for row in kept]
        await history.add_all(tx, "sent", history.DESK, told, now=now)
    return {DispatchId(row["id"]) for row in kept}


async def strand(tx: Transaction, channel: ChannelName, reason: str) -> None:
    """Write at all that waits on ``channel`` why nothing happens."""
    await tx.run("outbox.strand", channel=channel, reason=reason)


async def abandon_leases(tx: Transaction) -> None:
    """Forget who is sending: for the start of a desk's only process, whose forerunner is dead."""
    await tx.run("outbox.abandon_leases")


def _claim(row: Row) -> Claim:
    data = json.loads(row["dispatch"])
    files = data.pop("files", [])
    dispatch: Dispatch = from_data(
        Dispatch,
        {
            **data,
            "id": row["id"],
            "envelope_id": _envelope_id(row["id"], row["nonce"]),
            "possible_repeat": bool(row["possible_repeat"]),
            "went": json.loads(row["went"]),
        },
    )
    return Claim(
        dispatch=dispatch,
        files=tuple(map(_file, files)),
        inquiry=row["inquiry"],
        contact_point=row["contact_point"],
        message=row["message"],
        lease=row["lease"],
        attempts=row["attempts"],
        first_tried_at=moment(row["first_tried_at"]),
    )


async def envelope_id(tx: Transaction, dispatch: DispatchId) -> str:
    """Return what comes back in a bounce; its second half can't be guessed, so nobody can forge."""
    row = await tx.one("outbox.nonce_of", id=dispatch)
    assert row
    return _envelope_id(dispatch, row["nonce"])


def _envelope_id(dispatch: int, nonce: str) -> str:
    return f"deskbridge-{dispatch}-{nonce}"


def _file(data: Mapping[str, Any]) -> StoredFile:
    return StoredFile(data["filename"], data["content_type"], bytes.fromhex(data["sha256"]))


def _file_data(file: StoredFile) -> dict[str, str]:
    return {
        "filename": file.filename,
        "content_type": file.content_type,
        "sha256": file.original.hex(),
    }


async def note(
    tx: Transaction,
    inquiry: InquiryId,
    kind: str,
    message: MessageId,
    dispatch: int,
    now: datetime,
    **data: str,
) -> None:
    """Write a step of a dispatch into its inquiry's history."""
    said: dict[str, Any] = {name: text for name, text in data.items() if text}
    await history.add(
        tx, inquiry, kind, history.DESK, now=now, message=message, dispatch=dispatch, **said
    )

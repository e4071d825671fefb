"""Late news of what was sent, from its channel or a report in mail: delivered, read, bounced."""

import re
from collections.abc import Mapping
from datetime import datetime

from inquiry.journey import ChannelName, DispatchId, Receipt
from inquiry.understood import Report, ReportedRecipient
from inquiry.words import Automated, Delivery, OutboxState
from storage.database import Transaction
from storage.fallbacks import take_over
from storage.message_ids import message_id_hash
from storage.outbox import note

ENVELOPE_ID = re.compile(r"deskbridge-(?P<id>[0-9]{1,18})-(?P<nonce>[a-z2-7]{16,26})")
KINDS_OF_NEWS: Mapping[Delivery, str] = {
    Delivery.ACCEPTED: "delayed",
    Delivery.DELIVERED: "delivered",
    Delivery.READ: "read",
    Delivery.BOUNCED: "bounced",
}
"""How late news is called in an inquiry's history, and its query in ``outbox.sql``."""
AFTER_NEWS = {
    "delivered": OutboxState.DELIVERED,
    "read": OutboxState.READ,
    "bounced": OutboxState.DEAD,
}
"""Where a dispatch stands that such news has come of already."""


async def reported(tx: Transaction, report: Report, *, now: datetime) -> bool:
    """Attach a delivery report to what it speaks of; False if that is nothing of ours.

    Believed is only who knows what just the recipient can know: our envelope id with its random
    half, or our signed Message-ID.
    """
    dispatch = await _reported_dispatch(tx, report)
    if dispatch is None:
        return False
    news = report.recipients or (ReportedRecipient(address="", permanent=_permanent(report)),)
    for recipient in news:
        receipt = Receipt(delivery=_delivery(report, recipient), at=now, detail=_detail(recipient))
        await record(tx, dispatch, receipt, now=now)
    return True


async def sent_by(tx: Transaction, dispatch: DispatchId, channel: ChannelName) -> bool:
    """Has this channel such a dispatch? What others have sent is none of its business."""
    row = await tx.one("outbox.channel_of", id=dispatch)
    return row is not None and row["channel"] == channel


async def record(tx: Transaction, dispatch: DispatchId, receipt: Receipt, *, now: datetime) -> bool:
    """Write down late news of a dispatch: bounced, delivered, read, or (accepted) only delayed."""
    known = await tx.one("outbox.nonce_of", id=dispatch)
    if known is None:
        return False
    kind = KINDS_OF_NEWS[receipt.delivery]
    standing = await tx.one("outbox.state_of", id=dispatch)
    if standing and standing["state"] == AFTER_NEWS.get(kind):
        return True  # told once more
    if kind == "bounced":
        await tx.run("outbox.bounced", id=dispatch, error=receipt.detail or "bounced", now=now)
    elif kind != "delayed":
        await tx.run(f"outbox.{kind}", id=dispatch, now=now)
    await note(tx, known["inquiry"], kind, known["message"], dispatch, now, detail=receipt.detail)
    if kind == "bounced":
        await take_over(tx, dispatch, receipt.detail or "it came back", now=now)
    return True


async def _reported_dispatch(tx: Transaction, report: Report) -> DispatchId | None:
    if named := ENVELOPE_ID.fullmatch(report.envelope_id.strip().lower()):
        dispatch = DispatchId(int(named["id"]))
        row = await tx.one("outbox.nonce_of", id=dispatch)
        if row and row["nonce"] == named["nonce"]:
            return dispatch
    if report.original_message_id:
        hash_ = message_id_hash(report.original_message_id)
        if row := await tx.one("outbox.by_message_id", hash=hash_):
            return DispatchId(row["id"])
    return None


def _permanent(report: Report) -> bool:
    return report.kind is Automated.BOUNCE


def _delivery(report: Report, recipient: ReportedRecipient) -> Delivery:
    """A report that says neither delivered nor failed for good speaks of a delay."""
    if recipient.action in ("delivered", "relayed", "expanded"):
        return Delivery.DELIVERED
    if report.kind is Automated.DSN_DELIVERED and not recipient.action:
        return Delivery.DELIVERED
    if recipient.permanent or recipient.action == "failed":
        return Delivery.BOUNCED
    return Delivery.ACCEPTED


def _detail(recipient: ReportedRecipient) -> str:
    return " ".join(filter(None, (recipient.status, recipient.diagnostic)))[:500]

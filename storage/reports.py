"""Late news of a dispatch, written down where it stands in the outbox."""

from collections.abc import Mapping

from inquiry.journey import DispatchId, Receipt
from inquiry.words import Delivery, OutboxState
from storage.database import Transaction

MEANS: Mapping[Delivery, OutboxState] = {
    Delivery.ACCEPTED: OutboxState.SENT,
    Delivery.DELIVERED: OutboxState.DELIVERED,
    Delivery.READ: OutboxState.READ,
    Delivery.BOUNCED: OutboxState.DEAD,
}


async def settle(dispatch: DispatchId, receipt: Receipt, tx: Transaction) -> bool:
    """Advance the dispatch to what the receipt says; False if that is no news."""
    row = await tx.one(
        "reports.settle",
        dispatch=dispatch,
        state=MEANS[receipt.delivery],
        at=receipt.at,
        detail=receipt.detail or None,
    )
    return row is not None

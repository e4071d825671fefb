"""How an inquiry goes on elsewhere: in another conversation of the same person."""

from datetime import datetime

from inquiry.journey import ChannelName, ContactPointId, InquiryId
from storage import history, joins
from storage.database import Transaction


async def go_on(
    tx: Transaction,
    inquiry: InquiryId,
    contact_point: ContactPointId,
    *,
    channel: ChannelName,
    conversation: str,
    now: datetime,
) -> None:
    """Let what is written in this conversation from now on belong to the inquiry.

    The contact point takes part in it; where that is not its own, until the two are parted.
    """
    await joins.take_part(tx, inquiry, contact_point, now=now)
    await tx.run(
        "joins.go_on",
        inquiry=inquiry,
        contact_point=contact_point,
        channel=channel,
        conversation=conversation,
        now=now,
    )
    await history.add(tx, inquiry, "continued", history.CUSTOMER, now=now, to=channel)

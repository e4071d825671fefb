"""What rules may ask about the past of a customer and the load of a queue.

Every count ends as soon as the rules know enough, so that it costs the same on a full desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from inquiry.decision import Ask, Figure
from inquiry.journey import InquiryId
from storage.customers import ContactPoint
from storage.database import Transaction

_QUERIES = {
    Figure.OPEN_INQUIRIES: "facts.open_inquiries",
    Figure.INQUIRIES: "facts.inquiries",
    Figure.MESSAGES: "facts.messages",
    Figure.WAITING: "facts.waiting",
}
_NONE = InquiryId(0)


@dataclass(slots=True)
class Answers:
    """What was found; a count is at most as far as anybody asked for."""

    counted: dict[str, int] = field(default_factory=dict)
    at_least: tuple[str, ...] = ()
    """Of which counts that is true."""
    last_category: str | None = None


async def look_up(
    tx: Transaction,
    asks: Sequence[Ask],
    who: ContactPoint,
    inquiry: InquiryId | None,
    *,
    reopens: bool,
    now: datetime,
) -> Answers:
    """Answer ``asks`` about a message of ``who`` that opens an inquiry or joins ``inquiry``.

    ``reopens``: it joins a resolved one.
    """
    found = Answers()
    for ask in asks:
        if ask.figure is Figure.LAST_CATEGORY:
            found.last_category = await _last_category(tx, who, inquiry)
        elif ask.figure is Figure.REOPENED:
            found.counted[ask.key] = await _reopened(tx, inquiry) + reopens
        else:
            count = await _count(tx, ask, who, inquiry, now)
            found.counted[ask.key] = count
            found.at_least += (ask.key,) * (count >= ask.up_to)
    return found


async def _count(
    tx: Transaction, ask: Ask, who: ContactPoint, inquiry: InquiryId | None, now: datetime
) -> int:
    values = {
        "customer": who.customer,
        "contact_point": who.id,
        "inquiry": inquiry or _NONE,
        "queue": ask.queue,
        "since": now - ask.within if ask.within else now,
        "up_to": ask.up_to,
    }
    wanted = {
        Figure.OPEN_INQUIRIES: ("customer", "inquiry", "up_to"),
        Figure.INQUIRIES: ("customer", "inquiry", "since", "up_to"),
        Figure.MESSAGES: ("contact_point", "since", "up_to"),
        Figure.WAITING: ("queue", "inquiry", "up_to"),
    }[ask.figure]
    row = await tx.one(_QUERIES[ask.figure], **{name: values[name] for name in wanted})
    return int(row["count"]) if row else 0


async def _last_category(tx: Transaction, who: ContactPoint, inquiry: InquiryId | None) -> str:
    row = await tx.one("facts.last_category", customer=who.customer, inquiry=inquiry or _NONE)
    return str(row["category"]) if row else ""


async def _reopened(tx: Transaction, inquiry: InquiryId | None) -> int:
    if inquiry is None:
        return 0
    row = await tx.one("facts.reopened", inquiry=inquiry)
    return int(row["count"]) if row else 0

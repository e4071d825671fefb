"""The side bar of the console: every list with its number; and what else each page is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inquiry.journey import SpecialistName
from storage import news
from storage.database import Transaction
from storage.inquiries import reading
from web.desk import Desk
from web.present import Colleague, others, unwritten


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What there is to do."""

    mine: int
    unassigned: int
    open: int
    queues: tuple[tuple[str, int], ...]
    outbox: int
    quarantined: int
    event: int
    """The newest event there was when the page was made."""
    mark: str
    """Another one as soon as something else would be shown that is no event."""
    present: Mapping[str, tuple[Colleague, ...]] = field(default_factory=dict)
    """Who else has which inquiry open, by its reference."""


async def side(tx: Transaction, desk: Desk, viewer: SpecialistName) -> Side:
    """Count what stands in the side bar, and see who else is where."""
    load = await reading.load(tx)
    trouble = await reading.trouble(tx)
    more = await unwritten(tx, desk)
    names = dict.fromkeys([*desk.queues, *sorted(one.queue for one in load)])
    return Side(
        mine=sum(one.count for one in load if one.assignee == viewer),
        unassigned=sum(one.count for one in load if not one.assignee),
        open=sum(one.count for one in load),
        queues=tuple((name, sum(o.count for o in load if o.queue == name)) for name in names),
        outbox=sum(count for state, count in trouble.items() if state != "quarantined"),
        quarantined=trouble["quarantined"],
        event=await news.newest(tx),
        mark=more.mark(viewer),
        present=others(more.present, desk, viewer),
    )

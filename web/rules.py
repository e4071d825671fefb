"""How often each rule matched, and how often somebody then decided otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from router.urgency import SECTION
from storage import rule_counts
from storage.database import Transaction
from storage.rule_counts import RuleCount, RuleCounts
from web.access import VIEWER
from web.desk import Desk
from web.pages import desk_of, page
from web.side import Side, side

WEEKS = 12
_HIGH = 24
"""Of a bar, in the units of its picture."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One week of one rule, as high as it is busy among all rules' weeks."""

    height: int
    by_hand: int
    """The part of it that people overrode."""
    told: str


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of the page."""

    count: RuleCount
    bars: Sequence[Bar]
    in_force: bool

    @property
    def section(self) -> bool:
        """Is it no rule, but the section that counts urgency?"""
        return not self.in_force and self.count.rule == SECTION

    @property
    def share(self) -> int | None:
        """Return how much of what it decided was changed, in per cent; None if that was nothing."""
        decided = self.count.decided
        return round(100 * self.count.overridden / decided) if decided else None


async def show(request: web.Request) -> web.StreamResponse:
    """Show every rule in force in its order, then those that are gone and matched lately."""
    desk = desk_of(request)

    async def look(tx: Transaction) -> tuple[RuleCounts, Side]:
        counts = await rule_counts.counts(tx, desk.timezone, weeks=WEEKS, now=desk.now())
        return counts, await side(tx, desk, request[VIEWER])

    counts, numbers = await desk.db.read(look)
    return page(
        request,
        "rules.html",
        here="/rules",
        side=numbers,
        rows=_rows(desk, counts),
        counts=counts,
        high=_HIGH,
    )


def _rows(desk: Desk, counts: RuleCounts) -> Sequence[Row]:
    names = list(desk.rules())
    found = rule_counts.listed(counts, names)
    most = max((week.matched for one in found for week in one.weeks), default=0)
    return [Row(one, _bars(one, counts, most), one.rule in names) for one in found]


def _bars(one: RuleCount, counts: RuleCounts, most: int) -> Sequence[Bar]:
    return [
        Bar(
            height=_height(week.matched, most),
            by_hand=_height(week.overridden, most),
            told=f"{monday:%d %b} – {monday + timedelta(days=6):%d %b}: {week.matched}",
        )
        for monday, week in zip(counts.mondays, one.weeks, strict=True)
    ]


def _height(count: int, most: int) -> int:
    """Return how high a bar is; a single match among thousands can still be seen."""
    return max(2, round(_HIGH * count / most)) if count else 0

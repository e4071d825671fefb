"""``deskbridge report``: what the figures say."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskbridge.cli.configuration import config_option
from deskbridge.cli.leaving import json_option
from deskbridge.cli.reaching import desk, look

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from storage.database import Transaction
    from storage.rule_counts import RuleCount, RuleCounts

_BARS = " ▁▂▃▄▅▆▇█"


@click.group()
def report() -> None:
    """Figures about the desk, from counts that are kept while it runs.

    \b
    deskbridge report rules
    deskbridge report rules --weeks 52 --json
    """


@report.command()
@config_option
@click.option("--weeks", default=12, show_default=True, type=click.IntRange(1, 520))
@json_option
def rules(config: Path | None, weeks: int, as_json: bool) -> None:
    """How often each rule matched, week by week, and how often somebody changed what it decided.

    Rules that never matched are listed too: in the order in which they are read.

    \b
    deskbridge report rules
    deskbridge report rules --weeks 52 --json
    """
    from datetime import UTC, datetime

    from storage import rule_counts

    configuration = desk(config)
    zone = configuration.desk.timezone

    async def work(tx: "Transaction") -> "RuleCounts":
        return await rule_counts.counts(tx, zone, weeks=weeks, now=datetime.now(UTC))

    counts = look(configuration, work)
    names = [rule.name for rule in configuration.rules.rules]
    found = rule_counts.listed(counts, names)
    if as_json:
        data = [_as_data(one, counts, in_force=one.rule in names) for one in found]
        click.echo(json.dumps({"rules": data, "uncounted": counts.uncounted}, ensure_ascii=False))
        return
    _print(found, names, zone)
    if counts.uncounted:
        said = "are still to be counted, which a running desk does"
        click.echo(f"{counts.uncounted} decisions {said}", err=True)


def _print(found: "Sequence[RuleCount]", names: "Sequence[str]", zone: "ZoneInfo") -> None:
    from deskbridge.cli import printing

    most = max((week.matched for one in found for week in one.weeks), default=0)
    rows = [
        (
            _named(one.rule, names),
            one.matched,
            "".join(_bar(week.matched, most) for week in one.weeks),
            f"{one.last_at.astimezone(zone):%d %b %Y %H:%M %Z}" if one.last_at else "never",
            _share(one),
        )
        for one in found
    ]
    printing.table(("rule", "matched", "by week", "last", "changed by hand"), rows)


def _named(rule: str, names: "Sequence[str]") -> str:
    from router.urgency import SECTION

    if rule in names:
        return rule
    return f"{rule} (its points)" if rule == SECTION else f"{rule} (no rule now)"


def _bar(count: int, most: int) -> str:
    """Return a block as high as a week is busy; one match among thousands can still be seen."""
    if not count:
        return "·"
    return _BARS[max(1, round(count / most * (len(_BARS) - 1)))]


def _share(one: "RuleCount") -> str:
    if not one.decided:
        return "–"
    return f"{one.overridden / one.decided:.0%} ({one.overridden} of {one.decided})"


def _as_data(one: "RuleCount", counts: "RuleCounts", *, in_force: bool) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "in_force": in_force,
        "matched": one.matched,
        "matched_ever": one.ever,
        "last_match": one.last_at.isoformat() if one.last_at else None,
        "decided": one.decided,
        "overridden": one.overridden,
        "weeks": [
            {
                "monday": monday.isoformat(),
                "matched": week.matched,
                "decided": week.decided,
                "overridden": week.overridden,
            }
            for monday, week in zip(counts.mondays, one.weeks, strict=True)
        ],
    }

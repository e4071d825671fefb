"""How often each rule matched, week by week, and how often a person then decided otherwise.

Decisions and history are folded into a small table, each row once: to look at it costs the same
however much is stored. Whoever folds reads first and writes then, in one transaction that names
how far the others were: what two have read at the same time is counted once.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from inquiry.words import Priority
from storage.database import Database, Row, Transaction, moment, stamp

BATCH = 200
LOOKED_BACK = 200
"""Events of one inquiry that are looked at for what a person overrides."""
SETTLED = timedelta(minutes=2)
"""With several writers a row may be seen before one with a lower number: not after so long."""
UNCOUNTED = 1000
ALL_TIME = ""
_DECISIONS, _EVENTS = "rules-counted-decisions", "rules-counted-events"
_BY_HAND = {
    "moved": "queue",
    "priority": "priority",
    "assigned": "assign.to",
    "unassigned": "assign.to",
}
_PRIORITIES = ("priority", "priority_at_least")
_COUNTED = {"queue", "assign.to", *_PRIORITIES}
"""What people change by hand: a rule that decided nothing of it can't be overridden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One rule in one week."""

    matched: int = 0
    decided: int = 0
    overridden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """One rule in the weeks that were asked for, oldest first."""

    rule: str
    weeks: tuple[Week, ...]
    ever: int = 0
    """How often it has matched since counting began."""
    last_at: datetime | None = None

    @property
    def matched(self) -> int:
        """Return how often it matched in these weeks."""
        return sum(week.matched for week in self.weeks)

    @property
    def decided(self) -> int:
        """Return how many of these decided something that people may change."""
        return sum(week.decided for week in self.weeks)

    @property
    def overridden(self) -> int:
        """Return how many of those a person changed afterwards."""
        return sum(week.overridden for week in self.weeks)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCounts:
    """All rules that have ever matched."""

    mondays: tuple[date, ...]
    rules: Mapping[str, RuleCount]
    uncounted: int
    """Decisions that wait to be counted; no more than ``UNCOUNTED`` are looked at."""


async def fold(db: Database, zone: ZoneInfo, *, now: datetime, limit: int = BATCH) -> bool:
    """Count what is new, at most ``limit`` rows of each sort; False if that was all."""
    until = now if db.dialect == "sqlite" else now - SETTLED
    more = await _fold_decisions(db, zone, until, limit)
    return await _fold_events(db, zone, until, limit) or more


async def counts(tx: Transaction, zone: ZoneInfo, *, weeks: int, now: datetime) -> RuleCounts:
    """Return the counts of the last ``weeks`` weeks, the one that runs included."""
    this = _monday(now, zone)
    mondays = tuple(this - timedelta(weeks=back) for back in reversed(range(weeks)))
    rows = await tx.all("rule_counts.since", since=mondays[0].isoformat())
    by_rule: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_rule.setdefault(row["rule"], {})[row["week"]] = row
    after = await _folded(tx, _DECISIONS)
    waiting = await tx.one("rule_counts.uncounted", after=after, limit=UNCOUNTED)
    return RuleCounts(
        mondays=mondays,
        rules={rule: _rule_count(rule, found, mondays) for rule, found in by_rule.items()},
        uncounted=int(waiting["count"]) if waiting else 0,
    )


def listed(counts: RuleCounts, names: Sequence[str]) -> Sequence[RuleCount]:
    """Return the rules called ``names``, matched or not, then others that had a say lately."""
    nothing = tuple(Week() for _ in counts.mondays)
    here = [counts.rules.get(name) or RuleCount(rule=name, weeks=nothing) for name in names]
    others = [one for name, one in counts.rules.items() if name not in names]
    return [*here, *(one for one in others if one.matched or one.decided)]


@dataclass(frozen=True, slots=True)
class Overridden:
    """A person has changed what a rule had decided."""

    event: int
    """What the person did."""
    rule: str
    decided_at: datetime


def overridden(events: Iterable[Row]) -> Iterator[Overridden]:
    """Find them in what rules and people decided about one inquiry, oldest first.

    Of one decision each rule is overridden once, however much of it is changed.
    """
    stands: dict[str, _Decided] = {}
    counted: set[tuple[int, str]] = set()
    for event in events:
        data = json.loads(event["data"])
        if event["kind"] == "decided":
            stands |= _deciders(event, data.get("winners", ()))
            continue
        before = stands.get(_BY_HAND[event["kind"]])
        if before is None or not _by_a_person(event) or data.get("to") == before.value:
            continue
        if (before.event, before.rule) not in counted:
            counted.add((before.event, before.rule))
            yield Overridden(event["id"], before.rule, before.at)


@dataclass(frozen=True, slots=True)
class _Decided:
    event: int
    rule: str
    value: str
    at: datetime


Counts = dict[tuple[str, str], Counter[str]]


async def _fold_decisions(db: Database, zone: ZoneInfo, until: datetime, limit: int) -> bool:
    async def read(tx: Transaction) -> tuple[int, list[Row]]:
        after = await _folded(tx, _DECISIONS)
        return after, await tx.all("rule_counts.decisions", after=after, limit=limit)

    after, rows = await db.read(read)
    ripe = _ripe(rows, "decided_at", until)
    found: Counts = {}
    for row in ripe:
        decision, at = json.loads(row["decision"]), row["decided_at"]
        winners = decision.get("winners", ())
        deciding = {one["rule"] for one in winners if one["field"] in _COUNTED}
        # What urgency decides is no rule's match, but people may well override it.
        for rule in dict.fromkeys((*decision.get("matched", ()), *deciding)):
            matched = rule in decision.get("matched", ())
            _add(found, zone, rule, at, matched=matched, decided=rule in deciding)
    await _write(db, _DECISIONS, after, ripe, found)
    return len(ripe) == limit


async def _fold_events(db: Database, zone: ZoneInfo, until: datetime, limit: int) -> bool:
    async def read(tx: Transaction) -> tuple[int, Sequence[Row], Counts]:
        after = await _folded(tx, _EVENTS)
        rows = await tx.all("rule_counts.events", after=after, limit=limit)
        ripe = _ripe(rows, "at", until)
        found: Counts = {}
        for row in ripe:
            if row["kind"] in _BY_HAND and _by_a_person(row):
                for one in await _by(tx, row):
                    _add(found, zone, one.rule, stamp(one.decided_at), overridden=True)
        return after, ripe, found

    after, ripe, found = await db.read(read)
    await _write(db, _EVENTS, after, ripe, found)
    return len(ripe) == limit


async def _by(tx: Transaction, row: Row) -> list[Overridden]:
    """Return what this one event overrides."""
    before = await tx.all(
        "rule_counts.before", inquiry=row["inquiry"], upto=row["id"], limit=LOOKED_BACK
    )
    return [one for one in overridden(reversed(before)) if one.event == row["id"]]


async def _write(db: Database, name: str, after: int, ripe: Sequence[Row], found: Counts) -> None:
    if not ripe:
        return

    async def write(tx: Transaction) -> None:
        await tx.run("rule_counts.begin", name=name)
        if await tx.one("rule_counts.advance", name=name, after=after, upto=ripe[-1]["id"]) is None:
            return
        for (week, rule), each in sorted(found.items()):
            kinds = {kind: each[kind] for kind in ("matched", "decided", "overridden", "last_at")}
            await tx.run("rule_counts.add", week=week, rule=rule, **kinds)

    await db.write(write)


async def _folded(tx: Transaction, name: str) -> int:
    row = await tx.one("rule_counts.folded", name=name)
    return int(row["value"]) if row else 0


def _ripe(rows: Sequence[Row], column: str, until: datetime) -> Sequence[Row]:
    """Return the rows up to the first that is too young: none may be passed over."""
    latest = stamp(until)
    young = (number for number, row in enumerate(rows) if row[column] > latest)
    return rows[: next(young, len(rows))]


def _add(found: Counts, zone: ZoneInfo, rule: str, at: int, **kinds: bool) -> None:
    week = _monday(moment(at), zone).isoformat()
    for key in ((ALL_TIME, rule), (week, rule)):
        each = found.setdefault(key, Counter())
        each.update({kind: int(so) for kind, so in kinds.items()})
        if kinds.get("matched"):
            each["last_at"] = max(each["last_at"], at)


def _deciders(event: Row, winners: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, _Decided]]:
    """Return by field which rule has decided what people may change."""
    ranked = sorted(winners, key=_rank)  # of priority and floor the higher one counts
    for one in ranked:
        if one["field"] in _COUNTED:
            field = "priority" if one["field"] in _PRIORITIES else one["field"]
            yield field, _Decided(event["id"], one["rule"], one["value"], moment(event["at"]))


def _rank(winner: Mapping[str, Any]) -> int:
    return Priority(winner["value"]).rank if winner["field"] in _PRIORITIES else 0


def _by_a_person(event: Row) -> bool:
    return str(event["actor"]).startswith("specialist:")


def _monday(at: datetime, zone: ZoneInfo) -> date:
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def _rule_count(rule: str, rows: Mapping[str, Row], mondays: Sequence[date]) -> RuleCount:
    ever = rows.get(ALL_TIME)
    last_at = ever["last_at"] if ever else 0
    return RuleCount(
        rule=rule,
        weeks=tuple(_week(rows.get(monday.isoformat())) for monday in mondays),
        ever=ever["matched"] if ever else 0,
        last_at=moment(last_at) if last_at else None,
    )


def _week(row: Row | None) -> Week:
    if row is None:
        return Week()
    return Week(matched=row["matched"], decided=row["decided"], overridden=row["overridden"])

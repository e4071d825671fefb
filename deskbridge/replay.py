"""Deciding stored messages again by other rules, to see what would be different. Read only.

Each message is judged from what was understood of it then and from the facts of that moment; only
what the configuration itself says of customers is taken from the new one.
"""

import asyncio
import json
import multiprocessing
import os
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from inquiry.data import from_data, understood_from_text
from inquiry.decision import Decision, Facts, Figure
from inquiry.understood import Edit, Message, Report
from router.compare import Change, changes
from router.customers import Organizations, with_organization
from router.decide import decide
from router.rules import Rules
from storage import decisions
from storage.database import Database, Transaction
from storage.decisions import Written

AT_ONCE = 200
"""Messages that a worker gets at a time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the new rules make of one message."""

    name: str
    """Its inquiry's reference, or ``arrival 12``."""
    changes: tuple[Change, ...]
    matched: tuple[str, ...]
    untold: tuple[str, ...] = ()
    """Facts that the new rules ask for and that nobody recorded then."""


@dataclass(slots=True)
class Summary:
    """All outcomes together."""

    messages: int = 0
    names: set[str] = field(default_factory=set)
    different: list[Outcome] = field(default_factory=list)
    matched: set[str] = field(default_factory=set)
    untold: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one more."""
        self.messages += 1
        self.names.add(outcome.name)
        self.matched.update(outcome.matched)
        self.untold.update(outcome.untold)
        if outcome.changes:
            self.different.append(outcome)

    def by_change(self) -> list[tuple[Change, int]]:
        """Return each change once, with how many messages it is true of; the commonest first."""
        return counted(self.different)

    def quarantined(self) -> tuple[int, int]:
        """Return how many go into quarantine that did not, and out of it."""
        handles = [c for one in self.different for c in one.changes if c.field == "handle"]
        into = sum(change.now == "quarantine" for change in handles)
        return into, sum(change.was == "quarantine" for change in handles)


def counted(outcomes: Iterable[Outcome]) -> list[tuple[Change, int]]:
    """Return each change of some outcomes once, with how many have it; the commonest first."""
    return Counter(change for one in outcomes for change in one.changes).most_common()


class Judge:
    """Worker processes that know the new rules: started before anything else runs in this one."""

    def __init__(self, rules: Rules, organizations: Organizations, workers: int = 0) -> None:
        global _rules, _organizations
        _rules, _organizations = rules, organizations
        self.workers = workers or os.cpu_count() or 1
        fork = multiprocessing.get_context("fork")
        self._pool = ProcessPoolExecutor(self.workers, mp_context=fork)
        self._pool.submit(os.getpid).result()

    def close(self) -> None:
        """End the workers."""
        self._pool.shutdown(cancel_futures=True)

    async def judge(self, written: Sequence[Written]) -> list[Outcome]:
        """Decide messages again in a worker."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _judged, written)


async def replay(
    db: Database,
    judge: Judge,
    *,
    since: datetime,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Summary:
    """Judge everything that was decided since then; ``progress`` is told how far it is."""
    first, count = await db.read(lambda tx: decisions.since(tx, since))
    summary, under_way = Summary(), deque[asyncio.Task[list[Outcome]]]()

    async def settle() -> None:
        for outcome in await under_way.popleft():
            summary.add(outcome)
        progress(summary.messages, count)

    async for written in _pages(db, first):
        under_way.append(asyncio.create_task(judge.judge(written)))
        if len(under_way) > 2 * judge.workers:
            await settle()
    while under_way:
        await settle()
    return summary


async def _pages(db: Database, first: int) -> AsyncIterator[list[Written]]:
    while first:

        async def page(tx: Transaction, first: int = first) -> list[Written]:
            return await decisions.following(tx, first, AT_ONCE)

        written = await db.read(page)
        if not written:
            return
        yield written
        first = written[-1].id + 1


_rules: Rules
_organizations: Organizations


def _judged(written: Sequence[Written]) -> list[Outcome]:
    return [outcome for each in written if (outcome := judged(each, _rules, _organizations))]


def judged(written: Written, rules: Rules, organizations: Organizations) -> Outcome | None:
    """Decide one message again; None where rules have no say."""
    understood = understood_from_text(written.understood)
    message = understood.message if isinstance(understood, Edit) else understood
    if not isinstance(message, (Message, Report)):
        return None
    was = from_data(Decision, json.loads(written.decision))
    recorded = from_data(Facts, json.loads(written.facts))
    facts = with_organization(recorded, organizations)
    now = decide(rules, message, facts)
    return Outcome(
        name=written.reference or f"arrival {written.arrival}",
        changes=changes(was, now),
        matched=now.matched,
        untold=tuple(_untold(facts, rules)),
    )


def _untold(facts: Facts, rules: Rules) -> Iterator[str]:
    for ask in rules.asks:
        if ask.figure is Figure.LAST_CATEGORY:
            told = facts.last_category is not None
        else:
            there = facts.counted.get(ask.key)
            told = there is not None and (there >= ask.up_to or ask.key not in facts.at_least)
        if not told:
            yield ask.key

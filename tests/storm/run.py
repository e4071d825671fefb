"""The storm itself: stories by every channel at once, kills, troubles, and in the end the judge."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random

from inquiry.failpoints import REGISTRY
from tests.harness.check import Violation
from tests.harness.snapshot import Snapshot, look
from tests.storm import weather
from tests.storm.by_chat import ByChat, ByHook, ByPush, BySocket, ByTelegram
from tests.storm.by_mail import ByForm, ByImap, BySmtp
from tests.storm.check import violations
from tests.storm.customers import Customer
from tests.storm.specialists import Specialist, specialist
from tests.storm.world import SPECIALISTS, Stuck, World

KINDS = (BySmtp, ByTelegram, ByChat, BySocket, ByForm, ByHook, ByPush, ByImap)
GLANCE = 1.0
LARGEST_FILE = 90_000
"""Bytes: some stand in the table of originals, some in a file of their own."""
LIFE = 2.0
"""Seconds that a bridge lives at least when it is ready, unless a failpoint ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How it is to blow."""

    customers: int = 20
    seconds: float = 60.0
    kill_every: float = 5.0
    seed: int = 1


@dataclass(slots=True)
class Report:
    """What the storm has seen."""

    kills: int = 0
    at_failpoints: int = 0
    """Deaths at the place that was armed, before the kill that was due."""
    said: Counter[str] = field(default_factory=Counter)
    """Messages accepted, by channel."""
    rounds: int = 0
    topics: int = 0
    answers: int = 0
    delivered: int = 0
    repeated: int = 0
    """Answers that came twice, marked."""
    sent_again: int = 0
    """Dispatches in doubt about which a specialist decided to send them again."""
    suspects: Counter[str] = field(default_factory=Counter)
    """Messages that were in hand at so many deaths that a specialist had to try them again."""
    violations: list[Violation] = field(default_factory=list)


@dataclass(slots=True)
class Storm:
    """One run."""

    world: World
    plan: Plan
    report: Report = field(default_factory=Report)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    chance: Random = field(default_factory=Random)

    async def run(self) -> Report:
        """Let it blow, wait until all is quiet, and judge."""
        self.chance = Random(self.plan.seed)
        await self.world.bridge.start()
        await self.world.bridge.ready()
        await self.world.give_passwords()
        async with self._desk() as specialists, self._outside():
            customers = self._customers()
            try:
                await self._blow(customers, specialists)
                await self._come_to_rest(specialists)
                for customer in customers:
                    for page in await customer.look():
                        self.world.book.shows(page)
            except* Stuck as stuck:
                self._stuck(stuck)
            finally:
                for customer in customers:
                    if isinstance(customer, ByChat):
                        await customer.close()
        await self._judge()
        return self.report

    def _customers(self) -> list[Customer]:
        found: list[Customer] = []
        for number in range(self.plan.customers):
            kind = KINDS[number % len(KINDS)]
            found.append(kind(self.world, number // len(KINDS) + 1, Random(self.chance.random())))
        return found

    async def _blow(self, customers: Sequence[Customer], desk: Sequence[Specialist]) -> None:
        async with asyncio.TaskGroup() as storm:
            troubles = storm.create_task(weather.blow(self.world, customers, self.chance))
            operator = storm.create_task(self._decide(desk[0]))
            async with asyncio.TaskGroup() as stories:
                for customer in customers:
                    stories.create_task(self._live(customer, desk))
                await self._kill()
                troubles.cancel()
            operator.cancel()

    async def _live(self, customer: Customer, desk: Sequence[Specialist]) -> None:
        """One story after the other: ask, write on, be answered twice, say thanks."""
        chance, book = customer.chance, self.world.book
        while not self.over.is_set():
            await asyncio.sleep(chance.uniform(0, 1))
            customer.begins()
            first = await customer.say()
            async with asyncio.TaskGroup() as group:
                answers = group.create_task(self._answers(customer.topic, desk, chance))
                group.create_task(self._write_on(customer, first))
            for nonce in answers.result():
                await self.world.until(
                    partial(book.has_heard, nonce), f"{nonce} to {customer.name}"
                )
            await customer.say()
            self.report.rounds += 1

    async def _write_on(self, customer: Customer, first: str) -> None:
        turns = ["follow-up", "file"] if customer.chance.random() < 0.6 else ["follow-up"]
        turns += ["edit"] if customer.edits and customer.chance.random() < 0.5 else []
        customer.chance.shuffle(turns)
        for turn in turns:
            await asyncio.sleep(customer.chance.uniform(0, 0.7))
            if turn == "edit":
                await customer.edit(first)
                continue
            await customer.may_go_on()
            size = customer.chance.choice((50, LARGEST_FILE)) if turn == "file" else 0
            await customer.say(file=customer.chance.randbytes(size))

    async def _answers(self, topic: str, desk: Sequence[Specialist], chance: Random) -> list[str]:
        given = []
        for _ in range(2):
            given.append(await chance.choice(desk).answer(topic))
            await asyncio.sleep(chance.uniform(0, 0.5))
        return given

    async def _kill(self) -> None:
        """``kill -9`` every so often; half of the lives end at a failpoint if they get there.

        Who is slow to start lives a moment longer, and the storm lasts longer, too.
        """
        bridge, due = self.world.bridge, time.monotonic() + self.plan.kill_every
        for _ in range(int(self.plan.seconds / self.plan.kill_every)):
            self.report.at_failpoints += await bridge.died_within(_until(due))
            await bridge.kill()
            self.report.kills += 1
            place, nth = self.chance.choice(sorted(REGISTRY)), self.chance.choice((1, 2, 5))
            await bridge.start(f"{place}=kill@{nth}" if self.chance.random() < 0.5 else "")
            due = time.monotonic() + self.plan.kill_every
            with suppress(AssertionError):  # it may die before it is ready
                await bridge.ready()
            due = max(due, time.monotonic() + LIFE)
        await bridge.died_within(_until(due))
        self.over.set()
        await self._last_start()

    async def _last_start(self) -> None:
        await self.world.bridge.kill()
        await self.world.bridge.start()
        await self.world.bridge.ready()

    async def _decide(self, who: Specialist) -> None:
        while True:
            await self._care(who)
            await asyncio.sleep(GLANCE)

    async def _care(self, who: Specialist) -> None:
        self.report.sent_again += await who.send_doubtful_again()
        self.report.suspects.update(await who.try_suspects_again())

    async def _come_to_rest(self, desk: Sequence[Specialist]) -> None:
        deadline = time.monotonic() + self.world.patience
        while time.monotonic() < deadline:
            await self._care(desk[0])
            snapshot = await self._look()
            restless = any(one.state == "doubtful" for one in snapshot.outbox)
            if snapshot.idle(leases=True) and not restless:
                await asyncio.sleep(GLANCE)  # what has left is noted by whoever got it
                return
            await asyncio.sleep(GLANCE)

    async def _judge(self) -> None:
        snapshot, story = await self._look(), self.world.book.story()
        self.report.said = Counter(one.channel for one in story.said if one.nonce in story.accepted)
        self.report.topics = len({one.topic for one in story.said})
        self.report.answers = len(story.given)
        self.report.delivered = len(story.heard)
        self.report.repeated = sum(
            sum(one.nonce in heard.text for heard in story.heard if not heard.key) > 1
            for one in story.written
        )
        self.report.violations += violations(story, snapshot)
        code = await self.world.bridge.stop()
        if code:
            self.report.violations.append(Violation("I14", f"the bridge ended with {code}"))

    def _stuck(self, group: BaseExceptionGroup[Stuck]) -> None:
        for error in group.exceptions:
            if isinstance(error, BaseExceptionGroup):
                self._stuck(error)
            else:
                self.report.violations.append(Violation("I14", f"never came: {error}"))

    async def _look(self) -> Snapshot:
        return await look(self.world.bridge.storage, self.world.bridge.data_dir)

    @asynccontextmanager
    async def _desk(self) -> AsyncIterator[list[Specialist]]:
        found = [specialist(name, self.world, self.chance) for name in SPECIALISTS]
        try:
            for one in found:
                await one.sign_in()
            yield found
        finally:
            for one in found:
                await one.http.close()

    @asynccontextmanager
    async def _outside(self) -> AsyncIterator[None]:
        """The other system posts, and what reaches people is written down."""
        tasks = [
            asyncio.create_task(self.world.write_down()),
            asyncio.create_task(self.world.other.keep_posting()),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _until(moment: float) -> timedelta:
    return timedelta(seconds=max(0.0, moment - time.monotonic()))

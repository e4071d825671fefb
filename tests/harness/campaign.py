"""Killing the bridge again and again while people write, and then asking what is left."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from itertools import cycle

from tests.harness.bridge import Bridge
from tests.harness.check import Delivery, Violation, violations
from tests.harness.ledger import Ledger
from tests.harness.load import Source
from tests.harness.snapshot import Snapshot, look
from tests.servers.other_system import OtherSystem
from tests.servers.postgres import Postgres
from tests.servers.sink import Sink
from tests.servers.slack import FakeSlack
from tests.servers.telegram import FakeTelegram

PATIENCE = timedelta(seconds=90)
"""How long everything may take to come to rest after the last kill (I14: 60 s, and a start)."""
SYSCALLS = ("fdatasync", "fsync", "pwrite64", "sendto", "rename")
LONG_ENOUGH = timedelta(seconds=6)
LEASES = timedelta(minutes=5)
"""When the last lease of the dead has ended, and somebody has looked (PostgreSQL only)."""


@dataclass(frozen=True, slots=True)
class Blow:
    """How the bridge dies: at the n-th passing of a failpoint or of a system call, or in time."""

    failpoint: str = ""
    syscall: str = ""
    nth: int = 1
    after: timedelta = timedelta(seconds=90)
    only: str = ""
    """Which parts run, else all: without stages nobody dies with a lease in hand."""


@dataclass(slots=True)
class Report:
    """What a campaign has seen."""

    kills: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    """How often each failpoint or system call has killed."""
    accepted: Counter[str] = field(default_factory=Counter)
    """Messages by channel."""
    arrivals: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    """By reason."""
    dispatches: Counter[str] = field(default_factory=Counter)
    """By state."""
    deliveries: int = 0
    violations: list[Violation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Peers:
    """Where answers go."""

    sink: Sink
    telegram: FakeTelegram
    slacks: Mapping[str, FakeSlack]
    """By the name of the channel."""
    other: OtherSystem

    def deliveries(self) -> Iterator[Delivery]:
        """Return what has reached somebody."""
        for mail in self.sink.mails:
            for recipient in mail.rcpt_to:
                yield Delivery(recipient, readable(mail.raw))
        for sent in self.telegram.sent:
            yield Delivery(sent["chat_id"], sent.get("text", ""))
        for fake in self.slacks.values():
            for sent in fake.sent:
                yield Delivery(fake.channels[sent["channel"]]["user"], sent.get("text", ""))
        for heard in self.other.heard:
            data = heard["data"]
            yield Delivery(f"hooks:{data['to']['id']}", f"{data['reference']} {data['text']}")


@dataclass(slots=True)
class Campaign:
    """One desk, those who write to it, and where its answers go."""

    bridge: Bridge
    sources: Sequence[Source]
    peers: Peers
    postgres: Postgres | None = None
    report: Report = field(default_factory=Report)
    tell: Callable[[str], None] = print

    async def run(self, blows: Iterable[Blow], *, check_every: int = 10) -> Report:
        """Strike; let it come to rest now and then; stop at the first violation."""
        with closing(Ledger(self.bridge.folder / "ledger")) as ledger:
            for some in _in_portions(blows, check_every):
                async with self._pouring(ledger):
                    for blow in some:
                        await self._strike(blow)
                    await self.bridge.start()
                    await self.bridge.ready()
                self._judge(ledger, await self._at_rest())
                await self.bridge.kill()
                if self.report.violations:
                    break
        return self.report

    async def settle(self) -> Report:
        """Wait until the leases of the dead have ended too, and judge for the last time."""
        with closing(Ledger(self.bridge.folder / "ledger")) as ledger:
            await self.bridge.start()
            self._judge(ledger, await self._at_rest(leases=True))
        return self.report

    async def crash_the_database(self, times: int, *, every: timedelta) -> Report:
        """Let PostgreSQL die under a bridge that lives; it has to go on by itself."""
        assert self.postgres
        await self.bridge.start()
        await self.bridge.ready()
        with closing(Ledger(self.bridge.folder / "ledger")) as ledger:
            async with self._pouring(ledger):
                for _ in range(times):
                    await asyncio.sleep(every.total_seconds())
                    await asyncio.to_thread(self.postgres.crash)
                    await asyncio.to_thread(self.postgres.start)
                    self.report.kills += 1
            self._judge(ledger, await self._at_rest())
        if not self.bridge.alive:
            self.report.violations.append(Violation("I14", "the bridge has gone down with it"))
        return self.report

    async def undisturbed(self, work: Callable[[], Awaitable[None]]) -> Report:
        """Do something to a desk that nobody kills while people write; judge when all is quiet."""
        await self.bridge.start()
        await self.bridge.ready()
        with closing(Ledger(self.bridge.folder / "ledger")) as ledger:
            async with self._pouring(ledger):
                await work()
            self._judge(ledger, await self._at_rest())
        return self.report

    async def _strike(self, blow: Blow) -> None:
        armed = f"{blow.failpoint}=kill@{blow.nth}" if blow.failpoint else ""
        inject = f"inject={blow.syscall}:signal=SIGKILL:when={blow.nth}"
        strace = ("-o", "/dev/null", "-e", inject) if blow.syscall else ()
        more = ("--only", blow.only) if blow.only else ()
        await self.bridge.start(armed, strace=strace, more=more)
        died = await self.bridge.died_within(blow.after)
        await self.bridge.kill()
        self.report.kills += 1
        if died:
            self.report.hits[blow.failpoint or blow.syscall] += 1
        if died and not (blow.failpoint or blow.syscall):
            raise AssertionError(f"it died by itself:\n{self.bridge.last_words()}")

    @asynccontextmanager
    async def _pouring(self, ledger: Ledger) -> AsyncIterator[None]:
        """People write meanwhile; at the end wait until each has been served."""
        stop = asyncio.Event()
        pouring: list[asyncio.Task[None]] = []
        patience = asyncio.timeout(None)
        try:
            async with patience, asyncio.TaskGroup() as group:
                for source in self.sources:
                    name = type(source).__name__
                    pouring.append(group.create_task(source.pour(ledger, stop), name=name))
                try:
                    yield
                finally:
                    stop.set()
                patience.reschedule(asyncio.get_running_loop().time() + PATIENCE.total_seconds())
        except TimeoutError:
            if not patience.expired():
                raise
            names = [one.get_name() for one in pouring if one.cancelled()]
            last = self.bridge.last_words()
            raise AssertionError(f"not served within {PATIENCE}: {names}\n{last}") from None

    def _judge(self, ledger: Ledger, snapshot: Snapshot) -> None:
        story = ledger.story()
        shown = [Delivery(entry.visitor, entry.text) for entry in snapshot.shown]
        deliveries = [*self.peers.deliveries(), *shown]
        self.report.accepted = Counter(
            offer.channel for offer in story.offers if offer.nonce in story.accepted
        )
        self.report.arrivals = len(snapshot.arrivals)
        self.report.quarantined = Counter(
            str(kept.reason) for kept in snapshot.arrivals if kept.state == "quarantined"
        )
        self.report.dispatches = Counter(dispatch.state for dispatch in snapshot.outbox)
        self.report.deliveries = len(deliveries)
        self.report.violations = violations(story, snapshot, deliveries)
        self.tell(
            f"{self.report.kills} kills: {self.report.accepted.total()} accepted, "
            f"{len(self.report.violations)} violations"
        )

    async def _at_rest(self, *, leases: bool = False) -> Snapshot:
        deadline = time.monotonic() + (LEASES if leases else PATIENCE).total_seconds()
        while True:
            snapshot = await look(self.bridge.storage, self.bridge.data_dir)
            if snapshot.idle(leases=leases) or time.monotonic() > deadline:
                return snapshot
            await asyncio.sleep(0.2)


def readable(raw: bytes) -> str:
    """Return subject and text of a mail of ours."""
    mail = message_from_bytes(raw, policy=policy.default)
    body = mail.get_body(("plain",))
    return f"{mail['Subject']}\n{body.get_content() if body else ''}"


def blows(failpoints: Sequence[str], rounds: int, *, seed: int, traced: bool) -> list[Blow]:
    """Plan ``rounds`` kills: each failpoint in turn, then moments and system calls by chance."""
    chance = random.Random(seed)
    turns = cycle(failpoints)
    others = [_at_a_moment, _at_a_call] if traced else [_at_a_moment]
    return [
        chance.choice(others)(chance)
        if number % 3 == 2
        else Blow(next(turns), nth=chance.choice((1, 1, 2, 5)), after=LONG_ENOUGH)
        for number in range(rounds)
    ]


def _at_a_moment(chance: random.Random) -> Blow:
    return Blow(after=timedelta(seconds=chance.uniform(0.2, 4)))


def _at_a_call(chance: random.Random) -> Blow:
    call, nth = chance.choice(SYSCALLS), chance.randint(1, 60)
    return Blow(syscall=call, nth=nth, after=LONG_ENOUGH)


def _in_portions(blows: Iterable[Blow], size: int) -> Iterable[list[Blow]]:
    portion: list[Blow] = []
    for blow in blows:
        portion.append(blow)
        if len(portion) == size:
            yield portion
            portion = []
    if portion:
        yield portion

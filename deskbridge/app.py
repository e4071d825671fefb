"""The whole bridge in one process: opens what it needs, keeps it going, stops in order."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from channels.mail.verify import Verifier
from config.configuration import Configuration
from deskbridge import pages, renaming, stages, stranded
from deskbridge.bridge import Bells, Bridge, DemoMailbox
from deskbridge.endings import DONE
from deskbridge.in_force import put_in_force
from deskbridge.open_channels import OpenChannels
from deskbridge.reloaded import Reloaded
from deskbridge.reloading import Load, Reloading
from deskbridge.standing import standing
from deskbridge.watching import watch, when_signalled
from inquiry.errors import BridgeError
from normalizer.workers import Workers
from storage import arrivals, commands, decisions, epochs, fetches, keys, originals, outbox
from storage.database import Database, Transaction
from storage.epoch_lock import EpochLock
from storage.intake import Intake
from storage.migrate import migrate
from storage.opening import alone, open_database
from storage.postgres import Postgres
from storage.turns import Turn, at

log = logging.getLogger(__name__)

PARTS = frozenset({"intake", "stages", "outbox", "web"})
PATIENCE = timedelta(seconds=15)
"""What the parts have to finish what is in hand."""
LOOK_AT_DISK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """How a running desk gets to load its configuration once more."""

    load: Load
    signalled: asyncio.Event
    """Set when the process was asked to."""
    watch_since: int | None = None
    """Also when a file has changed since then, in nanoseconds of the system's time; else never."""
    on_begin: Callable[[], None] = lambda: None
    on_end: Callable[[Reloaded], None] = lambda _reloaded: None


class DiskFailed(BridgeError):
    """Nothing that is written can be trusted any more; the process must end."""


async def run(
    configuration: Configuration,
    *,
    stop: asyncio.Event,
    parts: Collection[str] = PARTS,
    on_ready: Callable[[Bridge], None] = lambda _bridge: None,
    demo: DemoMailbox | None = None,
    again: Again | None = None,
) -> None:
    """Run the desk until ``stop``; ``again`` says how its configuration is loaded once more.

    Raises:
        DeskInUse: another process runs it.
        StorageUnavailable: the database can't be opened.
        DiskFailed: the disk did not keep what it promised to.
    """
    async with AsyncExitStack() as stack:
        bridge = await _open(stack, configuration, demo)
        for sentence in await renaming.follow(bridge.db, configuration):
            log.info("%s", sentence)
        async with _whichever_fails_first(), asyncio.TaskGroup() as group:
            channels = OpenChannels(
                bridge,
                group,
                intake="intake" in parts,
                outbox="outbox" in parts,
            )
            await channels.open(bridge.in_force.channels)
            reloading = _reloading(bridge, channels, again)
            async with pages.served(bridge, reloading, public="web" in parts):
                loops = stages.journey(bridge) if "stages" in parts else []
                loops += [stages.lives(bridge, bridge.lock)] if bridge.lock else []
                working = [group.create_task(loop) for loop in loops]
                channels.begin()
                asking = [group.create_task(one) for one in _asking(reloading, again)]
                await _tell_of_stranded(bridge)
                on_ready(bridge)
                try:
                    await _until_stopped(bridge.db, stop)
                finally:
                    await _wind_up(bridge, reloading, channels, asking, working)


@asynccontextmanager
async def _whichever_fails_first() -> AsyncIterator[None]:
    """Let the one failure that ends a group of tasks through as itself."""
    try:
        yield
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


def _reloading(bridge: Bridge, channels: OpenChannels, again: Again | None) -> Reloading:
    if again is None:
        return Reloading(bridge, channels, lambda **_: bridge.configuration)
    return Reloading(bridge, channels, again.load, on_begin=again.on_begin, on_end=again.on_end)


def _asking(reloading: Reloading, again: Again | None) -> list[stages.Loop]:
    """Return the loops that ask for a reload: a signal, and files that change."""
    if again is None:
        return []
    since = again.watch_since
    watching = [] if since is None else [watch(reloading, since)]
    return [when_signalled(reloading, again.signalled), *watching]


async def _tell_of_stranded(bridge: Bridge) -> None:
    for sentence in await stranded.mark(bridge):
        log.warning("%s", sentence)


async def _until_stopped(db: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        if db.broken:
            raise DiskFailed(db.broken)
        try:
            async with asyncio.timeout(LOOK_AT_DISK.total_seconds()):
                await stop.wait()
        except TimeoutError:
            continue


async def _wind_up(
    bridge: Bridge,
    reloading: Reloading,
    channels: OpenChannels,
    asking: list[asyncio.Task[None]],
    working: list[asyncio.Task[None]],
) -> None:
    """Take nothing more in, finish what was taken, let go."""
    log.info("stopping: nothing more is taken in")
    await reloading.close()
    for task in asking:
        task.cancel()
    bridge.stopping.set()
    bridge.bells.ring_all()
    await asyncio.gather(channels.stop(PATIENCE), _finished(working))


async def _finished(working: list[asyncio.Task[None]]) -> None:
    if working:
        _, late = await asyncio.wait(working, timeout=PATIENCE.total_seconds())
        for task in late:
            task.cancel()


async def _open(
    stack: AsyncExitStack, configuration: Configuration, demo: DemoMailbox | None
) -> Bridge:
    desk, now = configuration.desk, datetime.now(UTC)
    if desk.storage == "sqlite":
        stack.enter_context(alone(desk.data_dir))
    db = await stack.enter_async_context(open_database(desk.storage, desk.data_dir))
    for step in await migrate(db, now):
        log.info("database: migration %s applied", step)
    await _begin(db, configuration, now)
    lock = await _locked(stack, db, desk.storage, now)
    bells = Bells()
    intake = Intake(at(Turn.FIRST, db), bells.arrivals.ring)
    stack.push_async_callback(intake.close)
    workers = Workers(program="deskbridge.cli.main")
    stack.push_async_callback(workers.close)
    verifier = Verifier()
    stack.push_async_callback(verifier.close)
    ring = await keys.key_ring(db, now)
    bridge = Bridge(
        in_force=put_in_force(configuration, ring),
        db=db,
        lock=lock,
        intake=intake,
        key_ring=ring,
        workers=workers,
        verifier=verifier,
        demo=demo,
        bells=bells,
        last_reload=Reloaded(
            code=DONE, at=now, configuration=configuration.hash, in_force_since=now
        ),
    )
    intake.standing = partial(standing, bridge)
    return bridge


async def _begin(db: Database, configuration: Configuration, now: datetime) -> None:
    log.info("start with configuration %s", configuration.hash)

    async def prepare(tx: Transaction) -> None:
        await decisions.remember_configuration(tx, configuration.hash, configuration.text, now)
        if db.dialect == "sqlite":  # we are alone, so whoever held a lease is dead
            await arrivals.abandon_leases(tx)
            await outbox.abandon_leases(tx)
            await fetches.abandon_leases(tx)
            await commands.abandon_leases(tx)

    await db.write(prepare)
    if db.dialect == "sqlite":
        await originals.tidy(db, configuration.desk.data_dir / "spool", now)


async def _locked(stack: AsyncExitStack, db: Database, dsn: str, now: datetime) -> EpochLock | None:
    """Number this start; where there may be other nodes, hold the lock that shows that we live."""
    node = f"{socket.gethostname()}:{os.getpid()}"
    if not isinstance(db, Postgres):
        await epochs.begin(db, node, now)
        return None
    lock = EpochLock(db, dsn, node)
    stack.push_async_callback(lock.close)
    await lock.step(now)
    return lock

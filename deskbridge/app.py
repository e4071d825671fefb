"""The whole bridge in one process: opens what it needs, keeps it going, stops in order."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from channels.mail.verify import Verifier
from config.configuration import Configuration
from deskbridge import pages, stages, wiring
from deskbridge.bridge import Bells, Bridge, DemoMailbox
from deskbridge.kinds import kind
from inquiry.errors import BridgeError
from inquiry.journey import ChannelName
from normalizer.workers import Workers
from storage import arrivals, decisions, epochs, keys, originals, outbox
from storage.database import Database, Transaction
from storage.intake import Intake
from storage.migrate import migrate
from storage.opening import alone, open_database

log = logging.getLogger(__name__)

PARTS = frozenset({"intake", "stages", "outbox", "web"})
PATIENCE = timedelta(seconds=15)
"""What the parts have to finish what is in hand."""
LOOK_AT_DISK = timedelta(seconds=1)


class DiskFailed(BridgeError):
    """Nothing that is written can be trusted any more; the process must end."""


async def run(
    configuration: Configuration,
    *,
    stop: asyncio.Event,
    parts: Collection[str] = PARTS,
    on_ready: Callable[[Bridge], None] = lambda _bridge: None,
    demo: DemoMailbox | None = None,
) -> None:
    """Run the desk until ``stop``.

    Raises:
        DeskInUse: another process runs it.
        StorageUnavailable: the database can't be opened.
        DiskFailed: the disk did not keep what it promised to.
    """
    async with AsyncExitStack() as stack:
        bridge = await _open(stack, configuration, demo)
        await stack.enter_async_context(pages.served(bridge, public="web" in parts))
        async with asyncio.TaskGroup() as group:
            loops = stages.journey(bridge) if "stages" in parts else []
            loops += stages.outbox(bridge) if "outbox" in parts else []
            working = [group.create_task(loop) for loop in loops]
            taking = stages.intake(bridge) if "intake" in parts else []
            intake = [group.create_task(loop) for loop in taking]
            on_ready(bridge)
            try:
                await _until_stopped(bridge.db, stop)
            finally:
                await _wind_up(bridge, intake, working)


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
    bridge: Bridge, intake: list[asyncio.Task[None]], working: list[asyncio.Task[None]]
) -> None:
    """Take nothing more in, finish what was taken, let go."""
    log.info("stopping: nothing more is taken in")
    for task in intake:
        task.cancel()
    bridge.stopping.set()
    bridge.bells.ring_all()
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
    bells = Bells()
    intake = Intake(db, bells.arrivals.ring)
    stack.push_async_callback(intake.close)
    workers = Workers(program="deskbridge.cli.main")
    stack.push_async_callback(workers.close)
    return Bridge(
        configuration=configuration,
        db=db,
        intake=intake,
        key_ring=await keys.key_ring(db, now),
        workers=workers,
        channels=await _open_channels(stack, configuration),
        verifier=_verifier(stack, configuration),
        demo=demo,
        bells=bells,
    )


async def _begin(db: Database, configuration: Configuration, now: datetime) -> None:
    epoch = await epochs.begin(db, f"{socket.gethostname()}:{os.getpid()}", now)
    log.info("start %d with configuration %s", epoch, configuration.hash)

    async def prepare(tx: Transaction) -> None:
        await decisions.remember_configuration(tx, configuration.hash, configuration.text, now)
        if db.dialect == "sqlite":  # we are alone, so whoever held a lease is dead
            await arrivals.abandon_leases(tx)
            await outbox.abandon_leases(tx)

    await db.write(prepare)
    if db.dialect == "sqlite":
        await originals.tidy(db, configuration.desk.data_dir / "spool", now)


def _verifier(stack: AsyncExitStack, configuration: Configuration) -> Verifier | None:
    if not wiring.checked_channels(configuration):
        return None
    verifier = Verifier()
    stack.push_async_callback(verifier.close)
    return verifier


async def _open_channels(
    stack: AsyncExitStack, configuration: Configuration
) -> dict[ChannelName, object]:
    premises = wiring.premises(configuration)
    return {
        name: await stack.enter_async_context(
            kind(entry.kind).open_channel(name, entry.settings, premises)
        )
        for name, entry in configuration.channels.items()
    }

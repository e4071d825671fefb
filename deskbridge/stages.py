"""The hops of the journey as loops: each moves what is due and rings for the next."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from channels.contract import Attendant, Fetcher, Limits, Receiver, Sender
from channels.mail.verify import Verifier
from deskbridge import renaming
from deskbridge.bridge import Bridge
from deskbridge.customer_import import keep_imported
from deskbridge.in_force import InForce
from deskbridge.supervise import Bell, keep_receiving, keep_stepping
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName, Envelope
from inquiry.retry import RetryPolicy
from normalizer import stage as understanding
from normalizer.fetching import stage as following
from outbox import commands as saying
from outbox import stage as composing
from outbox.outgoing import Outgoing
from router.stage import step as routing
from specialists import stage as assignment
from storage.epoch_lock import EpochLock
from storage.rule_counts import fold
from storage.turns import Turn, at

log = logging.getLogger(__name__)

Loop = Coroutine[None, None, None]
LOOK = timedelta(seconds=0.5)
"""How often to look for processes that are gone: what they had in hand waits until then."""


def lives(bridge: Bridge, lock: EpochLock) -> Loop:
    """Show other nodes that this one lives, and give away what dead ones had in hand."""

    async def step() -> bool:
        if await lock.step(_now()):
            bridge.bells.ring_all()
        return False

    return keep_stepping(
        "living", step, Bell(), bridge.pulse, stopping=bridge.stopping, drains=False, poll=LOOK
    )


def journey(bridge: Bridge) -> list[Loop]:
    """From arrival to answer in form, each step by the configuration in force as it begins."""
    # Two understand side by side: a message that takes its worker's whole patience holds up one.
    both = [_understand(bridge), _understand(bridge)]
    hops = [_route(bridge), _assign(bridge), _wake(bridge), _compose(bridge)]
    return [*both, *hops, keep_imported(bridge), _count_rules(bridge)]


def taking_in(bridge: Bridge, receiver: Receiver) -> Loop:
    """What one channel receives."""
    return keep_receiving(receiver, bridge.intake.inlet(receiver.name), bridge.pulse)


async def sending_out(
    bridge: Bridge, sender: Sender, limits: Limits, stopping: asyncio.Event
) -> None:
    """What leaves by one channel; in the end what is under way is finished and written down."""
    bell = bridge.bells.outbox.follower()
    async with asyncio.TaskGroup() as attempts:
        outgoing = Outgoing(
            bridge.db, sender, RetryPolicy(), attempts, limits=limits, on_end=bell.ring
        )

        async def step() -> bool:
            return await outgoing.step(_now())

        await keep_stepping(
            sending_name(sender.name),
            step,
            bell,
            bridge.pulse,
            stopping=stopping,
            drains=False,
            rings=[bridge.bells.answers],  # what died may go another way
        )
    try:
        await outgoing.write_down(_now())
    except TemporaryFailure as failure:  # whoever comes next finds it by its lease
        log.warning("channel %s: %s", sender.name, failure)


def attending(bridge: Bridge, attendant: Attendant, stopping: asyncio.Event) -> Loop:
    """Commands that one channel answers by itself."""
    inlet = bridge.intake.inlet(attendant.name)

    async def step() -> bool:
        return await saying.step(bridge.db, attendant, inlet, now=_now())

    return keep_stepping(
        attending_name(attendant.name),
        step,
        bridge.bells.commands,
        bridge.pulse,
        stopping=stopping,
        drains=False,
    )


def fetching(bridge: Bridge, fetcher: Fetcher, stopping: asyncio.Event) -> Loop:
    """Files that messages of one channel only name."""
    spool = bridge.configuration.desk.data_dir / "spool"

    async def step() -> bool:
        return await following.step(bridge.db, fetcher, spool, now=_now())

    return keep_stepping(
        fetching_name(fetcher.name),
        step,
        bridge.bells.fetches,
        bridge.pulse,
        stopping=stopping,
        drains=False,
    )


def fetching_name(channel: ChannelName) -> str:
    """Return what the loops that fetch by a channel are called."""
    return f"fetching by {channel}"


def attending_name(channel: ChannelName) -> str:
    """Return what the loop that answers commands on a channel is called."""
    return f"answering commands on {channel}"


def sending_name(channel: ChannelName) -> str:
    """Return what the loop that sends by a channel is called."""
    return f"sending by {channel}"


def _understand(bridge: Bridge) -> Loop:
    async def step() -> bool:
        by = bridge.in_force
        return await understanding.step(
            at(Turn.LATER, bridge.db),
            bridge.workers,
            by.knowledge,
            now=_now(),
            verify=verifying(bridge.verifier, by.checked),
        )

    return keep_stepping(
        "understanding",
        step,
        bridge.bells.arrivals,
        bridge.pulse,
        stopping=bridge.stopping,
        rings=[bridge.bells.understood, bridge.bells.fetches],
    )


def verifying(verifier: Verifier, wanted: Collection[ChannelName]) -> understanding.Verify | None:
    """Check senders, but only of the channels that want it; None where none does."""
    if not wanted:
        return None

    async def verify(
        channel: ChannelName, raw: bytes | Path, envelope: Envelope
    ) -> Mapping[str, str]:
        return await verifier.verify(raw, envelope) if channel in wanted else {}

    return verify


def _route(bridge: Bridge) -> Loop:
    async def step(by: InForce) -> bool:
        return await routing.step(at(Turn.LATER, bridge.db), by.routing, now=_now())

    return keep_stepping(
        "routing",
        by_names_of_now(bridge, step),
        bridge.bells.understood,
        bridge.pulse,
        stopping=bridge.stopping,
        rings=[bridge.bells.unassigned, bridge.bells.answers, bridge.bells.commands],
    )


def _assign(bridge: Bridge) -> Loop:
    async def step(by: InForce) -> bool:
        db = at(Turn.LATER, bridge.db)
        return await assignment.step(db, by.configuration.queues, now=_now())

    return keep_stepping(
        "assignment",
        by_names_of_now(bridge, step),
        bridge.bells.unassigned,
        bridge.pulse,
        stopping=bridge.stopping,
    )


def _wake(bridge: Bridge) -> Loop:
    async def step() -> bool:
        return await assignment.wake_step(bridge.db, now=_now())

    return keep_stepping(
        "waking", step, bridge.bells.time, bridge.pulse, stopping=bridge.stopping, drains=False
    )


def _count_rules(bridge: Bridge) -> Loop:
    async def step() -> bool:
        db = at(Turn.LATER, bridge.db)
        return await fold(db, bridge.configuration.desk.timezone, now=_now())

    return keep_stepping(
        "counting rules",
        step,
        bridge.bells.time,
        bridge.pulse,
        stopping=bridge.stopping,
        drains=False,
    )


def _compose(bridge: Bridge) -> Loop:
    async def step(by: InForce) -> bool:
        return await composing.compose_step(bridge.db, by.composing, now=_now())

    return keep_stepping(
        "composing",
        by_names_of_now(bridge, step),
        bridge.bells.answers,
        bridge.pulse,
        stopping=bridge.stopping,
        rings=[bridge.bells.outbox],
    )


def by_names_of_now(
    bridge: Bridge, step: Callable[[InForce], Awaitable[bool]]
) -> Callable[[], Awaitable[bool]]:
    """Let a step go by one configuration; what it then wrote under a former name follows."""

    async def whole() -> bool:
        by = bridge.in_force
        busy = await step(by)
        if bridge.in_force is not by and any(bridge.configuration.former.renames()):
            async with bridge.changing:  # no channel may take anything in under its former name
                await renaming.follow(bridge.db, bridge.configuration)
        return busy

    return whole


def _now() -> datetime:
    return datetime.now(UTC)

"""The hops of the journey as loops: each moves what is due and rings for the next."""

from collections.abc import Collection, Coroutine, Mapping
from datetime import UTC, datetime
from pathlib import Path

from channels.contract import Sender
from channels.mail.verify import Verifier
from deskbridge import wiring
from deskbridge.bridge import Bridge
from deskbridge.supervise import keep_receiving, keep_stepping
from inquiry.journey import ChannelName, Envelope
from normalizer import stage as understanding
from outbox import stage as sending
from outbox.retry import RetryPolicy
from router import stage as routing
from specialists import stage as assignment

Loop = Coroutine[None, None, None]


def intake(bridge: Bridge) -> list[Loop]:
    """One loop for each channel that receives."""
    return [
        keep_receiving(receiver, bridge.intake.inlet(receiver.name), bridge.pulse)
        for receiver in bridge.receivers
    ]


def journey(bridge: Bridge) -> list[Loop]:
    """From arrival to answer in form."""
    # Two understand side by side: a message that takes its worker's whole patience holds up one.
    both = [_understand(bridge), _understand(bridge)]
    return [*both, _route(bridge), _assign(bridge), _compose(bridge)]


def outbox(bridge: Bridge) -> list[Loop]:
    """One loop for each channel that sends."""
    return [_send(bridge, sender) for sender in bridge.senders]


def _understand(bridge: Bridge) -> Loop:
    knowledge = wiring.knowledge(bridge.configuration)
    verify = verifying(bridge.verifier, wiring.checked_channels(bridge.configuration))

    async def step() -> bool:
        return await understanding.step(
            bridge.db, bridge.workers, knowledge, now=_now(), verify=verify
        )

    return keep_stepping(
        "understanding",
        step,
        bridge.bells.arrivals,
        bridge.pulse,
        stopping=bridge.stopping,
        rings=[bridge.bells.understood],
    )


def verifying(
    verifier: Verifier | None, wanted: Collection[ChannelName]
) -> understanding.Verify | None:
    """Check senders, but only of the channels that want it."""
    if verifier is None:
        return None

    async def verify(
        channel: ChannelName, raw: bytes | Path, envelope: Envelope
    ) -> Mapping[str, str]:
        return await verifier.verify(raw, envelope) if channel in wanted else {}

    return verify


def _route(bridge: Bridge) -> Loop:
    desk = wiring.router_desk(bridge.configuration, bridge.key_ring)

    async def step() -> bool:
        return await routing.step(bridge.db, desk, now=_now())

    return keep_stepping(
        "routing",
        step,
        bridge.bells.understood,
        bridge.pulse,
        stopping=bridge.stopping,
        rings=[bridge.bells.unassigned, bridge.bells.answers],
    )


def _assign(bridge: Bridge) -> Loop:
    async def step() -> bool:
        return await assignment.step(bridge.db, bridge.configuration.queues, now=_now())

    return keep_stepping(
        "assignment", step, bridge.bells.unassigned, bridge.pulse, stopping=bridge.stopping
    )


def _compose(bridge: Bridge) -> Loop:
    desk = wiring.outbox_desk(bridge.configuration, bridge.key_ring)

    async def step() -> bool:
        return await sending.compose_step(bridge.db, desk, now=_now())

    return keep_stepping(
        "composing",
        step,
        bridge.bells.answers,
        bridge.pulse,
        stopping=bridge.stopping,
        rings=[bridge.bells.outbox],
    )


def _send(bridge: Bridge, sender: Sender) -> Loop:
    policy = RetryPolicy()

    async def step() -> bool:
        return await sending.send_step(bridge.db, sender, policy, now=_now())

    return keep_stepping(
        f"sending by {sender.name}",
        step,
        bridge.bells.outbox,
        bridge.pulse,
        stopping=bridge.stopping,
        drains=False,
    )


def _now() -> datetime:
    return datetime.now(UTC)

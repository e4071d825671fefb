"""Dispatches that wait for a channel which is gone or sends no more: they are kept and told of."""

from collections import Counter
from collections.abc import Collection, Mapping

from config.configuration import Configuration
from deskbridge.bridge import Bridge
from deskbridge.wiring import outlets
from inquiry.journey import ChannelName
from inquiry.words import OutboxState
from storage import dispatches, fetches, outbox
from storage.database import Transaction

UNSETTLED = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.DOUBTFUL)


async def mark(bridge: Bridge) -> tuple[str, ...]:
    """Write the reason at each of them; return a sentence per channel.

    They stay waiting, so that they leave as soon as the channel is back.
    """
    able = senders(bridge.configuration)

    async def work(tx: Transaction) -> Counter[ChannelName]:
        found = waiting(await dispatches.counts(tx), able)
        for channel in found:
            await outbox.strand(tx, channel, f"no channel {channel!r} that could send it")
        await fetches.strand(tx, bridge.configuration.channels)
        return found

    return tuple(sentences(await bridge.db.write(work)).values())


def senders(configuration: Configuration) -> frozenset[ChannelName]:
    """Return the channels that can send."""
    return frozenset(outlet.name for outlet in outlets(configuration))


def waiting(
    counts: Mapping[tuple[ChannelName, OutboxState], int], able: Collection[ChannelName]
) -> Counter[ChannelName]:
    """Count what waits for a channel that is none of those ``able`` to send it."""
    found: Counter[ChannelName] = Counter()
    for (channel, state), number in counts.items():
        if state in UNSETTLED and channel not in able:
            found[channel] += number
    return found


def sentences(found: Mapping[ChannelName, int]) -> dict[ChannelName, str]:
    """Say how many wait for which channel."""
    return {
        channel: f"{number} dispatch{'es' * (number != 1)} wait{'s' * (number == 1)} for channel "
        f"{channel!r}, which can't send: see deskbridge outbox list"
        for channel, number in sorted(found.items())
    }

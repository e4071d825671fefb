"""What was changed or withdrawn while nobody told us: what we have, beside what Slack still has."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from channels.contract import Kept
from channels.slack.events import deletion_of, edit_of, edited_at, when
from channels.slack.failures import NotThere
from channels.slack.history import Ask, Found, Read, all_of, stands
from inquiry.errors import PermanentFailure
from inquiry.untrusted import Object, objects

THREADS = 50
"""The newest threads whose replies are compared."""
MISSING = 50
"""The newest messages that are asked for one by one because no list holds them."""
SHORTEST_RETENTION = timedelta(days=1)
"""What a workspace lets go by itself is older than this."""


async def changes(
    ask: Ask, kept: Sequence[Kept], reads: Mapping[str, Read], now: datetime
) -> AsyncIterator[tuple[str, Found]]:
    """Yield the edits and deletions of what we have, each with its conversation, the oldest last.

    What a workspace drops because it is old was withdrawn by nobody: a message counts as deleted
    only if it is young, or older ones still stand.

    Raises:
        TemporaryFailure: Slack did not answer.
    """
    ours = [one for one in kept if _place(one) in reads]
    standing = {channel: set(read.standing) for channel, read in reads.items()}
    for channel, thread in list(_threads(ours, reads))[:THREADS]:
        for message in [one async for one in _replies(ask, channel, thread)]:
            if stands(message):
                standing[channel].add(str(message.get("ts")))
            if edited := edited_at(message):
                yield channel, Found(edit_of(channel, message), when(edited))
    missing = [
        one
        for one in ours
        if one.remote_id not in standing[_place(one)] and _may_tell(one, reads[_place(one)], now)
    ]
    for one in missing[:MISSING]:
        if await _is_gone(ask, one):
            yield _place(one), Found(_withdrawn(one), when(one.remote_id))


def _place(one: Kept) -> str:
    return one.conversation.partition("/")[0]


def _threads(kept: Sequence[Kept], reads: Mapping[str, Read]) -> Iterator[tuple[str, str]]:
    """Yield the threads in which we have replies, and direct messages' own, the newest first."""
    found = {
        (channel, thread): when(one.remote_id)
        for one in reversed(kept)
        for channel, _, thread in [one.conversation.partition("/")]
        if thread and thread != one.remote_id
    }
    alone = {_place(one) for one in kept if "/" not in one.conversation}
    for channel in alone:
        found |= {(channel, thread): when(last) for thread, last in reads[channel].replied.items()}
    yield from sorted(found, key=lambda thread: found[thread], reverse=True)


async def _replies(ask: Ask, channel: str, thread: str) -> AsyncIterator[Object]:
    try:
        async for message in all_of(ask, "conversations.replies", channel, when("0"), ts=thread):
            yield message
    except PermanentFailure:
        return  # its first message is gone, and so are they: or it is not for us any more


def _may_tell(one: Kept, read: Read, now: datetime) -> bool:
    at = when(one.remote_id)
    if at < read.reach:
        return False
    young = float(at) > (now - SHORTEST_RETENTION).timestamp()
    return young or any(when(other) < at for other in read.standing)


async def _is_gone(ask: Ask, one: Kept) -> bool:
    """Ask for one message: any message names its thread, and one alone is its own."""
    try:
        page = await ask("conversations.replies", channel=_place(one), ts=one.remote_id, limit=1)
    except NotThere:
        return True
    except PermanentFailure:
        return False
    told = objects(page, "messages")
    return any(one.remote_id == message.get("ts") and not stands(message) for message in told)


def _withdrawn(one: Kept) -> Object:
    channel, _, thread = one.conversation.partition("/")
    before = {"type": "message", "user": one.address, "ts": one.remote_id}
    return deletion_of(channel, before | ({"thread_ts": thread} if thread else {}))

"""What was said while nobody told us: read from the history after every gap."""

import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from channels.slack.api import Answer
from channels.slack.events import edit_of, edited_at, said_at, when
from channels.slack.places import next_page
from inquiry.errors import PermanentFailure
from inquiry.untrusted import Object, objects

log = logging.getLogger(__name__)

PAGE = 200
MOST = 1000
"""Messages of one conversation; older ones of a longer gap are left out."""
LONGEST = timedelta(days=14)
"""A gap is not filled further back."""
THREADS = timedelta(days=3)
"""How much older than the gap a message may be and still have its edits and new replies found."""


class Ask(Protocol):
    """Calls a method of the Web API; raises TemporaryFailure, PermanentFailure."""

    async def __call__(self, method: str, **params: Any) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Found:
    """An event as it would have been told."""

    event: Object
    at: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What the history of one conversation told."""

    found: Sequence[Found]
    """What was said or edited in the gap, in that order."""
    standing: frozenset[str]
    """The ``ts`` of all that stands in the conversation itself, from ``reach`` on."""
    replied: Mapping[str, str]
    """Threads that begin there, and their last reply."""
    reach: Decimal


async def since(ask: Ask, channel: str, begin: Decimal, ours: str, now: datetime) -> Read:
    """Return what was said or edited in a conversation after ``begin``.

    What was said before the app came in is not for it.

    Raises:
        TemporaryFailure: Slack did not answer.
        PermanentFailure: this conversation is not for us any more.
    """
    oldest = earliest(begin, now)
    begin = oldest + int(THREADS.total_seconds())
    roots = [one async for one in all_of(ask, "conversations.history", channel, oldest)]
    begin = max([begin, *(said_at(one) for one in roots if _is_our_coming(one, ours))])
    found = list(_new(channel, roots, begin))
    replied = {str(one["ts"]): str(one["latest_reply"]) for one in roots if _has_replies(one)}
    for thread, last in replied.items():
        if when(last) > begin:
            try:
                replies = [
                    one
                    async for one in all_of(ask, "conversations.replies", channel, begin, ts=thread)
                ]
            except PermanentFailure:
                continue  # it was deleted in this moment
            new = [one for one in replies if one.get("ts") != thread]
            found += _new(channel, new, begin)
    return Read(
        found=sorted(found, key=lambda one: one.at),
        standing=frozenset(str(one.get("ts")) for one in roots if stands(one)),
        replied=replied,
        reach=min(map(said_at, roots)) if len(roots) >= MOST else oldest,
    )


def earliest(newest: Decimal, now: datetime) -> Decimal:
    """Return from when on the history is read after a gap that began at ``newest``."""
    begin = max(newest, Decimal(int((now - LONGEST).timestamp())))
    return begin - int(THREADS.total_seconds())


def stands(message: Object) -> bool:
    """Is it more than what stays where a message with replies was deleted?"""
    return message.get("subtype") != "tombstone"


async def all_of(
    ask: Ask, method: str, channel: str, oldest: Decimal, **params: Any
) -> AsyncIterator[Object]:
    """Yield what a method lists of a conversation, page by page, the latest ``MOST``."""
    cursor, count = "", 0
    while True:
        page = await ask(
            method,
            channel=channel,
            oldest=f"{oldest:.6f}",
            limit=PAGE,
            **params,
            **({"cursor": cursor} if cursor else {}),
        )
        for message in objects(page, "messages"):
            count += 1
            yield message
        cursor = next_page(page)
        if not cursor:
            return
        if count >= MOST:
            log.warning("Slack channel %s: only the latest %d messages are filled", channel, count)
            return


def _new(channel: str, messages: Iterable[Object], begin: Decimal) -> Iterator[Found]:
    for message in messages:
        if said_at(message) > begin:
            yield Found({"type": "message", **message, "channel": channel}, said_at(message))
        elif (edited := when(edited_at(message))) > begin:
            yield Found(edit_of(channel, message), edited)


def _has_replies(message: Object) -> bool:
    return bool(message.get("reply_count")) and {"ts", "latest_reply"} <= message.keys()


def _is_our_coming(message: Object, ours: str) -> bool:
    joined = message.get("subtype") in ("channel_join", "group_join")
    return joined and bool(ours) and message.get("user") == ours

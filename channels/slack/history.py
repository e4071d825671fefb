"""What was said while nobody told us: read from the history after every gap."""

import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from channels.slack.api import Answer
from channels.slack.events import Object, edit_of, edited_at, when
from channels.slack.places import next_page

log = logging.getLogger(__name__)

PAGE = 200
MOST = 1000
"""Messages of one conversation; older ones of a longer gap are left out."""
LONGEST = timedelta(days=14)
"""A gap is not filled further back."""
THREADS = timedelta(days=3)
"""How much older than the gap a message may be and still have its edits and new replies found."""


class Ask(Protocol):
    """Calls a method of the Web API; raises TemporaryFailure."""

    async def __call__(self, method: str, **params: Any) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Found:
    """An event as it would have been told."""

    event: Object
    at: Decimal


async def since(ask: Ask, channel: str, begin: Decimal, ours: str, now: datetime) -> list[Found]:
    """Return what was said or edited in a conversation after ``begin``, in that order.

    What was said before the app came in is not for it. What was deleted leaves no trace.

    Raises:
        TemporaryFailure: Slack did not answer.
    """
    begin = max(begin, Decimal(int((now - LONGEST).timestamp())))
    oldest = begin - int(THREADS.total_seconds())
    roots = [one async for one in _all(ask, "conversations.history", channel, oldest)]
    begin = max([begin, *(_at(one) for one in roots if _is_our_coming(one, ours))])
    found = list(_new(channel, roots, begin))
    for root in roots:
        if root.get("reply_count") and when(str(root.get("latest_reply", ""))) > begin:
            thread = str(root.get("ts", ""))
            replies = _all(ask, "conversations.replies", channel, begin, ts=thread)
            found += _new(channel, [one async for one in replies if one.get("ts") != thread], begin)
    return sorted(found, key=lambda one: one.at)


async def _all(
    ask: Ask, method: str, channel: str, oldest: Decimal, **params: Any
) -> AsyncIterator[Object]:
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
        for message in _messages(page):
            count += 1
            yield message
        cursor = next_page(page)
        if not cursor:
            return
        if count >= MOST:
            log.warning("Slack channel %s: only the latest %d messages are filled", channel, count)
            return


def _messages(page: Answer) -> Iterable[Object]:
    messages = page.get("messages")
    return [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []


def _new(channel: str, messages: Iterable[Object], begin: Decimal) -> Iterator[Found]:
    for message in messages:
        if _at(message) > begin:
            yield Found({"type": "message", **message, "channel": channel}, _at(message))
        elif (edited := when(edited_at(message))) > begin:
            yield Found(edit_of(channel, message), edited)


def _is_our_coming(message: Object, ours: str) -> bool:
    joined = message.get("subtype") in ("channel_join", "group_join")
    return joined and bool(ours) and message.get("user") == ours


def _at(message: Object) -> Decimal:
    return when(str(message.get("ts", "")))

"""What of an answer stands in Slack already: each text has a mark that the history shows again."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from channels.slack.events import said_at
from channels.slack.history import MOST, Ask, all_of
from inquiry.journey import Dispatch, File
from inquiry.untrusted import Object, inner, objects, string

KIND = "deskbridge_answer"
FAR_BACK = timedelta(days=3)
"""Longer than an answer is tried."""
CLOCKS = timedelta(minutes=10)
"""By so much Slack's clock and ours may differ."""
Part = str | File


def mark_of(dispatch: Dispatch, number: int) -> Mapping[str, Any]:
    """Return what one part of a dispatch carries: nobody reads it, and it says nothing."""
    named = f"{dispatch.reference} {dispatch.id} {dispatch.envelope_id} {number}"
    mark = hashlib.sha256(named.encode(errors="replace")).hexdigest()[:32]
    return {"event_type": KIND, "event_payload": {"mark": mark}}


async def standing(
    ask: Ask, channel: str, thread: str, since: datetime | None = None
) -> list[Object]:
    """Return what was said lately in a thread, or in direct messages, oldest first.

    Not from before ``since``: some apps may ask for few pages only (429).

    Raises: as ``ask``; then nobody knows.
    """
    begin = datetime.now(UTC) - FAR_BACK
    begin = max(begin, since - CLOCKS) if since else begin
    oldest = Decimal(int(begin.timestamp()))
    method = "conversations.replies" if thread else "conversations.history"
    where = {"ts": thread} if thread else {}
    found = all_of(ask, method, channel, oldest, include_all_metadata="true", **where)
    return sorted([one async for one in found], key=said_at)


def went_on(
    dispatch: Dispatch,
    parts: Sequence[Part],
    went: Sequence[str],
    said: Sequence[Object],
    no_id: str,
) -> list[str]:
    """Return the ids of those parts behind ``went`` that stand there, up to the first that doesn't.

    A file has no mark: it is known by its name and size, behind a text of the same answer.
    """
    marked = {mark: one for one in said if (mark := _mark_in(one))}
    texts = [marked.get(_mark(dispatch, number)) for number in range(len(parts))]
    last = max((said_at(one) for one in texts if one), default=None)
    writers = {one.get("user") for one in texts if one}
    files = list(_files(said, last, writers)) if last is not None else []
    found: list[str] = []
    for number, part in enumerate(parts):
        if isinstance(part, File):
            named = (part.filename, len(part.content))
            if named in files:
                files.remove(named)
            elif number >= len(went):
                break
            ts = no_id
        elif text := texts[number]:
            ts = str(text.get("ts"))
        elif number < len(went):
            continue  # too long ago to be listed
        else:
            break
        if number >= len(went):
            found.append(ts)
    return found


def are_told(said: Sequence[Object]) -> bool:
    """Does Slack show all marks? Else nobody can tell what is not there from what has none."""
    return len(said) < MOST and any(map(_mark_in, said))


def _files(
    said: Sequence[Object], since: Decimal, writers: set[Any]
) -> Iterator[tuple[object, object]]:
    """Yield name and size of what we have uploaded since."""
    for one in said:
        if said_at(one) > since and (one.get("user") in writers or one.get("bot_id")):
            for file in objects(one, "files"):
                yield file.get("name"), file.get("size")


def _mark(dispatch: Dispatch, number: int) -> str:
    return str(mark_of(dispatch, number)["event_payload"]["mark"])


def _mark_in(message: Object) -> str:
    return string(inner(inner(message, "metadata"), "event_payload"), "mark")

"""Which events are somebody's words to us, and what identifies them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from inquiry.untrusted import Object, inner, string

SPOKEN = (None, "", "file_share", "me_message", "thread_broadcast")
NOBODY = "USLACKBOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Somebody's words, or what became of them."""

    channel: str
    direct: bool
    """Said to the app and few others, not in a channel."""
    remote_id: str
    ts: str
    """When it was said, unique in its channel; "" of an edit or a deletion."""
    people: tuple[str, ...]
    """Ids of the writer and of those who are mentioned."""


def said(event: Object, ours: str) -> Said | None:
    """Return what an event says to us; None for what programs say, ``ours`` among them.

    The same message has the same ``remote_id`` whether Slack tells it as a message, as a mention,
    again, or in the history.
    """
    if event.get("type") not in ("message", "app_mention"):
        return None
    match event.get("subtype"):
        case "message_changed":
            now = inner(event, "message")
            return _withdrawn(event, now) if _is_withdrawn(now) else _edited(event, now, ours)
        case "message_deleted":
            before = inner(event, "previous_message")
            gone = before if _is_person(before, ours) or not before else {"bot_id": "?"}
            return _withdrawn(event, gone) if "bot_id" not in gone else None
        case subtype if subtype in SPOKEN and _is_person(event, ours) and string(event, "ts"):
            ts = string(event, "ts")
            return _said(event, event, f"{string(event, 'channel')}:{ts}", ts)
    return None


def edit_of(channel: str, message: Object) -> Object:
    """Return the event that Slack sends when ``message`` has been edited."""
    return {
        "type": "message",
        "subtype": "message_changed",
        "channel": channel,
        "ts": string(inner(message, "edited"), "ts"),
        "message": message,
    }


def deletion_of(channel: str, message: Object) -> Object:
    """Return the event that Slack sends when ``message`` has been deleted."""
    return {
        "type": "message",
        "subtype": "message_deleted",
        "channel": channel,
        "deleted_ts": string(message, "ts"),
        "previous_message": message,
    }


def written(event: Object) -> bytes:
    """Write down an event that was found in the history."""
    return json.dumps({"type": "event_callback", "event": event}, ensure_ascii=False).encode(
        errors="replace"
    )


def said_at(message: Object) -> Decimal:
    """Return when a message was said."""
    return when(string(message, "ts"))


def when(stamp: str) -> Decimal:
    """Return a ``ts`` as a number; 0 for what is none."""
    try:
        found = Decimal(stamp)
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() else Decimal(0)


def edited_at(message: Object) -> str:
    """Return when somebody last edited a message, "" if nobody has."""
    return string(inner(message, "edited"), "ts")


def _edited(event: Object, now: Object, ours: str) -> Said | None:
    # Without ``edited`` it was Slack who changed it: a preview of a link, a count of replies.
    if not _is_person(now, ours) or not (at := edited_at(now)) or not string(now, "ts"):
        return None
    return _said(event, now, f"{string(event, 'channel')}:{string(now, 'ts')}:edited:{at}")


def _withdrawn(event: Object, before: Object) -> Said | None:
    ts = string(event, "deleted_ts") or string(before, "ts")
    if not ts:
        return None
    return _said(event, before, f"{string(event, 'channel')}:{ts}:deleted")


def _is_withdrawn(message: Object) -> bool:
    """Is it what stays where a message with replies was deleted?"""
    return message.get("subtype") == "tombstone"


def _said(event: Object, message: Object, remote_id: str, ts: str = "") -> Said | None:
    channel = string(event, "channel")
    if not channel:
        return None
    direct = channel.startswith("D") or event.get("channel_type") in ("im", "mpim")
    people = tuple(dict.fromkeys(filter(None, (string(message, "user"), *_mentioned(message)))))
    return Said(channel=channel, direct=direct, remote_id=remote_id, ts=ts, people=people)


def _mentioned(message: Object) -> Iterator[str]:
    for piece in string(message, "text").split("<@")[1:21]:
        found = piece.partition(">")[0].partition("|")[0]
        if found.isalnum() and len(found) < 30:
            yield found


def _is_person(message: Object, ours: str) -> bool:
    user = string(message, "user")
    return bool(user) and not message.get("bot_id") and user not in (NOBODY, ours)

"""Which updates are for us: all in a private chat, in a group only what is said to the bot."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from inquiry.untrusted import Object, inner, objects

GROUPS = ("group", "supergroup")
OURS = frozenset({"start", "status", "human"})
"""Commands that mean us in a group even without our name."""
MOVES = ("migrate_to_chat_id", "migrate_from_chat_id")
SERVICE = (
    *("pinned_message", "message_auto_delete_timer_changed", "write_access_allowed"),
    *("boost_added", "chat_background_set", "connected_website", "proximity_alert_triggered"),
    *("new_chat_title", "new_chat_photo", "delete_chat_photo"),
    *("forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened"),
)
"""What programs note in a private chat; nobody has said it."""


class Fate(StrEnum):
    """What becomes of an update."""

    TAKE = "take"
    FOLLOW = "follow"  # only if what it belongs to is here: an edit, a piece of an album
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Me:
    """Who the bot is."""

    id: int
    username: str


def in_group(update: Object) -> bool:
    """Does it take to know who we are to say whom it is for?"""
    return inner(message_of(update), "chat").get("type") in GROUPS


def message_of(update: Object) -> Object:
    """Return the message in an update, new or changed; empty if it holds none."""
    return inner(update, "message") or inner(update, "edited_message")


def fate(update: Object, me: Me | None) -> Fate:
    """Say what becomes of an update. In doubt it is taken."""
    message = message_of(update)
    if not message or any(key in message for key in MOVES):
        return Fate.TAKE
    if "edited_message" in update and "location" in message:
        return Fate.LEAVE  # a place that is shared live: told anew every few seconds
    if not in_group(update) or me is None:
        return Fate.LEAVE if any(key in message for key in SERVICE) else Fate.TAKE
    if inner(message, "from").get("id") == me.id or message.get("is_automatic_forward") is True:
        return Fate.LEAVE  # our own words, and what a channel's posts leave in its group
    if _said_to(message, me):
        return Fate.TAKE
    follows = "edited_message" in update or "media_group_id" in message
    return Fate.FOLLOW if follows else Fate.LEAVE


def command(update: Object, me: Me | None) -> str:
    """Return the command that a new message to us is, without a slash: ``start``; "" if none."""
    text = inner(update, "message").get("text")
    forwarded = "forward_origin" in inner(update, "message")
    if not isinstance(text, str) or not text.startswith("/") or forwarded:
        return ""
    word = text.split(maxsplit=1)[0].removeprefix("/")
    name, _, whose = word.partition("@")
    if whose and (me is None or whose.lower() != me.username.lower()):
        return ""
    return name.lower()


def _said_to(message: Object, me: Me) -> bool:
    replied = inner(message, "reply_to_message")
    to_us = inner(replied, "from").get("id") == me.id and not _begins_topic(message, replied)
    return to_us or any(_names(me, *named) for named in _entities(message))


def _begins_topic(message: Object, replied: Object) -> bool:
    """In a topic everything replies to its beginning, which may be ours.

    Elsewhere in a supergroup the first message that was replied to has the thread's number too.
    """
    in_topic = message.get("is_topic_message") is True
    return in_topic and replied.get("message_id") == message.get("message_thread_id")


def _names(me: Me, kind: object, words: str, user: Object) -> bool:
    match kind:
        case "mention":
            return words.lower() == f"@{me.username}".lower()
        case "text_mention":
            return user.get("id") == me.id
        case "bot_command":
            name, _, whose = words.removeprefix("/").partition("@")
            return whose.lower() == me.username.lower() if whose else name.lower() in OURS
    return False


def _entities(message: Object) -> Iterator[tuple[object, str, Object]]:
    """Yield what is marked in text and caption. Telegram counts UTF-16 units."""
    for name, marks in (("text", "entities"), ("caption", "caption_entities")):
        if not isinstance(text := message.get(name), str):
            continue
        units = text.encode("utf-16-le", errors="surrogatepass")
        for entity in objects(message, marks, 100):
            start, length = entity.get("offset"), entity.get("length")
            if isinstance(start, int) and isinstance(length, int) and start >= 0:
                words = units[2 * start : 2 * (start + length)]
                said = words.decode("utf-16-le", errors="replace")
                yield entity.get("type"), said, inner(entity, "user")

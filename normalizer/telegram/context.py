"""What a Telegram message refers to: where it was forwarded from, and which words it answers."""

from inquiry.untrusted import Object, inner, string
from normalizer.telegram.reading import full_name, number
from normalizer.telegram.told import words_of

LONGEST = 2000
"""Letters of what is quoted: the whole stands where it was said."""


def forwarded(message: Object) -> str:
    """Say in a line whose words a forwarded message holds; "" if they are the writer's own."""
    origin = inner(message, "forward_origin")
    if not origin:
        return ""
    return f"[forwarded from {_origin(origin)}]" if _origin(origin) else "[forwarded]"


def quoted(message: Object) -> str:
    """Return the words that a message answers, marked as a quotation; "" where we know them.

    What it replies to is here already if the bot or the same person said it: then only the piece
    counts that the writer has chosen. Of anybody else's words nobody else would tell a specialist.
    """
    chosen = inner(message, "quote")
    elsewhere, replied = inner(message, "external_reply"), inner(message, "reply_to_message")
    if elsewhere:
        who = _origin(inner(elsewhere, "origin"))
        words = string(chosen, "text") or "\n".join(filter(None, words_of(elsewhere)))
    elif _is_news(message, replied):
        who = _author(replied)
        words = string(chosen, "text") or "\n".join(filter(None, words_of(replied)))
    else:
        who, words = "", string(chosen, "text") if chosen.get("is_manual") is True else ""
    lines = words.strip()[:LONGEST].splitlines()
    return "\n".join(f"> {line}" for line in (*([f"{who}:"] if who and lines else ()), *lines))


def _is_news(message: Object, replied: Object) -> bool:
    """Did somebody else say it, who is no bot?"""
    if not replied or "forum_topic_created" in replied:
        return False
    by, writer = inner(replied, "from"), inner(message, "from")
    by_bot = by.get("is_bot") is True and not inner(replied, "sender_chat")
    return not by_bot and number(by, "id") != number(writer, "id")


def _author(message: Object) -> str:
    group = inner(message, "sender_chat")
    return string(group, "title") or full_name(inner(message, "from"))


def _origin(origin: Object) -> str:
    """Return who said first what was forwarded or is replied to in another chat."""
    chat = inner(origin, "chat") or inner(origin, "sender_chat")
    named = full_name(inner(origin, "sender_user")) or string(origin, "sender_user_name")
    return named or string(chat, "title") or full_name(chat)

"""One Telegram update: what somebody wrote, changed or pressed."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from inquiry.journey import Envelope
from inquiry.understood import Command, Edit, Known, Message, Moved, Party, Press, Understood
from inquiry.untrusted import Object, inner, string
from inquiry.words import Audience, Automated, Trust
from normalizer.charsets import clean
from normalizer.encoded_words import one_line
from normalizer.language import weighed
from normalizer.limits import TEXT_CHARACTERS
from normalizer.names import person_name
from normalizer.telegram.context import forwarded, quoted
from normalizer.telegram.files import files_of
from normalizer.telegram.reading import full_name, number
from normalizer.telegram.told import words_of

ADDRESSED = "addressed"
"""The header in which the channel notes ``no``: in a group this was not said to us."""
ASKS = "asks"
"""The header in which it notes a command that it answers by itself: ``start``, ``status``."""
_NEW = ("message", "business_message", "channel_post")
_CHANGED = ("edited_message", "edited_business_message", "edited_channel_post")


@dataclass(frozen=True, slots=True)
class Utterance:
    """The Telegram message inside an update, and what sort of update it was."""

    kind: str
    message: Object
    sender: Party | None
    conversation: str


def understand_telegram(raw: bytes, envelope: Envelope, known: Known) -> Understood:
    """Make a message, an edit, a press or a move of an update."""
    update = json.loads(raw)
    found = utterance(update)
    if found.kind == "callback_query":
        return _press(update["callback_query"], found)
    if moved := _moved(found.message):
        return moved
    if asked := envelope.headers.get(ASKS):
        return _command(asked, found)
    message = _message(found, known)
    if envelope.headers.get(ADDRESSED) == "no":
        message = replace(message, opens=False)
    if found.kind in _CHANGED:
        return Edit(remote_id=message.remote_id, conversation=message.conversation, message=message)
    return message


def utterance(update: Any) -> Utterance:
    """Find the message of an update, whatever sort of update it is."""
    if not isinstance(update, dict):
        raise TypeError("an update is an object")
    if not any(key in update for key in (*_NEW, *_CHANGED, "callback_query")) and "chat" in update:
        update = {"message": update}
    for kind, value in update.items():
        if not isinstance(value, dict):
            continue
        message = inner(value, "message") if kind == "callback_query" else value
        who = _author(value) or _signed(value)
        sender = _party(who) if who else None
        return Utterance(kind, message, sender, _conversation(message))
    raise ValueError("an update without content")


def _author(said: Object) -> Object:
    """Return who wrote it: a person, or the group or channel in whose name somebody wrote."""
    who = inner(said, "from")
    if not who or who.get("is_bot"):
        who = inner(said, "sender_chat") or who
    return who or inner(said, "user")


def _conversation(message: Object) -> str:
    """Return the chat; in a forum the chat and the topic."""
    chat = number(inner(message, "chat"), "id")
    topic = number(message, "message_thread_id")
    return f"{chat}/{topic}" if topic and message.get("is_topic_message") is True else chat


def _moved(message: Object) -> Moved | None:
    """A group that became a supergroup says so in both, before and after."""
    here = number(inner(message, "chat"), "id")
    to, before = number(message, "migrate_to_chat_id"), number(message, "migrate_from_chat_id")
    if not here or not (to or before):
        return None
    return Moved(conversation=before or here, to=to or here)


def _message(found: Utterance, known: Known) -> Message:
    message = found.message
    said = (forwarded(message), *words_of(message))
    text = clean("\n\n".join(filter(None, said)))[:TEXT_CHARACTERS].strip()
    answers = clean(quoted(message))
    utterance_kind = found.kind in (*_NEW, *_CHANGED)
    who = inner(message, "from")
    own = "\n".join((string(message, "text"), string(message, "caption")))
    language, guess, because = weighed(own, known, string(who, "language_code"), "language_code")
    spoken = utterance_kind and bool(text)
    by_program = who.get("is_bot") and not inner(message, "sender_chat")
    return Message(
        sender=found.sender,
        trust=Trust.VERIFIED if found.sender else Trust.UNVERIFIED,
        text="\n\n".join(filter(None, (text or f"[{_service(found)}]", answers))),
        new_text=text or f"[{_service(found)}]",
        quoted_text=answers,
        language=language,
        language_guess=guess,
        language_because=because,
        sent_at=_time(message.get("edit_date") or message.get("date")),
        conversation=found.conversation,
        audience=Audience.GROUP if found.conversation.startswith("-") else Audience.ALONE,
        thread=number(message, "message_thread_id"),
        remote_id=number(message, "message_id"),
        in_reply_to=_answered(message),
        album=one_line(number(message, "media_group_id")),
        automated=Automated.NONE if spoken and not by_program else Automated.AUTO_REPLY,
        automated_because=_because(found, spoken=spoken, by_program=bool(by_program)),
        headers=_noted(message, found),
        attachments=tuple(files_of(message)),
    )


def _noted(message: Object, found: Utterance) -> dict[str, str]:
    """Return what rules and suggestions may look at: a command, a number that was shared."""
    noted = {"command": command} if (command := command_of(message)) else {}
    contact = inner(message, "contact")
    if phone := one_line(string(contact, "phone_number"))[:40]:
        own = found.sender is not None and number(contact, "user_id") == found.sender.address
        noted |= {"phone": f"+{phone.lstrip('+')}", "phone-of": "sender" if own else "another"}
    return noted


def _because(found: Utterance, *, spoken: bool, by_program: bool) -> str:
    if spoken:
        return "Telegram: a bot wrote it" if by_program else ""
    return f"Telegram: {_service(found)}"


def command_of(message: Object) -> str:
    """Return the command that a message begins with, in lower case: ``status``; "" if none."""
    first = string(message, "text").partition("\n")[0].partition(" ")[0]
    name = first.removeprefix("/").partition("@")[0]
    return name.lower() if first.startswith("/") and name.isidentifier() else ""


def _answered(message: Object) -> str:
    """Return what it replies to. In a topic everything replies to the topic's beginning."""
    answered = number(inner(message, "reply_to_message"), "message_id")
    beginning = number(message, "message_thread_id")
    in_topic = message.get("is_topic_message") is True
    return "" if in_topic and answered == beginning else answered


def _service(found: Utterance) -> str:
    """Name what happened in an update that holds no words."""
    if found.kind not in (*_NEW, *_CHANGED):
        return one_line(found.kind)[:100]
    known = (
        *("message_id", "date", "chat", "from", "sender_chat", "author_signature", "via_bot"),
        *("message_thread_id", "is_topic_message", "reply_to_message"),
    )
    return next((one_line(key)[:100] for key in found.message if key not in known), "empty message")


def _press(query: Object, found: Utterance) -> Press:
    return Press(
        remote_id=one_line(str(query.get("id", ""))),
        conversation=found.conversation,
        sender=found.sender or Party(""),
        value=one_line(string(query, "data")),
    )


def _command(asked: str, found: Utterance) -> Command:
    return Command(
        remote_id=number(found.message, "message_id"),
        conversation=found.conversation,
        sender=found.sender or Party(""),
        name=one_line(asked)[:40],
        language=one_line(string(inner(found.message, "from"), "language_code"))[:40],
    )


def _party(who: Object) -> Party:
    name = full_name(who) or string(who, "title") or string(who, "username")
    return Party(number(who, "id"), person_name(name))


def _signed(post: Object) -> Object:
    """A channel's post has no author but, at most, a name below it."""
    signature, chat = string(post, "author_signature"), inner(post, "chat")
    return {**chat, "title": signature or string(chat, "title")} if chat else {}


def _time(value: Any) -> datetime | None:
    if not isinstance(value, int) or not 0 < value < 32_503_680_000:  # the year 3000
        return None
    return datetime.fromtimestamp(value, UTC)

"""One Telegram update: what somebody wrote, changed or pressed."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from inquiry.journey import Envelope
from inquiry.understood import Edit, Known, Message, Party, Press, Understood
from inquiry.words import Automated, Trust
from normalizer.charsets import clean
from normalizer.encoded_words import one_line
from normalizer.language import languages_of
from normalizer.limits import TEXT_CHARACTERS
from normalizer.names import person_name

_Object = Mapping[str, Any]
_NEW = ("message", "business_message", "channel_post")
_CHANGED = ("edited_message", "edited_business_message", "edited_channel_post")


@dataclass(frozen=True, slots=True)
class Utterance:
    """The Telegram message inside an update, and what sort of update it was."""

    kind: str
    message: _Object
    sender: Party | None
    conversation: str


def understand_telegram(raw: bytes, envelope: Envelope, known: Known) -> Understood:
    """Make a message, an edit or a press of an update."""
    del envelope  # the bytes say it all
    update = json.loads(raw)
    found = utterance(update)
    if found.kind == "callback_query":
        return _press(update["callback_query"], found)
    message = _message(found, known)
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
        inner = _inner(value, "message") if kind == "callback_query" else value
        who = _inner(value, "from") or _inner(value, "sender_chat") or _inner(value, "user")
        chat = _inner(inner, "chat")
        who = who or _signed(value)
        sender = _party(who) if who else None
        return Utterance(kind, inner, sender, _number(chat, "id"))
    raise ValueError("an update without content")


def _message(found: Utterance, known: Known) -> Message:
    message = found.message
    text = clean("\n\n".join(filter(None, _words(message))))[:TEXT_CHARACTERS].strip()
    utterance_kind = found.kind in (*_NEW, *_CHANGED)
    who = _inner(message, "from")
    language, guess = languages_of(text, known, hint=_string(who, "language_code"))
    spoken = utterance_kind and bool(text)
    answered = _inner(message, "reply_to_message")
    return Message(
        sender=found.sender,
        trust=Trust.VERIFIED if found.sender else Trust.UNVERIFIED,
        text=text or f"[{_service(found)}]",
        new_text=text or f"[{_service(found)}]",
        language=language,
        language_guess=guess,
        sent_at=_time(message.get("edit_date") or message.get("date")),
        conversation=found.conversation,
        thread=_number(message, "message_thread_id"),
        remote_id=_number(message, "message_id"),
        in_reply_to=_number(answered, "message_id"),
        automated=Automated.NONE if spoken and not who.get("is_bot") else Automated.AUTO_REPLY,
        automated_because="" if spoken else f"Telegram: {_service(found)}",
    )


def _service(found: Utterance) -> str:
    """Name what happened in an update that holds no words."""
    if found.kind not in (*_NEW, *_CHANGED):
        return one_line(found.kind)[:100]
    known = ("message_id", "date", "chat", "from", "sender_chat", "message_thread_id")
    return next((one_line(key)[:100] for key in found.message if key not in known), "empty message")


def _words(message: _Object) -> Iterator[str]:
    """Yield what a person would read in the message."""
    yield _linked(message, "text", "entities")
    for kind, describe in _DESCRIBED.items():
        inner = message.get(kind)
        if isinstance(inner, dict) or (isinstance(inner, list) and inner):
            yield describe(inner if isinstance(inner, dict) else _largest(inner))
            break
    yield _linked(message, "caption", "caption_entities")


def _largest(pictures: list[Any]) -> _Object:
    return pictures[-1] if isinstance(pictures[-1], dict) else {}


def _linked(message: _Object, name: str, entities: str) -> str:
    """Return a text; where a link hides behind words, it is shown after the text."""
    text = _string(message, name)
    found = message.get(entities)
    links = [
        _string(entity, "url")
        for entity in (found if isinstance(found, list) else [])[:100]
        if isinstance(entity, dict) and entity.get("type") == "text_link"
    ]
    return "\n".join((text, *(f"<{url}>" for url in dict.fromkeys(links) if url not in text)))


def _contact(contact: _Object) -> str:
    return f"[contact] {_full_name(contact)} {_string(contact, 'phone_number')}".rstrip()


def _location(location: _Object) -> str:
    return f"[location] {location.get('latitude')}, {location.get('longitude')}"


def _venue(venue: _Object) -> str:
    return f"[place] {_string(venue, 'title')}, {_string(venue, 'address')}"


def _poll(poll: _Object) -> str:
    options = poll.get("options")
    listed = [
        f"- {_string(option, 'text')}"
        for option in (options if isinstance(options, list) else [])[:20]
        if isinstance(option, dict)
    ]
    return "\n".join((f"[poll] {_string(poll, 'question')}", *listed))


def _sticker(sticker: _Object) -> str:
    return _string(sticker, "emoji") or "[sticker]"


def _dice(dice: _Object) -> str:
    return f"{_string(dice, 'emoji')} {dice.get('value')}"


def _file(word: str) -> Callable[[_Object], str]:
    return lambda file: f"[{word}] {_string(file, 'file_name')}".rstrip()


_DESCRIBED: Mapping[str, Callable[[_Object], str]] = {
    "photo": _file("photo"),
    "video": _file("video"),
    "animation": _file("animation"),
    "audio": _file("audio"),
    "voice": _file("voice message"),
    "video_note": _file("video message"),
    "document": _file("file"),
    "sticker": _sticker,
    "contact": _contact,
    "venue": _venue,
    "location": _location,
    "poll": _poll,
    "dice": _dice,
}
"""How each thing that is not text is told in words."""


def _press(query: _Object, found: Utterance) -> Press:
    return Press(
        remote_id=one_line(str(query.get("id", ""))),
        conversation=found.conversation,
        sender=found.sender or Party(""),
        value=one_line(_string(query, "data")),
    )


def _party(who: _Object) -> Party:
    name = _full_name(who) or _string(who, "title") or _string(who, "username")
    return Party(_number(who, "id"), person_name(name))


def _signed(post: _Object) -> _Object:
    """A channel's post has no author but, at most, a name below it."""
    signature, chat = _string(post, "author_signature"), _inner(post, "chat")
    return {**chat, "title": signature or _string(chat, "title")} if chat else {}


def _full_name(who: _Object) -> str:
    return f"{_string(who, 'first_name')} {_string(who, 'last_name')}".strip()


def _inner(holder: _Object, name: str) -> _Object:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _string(holder: _Object, name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _number(holder: _Object, name: str) -> str:
    value = holder.get(name)
    return str(value)[:40] if isinstance(value, (int, str)) and not isinstance(value, bool) else ""


def _time(value: Any) -> datetime | None:
    if not isinstance(value, int) or not 0 < value < 32_503_680_000:  # the year 3000
        return None
    return datetime.fromtimestamp(value, UTC)

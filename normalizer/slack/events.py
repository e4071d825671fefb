"""One Slack event: what somebody wrote, changed or withdrew."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from inquiry.journey import Envelope
from inquiry.understood import Deletion, Edit, Known, Message, Party, Understood
from inquiry.untrusted import Object, inner, objects
from inquiry.words import Audience, Automated, Trust
from normalizer.charsets import clean
from normalizer.encoded_words import one_line
from normalizer.language import languages_of
from normalizer.limits import TEXT_CHARACTERS
from normalizer.names import person_name
from normalizer.slack.blocks import shared_words, with_emoji, words_in_blocks
from normalizer.slack.files import files_of, told
from normalizer.slack.mrkdwn import Names, readable
from normalizer.slack.reading import string

NAME = "name:"
"""Begins a header in which the channel notes what a person or a channel is called: ``name:U1``."""
EMAIL = "email"
"""The header in which it notes the sender's address, as the workspace knows it."""
_LEFT_BEHIND = "tombstone"
"""What a message with replies becomes when it is deleted."""
_SPOKEN = ("", "file_share", "me_message", "thread_broadcast")


def understand_slack(raw: bytes, envelope: Envelope, known: Known) -> Understood:
    """Make a message, an edit or a deletion of an event."""
    event = event_of(json.loads(raw))
    match event.get("subtype"):
        case "message_changed" if string(inner(event, "message"), "subtype") == _LEFT_BEHIND:
            return _deletion({**event, "deleted_ts": string(inner(event, "message"), "ts")})
        case "message_changed":
            now = {**event, **inner(event, "message"), "subtype": ""}
            message = _message(now, envelope, known)
            message = replace(message, sent_at=_time(_changed(event)) or message.sent_at)
            return Edit(
                remote_id=message.remote_id, conversation=message.conversation, message=message
            )
        case "message_deleted":
            return _deletion(event)
    return _message(event, envelope, known)


def event_of(data: Any) -> Object:
    """Return the event inside its wrapping, of Events API and Socket Mode alike."""
    if not isinstance(data, dict):
        raise TypeError("an event is an object")
    return inner(inner(data, "payload"), "event") or inner(data, "event") or data


def conversation_of(event: Object) -> str:
    """Return the direct messages of a person; in a channel the channel and the thread.

    What stands in a channel itself begins a thread: it is answered in there.
    """
    channel = _channel(event)
    thread = _thread(event) or string(event, "ts")
    direct = channel.startswith("D") or string(event, "channel_type") == "im"
    return channel if direct or not channel or not thread else f"{channel}/{thread}"


def sender_of(event: Object, envelope: Envelope) -> Party | None:
    """Return who wrote it."""
    return _sender(event, _names(envelope))


def _deletion(event: Object) -> Deletion:
    before = inner(event, "previous_message")
    gone = string(event, "deleted_ts") or string(before, "ts")
    place = {**before, "channel": event.get("channel"), "ts": gone}
    return Deletion(
        remote_id=gone,
        conversation=conversation_of({**event, **place}),
        sender=_sender(before, {}),
    )


def _changed(event: Object) -> str:
    return string(inner(inner(event, "message"), "edited"), "ts") or string(event, "ts")


def _message(event: Object, envelope: Envelope, known: Known) -> Message:
    names = _names(envelope)
    text = clean("\n".join(filter(None, _words(event, names))))[:TEXT_CHARACTERS].strip()
    language, guess = languages_of(text, known)
    reason = _not_a_person(event)
    email = envelope.headers.get(EMAIL, "")
    return Message(
        sender=_sender(event, names),
        trust=Trust.VERIFIED,
        text=text,
        new_text=text,
        language=language,
        language_guess=guess,
        sent_at=_time(string(event, "ts")),
        conversation=(conversation := conversation_of(event)),
        audience=Audience.THREAD if "/" in conversation else Audience.ALONE,
        thread=_thread(event),
        begun_at=_begun_at(event),
        remote_id=string(event, "ts"),
        in_reply_to=_answered(event, conversation),
        automated=Automated.AUTO_REPLY if reason else Automated.NONE,
        automated_because=reason,
        headers={EMAIL: email} if email else {},
        attachments=tuple(files_of(event)),
    )


def _answered(event: Object, conversation: str) -> str:
    """Return what a thread among direct messages hangs below: there it is no place of its own."""
    thread = _thread(event)
    return thread if "/" not in conversation and thread != string(event, "ts") else ""


def _begun_at(event: Object) -> datetime | None:
    """Return when its writer has begun its thread: with this message, or with the one above it."""
    ts, writer = string(event, "ts"), string(event, "user")
    thread = _thread(event) or ts
    own = thread == ts or string(event, "parent_user_id") == writer
    return _time(thread) if writer and own else None


def _names(envelope: Envelope) -> Names:
    return {
        key.removeprefix(NAME): person_name(name)
        for key, name in envelope.headers.items()
        if key.startswith(NAME)
    }


def _not_a_person(event: Object) -> str:
    kind, subtype = string(event, "type"), string(event, "subtype")
    if kind not in ("message", "app_mention"):
        return f"Slack: {one_line(kind)[:100] or 'no message'}"
    if subtype not in _SPOKEN or event.get("bot_id"):
        return f"Slack: {one_line(subtype)[:100] or 'a bot'}"
    return "" if string(event, "user") else "Slack: nobody wrote it"


def _words(event: Object, names: Names) -> Iterator[str]:
    text = with_emoji(string(event, "text"), event)
    yield readable(text, names) or words_in_blocks(event, names)
    for shared in objects(event, "attachments", 20):
        if shared.get("is_share") is True or shared.get("is_msg_unfurl") is True:
            yield "\n".join(f"> {line}" for line in shared_words(shared, names).splitlines())
    yield from told(event)


def _sender(event: Object, names: Names) -> Party | None:
    address = string(event, "user") or string(event, "bot_id")
    address = address or string(_assistant(event), "user_id")
    profile = inner(event, "user_profile") or inner(event, "bot_profile")
    name = string(profile, "real_name") or string(profile, "name") or string(event, "username")
    return Party(address, person_name(name) or names.get(address, "")) if address else None


def _channel(event: Object) -> str:
    channel = event.get("channel")
    if isinstance(channel, str):
        return clean(channel)
    return string(inner(event, "channel"), "id") or string(_assistant(event), "channel_id")


def _thread(event: Object) -> str:
    return string(event, "thread_ts") or string(_assistant(event), "thread_ts")


def _assistant(event: Object) -> Object:
    """Return the thread that events about Slack's assistant pane speak of."""
    return inner(event, "assistant_thread")


def _time(stamp: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(stamp[:30]), UTC)
    except (ValueError, OverflowError, OSError):
        return None

"""One Slack event: what somebody wrote, changed or withdrew."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from inquiry.journey import Envelope
from inquiry.understood import Deletion, Edit, Known, Message, Party, Understood
from inquiry.words import Automated, Trust
from normalizer.charsets import clean
from normalizer.encoded_words import one_line
from normalizer.language import languages_of
from normalizer.limits import TEXT_CHARACTERS
from normalizer.names import person_name
from normalizer.nesting import unescaped

SLACK = "application/vnd.slack.event+json"

_Object = Mapping[str, Any]
_LINK = re.compile(r"<(?P<target>[^<>|]{1,4000})(?:\|(?P<words>[^<>]{1,4000}))?>")
_SPOKEN = ("", "file_share", "me_message", "thread_broadcast")


def understand_slack(raw: bytes, envelope: Envelope, known: Known) -> Understood:
    """Make a message, an edit or a deletion of an event."""
    del envelope  # the bytes say it all
    event = _event(json.loads(raw))
    match event.get("subtype"):
        case "message_changed":
            message = _message({**event, **_inner(event, "message"), "subtype": ""}, known)
            return Edit(
                remote_id=message.remote_id, conversation=message.conversation, message=message
            )
        case "message_deleted":
            before = _inner(event, "previous_message")
            return Deletion(
                remote_id=_string(event, "deleted_ts") or _string(before, "ts"),
                conversation=_channel(event),
                sender=_sender(before),
            )
    return _message(event, known)


def _event(data: Any) -> _Object:
    """Return the event inside its wrapping, of Events API and Socket Mode alike."""
    if not isinstance(data, dict):
        raise TypeError("an event is an object")
    inner = _inner(_inner(data, "payload"), "event") or _inner(data, "event")
    return inner or data


def _message(event: _Object, known: Known) -> Message:
    text = clean("\n".join(filter(None, _words(event))))[:TEXT_CHARACTERS].strip()
    language, guess = languages_of(text, known)
    reason = _not_a_person(event)
    return Message(
        sender=_sender(event),
        trust=Trust.VERIFIED,
        text=text,
        new_text=text,
        language=language,
        language_guess=guess,
        sent_at=_time(_string(event, "ts")),
        conversation=_channel(event),
        thread=_string(event, "thread_ts") or _string(_assistant(event), "thread_ts"),
        remote_id=_string(event, "ts"),
        automated=Automated.AUTO_REPLY if reason else Automated.NONE,
        automated_because=reason,
    )


def _not_a_person(event: _Object) -> str:
    kind, subtype = _string(event, "type"), _string(event, "subtype")
    if kind not in ("message", "app_mention"):
        return f"Slack: {one_line(kind)[:100] or 'no message'}"
    if subtype not in _SPOKEN or event.get("bot_id"):
        return f"Slack: {one_line(subtype)[:100] or 'a bot'}"
    return "" if _string(event, "user") else "Slack: nobody wrote it"


def _words(event: _Object) -> Iterator[str]:
    yield _readable(_string(event, "text"))
    files = event.get("files")
    for file in (files if isinstance(files, list) else [])[:100]:
        if isinstance(file, dict) and not _string(event, "text"):
            yield f"[file] {one_line(_string(file, 'name'))}"


def _readable(text: str) -> str:
    return unescaped(_LINK.sub(_shown, text[:TEXT_CHARACTERS]))


def _shown(link: re.Match[str]) -> str:
    target, words = link["target"], link["words"]
    if target[:1] in "@#!":
        name = words or target[1:].rpartition("^")[2]
        return f"{'#' if target[0] == '#' else '@'}{name.removeprefix('@')}"
    if words and words not in target:
        return f"{words} <{target}>"
    return target.removeprefix("mailto:")


def _sender(event: _Object) -> Party | None:
    address = _string(event, "user") or _string(event, "bot_id")
    address = address or _string(_assistant(event), "user_id")
    profile = _inner(event, "user_profile") or _inner(event, "bot_profile")
    name = _string(profile, "real_name") or _string(profile, "name") or _string(event, "username")
    return Party(address, person_name(name)) if address else None


def _channel(event: _Object) -> str:
    channel = event.get("channel")
    if isinstance(channel, str):
        return clean(channel)
    return _string(_inner(event, "channel"), "id") or _string(_assistant(event), "channel_id")


def _assistant(event: _Object) -> _Object:
    """Return the thread that events about Slack's assistant pane speak of."""
    return _inner(event, "assistant_thread")


def _time(stamp: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(stamp[:30]), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _inner(holder: _Object, name: str) -> _Object:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _string(holder: _Object, name: str) -> str:
    value = holder.get(name)
    return clean(value) if isinstance(value, str) else ""

"""What another system says in JSON: a message, a change or a withdrawal."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from inquiry.journey import Envelope
from inquiry.spelling import spelled
from inquiry.understood import Deletion, Edit, Known, Message, Party, Understood
from inquiry.words import Trust
from normalizer.charsets import clean
from normalizer.encoded_words import one_line
from normalizer.json_files import files_in
from normalizer.language import weighed
from normalizer.limits import TEXT_CHARACTERS
from normalizer.names import person_name

_Object = Mapping[str, Any]


def understand_webhook(raw: bytes, envelope: Envelope, known: Known) -> Understood:
    """Make a message, an edit or a deletion of an event. Nothing in it is a quote."""
    event = json.loads(raw)
    data = _object(event, "data")
    sender, conversation = speaker(data, envelope)
    remote_id = one_line(_string(data, "id"))[:200]
    if event.get("type") == "message.deleted":
        return Deletion(remote_id=remote_id, conversation=conversation, sender=sender)
    message = _message(data, envelope, known)
    if event.get("type") == "message.edited":
        return Edit(remote_id=remote_id, conversation=conversation, message=message)
    return message


def speaker(data: _Object, envelope: Envelope) -> tuple[Party | None, str]:
    """Return who writes and in which conversation; what has none is one with the person."""
    who = _object(data, "from")
    number = one_line(_string(who, "id"))[:200]
    name = person_name(_string(who, "name"))
    address = f"{envelope.authenticated_as}:{spelled(number)}"  # capitals count over there
    sender = Party(address, name) if number else None
    return sender, one_line(_string(data, "conversation"))[:200] or number


def _message(data: _Object, envelope: Envelope, known: Known) -> Message:
    sender, conversation = speaker(data, envelope)
    text = clean(_string(data, "text"))[:TEXT_CHARACTERS].strip()
    given = _string(data, "language")
    language, guess, because = weighed(text, known, given, "the given language")
    verified = _object(data, "from").get("verified") is True
    return Message(
        sender=sender,
        trust=Trust.VERIFIED if verified else Trust.CLAIMED,
        subject=one_line(_string(data, "subject"))[:500],
        text=text,
        new_text=text,
        language=language,
        language_guess=guess,
        language_because=because,
        sent_at=_time(_string(data, "sent_at")),
        conversation=conversation,
        remote_id=one_line(_string(data, "id"))[:200],
        in_reply_to=one_line(_string(data, "in_reply_to"))[:200],
        form=dict(_fields(_object(data, "fields"))),
        attachments=tuple(files_in(data.get("attachments"))),
    )


def _fields(fields: _Object) -> Iterator[tuple[str, str]]:
    for name, value in list(fields.items())[:100]:
        yield one_line(str(name))[:100], clean(str(value))[:10_000]


def _time(written: str) -> datetime | None:
    with suppress(ValueError):
        found = datetime.fromisoformat(written)
        return found if found.tzinfo else None
    return None


def _object(holder: Any, name: str) -> _Object:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else {}


def _string(holder: _Object, name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""

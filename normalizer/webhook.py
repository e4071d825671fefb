"""What another system says in JSON: a message, a change or a withdrawal."""

import json
from contextlib import suppress
from datetime import datetime

from inquiry.journey import Envelope
from inquiry.spelling import spelled
from inquiry.understood import Deletion, Edit, Known, Message, Party, Understood
from inquiry.untrusted import Object, inner, string
from inquiry.words import Trust
from normalizer.charsets import clean
from normalizer.encoded_words import one_line
from normalizer.json_files import fields_in, files_in
from normalizer.language import weighed
from normalizer.limits import TEXT_CHARACTERS
from normalizer.names import person_name


def understand_webhook(raw: bytes, envelope: Envelope, known: Known) -> Understood:
    """Make a message, an edit or a deletion of an event. Nothing in it is a quote."""
    event = json.loads(raw)
    data = inner(event, "data")
    sender, conversation = speaker(data, envelope)
    remote_id = one_line(string(data, "id"))[:200]
    if event.get("type") == "message.deleted":
        return Deletion(remote_id=remote_id, conversation=conversation, sender=sender)
    message = _message(data, envelope, known)
    if event.get("type") == "message.edited":
        return Edit(remote_id=remote_id, conversation=conversation, message=message)
    return message


def speaker(data: Object, envelope: Envelope) -> tuple[Party | None, str]:
    """Return who writes and in which conversation; what has none is one with the person."""
    who = inner(data, "from")
    number = one_line(string(who, "id"))[:200]
    name = person_name(string(who, "name"))
    address = f"{envelope.authenticated_as}:{spelled(number)}"  # capitals count over there
    sender = Party(address, name) if number else None
    return sender, one_line(string(data, "conversation"))[:200] or number


def _message(data: Object, envelope: Envelope, known: Known) -> Message:
    sender, conversation = speaker(data, envelope)
    text = clean(string(data, "text"))[:TEXT_CHARACTERS].strip()
    given = string(data, "language")
    language, guess, because = weighed(text, known, given, "the given language")
    verified = inner(data, "from").get("verified") is True
    return Message(
        sender=sender,
        trust=Trust.VERIFIED if verified else Trust.CLAIMED,
        subject=one_line(string(data, "subject"))[:500],
        text=text,
        new_text=text,
        language=language,
        language_guess=guess,
        language_because=because,
        sent_at=_time(string(data, "sent_at")),
        conversation=conversation,
        remote_id=one_line(string(data, "id"))[:200],
        in_reply_to=one_line(string(data, "in_reply_to"))[:200],
        form=fields_in(inner(data, "fields")),
        attachments=tuple(files_in(data.get("attachments"))),
    )


def _time(written: str) -> datetime | None:
    with suppress(ValueError):
        found = datetime.fromisoformat(written)
        return found if found.tzinfo else None
    return None

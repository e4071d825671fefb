"""What packages from outside understand: each media type ``x-deskbridge/NAME`` by an entry point.

They fill in what only they can know. Whatever holds for all messages is seen to here: no letter
that can't be stored, sanitised HTML, a language, files under the hashes of their bytes.
"""

import hashlib
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from inquiry.errors import BridgeError
from inquiry.journey import OUTSIDE, Envelope
from inquiry.understood import Attachment, Edit, Known, Message, Party, Understood
from normalizer.charsets import clean
from normalizer.encoded_words import one_line
from normalizer.html.clean import clean_html
from normalizer.language import languages_of
from normalizer.limits import TEXT_CHARACTERS
from normalizer.names import file_name, person_name

GROUP = "deskbridge.understanding"
"""Of the entry points: functions of the shape of :data:`Understand`."""
Understand = Callable[[bytes, Envelope, Known], Understood]
_ID = 200
_SUBJECT = 500


class NotUnderstood(BridgeError):
    """A package from outside is missing, is broken, or broke over these bytes; says where."""


def understand_outside(media_type: str, raw: bytes, envelope: Envelope, known: Known) -> Understood:
    """Let the package that a media type names understand it. Raises NotUnderstood."""
    name = media_type.removeprefix(OUTSIDE)
    try:
        return _completed(_loaded(name)(raw, envelope, known), known)
    except (NotUnderstood, MemoryError):
        raise
    except Exception as bug:
        place = traceback.extract_tb(bug.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        told = f"the package for {media_type} failed: {type(bug).__name__} in {where}"
        raise NotUnderstood(told) from bug


@cache
def _installed() -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _loaded(name: str) -> Understand:
    entry = _installed().get(name)
    if entry is None:
        raise NotUnderstood(f"no package here understands {OUTSIDE}{name}")
    found: Understand = entry.load()
    return found


def _completed(found: Understood, known: Known) -> Understood:
    if isinstance(found, Edit):
        return replace(found, message=_message(found.message, known))
    if not isinstance(found, Understood):
        raise TypeError(f"it is no Understood but {type(found).__name__}")
    return _message(found, known) if isinstance(found, Message) else found


def _message(message: Message, known: Known) -> Message:
    text = clean(message.text)[:TEXT_CHARACTERS].strip()
    apart = message.new_text or message.quoted_text or message.signature
    new_text = clean(message.new_text).strip() if apart else text
    subject = one_line(message.subject)[:_SUBJECT]
    language, guess = languages_of(new_text, known, subject=subject, hint=message.language)
    return replace(
        message,
        sender=_party(message.sender),
        subject=subject,
        text=text,
        new_text=new_text,
        quoted_text=clean(message.quoted_text),
        signature=clean(message.signature),
        html=clean_html(message.html),
        language=language,
        language_guess=guess,
        conversation=one_line(message.conversation)[:_ID],
        remote_id=one_line(message.remote_id)[:_ID],
        in_reply_to=one_line(message.in_reply_to)[:_ID],
        form={one_line(key): clean(value) for key, value in message.form.items()},
        attachments=tuple(_file(file, at) for at, file in enumerate(message.attachments, 1)),
    )


def _party(who: Party | None) -> Party | None:
    address = one_line(who.address)[:_ID] if who else ""
    return Party(address, person_name(who.name)) if who and address else None


def _file(file: Attachment, number: int) -> Attachment:
    named = replace(file, filename=file_name(file.filename) or f"attachment-{number}.bin")
    if file.remote:  # it is fetched afterwards, and hashed then
        return named
    sha256 = hashlib.sha256(file.content).hexdigest()
    return replace(named, size=len(file.content), sha256=sha256)

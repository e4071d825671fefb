"""A web form or a message written on the status page: JSON bytes we wrote ourselves."""

import json

from inquiry.journey import Envelope
from inquiry.understood import Known, Message, Party
from inquiry.untrusted import Object, inner, string
from inquiry.words import Trust
from normalizer.charsets import clean
from normalizer.encoded_words import one_line
from normalizer.json_files import fields_in, files_in
from normalizer.language import languages_of
from normalizer.limits import TEXT_CHARACTERS
from normalizer.names import person_name


def understand_form(raw: bytes, envelope: Envelope, known: Known) -> Message:
    """Make a message of a form. Nothing in it is a quote: people write forms by hand."""
    data = _object(raw)
    text = clean(string(data, "text"))[:TEXT_CHARACTERS].strip()
    language, guess = languages_of(text, known, hint=string(data, "language"))
    return Message(
        sender=_sender(data),
        trust=Trust.VERIFIED if envelope.contact_point is not None else Trust.UNVERIFIED,
        subject=one_line(string(data, "subject"))[:500],
        text=text,
        new_text=text,
        language=language,
        language_guess=guess,
        form=fields_in(inner(data, "fields")),
        attachments=tuple(files_in(data.get("files"))),
    )


def _object(raw: bytes) -> Object:
    data = json.loads(raw)
    if not isinstance(data, dict):
        raise TypeError("a form is an object")
    return data


def _sender(data: Object) -> Party | None:
    address = one_line(string(data, "email")).replace(" ", "")[:320]
    name = person_name(string(data, "name"))
    return Party(address, name) if address or name else None

"""A web form or a message written on the status page: JSON bytes we wrote ourselves."""

import json
from collections.abc import Mapping
from typing import Any

from inquiry.journey import Envelope
from inquiry.understood import Known, Message, Party
from inquiry.words import Trust
from normalizer.charsets import clean
from normalizer.encoded_words import one_line
from normalizer.json_files import files_in
from normalizer.language import languages_of
from normalizer.limits import TEXT_CHARACTERS
from normalizer.names import person_name


def understand_form(raw: bytes, envelope: Envelope, known: Known) -> Message:
    """Make a message of a form. Nothing in it is a quote: people write forms by hand."""
    data = _object(raw)
    text = clean(_string(data, "text"))[:TEXT_CHARACTERS].strip()
    language, guess = languages_of(text, known, hint=_string(data, "language"))
    return Message(
        sender=_sender(data),
        trust=Trust.VERIFIED if envelope.contact_point is not None else Trust.UNVERIFIED,
        subject=one_line(_string(data, "subject"))[:500],
        text=text,
        new_text=text,
        language=language,
        language_guess=guess,
        form=_fields(data),
        attachments=tuple(files_in(data.get("files"))),
    )


def _object(raw: bytes) -> Mapping[str, Any]:
    data = json.loads(raw)
    if not isinstance(data, dict):
        raise TypeError("a form is an object")
    return data


def _string(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _sender(data: Mapping[str, Any]) -> Party | None:
    address = one_line(_string(data, "email")).replace(" ", "")[:320]
    name = person_name(_string(data, "name"))
    return Party(address, name) if address or name else None


def _fields(data: Mapping[str, Any]) -> dict[str, str]:
    fields = data.get("fields")
    if not isinstance(fields, dict):
        return {}
    return {one_line(str(k))[:100]: clean(str(v))[:10_000] for k, v in list(fields.items())[:100]}

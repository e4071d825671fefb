"""What a visitor of the web chat wrote: JSON bytes we wrote ourselves."""

import json
from typing import Any

from inquiry.journey import Envelope
from inquiry.understood import Known, Message, Party
from inquiry.untrusted import Object, string
from inquiry.words import Trust
from normalizer.charsets import clean
from normalizer.encoded_words import one_line
from normalizer.json_files import files_in
from normalizer.language import weighed
from normalizer.limits import TEXT_CHARACTERS
from normalizer.names import person_name


def understand_chat(raw: bytes, envelope: Envelope, known: Known) -> Message:
    """Make a message of it; its writer is verified where the host page's server vouched."""
    data = json.loads(raw)
    text = clean(string(data, "text"))[:TEXT_CHARACTERS].strip()
    files = tuple(files_in(data.get("files")))
    text = text or "\n".join(f"[file] {file.filename}" for file in files)
    page = string(data, "language")
    language, guess, because = weighed(text, known, page, "the page's language")
    visitor = visitor_of(data)
    return Message(
        sender=visitor,
        trust=Trust.VERIFIED if envelope.authenticated_as else Trust.CLAIMED,
        text=text,
        new_text=text,
        language=language,
        language_guess=guess,
        language_because=because,
        conversation=visitor.address if visitor else "",
        remote_id=one_line(string(data, "id"))[:100],
        form={name: said for name in ("email", "page") if (said := _line(data, name))},
        attachments=files,
    )


def visitor_of(data: Any) -> Party | None:
    """Return who wrote it. Raises TypeError for what is no object."""
    if not isinstance(data, dict):
        raise TypeError("a chat message is an object")
    address = _line(data, "visitor")[:300]
    return Party(address, person_name(string(data, "name"))) if address else None


def _line(data: Object, name: str) -> str:
    return one_line(string(data, name))[:500]

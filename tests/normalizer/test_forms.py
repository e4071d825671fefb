"""Are forms and messages from the status page understood?"""

import base64
import json
from typing import Any

import pytest

from inquiry.journey import FORM, ContactPointId, Envelope
from inquiry.understood import Known, Message, Party
from inquiry.words import Trust
from normalizer.normalize import normalize

DESK = Known(languages=("nb", "pl", "en"))


def form(envelope: Envelope | None = None, **data: Any) -> Message:
    found = normalize(FORM, json.dumps(data).encode(), envelope or Envelope(), DESK)
    assert isinstance(found, Message)
    return found


def test_a_form() -> None:
    found = form(
        name="Ewa Zielińska",
        email=" ewa@poczta.example ",
        subject="Faktura\nBcc: x",
        text="Proszę o fakturę.\r\n> to nie cytat",
        language="pl",
        fields={"customer number": "77", "nested": {"a": 1}},
    )
    assert found.sender == Party("ewa@poczta.example", "Ewa Zielińska")
    assert found.trust is Trust.UNVERIFIED
    assert found.subject == "Faktura Bcc: x"
    assert found.text == found.new_text == "Proszę o fakturę.\n> to nie cytat"
    assert found.language == "pl"
    assert found.form == {"customer number": "77", "nested": "{'a': 1}"}


def test_the_form_says_the_language_if_the_desk_speaks_it() -> None:
    assert form(text="Hei, hva koster det?", language="pl").language == "pl"
    assert form(text="Hei, hva koster det?", language="xx").language == "nb"


def test_who_holds_a_status_link_is_known() -> None:
    found = form(Envelope(contact_point=ContactPointId(4)), text="Det virker nå.")
    assert found.trust is Trust.VERIFIED
    assert found.sender is None


@pytest.mark.parametrize(
    ("file", "filename", "content"),
    [
        ({"filename": "a.txt", "content": base64.b64encode(b"Hei").decode()}, "a.txt", b"Hei"),
        ({"filename": "../a\u202e.txt", "content": "SGVp"}, "../a.txt", b"Hei"),
        ({"content": "SGVp"}, "attachment-1.bin", b"Hei"),
        ({"filename": "a.txt", "content": "no base64!"}, "a.txt", b"no base64!"),
        ({"filename": "a.txt"}, "a.txt", b""),
    ],
)
def test_files(file: dict[str, str], filename: str, content: bytes) -> None:
    (found,) = form(text="Se vedlegg", files=[file]).attachments
    assert (found.filename, found.content, found.size) == (filename, content, len(content))


@pytest.mark.parametrize("data", [{}, {"text": None}, {"files": 3, "fields": [], "text": "x"}])
def test_what_is_missing_is_empty(data: dict[str, Any]) -> None:
    found = form(**data)
    assert found.too_complex == ""
    assert found.attachments == ()


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\x00"])
def test_what_is_no_form_is_kept_whole(raw: bytes) -> None:
    found = normalize(FORM, raw, Envelope(), DESK)
    assert isinstance(found, Message)
    assert found.too_complex
    assert found.attachments[0].content == raw

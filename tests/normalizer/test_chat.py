"""Is a chat message understood as what its visitor wrote, and by whom?"""

import base64
import json
from typing import Any

import pytest

from inquiry.journey import CHAT, Envelope
from inquiry.understood import Known, Message, Party
from inquiry.words import Trust
from normalizer.normalize import normalize
from normalizer.scan import scan

KNOWN = Known(languages=("nb", "en", "pl"))


def a_chat(**changes: Any) -> bytes:
    values = {
        "id": "message-1",
        "visitor": "visitor-1",
        "name": "Jan",
        "email": "jan@kunde.example",
        "text": "Czy ten namiot jest jeszcze dostępny?",
        "language": "pl",
        "page": "https://www.fjord.example/tents",
        "files": [],
        **changes,
    }
    return json.dumps(values).encode()


def understood(raw: bytes, envelope: Envelope | None = None) -> Message:
    found = normalize(CHAT, raw, envelope or Envelope(), KNOWN)
    assert isinstance(found, Message)
    return found


def test_who_wrote_what_and_from_where() -> None:
    message = understood(a_chat())
    assert message.sender == Party("visitor-1", "Jan")
    assert message.trust is Trust.CLAIMED
    assert message.text == "Czy ten namiot jest jeszcze dostępny?"
    assert message.language == "pl"
    assert (message.conversation, message.remote_id) == ("visitor-1", "message-1")
    assert message.form == {
        "email": "jan@kunde.example",
        "page": "https://www.fjord.example/tents",
    }


@pytest.mark.parametrize(
    ("text", "page", "language", "because"),
    [
        pytest.param(
            "Hei, jeg kan ikke logge inn på kontoen min siden i går.",
            "pl",
            "nb",
            "the text; the page's language is pl",
            id="a long text beats the page",
        ),
        pytest.param(
            "Czy ten namiot jest jeszcze dostępny?",
            "pl",
            "pl",
            "the text and the page's language",
            id="both say the same",
        ),
        pytest.param("ok", "pl", "pl", "the page's language", id="of a short text the page"),
        pytest.param(
            "Hei, jeg kan ikke logge inn på kontoen min.", "et", "nb", "", id="no language of ours"
        ),
    ],
)
def test_the_text_or_the_page_decides_the_language_and_says_so(
    text: str, page: str, language: str, because: str
) -> None:
    message = understood(a_chat(text=text, language=page))
    assert (message.language, message.language_because) == (language, because)


def test_who_was_vouched_for_is_verified() -> None:
    assert understood(a_chat(), Envelope(authenticated_as="42")).trust is Trust.VERIFIED


def test_files_alone_are_a_message() -> None:
    file = {"filename": "hull.txt", "content": base64.b64encode(b"et hull").decode()}
    message = understood(a_chat(text="", files=[file]))
    assert message.text == "[file] hull.txt"
    assert message.attachments[0].content == b"et hull"


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff\xfe", b'{"visitor": 7, "files": 7}'])
def test_any_bytes_make_a_message(raw: bytes) -> None:
    message = understood(raw)
    assert message.sender is None


def test_the_head_says_who_it_is() -> None:
    seen = scan(CHAT, a_chat(), Envelope())
    assert seen.sender == Party("visitor-1", "Jan")
    assert seen.conversation == "visitor-1"

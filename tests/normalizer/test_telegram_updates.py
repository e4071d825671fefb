"""Are Telegram's updates understood: words, files, changes, buttons?"""

import json
from typing import Any

import pytest

from inquiry.journey import TELEGRAM, Envelope
from inquiry.understood import Edit, Known, Message, Party, Press, Understood
from inquiry.words import Automated, Trust
from normalizer.normalize import normalize

DESK = Known(languages=("nb", "ru", "en"))
FROM = {
    "id": 7,
    "is_bot": False,
    "first_name": "Иван",
    "last_name": "Петров",
    "language_code": "ru",
}


def understood(update: dict[str, Any]) -> Understood:
    return normalize(TELEGRAM, json.dumps(update).encode(), Envelope(), DESK)


def a_message(**content: Any) -> dict[str, Any]:
    return {"message_id": 3, "date": 1_791_790_000, "chat": {"id": -5}, "from": FROM, **content}


def message(**content: Any) -> Message:
    found = understood({"update_id": 1, "message": a_message(**content)})
    assert isinstance(found, Message)
    return found


def test_a_text_message() -> None:
    found = message(text="Hei", message_thread_id=9, reply_to_message={"message_id": 2})
    assert found.sender == Party("7", "Иван Петров")
    assert found.trust is Trust.VERIFIED
    assert (found.text, found.new_text, found.language) == ("Hei", "Hei", "ru")
    assert (found.conversation, found.thread, found.remote_id) == ("-5", "9", "3")
    assert found.in_reply_to == "2"
    assert found.sent_at is not None
    assert found.automated is Automated.NONE


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param(
            {"photo": [{"file_id": "a"}], "caption": "Se her"}, "[photo]\n\nSe her", id="photo"
        ),
        pytest.param({"document": {"file_name": "a.pdf"}}, "[file] a.pdf", id="file"),
        pytest.param({"voice": {"duration": 3}}, "[voice message]", id="voice"),
        pytest.param({"sticker": {"emoji": "👍"}}, "👍", id="sticker"),
        pytest.param({"sticker": {"x": 1}}, "[sticker]", id="sticker without an emoji"),
        pytest.param(
            {"contact": {"first_name": "Ola", "phone_number": "+47 22"}},
            "[contact] Ola +47 22",
            id="contact",
        ),
        pytest.param(
            {"location": {"latitude": 59.9, "longitude": 10.7}},
            "[location] 59.9, 10.7",
            id="location",
        ),
        pytest.param(
            {"venue": {"title": "Havna", "address": "Kaia 1"}, "location": {"latitude": 1}},
            "[place] Havna, Kaia 1",
            id="venue",
        ),
        pytest.param(
            {"poll": {"question": "Når?", "options": [{"text": "Nå"}]}},
            "[poll] Når?\n- Nå",
            id="poll",
        ),
        pytest.param({"dice": {"emoji": "🎲", "value": 6}}, "🎲 6", id="dice"),
        pytest.param(
            {"text": "her", "entities": [{"type": "text_link", "url": "https://x.example"}]},
            "her\n<https://x.example>",
            id="a hidden link",
        ),
        pytest.param({"text": "a\u0000b"}, "ab", id="what no database stores"),
    ],
)
def test_what_is_not_text_is_told_in_words(content: dict[str, Any], text: str) -> None:
    found = message(**content)
    assert found.text == text
    assert found.automated is Automated.NONE


def test_a_service_message_asks_for_no_answer() -> None:
    found = message(new_chat_title="Hei")
    assert found.text == "[new_chat_title]"
    assert found.automated is Automated.AUTO_REPLY
    assert found.automated_because == "Telegram: new_chat_title"


def test_other_updates_are_no_words_of_a_customer() -> None:
    found = understood({"update_id": 1, "my_chat_member": {"chat": {"id": 5}, "from": FROM}})
    assert isinstance(found, Message)
    assert (found.text, found.automated) == ("[my_chat_member]", Automated.AUTO_REPLY)


def test_an_edit_changes_its_message() -> None:
    changed = a_message(text="Hei du", edit_date=1_791_790_060)
    found = understood({"update_id": 2, "edited_message": changed})
    assert isinstance(found, Edit)
    assert (found.remote_id, found.conversation, found.message.text) == ("3", "-5", "Hei du")


def test_a_button() -> None:
    query = {"id": "88", "from": FROM, "data": "resolved:7", "message": a_message(text="?")}
    found = understood({"update_id": 3, "callback_query": query})
    assert found == Press(
        remote_id="88",
        conversation="-5",
        sender=Party("7", "Иван Петров"),
        value="resolved:7",
        in_reply_to="3",
    )


def test_a_post_in_a_channel_has_no_author_but_a_signature() -> None:
    post = {"message_id": 1, "chat": {"id": -9, "title": "Nyheter"}, "text": "Hei"}
    found = understood({"update_id": 4, "channel_post": {**post, "author_signature": "Kari"}})
    assert isinstance(found, Message)
    assert found.sender == Party("-9", "Kari")


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"null", b'{"update_id": 1}', b"\xff"])
def test_what_is_no_update_is_kept_whole(raw: bytes) -> None:
    found = normalize(TELEGRAM, raw, Envelope(), DESK)
    assert isinstance(found, Message)
    assert found.too_complex
    assert [attachment.content for attachment in found.attachments] == [raw]

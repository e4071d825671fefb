"""Are Telegram's updates understood: words, files, changes, buttons?"""

import json
from typing import Any

import pytest

from inquiry.journey import TELEGRAM, Envelope
from inquiry.understood import Edit, Known, Message, Moved, Party, Press, Understood
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


BOTH = {"file_id": "f1", "file_unique_id": "u1"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            {
                "photo": [
                    {"file_id": "small", "width": 90, "height": 60},
                    {**BOTH, "width": 1280, "height": 960, "file_size": 90_000},
                    {"file_id": "middle", "width": 320, "height": 240},
                ]
            },
            ("photo.jpg", "image/jpeg", 90_000),
            id="the largest of a photo's sizes",
        ),
        pytest.param(
            {"document": {**BOTH, "file_name": "a/b.pdf", "mime_type": "application/pdf"}},
            ("a/b.pdf", "application/pdf", 0),
            id="a document",
        ),
        pytest.param(
            {"document": {**BOTH, "file_name": 5, "file_size": -1}},
            ("file.bin", "application/octet-stream", 0),
            id="a document that says little",
        ),
        pytest.param(
            {"voice": {**BOTH, "mime_type": "audio/ogg", "file_size": 2**60}},
            ("voice.ogg", "audio/ogg", 0),
            id="voice",
        ),
        pytest.param(
            {"video_note": BOTH}, ("video-message.mp4", "video/mp4", 0), id="a round video"
        ),
        pytest.param({"sticker": BOTH}, ("sticker.webp", "image/webp", 0), id="a sticker"),
        pytest.param(
            {"sticker": {**BOTH, "is_video": True}},
            ("sticker.webm", "video/webm", 0),
            id="a sticker that moves",
        ),
        pytest.param(
            {"sticker": {**BOTH, "is_animated": True}},
            ("sticker.tgs", "application/x-tgsticker", 0),
            id="a sticker that is drawn",
        ),
        pytest.param(
            {"animation": BOTH, "document": {"file_id": "same", "file_name": "x.mp4"}},
            ("animation.mp4", "video/mp4", 0),
            id="an animation, named twice",
        ),
    ],
)
def test_a_file_is_named_and_fetched_later(
    content: dict[str, Any], expected: tuple[str, str, int]
) -> None:
    (file,) = message(**content).attachments
    assert (file.filename, file.content_type, file.size) == expected
    assert (file.remote, file.content_id, file.sha256, file.content) == ("f1", "u1", "", b"")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"document": {"file_name": "a.pdf"}}, id="nothing to fetch it by"),
        pytest.param({"document": {"file_id": "x" * 501}}, id="a reference without end"),
        pytest.param({"photo": [5, None]}, id="sizes that are none"),
        pytest.param({"photo": []}, id="no sizes"),
    ],
)
def test_what_can_not_be_fetched_is_told_in_words_alone(content: dict[str, Any]) -> None:
    assert message(**content).attachments == ()


def test_a_topic_is_a_conversation_of_its_own() -> None:
    topic = {"message_thread_id": 9, "is_topic_message": True}
    found = message(text="Hei", **topic, reply_to_message={"message_id": 9})
    assert (found.conversation, found.in_reply_to) == ("-5/9", "")
    assert message(text="Hei", **topic, reply_to_message={"message_id": 8}).in_reply_to == "8"


def test_pieces_of_an_album_have_something_in_common() -> None:
    assert message(photo=[BOTH], media_group_id="138").album == "138"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("/human now", {"command": "human"}, id="a command"),
        pytest.param("/Human@desk_bot\nnow", {"command": "human"}, id="by name"),
        pytest.param("/usr/bin", {}, id="a path"),
        pytest.param("see /human", {}, id="not at the beginning"),
    ],
)
def test_a_command_is_something_that_rules_can_see(text: str, expected: dict[str, str]) -> None:
    found = message(text=text)
    assert dict(found.headers) == expected
    assert found.text == text


def test_what_is_not_said_to_us_opens_nothing() -> None:
    raw = json.dumps({"update_id": 1, "edited_message": a_message(text="Hei")}).encode()
    found = normalize(TELEGRAM, raw, Envelope(headers={"addressed": "no"}), DESK)
    assert isinstance(found, Edit)
    assert not found.message.opens
    assert message(text="Hei").opens


@pytest.mark.parametrize(
    ("chat", "content"),
    [
        pytest.param(-5, {"migrate_to_chat_id": -1005}, id="told in the old group"),
        pytest.param(-1005, {"migrate_from_chat_id": -5}, id="told in the new one"),
    ],
)
def test_a_group_moves(chat: int, content: dict[str, int]) -> None:
    found = understood({"message": {**a_message(**content), "chat": {"id": chat}}})
    assert found == Moved(conversation="-5", to="-1005")


def test_who_writes_in_the_name_of_a_group_is_no_program() -> None:
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    group = {"id": -1005, "title": "Users"}
    found = understood({"message": {**a_message(text="Hei", sender_chat=group), "from": anonymous}})
    assert isinstance(found, Message)
    assert (found.sender, found.automated) == (Party("-1005", "Users"), Automated.NONE)


@pytest.mark.parametrize(
    ("contact", "noted"),
    [
        ({"phone_number": "4722334455", "user_id": 7}, ("+4722334455", "sender")),
        ({"phone_number": "+47 22", "user_id": 8}, ("+47 22", "another")),
        ({"phone_number": "+47 22"}, ("+47 22", "another")),
        ({"first_name": "Ola"}, (None, None)),
    ],
)
def test_whose_number_was_shared(
    contact: dict[str, Any], noted: tuple[str | None, str | None]
) -> None:
    headers = message(contact=contact).headers
    assert (headers.get("phone"), headers.get("phone-of")) == noted


EVA = {"id": 9, "is_bot": False, "first_name": "Eva"}


@pytest.mark.parametrize(
    ("origin", "line"),
    [
        pytest.param({"type": "user", "sender_user": EVA}, "[forwarded from Eva]", id="a person"),
        pytest.param(
            {"type": "hidden_user", "sender_user_name": "E."}, "[forwarded from E.]", id="hidden"
        ),
        pytest.param(
            {"type": "channel", "chat": {"id": -1, "title": "News"}},
            "[forwarded from News]",
            id="a channel",
        ),
        pytest.param(
            {"type": "chat", "sender_chat": {"id": -1, "title": "Group"}},
            "[forwarded from Group]",
            id="a group",
        ),
        pytest.param({"type": "something"}, "[forwarded]", id="a kind that comes later"),
    ],
)
def test_words_of_others_are_not_taken_for_the_writer_s(origin: dict[str, Any], line: str) -> None:
    assert message(text="Buy now", forward_origin=origin).text == f"{line}\n\nBuy now"


def _said(who: dict[str, Any], text: str = "the printer\nbangs", **more: Any) -> dict[str, Any]:
    return {"message_id": 2, "from": who, "text": text, **more}


THE_BOT = {"id": 1, "is_bot": True, "first_name": "Desk"}
CHOSEN = {"text": "step 2", "position": 4, "is_manual": True}


@pytest.mark.parametrize(
    ("content", "quotation"),
    [
        pytest.param({"reply_to_message": _said(THE_BOT)}, "", id="the whole of ours"),
        pytest.param({"reply_to_message": _said(FROM)}, "", id="the whole of their own"),
        pytest.param(
            {"reply_to_message": _said(THE_BOT), "quote": CHOSEN}, "> step 2", id="a piece of ours"
        ),
        pytest.param(
            {"reply_to_message": _said(THE_BOT), "quote": {"text": "step 2"}},
            "",
            id="a piece that Telegram has chosen",
        ),
        pytest.param(
            {"reply_to_message": _said(EVA)}, "> Eva:\n> the printer\n> bangs", id="another's"
        ),
        pytest.param(
            {"reply_to_message": _said(THE_BOT, sender_chat={"id": -5, "title": "Acme"})},
            "> Acme:\n> the printer\n> bangs",
            id="a group's own words",
        ),
        pytest.param(
            {"reply_to_message": _said(EVA, forum_topic_created={"name": "x"}, text="")},
            "",
            id="the beginning of a topic",
        ),
        pytest.param(
            {
                "external_reply": {"origin": {"type": "user", "sender_user": EVA}},
                "quote": {"text": "elsewhere"},
            },
            "> Eva:\n> elsewhere",
            id="in another chat",
        ),
        pytest.param(
            {"external_reply": {"origin": {}, "photo": [{"file_id": "p"}]}},
            "> [photo]",
            id="a picture in another chat",
        ),
    ],
)
def test_what_is_answered_is_quoted_where_nobody_else_would_tell(
    content: dict[str, Any], quotation: str
) -> None:
    found = message(text="help him", **content)
    assert found.quoted_text == quotation
    assert found.new_text == "help him"
    assert found.text == ("help him\n\n" + quotation if quotation else "help him")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            {"checklist": {"title": "To do", "tasks": [{"id": 1, "text": "fix"}]}},
            "[list] To do\n- fix",
        ),
        ({"story": {"id": 3, "chat": {"id": 9}}}, "[story]"),
        ({"paid_media": {"star_count": 5}, "caption": "look"}, "[paid pictures]\n\nlook"),
        ({"game": {"title": "Chess"}}, "[game] Chess"),
        ({"invoice": {"title": "Thing", "total_amount": 5}}, "[invoice] Thing"),
    ],
)
def test_more_that_people_send_is_told(content: dict[str, Any], text: str) -> None:
    found = message(**content)
    assert (found.text, found.automated) == (text, Automated.NONE)


def test_a_reply_to_the_first_of_a_thread_is_a_reply() -> None:
    """In a supergroup without topics the thread has the number of the message that began it."""
    replied = {"reply_to_message": _said(THE_BOT), "message_thread_id": 2}
    assert message(text="and now?", **replied).in_reply_to == "2"
    assert message(text="Hei", **replied, is_topic_message=True).in_reply_to == ""


def test_the_text_decides_its_language_and_says_so() -> None:
    text = "Hei, jeg kan ikke logge inn på kontoen min siden i går."
    found = message(text=text)
    assert (found.language, found.language_because) == ("nb", "the text; language_code is ru")
    assert message(text="ok").language_because == "language_code"
    assert message(voice={"file_id": "a"}).language_guess == ""


def test_what_another_bot_says_is_automatic_and_says_why() -> None:
    found = message(text="beep", **{"from": THE_BOT})
    assert found.automated is Automated.AUTO_REPLY
    assert found.automated_because == "Telegram: a bot wrote it"

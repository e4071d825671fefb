"""Are Slack's events understood: words, changes, withdrawals, noise?"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from inquiry.journey import SLACK, Envelope
from inquiry.understood import Deletion, Edit, Known, Message, Party, Understood
from inquiry.words import Automated
from normalizer.normalize import normalize

WORDS = {"type": "message", "user": "U1", "channel": "C1", "ts": "1791790000.000100", "text": "Hei"}


BEGUN = datetime(2026, 10, 12, 5, tzinfo=UTC)


def understood(event: dict[str, Any], **noted: str) -> Understood:
    raw = json.dumps({"event": event}).encode()
    return normalize(SLACK, raw, Envelope(headers=noted), Known())


def message(**changes: Any) -> Message:
    found = understood({**WORDS, **changes})
    assert isinstance(found, Message)
    return found


def test_a_message() -> None:
    found = message(thread_ts="1791780000.000100", user_profile={"real_name": "Kari Berg"})
    assert found.sender == Party("U1", "Kari Berg")
    assert (found.conversation, found.thread) == ("C1/1791780000.000100", "1791780000.000100")
    assert (found.remote_id, found.text) == ("1791790000.000100", "Hei")
    assert found.automated is Automated.NONE


def test_what_stands_in_a_channel_itself_begins_a_thread() -> None:
    found = message()
    assert (found.conversation, found.thread) == ("C1/1791790000.000100", "")


@pytest.mark.parametrize("place", [{"channel": "D1"}, {"channel": "G1", "channel_type": "im"}])
def test_direct_messages_are_one_conversation_threads_and_all(place: dict[str, str]) -> None:
    assert message(**place).conversation == place["channel"]
    below = message(**place, thread_ts="1791780000.000100")
    assert below.conversation == place["channel"]
    assert (below.thread, below.in_reply_to) == ("1791780000.000100", "1791780000.000100")
    assert message(**place, thread_ts=WORDS["ts"]).in_reply_to == ""


@pytest.mark.parametrize(
    ("changes", "begun"),
    [
        pytest.param({"parent_user_id": "U1"}, BEGUN, id="reply"),
        pytest.param({"parent_user_id": "U2"}, None, id="another's thread"),
        pytest.param({}, None, id="nobody knows whose"),
        pytest.param({"ts": "1791781200.000000"}, BEGUN, id="its beginning"),
        pytest.param({"thread_ts": "", "ts": "1791781200.000000"}, BEGUN, id="no replies yet"),
        pytest.param({"parent_user_id": "", "user": ""}, None, id="nobody's"),
        pytest.param({"parent_user_id": "U1", "thread_ts": "x"}, None, id="no time"),
    ],
)
def test_who_goes_on_in_a_thread_of_their_own_says_when_it_began(
    changes: dict[str, str], begun: datetime | None
) -> None:
    assert message(**{"thread_ts": "1791781200.000000", **changes}).begun_at == begun


def test_in_a_channel_a_thread_is_a_place_and_no_reply() -> None:
    assert message(thread_ts="1791780000.000100").in_reply_to == ""


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<https://x.example|her>", "her <https://x.example>"),
        ("<https://x.example>", "https://x.example"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<@U2> og <@U3|kari>", "@U2 og @kari"),
        ("<#C2|drift> <!here>", "#drift @here"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<!date^1791790000^{date}|21 November>", "21 November"),
        ("<!subteam^S1|@drift> <!subteam^S2>", "@drift @S2"),
        ("<tel:+4722334455|+47 22 33 44 55>", "+47 22 33 44 55 <tel:+4722334455>"),
        ("*not* _now_, ~never~", "not now, ~never~"),
        ("_*both*_ 2*3*4 a_b_c * x *", "both 2*3*4 a_b_c * x *"),
        ("`*p` and ```\nif a &lt; b:\n  _x_\n```", "*p and if a < b:\n  _x_"),
        ("*<https://x.example/a_b_c|_her_>*", "_her_ <https://x.example/a_b_c>"),
        ("&lt;0&gt; <https://x.example>", "<0> https://x.example"),
    ],
)
def test_markup_becomes_text(written: str, shown: str) -> None:
    assert message(text=written).text == shown


def test_people_and_channels_have_the_names_that_the_channel_noted() -> None:
    noted = {"name:U1": "Kari Berg", "name:U2": "Ola", "name:C2": "drift", "email": "k@b.example"}
    found = understood({**WORDS, "text": "<@U2> i <#C2> og <@U3>"}, **noted)
    assert isinstance(found, Message)
    assert found.sender == Party("U1", "Kari Berg")
    assert found.text == "@Ola i #drift og @U3"
    assert found.headers == {"email": "k@b.example"}


def test_a_file_without_words_is_named() -> None:
    assert message(text="", subtype="file_share", files=[{"name": "a.png"}]).text == "[file] a.png"


def test_a_file_follows_its_message() -> None:
    file = {"id": "F1", "name": "a.png", "mimetype": "image/png", "size": 9, "mode": "hosted"}
    (found,) = message(subtype="file_share", files=[file]).attachments
    assert (found.filename, found.content_type, found.size) == ("a.png", "image/png", 9)
    assert (found.remote, found.content_id, found.content) == ("F1", "F1", b"")


@pytest.mark.parametrize("where", [{"mode": "tombstone"}, {"is_external": True}])
def test_a_file_that_slack_does_not_have_is_told_with_its_link(where: dict[str, Any]) -> None:
    file = {"id": "F1", "name": "a.png", "url_private": "https://x.example/a.png", **where}
    found = message(subtype="file_share", files=[file])
    assert found.attachments == ()
    assert found.text == "Hei\n[file] a.png https://x.example/a.png"


def test_what_somebody_shares_is_quoted() -> None:
    shared = [{"is_share": True, "text": "*nede*\nigjen"}, {"text": "a preview of a link"}]
    assert message(text="se", attachments=shared).text == "se\n> nede\n> igjen"


@pytest.mark.parametrize(
    "changes",
    [{"subtype": "channel_join"}, {"bot_id": "B1"}, {"type": "pin_added"}, {"user": None}],
)
def test_noise_asks_for_no_answer(changes: dict[str, Any]) -> None:
    assert message(**changes).automated is Automated.AUTO_REPLY


def test_an_edit() -> None:
    event = {"type": "message", "subtype": "message_changed", "channel": "C1", "ts": "9"}
    found = understood({**event, "message": {**WORDS, "text": "Hei du"}})
    assert isinstance(found, Edit)
    assert found.remote_id == "1791790000.000100"
    assert found.conversation == "C1/1791790000.000100"
    assert (found.message.text, found.message.automated) == ("Hei du", Automated.NONE)


def test_a_deletion() -> None:
    event = {"type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": "5"}
    found = understood({**event, "previous_message": {**WORDS, "thread_ts": "3"}})
    assert found == Deletion(remote_id="5", conversation="C1/3", sender=Party("U1"))
    assert understood(event) == Deletion(remote_id="5", conversation="C1/5")


def test_what_stays_of_a_deleted_message_with_replies_is_a_deletion() -> None:
    stone = {"subtype": "tombstone", "user": "USLACKBOT", "ts": "5", "thread_ts": "5"}
    event = {"type": "message", "subtype": "message_changed", "channel": "C1", "ts": "9"}
    found = understood({**event, "message": stone, "previous_message": {**WORDS, "ts": "5"}})
    assert found == Deletion(remote_id="5", conversation="C1/5", sender=Party("U1"))


def test_an_edit_was_written_when_it_was_edited() -> None:
    event = {"type": "message", "subtype": "message_changed", "channel": "C1", "ts": "1791790009.5"}
    edited = {**WORDS, "edited": {"user": "U1", "ts": "1791790007.000000"}}
    stamps = []
    for inner in (edited, WORDS):
        found = understood({**event, "message": inner})
        assert isinstance(found, Edit)
        assert found.message.sent_at
        stamps.append(found.message.sent_at.timestamp())
    assert stamps == [1791790007.0, 1791790009.5]


def _rich(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "elements": list(elements)}]


def _section(*pieces: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(pieces)}


def test_emoji_are_letters_where_slack_tells_them() -> None:
    wave = {"type": "emoji", "name": "wave", "skin_tone": 3, "unicode": "1f44b-1f3fc"}
    smile = {"type": "emoji", "name": "smile", "unicode": "1f604"}
    house = {"type": "emoji", "name": "our_house"}
    odd = {"type": "emoji", "name": "odd", "unicode": "nonsense"}
    found = message(
        text=":wave::skin-tone-3: :smile: :our_house: :odd: at 10:30:45",
        blocks=_rich(_section(wave, smile, house, odd)),
    )
    assert found.text == "\U0001f44b\U0001f3fc \U0001f604 :our_house: :odd: at 10:30:45"


def test_words_that_stand_in_blocks_alone_are_read() -> None:
    blocks = _rich(
        _section(
            {"type": "text", "text": "Hei "},
            {"type": "user", "user_id": "U2"},
            {"type": "text", "text": ", se "},
            {"type": "link", "url": "https://x.example", "text": "her"},
            {"type": "emoji", "name": "smile", "unicode": "1f604"},
            {"type": "channel", "channel_id": "C9"},
            {"type": "broadcast", "range": "here"},
            {"type": "date", "fallback": "i dag"},
            {"type": "color", "value": "#fff"},
        ),
        {
            "type": "rich_text_list",
            "style": "ordered",
            "elements": [_section({"type": "text", "text": word}) for word in ("en", "to")],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "du skrev\ndette"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "*p = 1"}]},
    )
    blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": "*Sak* &lt;1&gt;"}})
    found = understood({**WORDS, "text": "", "blocks": blocks}, **{"name:U2": "Ola"})
    assert isinstance(found, Message)
    assert found.text.splitlines() == [
        "Hei @Ola, se her <https://x.example>\U0001f604#C9@herei dag",
        *("1. en", "2. to", "> du skrev", "> dette", "*p = 1", "Sak <1>"),
    ]


def test_blocks_within_blocks_end_somewhere() -> None:
    block = _section({"type": "text", "text": "deep"})
    for _ in range(50):
        block = _section(block)
    assert message(text="", blocks=[block]).text == ""


def test_a_shared_message_is_quoted_also_where_its_words_stand_in_blocks() -> None:
    inside = {"message": {"blocks": _rich(_section({"type": "text", "text": "the original"}))}}
    shared = [
        {"is_share": True, "text": "", "message_blocks": [inside]},
        {"is_msg_unfurl": True, "text": "*plain*"},
        {"title": "a preview of a link", "text": "noise"},
    ]
    assert message(text="look", attachments=shared).text == "look\n> the original\n> plain"

"""Are Slack's events understood: words, changes, withdrawals, noise?"""

import json
from typing import Any

import pytest

from inquiry.journey import Envelope
from inquiry.understood import Deletion, Edit, Known, Message, Party, Understood
from inquiry.words import Automated
from normalizer.normalize import normalize
from normalizer.slack import SLACK

WORDS = {"type": "message", "user": "U1", "channel": "C1", "ts": "1791790000.000100", "text": "Hei"}


def understood(event: dict[str, Any]) -> Understood:
    return normalize(SLACK, json.dumps({"event": event}).encode(), Envelope(), Known())


def message(**changes: Any) -> Message:
    found = understood({**WORDS, **changes})
    assert isinstance(found, Message)
    return found


def test_a_message() -> None:
    found = message(thread_ts="1791780000.000100", user_profile={"real_name": "Kari Berg"})
    assert found.sender == Party("U1", "Kari Berg")
    assert (found.conversation, found.thread) == ("C1", "1791780000.000100")
    assert (found.remote_id, found.text) == ("1791790000.000100", "Hei")
    assert found.automated is Automated.NONE


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<https://x.example|her>", "her <https://x.example>"),
        ("<https://x.example>", "https://x.example"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<@U2> og <@U3|kari>", "@U2 og @kari"),
        ("<#C2|drift> <!here>", "#drift @here"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
    ],
)
def test_markup_becomes_text(written: str, shown: str) -> None:
    assert message(text=written).text == shown


def test_a_file_without_words_is_named() -> None:
    assert message(text="", subtype="file_share", files=[{"name": "a.png"}]).text == "[file] a.png"


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
    assert (found.remote_id, found.conversation) == ("1791790000.000100", "C1")
    assert (found.message.text, found.message.automated) == ("Hei du", Automated.NONE)


def test_a_deletion() -> None:
    event = {"type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": "5"}
    found = understood({**event, "previous_message": WORDS})
    assert found == Deletion(remote_id="5", conversation="C1", sender=Party("U1"))

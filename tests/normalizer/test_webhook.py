"""Is what another system says read as it was meant, and never as somebody else's?"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiry.journey import WEBHOOK, Envelope
from inquiry.understood import Deletion, Edit, Known, Message, Party
from inquiry.words import Trust
from normalizer.normalize import normalize
from normalizer.scan import scan

SMS = Envelope(authenticated_as="sms")
KNOWN = Known(languages=("nb", "pl", "en"))


def understood(kind: str = "message.created", **data: Any) -> Any:
    said = {"id": "1", "from": {"id": "+4799887766", "name": "Jan"}, "text": "Hei"} | data
    raw = json.dumps({"type": kind, "data": said}).encode()
    return normalize(WEBHOOK, raw, SMS, KNOWN)


def test_a_message_with_all_that_there_is() -> None:
    message = understood(
        subject="Skriver",
        text="Skriveren virker ikke, kan noen hjelpe meg?",
        language="nb",
        conversation="room-1",
        in_reply_to="0",
        sent_at="2026-11-22T09:00:00Z",
        fields={"order": "1000"},
        attachments=[{"filename": "a.txt", "content_type": "text/plain", "content": "aGVp"}],
    )
    assert isinstance(message, Message)
    assert message.sender == Party("sms:+4799887766", "Jan")
    assert (message.subject, message.language, message.conversation) == ("Skriver", "nb", "room-1")
    assert (message.remote_id, message.in_reply_to) == ("1", "0")
    assert message.sent_at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert message.form == {"order": "1000"}
    assert [(file.filename, file.size) for file in message.attachments] == [("a.txt", 3)]


def test_a_long_text_beats_the_given_language() -> None:
    found = understood(text="Hei, jeg kan ikke logge inn på kontoen min.", language="pl")
    assert (found.language, found.language_because) == ("nb", "the text; the given language is pl")
    found = understood(text="ok", language="pl")
    assert (found.language, found.language_because) == ("pl", "the given language")


def test_what_has_no_conversation_is_one_with_the_person() -> None:
    assert understood().conversation == "+4799887766"


@pytest.mark.parametrize(
    ("verified", "trust"),
    [
        pytest.param(True, Trust.VERIFIED, id="the system vouches"),
        pytest.param(False, Trust.CLAIMED, id="it does not"),
        pytest.param("yes", Trust.CLAIMED, id="a word is no yes"),
    ],
)
def test_who_vouches_for_the_writer(verified: Any, trust: Trust) -> None:
    data: dict[str, Any] = {"from": {"id": "1", "verified": verified}}
    assert understood(**data).trust is trust


def test_an_edit_and_a_deletion_name_their_message() -> None:
    edit = understood("message.edited", text="Hei igjen")
    assert isinstance(edit, Edit)
    assert (edit.remote_id, edit.message.text) == ("1", "Hei igjen")
    gone = understood("message.deleted")
    assert gone == Deletion(
        remote_id="1", conversation="+4799887766", sender=Party("sms:+4799887766", "Jan")
    )


def test_the_writer_is_known_before_all_is_read() -> None:
    raw = json.dumps({"type": "x", "data": {"from": {"id": "7"}, "conversation": "c"}}).encode()
    seen = scan(WEBHOOK, raw, SMS)
    assert (seen.sender, seen.conversation) == (Party("sms:7"), "c")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_nothing_that_is_signed_makes_it_fail(value: Any) -> None:
    raw = json.dumps({"type": "message.created", "data": {"from": value, "text": value}}).encode()
    assert isinstance(normalize(WEBHOOK, raw, SMS, KNOWN), Message)


def test_people_who_differ_in_capitals_alone_are_two() -> None:
    """Addresses are compared without case: one would get the other's answers."""
    writers: list[dict[str, Any]] = [{"from": {"id": name}} for name in ("aB1", "Ab1")]
    one, other = (understood(**writer).sender.address for writer in writers)
    assert one.casefold() != other.casefold()
    assert (one, other) == ("sms:a^b1", "sms:^ab1")

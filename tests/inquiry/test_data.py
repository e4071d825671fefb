"""Do our values survive being written down as JSON?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiry.data import as_data, from_data, understood_as_text, understood_from_text
from inquiry.decision import Decision, Facts, Winner
from inquiry.journey import ChannelName, Envelope, InquiryId, QueueName
from inquiry.understood import (
    Attachment,
    Call,
    Deletion,
    Edit,
    Message,
    Party,
    Press,
    Report,
    ReportedRecipient,
    Understood,
)
from inquiry.words import Automated, Handle, Priority, Trust

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
JAN = Party("jan@kunde.example", "Jan Kowalski")
MESSAGE = Message(
    sender=JAN,
    trust=Trust.VERIFIED,
    to=(Party("support@nordlys.example"),),
    subject="Drukarka",
    text="nie działa",
    sent_at=NOON,
    references=("<1@a.example>", "<2@a.example>"),
    automated=Automated.LIST,
    headers={"list-id": "<x>"},
    attachments=(
        Attachment(filename="a.pdf", content_type="application/pdf", size=3, sha256="ab"),
    ),
)


@pytest.mark.parametrize(
    "understood",
    [
        pytest.param(MESSAGE, id="a message with everything"),
        pytest.param(Message(), id="a message with nothing"),
        pytest.param(Edit(remote_id="7", conversation="c", message=MESSAGE), id="an edit"),
        pytest.param(Deletion(remote_id="7", conversation="c", sender=JAN), id="a deletion"),
        pytest.param(Press(remote_id="1", conversation="c", sender=JAN, value="y"), id="a press"),
        pytest.param(
            Report(
                kind=Automated.BOUNCE,
                recipients=(ReportedRecipient(address="x@y.example", permanent=True),),
                message=MESSAGE,
            ),
            id="a bounce",
        ),
        pytest.param(Call(call_id="1", event="answer", sender=JAN, at=NOON), id="a call"),
    ],
)
def test_what_was_understood_reads_back_the_same(understood: Understood) -> None:
    assert understood_from_text(understood_as_text(understood)) == understood


def test_the_bytes_of_attachments_are_left_out() -> None:
    heavy = Attachment(filename="a", content_type="b", size=1, sha256="c", content=b"secret")
    assert "secret" not in understood_as_text(Message(attachments=(heavy,)))


def test_fields_at_their_default_take_no_room() -> None:
    assert understood_as_text(Message(subject="x")) == '{"is": "message", "subject": "x"}'


def test_a_decision_reads_back_the_same() -> None:
    decision = Decision(
        queue=QueueName("first-line"),
        priority=Priority.HIGH,
        tags=("vip",),
        handle=Handle.INQUIRY,
        winners=(Winner(field="queue", value="first-line", rule="all"),),
    )
    assert from_data(Decision, as_data(decision)) == decision


def test_facts_read_back_the_same() -> None:
    facts = Facts(
        now=NOON,
        channel=ChannelName("mail"),
        customer={"vip": "yes"},
        counted={"waiting first-line": 3},
        tags=("a", "b"),
    )
    assert from_data(Facts, as_data(facts)) == facts


def test_an_envelope_reads_back_the_same() -> None:
    envelope = Envelope(mail_from="", rcpt_to=("a@b.example",), inquiry=InquiryId(7), uid=3)
    assert from_data(Envelope, as_data(envelope)) == envelope


def test_what_a_newer_version_wrote_does_not_disturb() -> None:
    assert from_data(Envelope, {"peer": "x", "new-in-2030": 1}) == Envelope(peer="x")


def test_durations_are_seconds() -> None:
    assert as_data({"wait": timedelta(minutes=2)}) == {"wait": 120.0}


@given(st.text(), st.text(), st.booleans())
def test_any_text_survives(subject: str, text: str, inline: bool) -> None:
    file = Attachment(filename=text, content_type="x", size=0, sha256="", inline=inline)
    message = Message(subject=subject, text=text, attachments=(file,))
    assert understood_from_text(understood_as_text(message)) == message

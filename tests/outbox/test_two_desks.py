"""Do two desks that write to each other ever stop?"""

import re
from datetime import UTC, datetime

import pytest

from channels.mail.rendering import render
from inquiry.journey import MAIL, Envelope, InquiryId
from inquiry.tokens import KeyRing, message_id, new_nonce
from inquiry.understood import Known, Message
from inquiry.words import Automated, Purpose
from normalizer.normalize import normalize
from outbox.silence import reason_for_silence
from tests.builders import a_dispatch
from tests.outbox.waiting import an_acknowledgement

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
NORDLYS, FJELL = "help@nordlys.example", "post@fjell.example"
RINGS = {NORDLYS: KeyRing((b"one",)), FJELL: KeyRing((b"two",))}


def written(desk: str, to: str, answers: Message | None, purpose: Purpose) -> bytes:
    """Return a mail of a desk as it leaves."""
    own = message_id(RINGS[desk], InquiryId(1), new_nonce(), desk.partition("@")[2])
    asked = answers.message_id if answers else ""
    dispatch = a_dispatch(
        purpose=purpose, recipient=to, message_id=own, in_reply_to=asked, references=(asked,)
    )
    return render(dispatch, sender=desk, sender_name="Desk", recipient=to, now=NOW)


def received(desk: str, raw: bytes) -> Message:
    found = normalize(MAIL, raw, Envelope(), Known(own_addresses=frozenset({desk})))
    assert isinstance(found, Message)
    return found


def acknowledges(desk: str, message: Message) -> bool:
    assert message.sender
    waiting = an_acknowledgement(
        address=message.sender.address, understood=message, envelope=Envelope()
    )
    return not reason_for_silence(waiting, {desk})


def without(raw: bytes, *names: str) -> bytes:
    """Return a mail as a relay leaves it that drops what it does not know."""
    for name in names:
        raw, count = re.subn(rb"(?m)^" + name.encode() + rb":.*\r\n", b"", raw)
        assert count <= 1
    return raw


@pytest.mark.parametrize(
    "dropped",
    [
        pytest.param((), id="nothing is dropped"),
        pytest.param(("Auto-Submitted",), id="no Auto-Submitted"),
        pytest.param(("Auto-Submitted", "X-Auto-Response-Suppress"), id="our own mark alone"),
        pytest.param(("X-Auto-Response-Suppress", "X-Deskbridge-Loop"), id="no X- fields"),
    ],
)
def test_two_desks_stop_after_one_acknowledgement(dropped: tuple[str, ...]) -> None:
    sender, other = FJELL, NORDLYS
    raw = written(sender, other, None, Purpose.ANSWER)  # a person at one desk asks the other
    acknowledgements = 0
    while acknowledges(other, message := received(other, raw)):
        acknowledgements += 1
        assert acknowledgements <= 1
        sender, other = other, sender
        raw = without(written(sender, other, message, Purpose.ACKNOWLEDGEMENT), *dropped)
    assert acknowledgements == 1
    assert message.automated is Automated.AUTO_REPLY


def test_what_people_at_another_desk_write_is_no_automatic_mail() -> None:
    message = received(NORDLYS, written(FJELL, NORDLYS, None, Purpose.ANSWER))
    assert message.automated is Automated.NONE


def test_our_own_acknowledgement_sent_back_by_a_program_is_a_loop() -> None:
    ours = written(NORDLYS, FJELL, None, Purpose.ACKNOWLEDGEMENT)
    mirrored = without(ours, "From", "Message-ID").replace(b"To: ", b"From: ", 1)
    assert received(NORDLYS, mirrored).automated is Automated.LOOP

"""To whom does no program answer (RFC 3834)?"""

from dataclasses import replace

import pytest

from inquiry.journey import FORM, Envelope
from inquiry.understood import Report
from inquiry.words import Automated, Trust
from outbox.silence import is_stranger, reason_for_silence
from storage.answers import Waiting
from tests.inquiries import a_message
from tests.outbox.waiting import an_acknowledgement

OWN = frozenset({"support@nordlys.example"})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(an_acknowledgement(), "", id="an ordinary mail"),
        pytest.param(an_acknowledgement(envelope=None, understood=None), "", id="no message"),
        pytest.param(
            an_acknowledgement(address="Support@Nordlys.example"),
            "the sender is this desk",
            id="ourselves",
        ),
        pytest.param(
            an_acknowledgement(envelope=Envelope(mail_from="")),
            "the sender is the null sender",
            id="the null sender",
        ),
        pytest.param(
            an_acknowledgement(understood=a_message(automated=Automated.AUTO_REPLY)),
            "it answers automatic mail (auto-reply)",
            id="an out-of-office note",
        ),
        pytest.param(
            an_acknowledgement(understood=a_message(automated=Automated.LOOP)),
            "it answers automatic mail (loop)",
            id="another bridge",
        ),
        pytest.param(
            an_acknowledgement(understood=a_message(mailing_list=True)),
            "it answers a mailing list",
            id="a list",
        ),
        pytest.param(
            an_acknowledgement(contact="telegram", conversation="501", address="501"),
            "",
            id="a chat of two",
        ),
        pytest.param(
            an_acknowledgement(contact="telegram", conversation="-1001", address="501"),
            "a group would read it, and with it one person's status link",
            id="a group",
        ),
        pytest.param(
            an_acknowledgement(
                contact="telegram", conversation="-7", understood=None, envelope=None
            ),
            "a group would read it, and with it one person's status link",
            id="a group, by an edited message",
        ),
        pytest.param(
            an_acknowledgement(understood=Report(kind=Automated.BOUNCE, message=a_message())),
            "it answers a delivery report",
            id="a bounce",
        ),
        pytest.param(
            an_acknowledgement(understood=a_message(trust=Trust.UNVERIFIED)),
            "the sender can't be read without doubt",
            id="two From lines",
        ),
        pytest.param(
            an_acknowledgement(understood=a_message(trust=Trust.UNVERIFIED), media_type=FORM),
            "",
            id="a form",
        ),
    ],
)
def test_a_program_is_silent(answer: Waiting, reason: str) -> None:
    assert reason_for_silence(answer, OWN) == reason


@pytest.mark.parametrize(
    ("trust", "to_a_program", "to_a_specialist"),
    [
        (Trust.UNVERIFIED, True, True),
        (Trust.CLAIMED, True, False),
        (Trust.VERIFIED, False, False),
    ],
)
def test_who_may_be_a_stranger(trust: Trust, to_a_program: bool, to_a_specialist: bool) -> None:
    answer = an_acknowledgement(understood=a_message(trust=trust))
    assert is_stranger(answer) is to_a_program
    assert is_stranger(replace(answer, template="")) is to_a_specialist

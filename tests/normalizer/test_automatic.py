"""Is mail that no person wrote recognised, and mail that a person wrote left alone?"""

import pytest

from inquiry.journey import MAIL, Envelope
from inquiry.understood import Known, Message
from inquiry.words import Automated
from normalizer.normalize import normalize

OURS = "<12.abcdefghijklmnop.qrstuvwxyz234567@nordlys.example>"
DESK = Known(own_addresses=frozenset({"help@nordlys.example"}), own_message_ids=frozenset({OURS}))


def kind(fields: str, body: str = "Hei", sender: str = "k@f.example") -> Automated:
    raw = f"From: {sender}\nTo: help@nordlys.example\n{fields}\n\n{body}\n".encode()
    found = normalize(MAIL, raw, Envelope(), DESK)
    assert isinstance(found, Message)
    return found.automated


@pytest.mark.parametrize(
    "fields",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner=x",
        "X-Autoreply: yes",
        "X-Autorespond: Hei",
        "X-Auto-Response-Suppress: All",
        "X-FC-MachineGenerated: true",
        "Delivered-To: Autoresponder",
        "Precedence: auto_reply",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
        "Precedence: bulk\nIn-Reply-To: <x@y>",
        "Subject: Automatic reply: Hei",
        "Subject: Out of Office: Hei",
        "Subject: Automatisk svar",
        "Subject: =?utf-8?Q?Automatyczna_odpowied=C5=BA=3A_Hei?=",
        "Subject: Automaatvastus: Hei",
        "Subject: =?utf-8?B?0JDQstGC0L7QvtGC0LLQtdGCOiBIZWk=?=",
        "Subject: Abwesenheitsnotiz: Hei",
        "Subject: Autosvar: Hei",
    ],
)
def test_programs(fields: str) -> None:
    assert kind(fields) is Automated.AUTO_REPLY


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Ferie: Re: Hei", "Dette er et automatisk svar. Jeg er på ferie."),
        ("Urlop: Re: Hei", "Jestem na urlopie do poniedziałku."),
        ("SV: Automatisk svar: Hei", "Jeg er på ferie til mandag."),
        ("Puhkusel: Re: Hei", "Olen puhkusel kuni esmaspäevani."),
        ("В отпуске: Hei", "Я в отпуске до понедельника."),
        ("Re: Hei", "This is an automated response. Thank you for writing."),
    ],
)
def test_programs_without_manners(subject: str, body: str) -> None:
    assert kind(f"Subject: {subject}\nContent-Type: text/plain; charset=utf-8", body) is (
        Automated.AUTO_REPLY
    )


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ("Subject: Re: Hei", "Jeg er på ferie neste uke, ring meg på fredag."),
        ("Subject: Urlop", "Ile dni urlopu mi zostało?"),
        ("Subject: Automatic door is broken", "It does not open."),
        ("Subject: Vacation days", "I am on vacation from Monday; please move the appointment."),
        ("Subject: SV: Automatisk svar: Hei", "Takk, da venter jeg til mandag."),
        ("Subject: Fwd: Out of Office: Hello", "Who takes over for her?"),
        ("Auto-Submitted: no", "Hei"),
        ("X-Autoreply: no", "Hei"),
        ("List-Help: ", "Hei"),
        ("Precedence: first-class", "Hei"),
    ],
)
def test_people(fields: str, body: str) -> None:
    assert kind(fields, body) is Automated.NONE


@pytest.mark.parametrize(
    "fields",
    ["List-Id: <u.l.example>", "List-Post: <mailto:u@l.example>", "Precedence: bulk"],
)
def test_lists(fields: str) -> None:
    assert kind(fields) is Automated.LIST


def test_our_own_address_as_a_list_is_no_list() -> None:
    assert kind("List-Id: <help.nordlys.example>") is Automated.NONE


@pytest.mark.parametrize(
    ("fields", "sender"),
    [
        pytest.param(f"Message-ID: {OURS}", "k@f.example", id="our Message-ID"),
        pytest.param("X-Loop: help@nordlys.example", "k@f.example", id="our mark"),
        pytest.param("Subject: x", "Help <HELP@nordlys.example>", id="our address"),
        pytest.param("\n".join(["Received: by mx"] * 51), "k@f.example", id="going round"),
    ],
)
def test_loops(fields: str, sender: str) -> None:
    assert kind(fields, sender=sender) is Automated.LOOP


def test_the_reason_is_told() -> None:
    raw = b"From: k@f.example\nAuto-Submitted: auto-replied\n\nHei\n"
    found = normalize(MAIL, raw, Envelope(), DESK)
    assert isinstance(found, Message)
    assert found.automated_because == "Auto-Submitted: auto-replied"

"""Does the quick look at the head of an arrival see what there is to look up?"""

import json

import pytest

from inquiry.journey import FORM, MAIL, TELEGRAM, Envelope
from inquiry.understood import Party
from normalizer.scan import Scanned, scan

TOKEN = "12.abcdefghijklmnop.qrstuvwxyz234567"
HEAD = (
    b"From: Kari <kari@fjell.example>\nTo: help@nordlys.example\n"
    b"Delivered-To: desk@nordlys.example\n"
    b"Subject: Hei\nMessage-ID: <3@a>\nReferences: <1@a> <2@a>\nIn-Reply-To: <2@a>\n\nbody\n"
)


def test_a_mail() -> None:
    found = scan(MAIL, HEAD, Envelope(rcpt_to=(f"help+{TOKEN}@nordlys.example",)))
    assert found == Scanned(
        sender=Party("kari@fjell.example", "Kari"),
        references=(TOKEN, "<2@a>", "<1@a>"),
        recipients=(
            f"help+{TOKEN}@nordlys.example",
            "desk@nordlys.example",
            "help@nordlys.example",
        ),
        message_id="<3@a>",
        has_message_id=True,
        subject="Hei",
    )


def test_a_mail_without_an_id() -> None:
    assert not scan(MAIL, b"From: a@b.example\n\n", Envelope()).has_message_id


def test_a_head_cut_anywhere_is_read_as_far_as_it_goes() -> None:
    for end in range(len(HEAD)):
        scan(MAIL, HEAD[:end], Envelope())


def test_a_telegram_update() -> None:
    update = {
        "update_id": 1,
        "message": {"from": {"id": 7, "first_name": "Kari"}, "chat": {"id": 5}},
    }
    found = scan(TELEGRAM, json.dumps(update).encode(), Envelope())
    assert (found.sender, found.conversation) == (Party("7", "Kari"), "5")


def test_a_form() -> None:
    raw = json.dumps({"email": "kari@fjell.example", "name": "Kari", "subject": "Hei"}).encode()
    found = scan(FORM, raw, Envelope())
    assert (found.sender, found.subject) == (Party("kari@fjell.example", "Kari"), "Hei")


@pytest.mark.parametrize("media_type", [MAIL, FORM, TELEGRAM, "odd/type"])
@pytest.mark.parametrize("raw", [b"", b"\xff\x00", b"{}", b"[1]", b'{"message": 3}'])
def test_nonsense_is_nobody_s(media_type: str, raw: bytes) -> None:
    found = scan(media_type, raw, Envelope(rcpt_to=("help@nordlys.example",)))
    assert found.sender is None
    assert found.recipients == ("help@nordlys.example",)

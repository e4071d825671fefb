"""Does hostile mail cost little, and is it kept whole and marked?"""

import time
import tracemalloc

import pytest

from inquiry.journey import MAIL, Envelope
from inquiry.understood import Known, Message, Report
from normalizer.normalize import normalize

SENDER = b"From: kari@fjell.example\nSubject: Hei\n"
DESK = Known(languages=("nb", "pl", "et", "ru", "en"))
MIXED = SENDER + b"Content-Type: multipart/mixed; boundary=b\n\n"
PAGE = SENDER + b"Content-Type: text/html\n\n"
WORD = b"=?utf-8?B?w6bDuMOl?= "
BOMBS = {
    "a subject of encoded words": b"Subject: " + WORD * 14_000 + b"\n" + SENDER + b"\nHei",
    "a long header": SENDER + b"X: " + b"y" * 5_000_000 + b"\n\nHei",
    "many headers": SENDER + b"X: y\n" * 1_000_000 + b"\nHei",
    "folded for ever": SENDER + b"X: y\n" + b" \tz\n" * 1_000_000 + b"\nHei",
    "many parts": MIXED + b"--b\n\nHei\n" * 100_000,
    "parts in parts": SENDER
    + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(5_000)
    ),
    "mails in mails": SENDER + b"Content-Type: message/rfc822\n\n" * 5_000,
    "many addresses": b"To: " + b"a@b.example, " * 20_000 + b"\n" + SENDER + b"\nHei",
    "nested comments": b"To: " + b"(" * 10_000 + b"a@b.example\n" + SENDER + b"\nHei",
    "deep HTML": PAGE + b"<div>" * 200_000,
    "wide HTML": PAGE + b"<p>x</p>" * 200_000,
    "long attributes": PAGE + b"<a href='" + b"x" * 3_000_000,
    "many links": PAGE + b"<a href='https://x.example/abcdef'>link</a>" * 50_000,
    "one long line": SENDER + b"\n" + b"x" * 20_000_000,
    "many short lines": SENDER + b"\n" + b">\n" * 5_000_000,
    "quoted-printable": SENDER
    + b"Content-Transfer-Encoding: quoted-printable\n\n"
    + b"=41" * 2_000_000,
    "uuencode": SENDER + b"\n" + b"begin 644 x\n" * 100_000,
    "boundaries that almost match": MIXED + b"--bb\n" * 1_000_000,
    "references": SENDER + b"References: " + b"<a@b> " * 100_000 + b"\n\nHei",
    "parameters": SENDER + b"Content-Type: text/plain" + b";a*0=b" * 200_000 + b"\n\nHei",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little_and_its_sender_is_read(name: str) -> None:
    raw = BOMBS[name]
    normalize(
        MAIL, SENDER + b"\nHei", Envelope(), DESK
    )  # what is loaded once is no cost of the bomb
    began = time.process_time()
    found = normalize(MAIL, raw, Envelope(), DESK)
    spent = time.process_time() - began
    message = found.message if isinstance(found, Report) else found
    assert isinstance(message, Message)
    assert message.sender is not None
    assert message.sender.address == "kari@fjell.example"
    assert "internal failure" not in message.too_complex
    assert spent < 8


LARGE = ("one long line", "quoted-printable", "a long header", "long attributes", "deep HTML")


@pytest.mark.parametrize("name", LARGE)
def test_a_large_mail_does_not_live_many_times_in_memory(name: str) -> None:
    raw = BOMBS[name]
    normalize(MAIL, SENDER + b"\nHei", Envelope(), DESK)
    tracemalloc.start()
    normalize(MAIL, raw, Envelope(), DESK)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024 + 4 * len(raw)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        pytest.param(MIXED + b"--b\n\nHei\n" * 1_500, "more than 1000 parts", id="parts"),
        pytest.param(
            SENDER + b"X: " + b"y" * 20_000 + b"\n\nHei",
            "a header field longer than 16 KiB: x",
            id="a header",
        ),
        pytest.param(
            SENDER + b"X: %b\n" % (b"y" * 90) * 4_000 + b"\nHei",
            "headers longer than 128 KiB",
            id="headers",
        ),
        pytest.param(
            SENDER + b"X: y\n" * 60_000 + b"\nHei", "more than 5000 header fields", id="fields"
        ),
    ],
)
def test_what_is_over_a_limit_is_marked_and_has_its_original(raw: bytes, why: str) -> None:
    found = normalize(MAIL, raw, Envelope(), DESK)
    assert isinstance(found, Message)
    assert found.too_complex == why
    assert found.attachments[-1].filename == "original.eml"
    assert found.attachments[-1].content == raw

"""What holds for every message there is, however broken?"""

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inquiry.data import understood_as_text, understood_from_text
from inquiry.journey import FORM, MAIL, SLACK, TELEGRAM, Envelope
from inquiry.understood import Edit, Known, Message, Report, Understood
from normalizer.html.page import Line, Mark
from normalizer.normalize import normalize
from normalizer.scan import scan
from normalizer.separate import separate

DESK = Known(
    languages=("nb", "en"),
    sent_texts=(
        "We have sent you a new password.",
        "Hei. Hva heter programmet som dere bruker? Ola",
    ),
)
TYPES = (MAIL, FORM, TELEGRAM, SLACK, "text/plain", "text/html")
FIELDS = st.sampled_from(
    [
        b"From: ", b"To: ", b"Subject: ", b"Message-ID: <", b"References: ", b"Content-Type: ",
        b"Content-Type: multipart/mixed; boundary=b", b"--b\r\n", b"--b--",
        b"Content-Disposition: ",
        b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable",
        b"Date: ", b"=?utf-8?B?", b"?=", b"filename*0*=utf-8''%", b"charset=idna", b"charset=utf-7",
        b"\r\n", b"\n", b"\r", b"\n\n", b" ", b"\t", b'"', b"<", b">", b"(", b",", b";", b":", b"@",
        b"> quoted\n", b"On 12.10.2026 09:00 a@b.example wrote:\n", b"-- \n", b"begin 644 x\n",
        b"Action: failed\n", b"Final-Recipient: rfc822; a@b.example\n", b"message/delivery-status",
        b"From: Ola\nSent: now\nTo: Kari\nSubject: Hei\n", b"<blockquote>", b"</div>", b"\xf8\xe5",
    ]
)  # fmt: skip
HOSTILE = st.lists(st.one_of(FIELDS, st.binary(max_size=12)), max_size=40).map(b"".join)
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def message_of(found: Understood) -> Message | None:
    if isinstance(found, Report | Edit):
        return found.message
    return found if isinstance(found, Message) else None


@pytest.mark.parametrize("media_type", TYPES)
@patient
@given(raw=HOSTILE)
@example(b'From: "')
@example(b"Message-ID: <")
@example(b"Content-Type: text/plain; charset=idna\n\n\xff")
@example(b"Content-Type: multipart/mixed; boundary=\n\n--\n\n--")
def test_no_bytes_make_the_normalizer_raise_or_give_up(media_type: str, raw: bytes) -> None:
    found = message_of(normalize(media_type, raw, Envelope(), DESK))
    if found is not None and media_type in (MAIL, "text/plain", "text/html"):
        assert "internal failure" not in found.too_complex


@pytest.mark.parametrize("media_type", TYPES)
@patient
@given(raw=HOSTILE)
def test_the_scan_never_raises(media_type: str, raw: bytes) -> None:
    scan(media_type, raw, Envelope(rcpt_to=("help@nordlys.example",)))


@patient
@given(raw=HOSTILE)
def test_the_same_bytes_are_understood_alike_twice(raw: bytes) -> None:
    assert normalize(MAIL, raw, Envelope(), DESK) == normalize(MAIL, raw, Envelope(), DESK)


@patient
@given(raw=HOSTILE)
def test_no_word_of_the_text_is_lost_or_doubled(raw: bytes) -> None:
    found = message_of(normalize(MAIL, raw, Envelope(), DESK))
    assert found is not None
    parts = f"{found.new_text}\n{found.signature}\n{found.quoted_text}"
    assert Counter(parts.split()) == Counter(found.text.split())


LINES = st.sampled_from(
    [
        "", "Hei", "> sitat", ">> dobbelt", "--", "-- ", "Mvh", "Kari Berg", "____________",
        "Den 12.10.2026 kl. 09:00 skrev Ola <ola@nordlys.example>:", "skrev:", ">:", "| tabell",
        "-----Original Message-----", "Fra: Ola", "Sendt: i dag", "Til: Kari", "Emne: Hei",
        "Sendt fra min iPhone", "We have sent you a new password.", "C> sitert", "## skriv over ##",
        "PS: Ring meg.", "Har dere ikke fått denne fra meg?", "Jeg får denne feilen her:",
        "Hva heter programmet som dere bruker?", "> Hva heter programmet som dere bruker?",
    ]
)  # fmt: skip


@patient
@given(st.lists(st.tuples(LINES, st.sampled_from(Mark)), max_size=25))
def test_every_line_goes_to_exactly_one_place(drawn: list[tuple[str, Mark]]) -> None:
    lines = [Line(text, mark) for text, mark in drawn]
    parts = separate(lines, DESK.sent_texts)
    together = f"{parts.new_text}\n{parts.signature}\n{parts.quoted_text}"
    assert Counter(together.split()) == Counter(" ".join(line.text for line in lines).split())


@patient
@given(st.lists(LINES, max_size=25))
def test_new_words_separated_again_stay_new_but_for_what_was_kept(drawn: list[str]) -> None:
    first = separate([Line(text) for text in drawn])
    again = separate([Line(text) for text in first.new_text.split("\n")])
    assert Counter(again.new_text.split()) <= Counter(first.new_text.split())


@patient
@given(raw=HOSTILE)
def test_what_was_understood_can_be_stored_and_read_back(raw: bytes) -> None:
    found = normalize(MAIL, raw, Envelope(), DESK)
    text = understood_as_text(found)
    assert "\\u0000" not in text
    text.encode("utf-8")  # no lone surrogates
    assert understood_as_text(understood_from_text(text)) == text


@patient
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_no_json_makes_the_messengers_raise(value: object) -> None:
    raw = json.dumps({"message": value, "event": value, "text": value, "files": value}).encode()
    for media_type in (TELEGRAM, SLACK, FORM):
        normalize(media_type, raw, Envelope(), DESK)

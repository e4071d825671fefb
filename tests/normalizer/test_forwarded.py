"""When a specialist forwards a customer's mail, who is the customer?"""

from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiry.journey import Envelope
from inquiry.understood import Known, Message, Party
from inquiry.words import Automated, Trust
from normalizer.forwarded import forwarded_inline, has_prefix
from normalizer.mail import understand_mail

OLA = Party("ola@nordlys.example", "Ola Hansen")
KARI = Party("kari@fjell.example", "Kari Nordmann")
STAFF = Known(sender_is_specialist=True, own_addresses=frozenset({"help@nordlys.example"}))
MAILS = Path(__file__).parent.parent / "mails"


def mail(text: str, subject: str = "Fwd: Skriveren", **headers: str) -> bytes:
    made = EmailMessage()
    made["From"] = "Ola Hansen <ola@nordlys.example>"
    made["To"] = "help@nordlys.example"
    made["Subject"] = subject
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return bytes(made)


def understood(raw: bytes, known: Known = STAFF) -> Message:
    found = understand_mail(raw, Envelope(), known)
    assert isinstance(found, Message)
    return found


INLINE = {
    "gmail": (
        "Fwd: Skriveren",
        "Kan noen ta denne?\n\n---------- Forwarded message ---------\n"
        "Fra: Kari Nordmann <kari@fjell.example>\nDate: man. 5. jan. 2026 kl. 09:12\n"
        "Subject: Skriveren\nTo: Ola Hansen <ola@nordlys.example>\n\n\n{words}\n",
    ),
    "outlook-nb": (
        "VS: Skriveren",
        "\nFra: Kari Nordmann <kari@fjell.example>\nSendt: mandag 5. januar 2026 09:12\n"
        "Til: Ola Hansen <ola@nordlys.example>\nEmne: Skriveren\n\n{words}\n",
    ),
    "outlook-old": (
        "FW: Skriveren",
        "-----Original Message-----\nFrom: Kari Nordmann [mailto:kari@fjell.example]\n"
        "Sent: Monday, January 5, 2026 9:12 AM\nTo: Ola Hansen\nSubject: Skriveren\n\n{words}\n",
    ),
    "outlook-wrapped": (
        "WG: Skriveren",
        "________________________________\nVon: Kari Nordmann\n<kari@fjell.example>\n"
        "Gesendet: Montag, 5. Januar 2026 09:12\nAn: Ola Hansen\nBetreff: Skriveren\n\n{words}\n",
    ),
    "apple": (
        "Fwd: Skriveren",
        "Begin forwarded message:\n\n> From: Kari Nordmann <kari@fjell.example>\n"
        "> Subject: Skriveren\n> Date: 5 January 2026 at 09:12:00 CET\n> To: ola@nordlys.example\n"
        "> \n> {words}\n",
    ),
    "thunderbird-pl": (
        "Fwd: Skriveren",
        "\n\n-------- Przekazana wiadomość --------\nTemat: \tSkriveren\n"
        "Data: \tMon, 5 Jan 2026 09:12:00 +0100\nNadawca: \tKari Nordmann <kari@fjell.example>\n"
        "Adresat: \tola@nordlys.example\n\n\n{words}\n",
    ),
    "outlook-et": (
        "FW: Skriveren",
        "Saatja: Kari Nordmann <kari@fjell.example>\nSaadetud: esmaspäev, 5. jaanuar 2026 09:12\n"
        "Adressaat: Ola Hansen\nTeema: Skriveren\n\n{words}\n",
    ),
    "mail-ru": (
        "Fwd: Skriveren",
        "-------- Пересылаемое сообщение --------\nОт кого: Kari Nordmann <kari@fjell.example>\n"
        "Кому: ola@nordlys.example\nДата: Понедельник, 5 января 2026, 9:12 +03:00\n"
        "Тема: Skriveren\n\n{words}\n",
    ),
    "yandex": (
        "Fwd: Skriveren",
        "-------- Пересылаемое сообщение --------\n"
        "05.01.2026, 09:12, Kari Nordmann <kari@fjell.example>:\n\n{words}\n",
    ),
    "a subject of its own": (
        "Skriveren",
        "---------- Forwarded message ---------\nFrom: Kari Nordmann <kari@fjell.example>\n"
        "Date: Mon, 5 Jan 2026\nSubject: Skriveren\nTo: ola@nordlys.example\n\n{words}\n",
    ),
    "bold labels": (
        "Tr: Skriveren",
        "*De :* Kari Nordmann <kari@fjell.example>\n*Envoyé :* lundi 5 janvier 2026 09:12\n"
        "*À :* Ola Hansen\n*Objet :* Skriveren\n\n{words}\n",
    ),
}
WORDS = "Skriveren brenner, hva gjør jeg nå?"


@pytest.mark.parametrize(("subject", "text"), INLINE.values(), ids=INLINE.keys())
def test_who_wrote_what_was_forwarded_is_the_customer(subject: str, text: str) -> None:
    found = understood(mail(text.format(words=WORDS), subject))
    assert (found.sender, found.forwarded_by) == (KARI, OLA)
    assert (found.subject, found.text, found.new_text) == ("Skriveren", WORDS, WORDS)


def test_what_the_specialist_wrote_above_is_for_specialists() -> None:
    subject, text = INLINE["gmail"]
    found = understood(mail(text.format(words=WORDS), subject))
    assert found.forwarding_note.startswith("Kan noen ta denne?\n\n---------- Forwarded")
    assert "Kan noen" not in found.text + found.html
    whole = f"{found.forwarding_note}\n{found.text}".split()
    assert whole == text.format(words=WORDS).split()


@pytest.mark.parametrize(("subject", "text"), INLINE.values(), ids=INLINE.keys())
def test_what_a_customer_forwards_stays_the_customers(subject: str, text: str) -> None:
    found = understood(mail(text.format(words=WORDS), subject), Known())
    assert (found.sender, found.forwarded_by) == (OLA, None)


@pytest.mark.parametrize(
    "path", sorted(MAILS.glob("forwarded-by-customer.*.eml")), ids=lambda path: path.stem
)
def test_the_same_mails_make_a_difference_by_who_forwards_them(path: Path) -> None:
    raw = path.read_bytes()
    as_staff, as_customer = understood(raw), understood(raw, Known())
    assert as_customer.forwarded_by is None
    assert as_staff.forwarded_by == as_customer.sender != as_staff.sender


HEADER = "From: Kari Nordmann <kari@fjell.example>\nSent: Monday\nTo: Ola\nSubject: Skriveren\n\n"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        pytest.param("Skriveren", "Kari ringte om skriveren.\n", id="a mail of his own"),
        pytest.param("Re: Skriveren", f"Fikset.\n\n{HEADER}brenner\n", id="an answer"),
        pytest.param("RE: FW: Skriveren", f"Fikset.\n\n{HEADER}x\n", id="an answer to a forward"),
        pytest.param(
            "VS: Skriveren",
            "Tehty.\n\nLähettäjä: Kari <kari@fjell.example>\nLähetetty: maanantai\n"
            "Vastaanottaja: Ola\nAihe: Skriveren\n\nbrenner\n",
            id="a Finnish answer",
        ),
        pytest.param(
            "Fwd: Skriveren",
            HEADER.replace("kari@fjell.example", "help@nordlys.example") + "Takk for meldingen\n",
            id="our own mail",
        ),
        pytest.param(
            "Fwd: Skriveren",
            HEADER.replace("kari@fjell.example", "ola@nordlys.example") + "x\n",
            id="his own mail",
        ),
        pytest.param(
            "Fwd: Skriveren", HEADER.replace("<kari@fjell.example>", "") + "x\n", id="no address"
        ),
        pytest.param(
            "Fwd: Skriveren",
            HEADER.replace("Nordmann", "per@ond.example") + "x\n",
            id="two addresses",
        ),
        pytest.param("Fwd: Skriveren", "see below\n", id="nothing below"),
    ],
)
def test_anything_else_stays_what_it_is(subject: str, text: str) -> None:
    found = understood(mail(text, subject))
    assert (found.sender, found.forwarded_by, found.subject) == (OLA, None, subject)


def test_a_forward_proves_nothing() -> None:
    subject, text = INLINE["gmail"]
    raw = mail(text.format(words=WORDS), subject, References="<1@fjell.example> <2@x.example>")
    found = understood(raw)
    assert (found.thread_keys, found.trust) == ((), Trust.CLAIMED)
    assert found.references == ("<1@fjell.example>", "<2@x.example>")  # for a hint


def test_a_forward_of_somebody_in_doubt_stays_as_it_came() -> None:
    subject, text = INLINE["gmail"]
    raw = b"From: ond@evil.example\n" + mail(text.format(words=WORDS), subject)
    assert understood(raw).forwarded_by is None


def test_an_automatic_forward_stays_as_it_came() -> None:
    subject, text = INLINE["gmail"]
    found = understood(mail(text.format(words=WORDS), subject, Auto_Submitted="auto-generated"))
    assert (found.forwarded_by, found.automated) == (None, Automated.AUTO_REPLY)


def attached(text: str, subject: str, inner: bytes | None = None) -> bytes:
    original = EmailMessage()
    original["From"] = "Kari Nordmann <kari@fjell.example>"
    original["Subject"] = "Skriveren"
    original["Reply-To"] = "kari@hjemme.example"
    original["In-Reply-To"] = "<old@fjell.example>"
    original.set_content(WORDS)
    original.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="bilde.pdf")
    made = MIMEMultipart()
    made["From"] = "Ola Hansen <ola@nordlys.example>"
    made["Subject"] = subject
    made.attach(MIMEText(text))
    made.attach(MIMEMessage(original))
    if inner:
        made.attach(MIMEApplication(inner))
    return bytes(made)


def test_a_mail_forwarded_as_a_file_counts_as_if_it_had_come_by_itself() -> None:
    found = understood(attached("Kan noen ta denne?", "Fwd: Skriveren", b"more"))
    assert (found.sender, found.forwarded_by) == (KARI, OLA)
    assert (found.subject, found.text) == ("Skriveren", WORDS)
    assert found.reply_to == Party("kari@hjemme.example")
    assert (found.forwarding_note, found.thread_keys) == ("Kan noen ta denne?", ())
    assert "bilde.pdf" in [file.filename for file in found.attachments]


def test_a_mail_attached_to_his_own_question_is_a_file() -> None:
    found = understood(attached("Er dette svindel?", "Et spørsmål"))
    assert (found.sender, found.forwarded_by) == (OLA, None)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Fwd: x", True),
        ("FW: x", True),
        ("[Fwd: x]", True),
        ("PD: x", True),
        ("Пересл: x", True),
        ("Fwd[2]: x", True),
        ("Re: Fwd: x", False),
        ("SV: x", False),
        ("Forward planning", False),
        ("", False),
    ],
)
def test_subjects_of_forwarded_mail(subject: str, expected: bool) -> None:
    assert has_prefix(subject) is expected


_LINES = st.sampled_from([*INLINE["gmail"][1].split("\n"), *HEADER.split("\n"), "> From: x@y", ""])


@given(st.lists(_LINES | st.text(max_size=40), max_size=25))
def test_no_word_is_lost(lines: list[str]) -> None:
    message = Message(sender=OLA, subject="Fwd: x", text="\n".join(lines))
    found = forwarded_inline(message, STAFF)
    if found is not None:
        kept = f"{found.forwarding_note}\n{found.text}".replace(">", "")
        assert "".join(kept.split()) == "".join(message.text.replace(">", "").split())

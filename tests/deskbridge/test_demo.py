"""Do the demo's customers write mails that real people would write?"""

import email
import email.policy
from email.message import EmailMessage
from itertools import islice

from deskbridge.demo.feeder import customers, openings, thanks


def read(mail: EmailMessage) -> EmailMessage:
    return email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)


def test_all_five_languages_are_spoken() -> None:
    texts = " ".join(customer.text for customer in customers())
    for word in ("Dzień dobry", "Hei", "Tere", "Здравствуйте", "Hello"):
        assert word in texts


def test_no_two_openings_are_alike() -> None:
    mails = list(islice(openings(customers()), 25))
    assert len({mail.get_content() for mail in mails}) == 25
    assert len({mail["Message-ID"] for mail in mails}) == 25


def test_an_opening_survives_the_wire() -> None:
    mail = read(next(openings(customers())))
    assert mail["Subject"] == "Drukarka nie działa"
    assert "czerwona lampka" in mail.get_content()
    assert str(mail["From"]) == "Jan Kowalski <jan.kowalski@kunde.example>"


def test_thanks_thread_and_quote_the_answer() -> None:
    answer = EmailMessage()
    answer["Subject"] = "Re: Drukarka"
    answer["Message-ID"] = "<7.abc@desk.example>"
    answer["References"] = "<1@kunde.example>"
    answer.set_content("Proszę wyłączyć i włączyć.")
    reply = read(thanks(customers()[0], read(answer)))
    assert reply["In-Reply-To"] == "<7.abc@desk.example>"
    assert reply["References"] == "<1@kunde.example> <7.abc@desk.example>"
    assert "> Proszę wyłączyć" in reply.get_content()

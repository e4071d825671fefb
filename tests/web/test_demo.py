"""Does the demo's mailbox show what left, and answer as a customer would?"""

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.ports import free_port
from tests.web.site import Site, location
from web.desk import Demo


class Sink:
    """Keeps the mails that come in."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        content = envelope.content.replace(b"\r\n", b"\n")
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        self.recipients += envelope.rcpt_tos
        return "250 ok"


@pytest.fixture
def sink(site: Site) -> Iterator[Sink]:
    """An SMTP server at the demo's port."""
    made = Sink()
    controller = Controller(made, hostname="127.0.0.1", port=free_port())
    controller.start()
    assert site.desk.demo
    demo = Demo(folder=site.desk.demo.folder, port=controller.port, address="support@x.example")
    object.__setattr__(site.desk, "demo", demo)
    yield made
    controller.stop()


def left(folder: Path, name: str = "a.eml", **headers: str) -> None:
    """Put a mail where the desk puts them."""
    mail = EmailMessage()
    values = {
        "From": "Nordlys Support <support@nordlys.example>",
        "To": "Анна Петрова <anna@klient.example>",
        "Subject": "Re: <Drukarka> [NL-2026-00001]",
        "Date": "Sat, 21 Nov 2026 10:00:00 +0100",
        "Message-ID": "<2@desk.example>",
        "References": "<1@klient.example>",
    }
    for header, value in (values | headers).items():
        mail[header] = value
    mail.set_content("Dzień dobry!\nhttps://help.nordlys.example/s/x")
    (folder / name).write_bytes(mail.as_bytes())


async def test_an_empty_mailbox_says_so(site: Site) -> None:
    assert "No mail yet." in await site.text("/demo/mailbox")


async def test_a_mail_is_shown_with_its_headers(site: Site) -> None:
    assert site.desk.demo
    left(site.desk.demo.folder)
    text = await site.text("/demo/mailbox")
    assert "Re: &lt;Drukarka&gt; [NL-2026-00001]" in text
    assert "Анна Петрова" in text
    text = await site.text("/demo/mailbox/a.eml")
    for words in ("References", "&lt;1@klient.example&gt;", "Message-ID", "Dzień dobry!"):
        assert words in text
    assert '<a href="https://help.nordlys.example/s/x" rel="noopener noreferrer">' in text


@pytest.mark.parametrize("file", ["b.eml", "..", "%2e%2e%2fdeskbridge.db", "a.txt"])
async def test_no_other_file_can_be_reached(site: Site, file: str) -> None:
    assert (await site.get(f"/demo/mailbox/{file}")).status == 404
    assert (await site.post(f"/demo/mailbox/{file}/answer", {"text": "x"})).status in (404, 405)


async def test_a_desk_without_a_chat_has_no_shop(site: Site) -> None:
    assert (await site.get("/demo/shop")).status == 404


async def test_an_answer_is_a_real_mail_with_its_thread(site: Site, sink: Sink) -> None:
    assert site.desk.demo
    left(site.desk.demo.folder)
    response = await site.post("/demo/mailbox/a.eml/answer", {"text": "Dziękuję,\nжду."})
    assert location(response) == "/demo/mailbox/a.eml?sent=1"
    (mail,) = sink.mails
    assert mail["To"] == "Nordlys Support <support@nordlys.example>"
    assert "anna@klient.example" in mail["From"]
    assert mail["Subject"] == "Re: <Drukarka> [NL-2026-00001]"
    assert mail["In-Reply-To"] == "<2@desk.example>"
    assert mail["References"] == "<1@klient.example> <2@desk.example>"
    assert mail.get_content().startswith("Dziękuję,\nжду.\n")
    assert "> Dzień dobry!" in mail.get_content()
    assert "accepted by SMTP" in await site.text("/demo/mailbox/a.eml?sent=1")


async def test_anybody_may_write_as_a_new_customer(site: Site, sink: Sink) -> None:
    assert "support@x.example" in await site.text("/demo/write")
    data = {"name": "Ewa\r\nBcc: x@y.example", "email": "ewa@x.example", "subject": "Pomocy"}
    assert location(await site.post("/demo/write", {**data, "text": "Nie działa."}))
    (mail,) = sink.mails
    assert sink.recipients == ["support@x.example"]
    assert mail["Bcc"] is None
    assert (mail["Subject"], mail.get_content()) == ("Pomocy", "Nie działa.\n")


async def test_a_desk_that_does_not_answer_is_not_an_error_of_ours(site: Site) -> None:
    response = await site.post("/demo/write", {"email": "a@x.example", "text": "x"})
    assert response.status == 503

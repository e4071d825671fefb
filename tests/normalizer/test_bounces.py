"""Are delivery reports read, in the standard form and in those of real servers?"""

import pytest

from inquiry.journey import MAIL, Envelope
from inquiry.understood import Known, Message, Report
from inquiry.words import Automated
from normalizer.normalize import normalize
from normalizer.refusals import is_permanent

STANDARD = """From: MAILER-DAEMON@mx.nordlys.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It failed.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.nordlys.example
{fields}
--b
Content-Type: message/rfc822

Message-ID: <7.abc@nordlys.example>
Subject: Hei

Hei
--b--
"""


def report(text: str, envelope: Envelope | None = None) -> Report:
    found = normalize(MAIL, text.encode(), envelope or Envelope(), Known())
    assert isinstance(found, Report), found
    return found


def standard(fields: str) -> Report:
    return report(STANDARD.format(fields=fields))


@pytest.mark.parametrize(
    ("fields", "kind", "recipients"),
    [
        pytest.param(
            "\nFinal-Recipient: rfc822; k@f.example\nAction: failed\nStatus: 5.1.1",
            Automated.BOUNCE,
            [("k@f.example", "5.1.1", True, "failed")],
            id="failed",
        ),
        pytest.param(
            "\nFinal-Recipient: rfc822;k@f.example\nAction: delayed\nStatus: 4.4.1",
            Automated.DSN_DELAYED,
            [("k@f.example", "4.4.1", False, "delayed")],
            id="delayed",
        ),
        pytest.param(
            "\nFinal-Recipient: rfc822;k@f.example\nAction: delivered\nStatus: 2.0.0",
            Automated.DSN_DELIVERED,
            [("k@f.example", "2.0.0", False, "delivered")],
            id="delivered",
        ),
        pytest.param(
            "\nFinal-Recipient: rfc822;k@f.example\nAction: relayed\nStatus: 2.0.0",
            Automated.DSN_DELIVERED,
            [("k@f.example", "2.0.0", False, "relayed")],
            id="relayed",
        ),
        pytest.param(
            "\nFinal-Recipient: rfc822; a@f.example\nAction: failed\nStatus: 5.1.1\n"
            "\nFinal-Recipient: rfc822; b@f.example\nAction: delayed\nStatus: 4.2.2",
            Automated.BOUNCE,
            [("a@f.example", "5.1.1", True, "failed"), ("b@f.example", "4.2.2", False, "delayed")],
            id="two recipients",
        ),
        pytest.param(
            "\nOriginal-Recipient: rfc822; k@f.example\nFinal-Recipient: rfc822; x@inside.example\n"
            "Action: failed\nStatus: 5.1.1",
            Automated.BOUNCE,
            [("k@f.example", "5.1.1", True, "failed")],
            id="the address we wrote to",
        ),
        pytest.param(
            "Final-Recipient: rfc822; k@f.example\nAction: failed\nStatus: 5.1.1",
            Automated.BOUNCE,
            [("k@f.example", "5.1.1", True, "failed")],
            id="all in one block",
        ),
        pytest.param(
            "\nFinal-Recipient: rfc822; <k@f.example>\nAction: Failure\n"
            "Diagnostic-Code: smtp; 550 5.1.1 unknown",
            Automated.BOUNCE,
            [("k@f.example", "5.1.1", True, "failed")],
            id="written carelessly",
        ),
        pytest.param(
            "\nFinal-Recipient: utf-8; b\\x{E5}rd@f.example\nAction: failed\nStatus: 5.1.1",
            Automated.BOUNCE,
            [("bård@f.example", "5.1.1", True, "failed")],
            id="letters written in ASCII",
        ),
        pytest.param(
            "\nFinal-Recipient: x400; /S=kari/\nAction: failed\nStatus: 5.1.1",
            Automated.BOUNCE,
            [("", "5.1.1", True, "failed")],
            id="another network",
        ),
    ],
)
def test_standard_reports(
    fields: str, kind: Automated, recipients: list[tuple[str, str, bool, str]]
) -> None:
    found = standard(fields)
    assert found.kind is kind
    assert found.message.automated is kind
    assert [(r.address, r.status, r.permanent, r.action) for r in found.recipients] == recipients


def test_a_report_leads_back_to_what_was_sent() -> None:
    found = standard(
        "Original-Envelope-Id: 99\n\nFinal-Recipient: rfc822; k@f.example\nAction: failed"
    )
    assert found.envelope_id == "99"
    assert found.original_message_id == "<7.abc@nordlys.example>"


QMAIL = "Hi. This is the qmail-send program.\nI'm afraid I wasn't able to deliver your message.\n"


@pytest.mark.parametrize(
    ("sender", "subject", "body", "recipient"),
    [
        pytest.param(
            "MAILER-DAEMON@m.example",
            "failure notice",
            QMAIL + "\n<k@f.example>:\nSorry, no mailbox. (#5.1.1)\n\n"
            "--- Below this line is a copy of the message.\n\nTo: <z@z.example>\n",
            ("k@f.example", "5.1.1", True),
            id="qmail",
        ),
        pytest.param(
            "Mail Delivery Subsystem <MAILER-DAEMON@m.example>",
            "Returned mail: User unknown",
            "   ----- The following addresses had permanent fatal errors -----\n"
            "<k@f.example>\n\n   ----- Transcript of session follows -----\n"
            "550 5.1.1 <k@f.example>... User unknown\n",
            ("k@f.example", "5.1.1", True),
            id="sendmail",
        ),
        pytest.param(
            "postmaster@m.example",
            "Undeliverable: Hei",
            "Delivery has failed to these recipients or groups:\n\nk@f.example\n"
            "#550 5.1.10 RESOLVER.ADR.RecipientNotFound\n",
            ("k@f.example", "5.1.10", True),
            id="Exchange",
        ),
        pytest.param(
            "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@m.example>",
            "Niedostarczalne: Faktura",
            "Dostarczenie nie powiodło się do następujących adresatów:\n\nk@f.example\n"
            "#550 5.1.10 RESOLVER.ADR.RecipientNotFound\n",
            ("k@f.example", "5.1.10", True),
            id="Exchange in Polish",
        ),
        pytest.param(
            "Microsoft Outlook <postmaster@m.example>",
            "Не удается доставить: Счёт",
            "Сбой доставки следующим получателям:\n\nk@f.example\n#550 5.1.1 not found\n",
            ("k@f.example", "5.1.1", True),
            id="Exchange in Russian",
        ),
        pytest.param(
            "mailer-daemon@m.example",
            "Недоставленное сообщение",
            "This is the mail system.\n\n<k@f.example>: host mx said: 552 5.2.2 quota exceeded\n",
            ("k@f.example", "5.2.2", False),
            id="mailbox full",
        ),
        pytest.param(
            "postmaster@m.example",
            "Delivery Notification: Delivery has failed",
            "Your message could not be delivered.\n\nRecipient address: k@f.example\n"
            "Reason: 550 5.7.1 blocked by policy\n",
            ("k@f.example", "5.7.1", False),
            id="refused for what it says",
        ),
        pytest.param(
            "Mail Delivery Subsystem <MAILER-DAEMON@m.example>",
            "Warning: could not send message for past 4 hours",
            "THIS IS A WARNING MESSAGE ONLY\n\n<k@f.example>... Deferred: Connection timed out\n"
            "Will keep trying until message is 5 days old\n",
            ("k@f.example", "", False),
            id="sendmail, not yet",
        ),
        pytest.param(
            "MAILER-DAEMON@m.example",
            "Warning: message delayed",
            "Your message to:\n  k@f.example\nhas not yet been delivered. We will continue to "
            "try.\n",
            ("k@f.example", "", False),
            id="not yet",
        ),
    ],
)
def test_reports_in_words(
    sender: str, subject: str, body: str, recipient: tuple[str, str, bool]
) -> None:
    found = report(f"From: {sender}\nTo: help@nordlys.example\nSubject: {subject}\n\n{body}")
    assert found.kind is Automated.BOUNCE
    assert [(r.address, r.status, r.permanent) for r in found.recipients] == [recipient]


def test_failed_recipients_in_a_header_are_enough() -> None:
    found = report("X-Failed-Recipients: a@f.example, b@f.example\nSubject: x\n\nNo.\n")
    assert [r.address for r in found.recipients] == ["a@f.example", "b@f.example"]


def test_what_comes_from_nobody_is_at_least_automatic() -> None:
    found = report("From: a@b.example\nSubject: x\n\nHello\n", Envelope(mail_from=""))
    assert found.kind is Automated.BOUNCE
    assert found.recipients == ()


@pytest.mark.parametrize(
    "text",
    [
        "From: k@f.example\nSubject: My mail was returned\n\nIt said: user unknown. Why?\n",
        "From: k@f.example\nSubject: Hei\n\nMail delivery failed: 550 5.1.1\n",
        "From: postmaster@f.example\nSubject: A question\n\nHow do we set up SPF?\n",
        "From: postmaster@f.example\nSubject: Mail to you is rejected\n\nWe see: user unknown\n",
        "From: k@f.example\nSubject: Returned to sender\n\nMy parcel could not be delivered.\n",
        "From: k@f.example\nSubject: Rejected payment\n\nMy payment has failed twice.\n",
        "From: k@f.example\nSubject: Bounced mail\n\nTo a@b.example it has failed: no such user\n",
        "From: k@f.example\nSubject: Message not delivered\n\nIt says: mailbox is full. Why?\n",
    ],
)
def test_a_person_asking_about_a_bounce_is_no_bounce(text: str) -> None:
    assert isinstance(normalize(MAIL, text.encode(), Envelope(), Known()), Message)


def test_a_complaint_names_whom_it_is_about() -> None:
    found = report(
        "From: fbl@m.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\nSpam!\n--b\n"
        "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
        "Original-Rcpt-To: k@f.example\n--b--\n"
    )
    assert found.kind is Automated.FEEDBACK
    assert [(r.address, r.diagnostic) for r in found.recipients] == [("k@f.example", "abuse")]


def test_a_complaint_may_name_several() -> None:
    found = report(
        "From: fbl@m.example\nContent-Type: multipart/report; boundary=b\n\n--b\n"
        "Content-Type: message/feedback-report\n\nFeedback-Type: fraud\n"
        "Original-Rcpt-To: <k@f.example>\nOriginal-Rcpt-To: <l@f.example>\n--b--\n"
    )
    assert [(r.address, r.diagnostic) for r in found.recipients] == [
        ("k@f.example", "fraud"),
        ("l@f.example", "fraud"),
    ]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("message/delivery-status", "Final-Recipient: rfc822; k@f.example\nAction: failed"),
        ("message/feedback-report", "Feedback-Type: abuse\nOriginal-Rcpt-To: k@f.example"),
        ("message/disposition-notification", "Disposition: manual-action/MDN-sent; displayed"),
    ],
)
def test_a_report_that_a_customer_attaches_is_a_file(kind: str, fields: str) -> None:
    text = (
        "From: k@f.example\nSubject: What is this?\nContent-Type: multipart/mixed; boundary=b\n"
        "\n--b\n\nPlease look at the file.\n"
        f"--b\nContent-Type: {kind}; name=a.txt\n\n{fields}\n--b--\n"
    )
    found = normalize(MAIL, text.encode(), Envelope(), Known())
    assert isinstance(found, Message)
    assert found.automated is Automated.NONE
    assert [file.content_type for file in found.attachments] == [kind]


def test_a_read_receipt_from_nobody_is_no_bounce() -> None:
    text = (
        "Return-Path: <>\nFrom: Postmaster <postmaster@f.example>\nSubject: Not read: Hei\n"
        "Content-Type: multipart/report; boundary=b\n\n--b\n\nIt was not read.\n--b\n"
        "Content-Type: message/disposition-notification\n\nDisposition: x/y; deleted\n--b--\n"
    )
    found = normalize(MAIL, text.encode(), Envelope(), Known())
    assert isinstance(found, Message)
    assert found.automated is Automated.AUTO_REPLY


@pytest.mark.parametrize(
    ("status", "diagnostic", "permanent"),
    [
        pytest.param("5.1.1", "", True, id="no such address"),
        pytest.param("5.0.0", "user unknown", True, id="in words"),
        pytest.param("", "no such user here", True, id="in words alone"),
        pytest.param("5.2.1", "mailbox disabled", False, id="disabled for now"),
        pytest.param("5.2.2", "", False, id="full"),
        pytest.param("5.7.1", "", False, id="policy"),
        pytest.param("5.0.0", "message looks like spam", False, id="spam"),
        pytest.param("4.4.1", "", False, id="temporary"),
        pytest.param(
            "5.0.0",
            "550 unknown user (in reply to end of DATA command)",
            False,
            id="the content was refused",
        ),
        pytest.param("5.4.4", "host not found", True, id="no such host"),
    ],
)
def test_permanent_means_that_the_address_is_dead(
    status: str, diagnostic: str, permanent: bool
) -> None:
    assert is_permanent("failed", status, diagnostic, final=False) is permanent
    assert not is_permanent("delayed", status, diagnostic, final=False)

"""Answers that wait for their form, with nothing behind them in a database."""

from dataclasses import replace
from typing import Any

from inquiry.journey import (
    MAIL,
    AnswerId,
    ContactPointId,
    Envelope,
    InquiryId,
    MessageId,
    Reference,
)
from inquiry.words import Purpose
from storage.answers import Uttered, Waiting
from tests.inquiries import FIRST_LINE, KASIA, NOW, SUPPORT, a_message

FIRST = Uttered("<first@kunde.example>", ours=False)
ANSWER = Waiting(
    id=AnswerId(1),
    inquiry=InquiryId(12),
    contact_point=ContactPointId(3),
    message=MessageId(5),
    purpose=Purpose.ANSWER,
    channel=SUPPORT,
    template="",
    nonce="abcdefghijklmnopqrstuvwxyz",
    send_at=NOW,
    reference=Reference("NL-2026-00012"),
    subject="Drukarka",
    language="pl",
    queue=FIRST_LINE,
    conversation="",
    inquiry_channel=SUPPORT,
    contact="mail",
    address="jan@kunde.example",
    customer_name="Jan Kowalski",
    text="Proszę ją wyłączyć.",
    specialist=KASIA,
    media_type="",
    envelope=None,
    understood=None,
    thread=(FIRST,),
)
ACKNOWLEDGEMENT = replace(
    ANSWER,
    message=None,
    purpose=Purpose.ACKNOWLEDGEMENT,
    template="ack",
    text="",
    specialist=None,
    media_type=MAIL,
    envelope=Envelope(mail_from="jan@kunde.example"),
    understood=a_message(),
)


def an_answer(**changes: Any) -> Waiting:
    """What Kasia says to Jan."""
    return replace(ANSWER, **changes)


def an_acknowledgement(**changes: Any) -> Waiting:
    """What Jan is told at once."""
    return replace(ACKNOWLEDGEMENT, **changes)

"""A cheap look at the head of an arrival, to know what to look up before it is understood."""

import json
from contextlib import suppress
from dataclasses import dataclass

from inquiry.journey import CHAT, FORM, MAIL, OUTSIDE, SLACK, TELEGRAM, WEBHOOK, Envelope
from inquiry.understood import Party
from normalizer.addresses import read_addresses
from normalizer.headers import read_headers
from normalizer.identity import sender_of
from normalizer.threads import message_ids, own_id, thread_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What the stage looks up to fill ``Known``."""

    sender: Party | None = None
    """The From of a mail, the Telegram user, the address given in a form."""
    references: tuple[str, ...] = ()
    """Thread keys, the surest first: reply tokens, then Message-IDs."""
    recipients: tuple[str, ...] = ()
    message_id: str = ""
    has_message_id: bool = False
    subject: str = ""
    conversation: str = ""


def scan(media_type: str, raw_head: bytes, envelope: Envelope) -> Scanned:
    """Read what the first bytes of an arrival say of people and threads. Never raises."""
    with suppress(Exception):
        match media_type:
            case _ if media_type == MAIL:
                return _mail(raw_head, envelope)
            case _ if media_type == TELEGRAM:
                return _telegram(raw_head, envelope)
            case _ if media_type == SLACK:
                return _slack(raw_head, envelope)
            case _ if media_type == FORM:
                return _form(raw_head, envelope)
            case _ if media_type == CHAT:
                return _chat(raw_head, envelope)
            case _ if media_type == WEBHOOK:
                return _webhook(raw_head, envelope)
            case _ if media_type.startswith(OUTSIDE) and envelope.authenticated_as:
                return Scanned(sender=Party(envelope.authenticated_as))
    return Scanned(recipients=envelope.rcpt_to)


def _mail(raw: bytes, envelope: Envelope) -> Scanned:
    headers, _ = read_headers(raw, 0, len(raw))
    named = [
        box.party.address
        for name in ("delivered-to", "x-original-to", "to", "cc")
        for field in headers.fields.get(name, ())[:20]
        for box in read_addresses(field)
    ]
    recipients = tuple(dict.fromkeys((*envelope.rcpt_to, *named)))
    references = message_ids(headers.text("references"))
    in_reply_to = message_ids(headers.text("in-reply-to"))
    message_id = own_id(headers.text("message-id"))
    return Scanned(
        sender=sender_of(headers).party,
        references=thread_keys(recipients, references, in_reply_to),
        recipients=recipients,
        message_id=message_id,
        has_message_id=bool(message_id),
        subject=headers.text("subject"),
    )


def _telegram(raw: bytes, envelope: Envelope) -> Scanned:
    from normalizer.telegram.updates import utterance

    found = utterance(json.loads(raw))
    return Scanned(
        sender=found.sender,
        conversation=found.conversation,
        recipients=envelope.rcpt_to,
    )


def _slack(raw: bytes, envelope: Envelope) -> Scanned:
    from normalizer.slack.events import conversation_of, event_of, sender_of

    event = event_of(json.loads(raw))
    return Scanned(
        sender=sender_of(event, envelope),
        conversation=conversation_of(event),
        recipients=envelope.rcpt_to,
    )


def _chat(raw: bytes, envelope: Envelope) -> Scanned:
    from normalizer.chat import visitor_of

    who = visitor_of(json.loads(raw))
    conversation = who.address if who else ""
    return Scanned(sender=who, conversation=conversation, recipients=envelope.rcpt_to)


def _form(raw: bytes, envelope: Envelope) -> Scanned:
    data = json.loads(raw)
    address = str(data.get("email") or "").strip()
    sender = Party(address, str(data.get("name") or "").strip()) if address else None
    return Scanned(
        sender=sender, subject=str(data.get("subject") or ""), recipients=envelope.rcpt_to
    )


def _webhook(raw: bytes, envelope: Envelope) -> Scanned:
    from normalizer.webhook import speaker

    sender, conversation = speaker(json.loads(raw)["data"], envelope)
    return Scanned(sender=sender, conversation=conversation, recipients=envelope.rcpt_to)

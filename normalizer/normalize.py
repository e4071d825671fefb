"""The door: any bytes in, one ``Understood`` out."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from inquiry.journey import CHAT, FORM, MAIL, OUTSIDE, SLACK, TELEGRAM, WEBHOOK, Envelope
from inquiry.understood import Attachment, Known, Message, Report, Understood
from inquiry.words import Trust
from normalizer.chat import understand_chat
from normalizer.form import understand_form
from normalizer.mail import understand_mail
from normalizer.outside import understand_outside
from normalizer.plain import understand_html, understand_text
from normalizer.scan import scan
from normalizer.slack.events import understand_slack
from normalizer.telegram.updates import understand_telegram
from normalizer.webhook import understand_webhook

VERSION = "2"
"""Stored with each decision; raised when the same bytes may come out differently."""

_Understand = Callable[[bytes, Envelope, Known], Understood]
_BY_TYPE: Mapping[str, _Understand] = {
    MAIL: understand_mail,
    FORM: understand_form,
    CHAT: understand_chat,
    TELEGRAM: understand_telegram,
    SLACK: understand_slack,
    WEBHOOK: understand_webhook,
    "text/plain": understand_text,
    "text/html": understand_html,
}


def normalize(media_type: str, raw: bytes, envelope: Envelope, known: Known) -> Understood:
    """Understand an arrival. The same input gives the same result; no bytes make it raise.

    Raises:
        NotUnderstood: a package from outside, which alone can understand it, is missing or broken.
    """
    if media_type.startswith(OUTSIDE):
        return _with_original(understand_outside(media_type, raw, envelope, known), raw)
    try:
        found = _BY_TYPE.get(media_type, understand_text)(raw, envelope, known)
        return _with_original(found, raw)
    except Exception as bug:
        return _too_complex(media_type, raw, envelope, type(bug).__name__)


def _with_original(found: Understood, raw: bytes) -> Understood:
    """Attach the whole original to what could be understood only in part."""
    if isinstance(found, Message) and found.too_complex:
        return replace(found, attachments=(*found.attachments, original(raw)))
    if isinstance(found, Report) and found.message.too_complex:
        whole = (*found.message.attachments, original(raw))
        return replace(found, message=replace(found.message, attachments=whole))
    return found


def _too_complex(media_type: str, raw: bytes, envelope: Envelope, why: str) -> Message:
    """Keep what we failed to understand: its sender, if one can be read, and the whole original."""
    seen = scan(media_type, raw[: 256 * 1024], envelope)
    return Message(
        sender=seen.sender,
        trust=Trust.UNVERIFIED,
        subject=seen.subject,
        conversation=seen.conversation,
        message_id=seen.message_id,
        thread_keys=seen.references,
        attachments=(original(raw),),
        too_complex=f"internal failure: {why}",
    )


def original(raw: bytes) -> Attachment:
    """Return the arrival itself as a file."""
    return Attachment(
        filename="original.eml",
        content_type=MAIL,
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        content=raw,
    )

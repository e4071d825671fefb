"""An answer as it goes over the wire: exactly the header fields we mean, and a MIME body."""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from email import encoders
from email.charset import BASE64, QP, Charset
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.policy import compat32
from email.utils import format_datetime
from pathlib import PurePosixPath

from channels.mail.headers import clean, ids_field, mailbox_field, plain_field, text_field
from inquiry.journey import Dispatch, File

POLICY = compat32.clone(linesep="\r\n", mangle_from_=False)
REFERENCES = 20
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,80}/[a-z0-9][a-z0-9.+-]{0,80}")


def render(
    dispatch: Dispatch, *, sender: str, sender_name: str, recipient: str, now: datetime
) -> bytes:
    """Write a dispatch as RFC 5322 bytes with CRLF lines.

    ``sender`` and ``recipient`` have passed the address grammar. The same dispatch at the same
    ``now`` gives the same bytes.
    """
    body = _body(dispatch)
    fields = "".join(
        _fields(dispatch, sender=sender, sender_name=sender_name, recipient=recipient, now=now)
    )
    return fields.encode("utf-8") + body.as_bytes(policy=POLICY)


def _fields(
    dispatch: Dispatch, *, sender: str, sender_name: str, recipient: str, now: datetime
) -> Iterator[str]:
    yield mailbox_field("From", dispatch.from_name or sender_name, sender)
    yield mailbox_field("To", dispatch.recipient_name, recipient)
    if dispatch.reply_to:
        yield mailbox_field("Reply-To", "", dispatch.reply_to)
    yield text_field("Subject", dispatch.subject)
    yield plain_field("Date", format_datetime(now))
    yield ids_field("Message-ID", [dispatch.message_id])
    yield ids_field("In-Reply-To", [dispatch.in_reply_to])
    yield ids_field("References", dispatch.references[-REFERENCES:])
    if dispatch.automatic:
        yield plain_field("Auto-Submitted", "auto-replied")
        yield plain_field("X-Auto-Response-Suppress", "All")
        yield plain_field("X-Deskbridge-Loop", sender)
    if dispatch.possible_repeat:
        yield plain_field("X-Possible-Repeat", "yes")


def _body(dispatch: Dispatch) -> Message:
    text = Message(policy=POLICY)
    text.set_payload(_lines(dispatch.text), charset=_charset(dispatch.text))
    if not dispatch.files:
        return text
    seed = hashlib.sha256(f"{dispatch.message_id}{dispatch.id}".encode()).hexdigest()
    whole = MIMEMultipart("mixed", boundary=f"=_{seed[:40]}", policy=POLICY)
    for part in (text, *map(_attachment, dispatch.files)):
        del part["MIME-Version"]
        whole.attach(part)
    return whole


def _attachment(file: File) -> Message:
    media_type = file.content_type.lower()
    if not _MEDIA_TYPE.fullmatch(media_type) or media_type.startswith(("message/", "multipart/")):
        media_type = "application/octet-stream"
    part = MIMEBase(*media_type.split("/"), policy=POLICY)
    part.set_payload(file.content)
    encoders.encode_base64(part)
    name = PurePosixPath(clean(file.filename).replace("\\", "/")).name or "attachment"
    shown = name if name.isascii() else ("utf-8", "", name)
    part.add_header("Content-Disposition", "attachment", filename=shown)
    return part


def _charset(text: str) -> Charset:
    """Choose what keeps the text readable for people who look at the source, or else small."""
    charset = Charset("utf-8")
    foreign = sum(not letter.isascii() for letter in text)
    charset.body_encoding = QP if foreign * 3 <= len(text) else BASE64
    return charset


def _lines(text: str) -> str:
    return "\n".join(text.encode("utf-8", "replace").decode().splitlines()) + "\n"

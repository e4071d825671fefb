"""What travels between the hops: arrival, dispatch, receipt.

Understood and Decision have files of their own.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NewType

from inquiry.words import Delivery, Purpose

ArrivalId = NewType("ArrivalId", int)
AnswerId = NewType("AnswerId", int)
ContactPointId = NewType("ContactPointId", int)
CustomerId = NewType("CustomerId", int)
DispatchId = NewType("DispatchId", int)
InquiryId = NewType("InquiryId", int)
MessageId = NewType("MessageId", int)

ChannelName = NewType("ChannelName", str)
QueueName = NewType("QueueName", str)
SpecialistName = NewType("SpecialistName", str)
Reference = NewType("Reference", str)

MAIL = "message/rfc822"
FORM = "application/vnd.deskbridge.form+json"
CHAT = "application/vnd.deskbridge.chat+json"
TELEGRAM = "application/vnd.telegram.update+json"
SLACK = "application/vnd.slack.event+json"
WEBHOOK = "application/vnd.deskbridge.webhook+json"
OUTSIDE = "x-deskbridge/"
"""How the media types begin that packages from outside understand; a name of theirs follows."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """Raw bytes too large to carry about: a file, itself and its folder already synced to disk."""

    path: Path
    size: int
    digest: bytes
    """SHA-256 of the bytes."""


Raw = bytes | Spooled


def digest_of(raw: Raw) -> bytes:
    """Return the SHA-256 of the raw bytes."""
    return raw.digest if isinstance(raw, Spooled) else hashlib.sha256(raw).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What can't be recomputed from the bytes. Empty or None where a channel has no such thing."""

    mail_from: str | None = None
    """SMTP's MAIL FROM; "" is the null sender, None is "not by SMTP"."""
    rcpt_to: tuple[str, ...] = ()
    helo: str = ""
    peer: str = ""
    tls: bool = False
    authenticated_as: str = ""
    folder: str = ""
    uid_validity: int | None = None
    uid: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """HTTP headers worth keeping, names in lower case."""
    inquiry: InquiryId | None = None
    """Set where the channel itself knows the inquiry: a message written on its status page."""
    contact_point: ContactPointId | None = None
    """Set where the channel itself knows who writes: the holder of a status link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came in, raw, before it is understood."""

    channel: ChannelName
    remote_id: str
    """The source's own identity of it (I4): never the Message-ID, which anybody may choose."""
    media_type: str
    raw: Raw = field(repr=False)
    envelope: Envelope = Envelope()
    received_at: datetime
    source: str = ""
    """The folder or conversation that ``cursor`` belongs to."""
    cursor: str | None = None
    repeat_within: timedelta | None = None
    """Only a repeat within this time is the same arrival; later it counts as a new one."""
    match_bytes: bool = False
    """The same bytes on the same channel are the same arrival (after UIDVALIDITY has changed)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Something attached to an outgoing message."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)

    def in_json(self) -> dict[str, str]:
        """Return it as it stands in JSON: its bytes in Base64."""
        content = base64.b64encode(self.content).decode("ascii")
        return {"filename": self.filename, "content_type": self.content_type, "content": content}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One message to one recipient through one channel: everything a channel needs to send it."""

    id: DispatchId
    channel: ChannelName
    recipient: str
    """A mail address, a Telegram chat id: the contact point's address, frozen (I8)."""
    recipient_name: str = ""
    conversation: str = ""
    thread: str = ""
    """The thread inside the conversation in which the customer wrote last; no place of its own."""
    purpose: Purpose = Purpose.ANSWER
    reference: Reference
    subject: str = ""
    text: str
    language: str
    message_id: str = ""
    """Ours, signed, the same at every attempt; with its angle brackets."""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    envelope_id: str = ""
    """RFC 3461 ENVID: comes back in a bounce."""
    from_name: str = ""
    reply_to: str = ""
    possible_repeat: bool = False
    link: str = ""
    """The status link in its text, if there is one: for nobody but the recipient."""
    not_before: datetime | None = None
    """Before this nobody has tried to send it."""
    went: tuple[str, ...] = ()
    """Ids of its first parts, where those have arrived already at an earlier attempt."""
    files: tuple[File, ...] = ()

    @property
    def automatic(self) -> bool:
        """Did no person write this? Then it says so and asks for no answer (RFC 3834)."""
        return self.purpose is not Purpose.ANSWER


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the channel reports of a dispatch."""

    delivery: Delivery
    remote_id: str = ""
    at: datetime
    detail: str = ""
    conversation: str = ""
    """Where the conversation goes on, if it has moved."""

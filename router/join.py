"""Which inquiry a message belongs to, and what proves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from inquiry.journey import ContactPointId, Envelope, InquiryId
from inquiry.understood import Message
from inquiry.words import Automated, State, Trust

QUIET = frozenset({Automated.AUTO_REPLY, Automated.LIST, Automated.LOOP})
"""Automatic mail that, with valid proof, goes to its inquiry's history and nowhere else."""


class Way(StrEnum):
    """What becomes of a message."""

    OPEN = "open"
    FOLLOW_UP = "follow-up"
    QUIET = "quiet"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The inquiry a message points to, as far as its pointer could be checked."""

    inquiry: InquiryId
    state: State
    writers: frozenset[ContactPointId]
    """Whose words join it: its participants, and who reads along where it is talked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Where a message goes: the way, the inquiry, and why."""

    way: Way
    inquiry: InquiryId | None = None
    """The inquiry to join or to lie beside; for OPEN the closed one that it continues."""
    reason: str = ""


def course(
    message: Message, writer: ContactPointId, claim: Claim | None, *, by_mail: bool
) -> Course:
    """Say where a message goes.

    ``claim`` is the inquiry of a valid token or signed Message-ID, of a status link, or of a
    messenger's conversation, if there is one. Only a participant's own words join it: by mail
    that takes a From without doubt. The same token from anybody else is kept beside the inquiry.
    """
    if claim is None:
        return Course(way=Way.OPEN)
    if writer not in claim.writers:
        return Course(way=Way.ASIDE, inquiry=claim.inquiry, reason="written from another address")
    if by_mail and message.trust is Trust.UNVERIFIED:
        return Course(way=Way.ASIDE, inquiry=claim.inquiry, reason="the sender is in doubt")
    if message.automated in QUIET:
        return Course(way=Way.QUIET, inquiry=claim.inquiry, reason=message.automated_because)
    if claim.state is State.CLOSED:
        return Course(way=Way.OPEN, inquiry=claim.inquiry, reason="the inquiry was closed")
    return Course(way=Way.FOLLOW_UP, inquiry=claim.inquiry)


def is_copy(
    earlier: Message, at: Envelope, later: Message, by: Envelope, *, same_channel: bool
) -> bool:
    """Is ``later`` the very mail that came before, by another of our addresses?

    Anybody may choose a Message-ID, and some programs use one for everything: all that the writer
    made must be equal. What came to the same address again is no copy for somebody else.
    """
    if same_channel and _delivered(earlier, at) == _delivered(later, by):
        return False
    return bool(earlier.message_id) and _made(earlier) == _made(later)


def _delivered(message: Message, envelope: Envelope) -> frozenset[str]:
    named = [message.headers.get(name, "") for name in ("delivered-to", "x-original-to")]
    return frozenset(address.lower() for address in (*envelope.rcpt_to, *named) if address)


def _made(message: Message) -> tuple[object, ...]:
    """Return what the writer made, and no relay may change."""
    who = message.sender.address.lower() if message.sender else ""
    files = [(file.sha256, file.filename, file.content_type) for file in message.attachments]
    words = (message.subject, message.text, message.html, message.forwarding_note)
    return (message.message_id, who, message.to, message.cc, message.sent_at, words, files)


def hints(message: Message) -> Sequence[str]:
    """Return the Message-IDs that may point to a related inquiry without proving anything."""
    return tuple(dict.fromkeys((message.in_reply_to, *reversed(message.references))))[:20]

"""Delivery reports: RFC 3464, and what servers that never read it send instead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from inquiry.journey import Envelope
from inquiry.understood import ReportedRecipient
from inquiry.words import Automated
from normalizer.automatic import null_sender
from normalizer.bodies import part_bytes
from normalizer.bounce_texts import (
    last_other_status,
    names_somebody,
    recipients_in_text,
    said_of,
    status_in,
)
from normalizer.charsets import decode
from normalizer.headers import Headers, read_headers
from normalizer.mime import Part, Tree
from normalizer.refusals import is_permanent
from normalizer.threads import own_id

_STATUS = ("message/delivery-status", "message/global-delivery-status")
_RECEIPT = ("message/disposition-notification", "message/global-disposition-notification")
_ORIGINAL = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_RECIPIENTS = 200
_TYPED = re.compile(r"(?:[\w-]{1,20})\s{0,3};\s{0,3}(?P<address>.{1,400})", re.DOTALL)
_ESCAPED = re.compile(r"\\x\{([0-9a-f]{2,6})\}", re.IGNORECASE)
"""How RFC 6533 writes the letters of an ``utf-8`` address in ASCII."""
_ADDRESS = re.compile(r"[^\s<>()\[\]{},;:\"|=]{1,100}@[^\s<>()\[\]{},;:\"|]{1,200}")
_DAEMON = re.compile(
    r"mailer-?daemon|mail-daemon|maildelivery|mail delivery|mail_?deliver|mdaemon"
    r"|mail administrator|mailadm|delivery-?notification|no-?reply.{0,9}bounce"
    r"|microsoftexchange[0-9a-f]{32}",
    re.IGNORECASE,
)
_POSTMASTER = re.compile(r"postmaster", re.IGNORECASE)
"""Programs write under this name, but people too (RFC 2142)."""
_SUBJECT = re.compile(
    r"undeliver|undelivrable|delivery (?:status|report|fail|problem|error|has failed|unsuccess"
    r"|warning|delayed)|mail delivery|failure (?:notice|delivery)|fail(?:ed|ure) .{0,20}mail"
    r"|returned (?:mail|to sender)|non.?deliver|not (?:be )?delivered|could not be delivered"
    r"|message (?:could not|has not|not|status|you sent)|mail system error|bounced? mail"
    r"|unzustellbar|konnte nicht zugestellt|ikke lever|kunne ikke leveres|non remis"
    r"|nie (?:została|zostala) dostarczon|niedostarcz|nie można dostarczyć|nie dostarczon"
    r"|недоставл|не доставлен|не может быть доставлен|не уда(?:ется|лось) доставить"
    r"|ei (?:saa|saanud|õnnestunud) .{0,20}toimeta"
    r"|kohaletoimetam|toimitus epäonnistui|no se pudo entregar|non recapitat|onbestelbaar"
    r"|não entregue|oleverbart|kunde inte levereras|delivery notification|warning: .{0,40}deliver"
    r"|blocked by|rejected|failed mail|automatically rejected mail|warning: could not send",
    re.IGNORECASE,
)
_LOWER = {each.pattern: re.compile(each.pattern) for each in (_DAEMON, _POSTMASTER, _SUBJECT)}
"""The same for lower-case letters, among which a search is several times as quick."""
_ODD_CASE = re.compile("[\u0130\u0131\u017f\u0530-\u1fff\u2100-\U0010ffff]")
"""Letters among which some have another case than ``lower`` knows, such as the long s."""
_PHRASES = re.compile(
    r"could not be delivered|couldn't be delivered|not delivered|unable to deliver"
    r"|wasn't able to deliver"
    r"|delivery (?:to|has) .{0,80}failed|delivery failed|error (?:delivering|occurred while)"
    r"|cannot be delivered|undeliverable|returned (?:to sender|below)|fatal errors"
    r"|not yet been delivered|still undelivered|has been postponed|delivery .{0,40}delayed"
    r"|mailbox .{0,20}full"
    r"|user unknown|unknown user|no such user|has failed|permanent error|did not reach",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says."""

    kind: Automated
    recipients: tuple[ReportedRecipient, ...]
    because: str
    envelope_id: str = ""
    original_message_id: str = ""


def bounce_in(
    tree: Tree, envelope: Envelope, sender: str, subject: str, text: str
) -> Bounce | None:
    """Read a delivery report, machine-readable or not; None if this is none."""
    headers = tree.top.headers
    because = _looks_like_bounce(headers, envelope, sender, subject, text)
    original = _original_id(tree)
    for part in tree.parts:
        if part.content.value not in _STATUS or not (because or _is_report(tree, part)):
            continue
        if found := _structured(tree, part, text):
            recipients, envelope_id = found
            return Bounce(_kind(recipients), recipients, part.content.value, envelope_id, original)
    if not because:
        return None
    recipients = recipients_in_text(text, headers)
    return Bounce(Automated.BOUNCE, recipients, because, "", original or _id_in_text(text))


def _is_report(tree: Tree, part: Part) -> bool:
    """Is this part what the mail reports (RFC 6522), not a file that a person asks about?"""
    return part.parent < 0 or tree.parts[part.parent].content.value == "multipart/report"


def _looks_like_bounce(
    headers: Headers, envelope: Envelope, sender: str, subject: str, text: str
) -> str:
    """Return what makes this a bounce; one sign alone may mislead, two don't."""
    if headers.raw("x-failed-recipients"):
        return "X-Failed-Recipients"
    if b"delivery-status" in headers.raw("content-type").lower():
        return "Content-Type: multipart/report"
    says = _says(_SUBJECT, subject[:200])
    writer = f"{sender} {headers.text('from')}"[:300]
    daemon, postmaster = _says(_DAEMON, writer), _says(_POSTMASTER, writer)
    null = null_sender(headers, envelope)
    phrase = (says or daemon or postmaster or null) and bool(_PHRASES.search(text[:3000]))
    begins = says and _starts_as_report(subject)
    if daemon and (says or phrase or null):
        return "From: a mail system"
    if postmaster and (null or begins or ((says or phrase) and names_somebody(text))):
        return "From: a mail system"
    if null and (says or phrase):
        return "Return-Path: <>"
    # a customer who complains uses the same words, but makes no list of those who got nothing
    return f"Subject: {subject[:60]}" if begins and phrase and names_somebody(text) else ""


def _says(pattern: re.Pattern[str], text: str) -> bool:
    if text.isascii() or not _ODD_CASE.search(text):
        return _LOWER[pattern.pattern].search(text.lower()) is not None
    return pattern.search(text) is not None


def _starts_as_report(subject: str) -> bool:
    """Is the whole subject that of a report, not a customer's complaint about one?"""
    return bool(_SUBJECT.match(subject.strip().lstrip("*[ ")))


def _structured(
    tree: Tree, part: Part, text: str
) -> tuple[tuple[ReportedRecipient, ...], str] | None:
    """Read the blocks of fields of a ``message/delivery-status``."""
    recipients: list[ReportedRecipient] = []
    envelope_id, at_all = "", False
    for block in islice(_blocks(part_bytes(tree, part)), _RECIPIENTS):
        at_all = True
        envelope_id = envelope_id or block.text("original-envelope-id")
        if recipient := _recipient(block, text):
            recipients.append(recipient)
    if recipients:
        return tuple(recipients), envelope_id
    return (recipients_in_text(text, tree.top.headers), envelope_id) if at_all else None


def _blocks(data: bytes) -> Iterator[Headers]:
    """Yield one block after the other: of a hostile report, each may take some memory."""
    at = 0
    while at < len(data):
        headers, after = read_headers(data, at, len(data))
        if headers.fields:
            yield headers
        at = after if after > at else len(data)


def _recipient(block: Headers, text: str) -> ReportedRecipient | None:
    address = _address(block.text("original-recipient")) or _address(block.text("final-recipient"))
    address = address or _address(block.text("x-actual-recipient"))
    if not address and not block.raw("final-recipient"):
        return None
    words = block.text("action").lower().split()
    action = _ACTIONS.get(words[0].strip(";,."), "failed") if words else "failed"
    diagnostic = block.text("diagnostic-code")
    said = f"{diagnostic}\n{said_of(address, text)}" if address else diagnostic
    status = status_in(block.text("status")) or status_in(diagnostic)
    if status.endswith(".4.7"):  # says only that time ran out
        status = last_other_status(said, status)
    return ReportedRecipient(
        address=address,
        status=status,
        permanent=is_permanent(action, status, _reason(diagnostic, said), final=False),
        action=action,
        diagnostic=diagnostic[:1000],
    )


def _reason(diagnostic: str, said: str) -> str:
    """Return the diagnostic; the report's words count where they tell at which step it failed."""
    return said if "end of data" in said.lower() else diagnostic or said


_ACTIONS = {
    "failed": "failed",
    "failure": "failed",
    "delayed": "delayed",
    "deferred": "delayed",
    "delivered": "delivered",
    "deliverable": "delivered",
    "relayed": "relayed",
    "expanded": "expanded",
}


def _address(field: str) -> str:
    """Return the address of ``rfc822; ola@x.example``; nothing for other networks' names."""
    field = _ESCAPED.sub(_letter, field)
    typed = _TYPED.match(field)
    if typed and not field.lower().startswith(("rfc822", "utf-8", "smtp", "rfc-822", "dns")):
        return ""
    found = _ADDRESS.search(typed["address"] if typed else field)
    return found[0].strip("'.") if found else ""


def _letter(escaped: re.Match[str]) -> str:
    number = int(escaped[1], 16)
    return chr(number) if 0x7E < number < 0xD800 or 0xDFFF < number <= 0x10FFFF else escaped[0]


def _kind(recipients: tuple[ReportedRecipient, ...]) -> Automated:
    actions = {recipient.action for recipient in recipients}
    if "failed" in actions or not actions:
        return Automated.BOUNCE
    return Automated.DSN_DELAYED if "delayed" in actions else Automated.DSN_DELIVERED


def _original_id(tree: Tree) -> str:
    """Return the Message-ID of the mail that the report encloses."""
    for part in tree.parts[1:]:
        if part.content.value in _ORIGINAL:
            data = part_bytes(tree, part)[: 256 * 1024]
            headers, _ = read_headers(data, 0, len(data))
            if found := own_id(headers.text("message-id")):
                return found
    return ""


_ID_LINE = re.compile(
    r"^[>\s]{0,5}Message-ID:\s{0,5}(<[^<>\s]{1,990}>)", re.IGNORECASE | re.MULTILINE
)


def _id_in_text(text: str) -> str:
    found = _ID_LINE.search(text[:20_000])
    return found[1] if found else ""


def feedback_in(tree: Tree) -> tuple[ReportedRecipient, ...] | None:
    """Read a complaint (RFC 5965): who pressed the spam button; None if this is none."""
    for part in tree.parts:
        if part.content.value == "message/feedback-report" and _is_report(tree, part):
            data = part_bytes(tree, part)
            block, _ = read_headers(data, 0, len(data))
            reason = decode(block.raw("feedback-type")) or "abuse"
            named = map(_address, block.texts("original-rcpt-to")[:_RECIPIENTS])
            return tuple(
                ReportedRecipient(address=address, action="complained", diagnostic=reason)
                for address in dict.fromkeys(filter(None, named)) or ("",)
            )
    return None


def receipt_in(tree: Tree) -> str:
    """Return the type of a read receipt (RFC 8098), "" if the mail is none."""
    kinds = (part.content.value for part in tree.parts if _is_report(tree, part))
    return next((kind for kind in kinds if kind in _RECEIPT), "")

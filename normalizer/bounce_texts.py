"""Bounces in words only: whom they name, and why."""

import re
from collections.abc import Iterator, Sequence

from inquiry.understood import ReportedRecipient
from normalizer.headers import Headers
from normalizer.refusals import is_permanent

_LETTER = r"[^\s<>()\[\]{},;:\"'|=@]"
_ADDRESS = re.compile(rf"{_LETTER}{{1,100}}@{_LETTER}{{1,200}}\.{_LETTER}{{2,60}}")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d]|\.\d)")
_COPY = re.compile(
    r"^[\s>*_=-]{0,60}(?:below this line is a copy|original message"
    r"|(?:the )?(?:original )?message (?:headers )?follows?"
    r"|this is a copy of the message|copy of the (?:original )?message|attachment is a copy"
    r"|message header|headers? of the original|the first \d+ lines|old message|returned message"
    r"|original message headers|unsent message below|received ?:|return-path ?:"
    r"|message text follows|the header of the original|begin message"
    r"|transcript of (?:the )?message|treść|исходное)",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"\s{0,80}(?:(?:to|recipient(?: address)?|address|rcpt to|failed recipient|delivery to"
    r"|recipients?|for)\s{0,3}:?\s{0,10})?(?:\"[^\"]{0,80}\"\s{0,3}|[\w. '-]{0,60}(?=<))?"
    r"[<\"'\[(]{0,3}(?P<address>[^\s<>()\[\]{},;:\"'|=]{1,100}@[^\s<>()\[\]{},;:\"'|@]{1,200})"
    r"[>\"'\])]{0,3}(?:<mailto:[^<>\s]{1,200}>)?\s{0,5}(?P<rest>$|[:;,(]|[.-](?:\s|-|$)).{0,300}",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"not yet (?:been )?(?:delivered|received)|has been postponed|is delayed|delayed delivery"
    r"|will (?:continue|keep) (?:to )?(?:try|attempt)|still being retried|just a warning"
    r"|delivery .{0,20}delayed|no need to resend|temporarily deferred",
    re.IGNORECASE,
)
_FINAL = re.compile(
    r"permanent(?:ly| error| fatal| failure)?|giv(?:en|ing) up|not going to try again|no longer try"
    r"|will not (?:be )?retr",
    re.IGNORECASE,
)
_NOT_RECIPIENTS = re.compile(
    r"(?:postmaster|mailer-?daemon|abuse|helpdesk|root|noc)@", re.IGNORECASE
)
_LINES = 400


def status_in(text: str) -> str:
    """Return the first enhanced status code (RFC 3463) of a text."""
    found = _STATUS.search(text[:4000])
    return found[1] if found else ""


def last_other_status(text: str, status: str) -> str:
    """Return the last code that is not ``status``, or that."""
    others = [code for code in _STATUS.findall(text[:4000]) if code != status]
    return others[-1] if others else status


def said_of(address: str, text: str) -> str:
    """Return what a report says, in words, of one address."""
    return _about(address, text[:20_000].split("\n")[:_LINES])


def recipients_in_text(text: str, headers: Headers) -> tuple[ReportedRecipient, ...]:
    """Name the recipients that a report speaks of, each with what is said of it."""
    lines = list(_before_copy(text))
    found = _named(headers) or list(dict.fromkeys(_alone(lines))) or _anywhere(lines, headers)
    return tuple(_reported(address, lines, text) for address in found[:100])


def names_somebody(text: str) -> bool:
    """Does an address stand on a line of its own, as in the lists that programs make?"""
    return any(True for _ in _alone(list(_before_copy(text))))


def _before_copy(text: str) -> Iterator[str]:
    """Yield the lines of the report itself: what follows the copy's headline is not its own."""
    for number, line in enumerate(text.split("\n")[:_LINES]):
        if number > 1 and _COPY.match(line[:200]):
            return
        yield line[:500]


def _named(headers: Headers) -> list[str]:
    field = headers.text("x-failed-recipients") or headers.text("x-failed-recipient")
    return list(dict.fromkeys(_ADDRESS.findall(field)))


def _alone(lines: Sequence[str]) -> Iterator[str]:
    """Yield addresses that have a line to themselves, or begin one that goes on with a reason."""
    for line in lines:
        match = _ALONE.fullmatch(line.replace("\t", " ").rstrip())
        if match and not _NOT_RECIPIENTS.match(match["address"]):
            yield match["address"].strip(".'")


def _anywhere(lines: Sequence[str], headers: Headers) -> list[str]:
    """Return the first address at all that is neither ours nor the mail system's."""
    text = "\n".join(lines)
    senders = f"{headers.text('from')} {headers.text('to')} {headers.text('return-path')}".lower()
    found = (address.strip(".'") for address in _ADDRESS.findall(text[:8000]))
    return [
        address
        for address in dict.fromkeys(found)
        if not _NOT_RECIPIENTS.match(address) and address.lower() not in senders
    ][:1]


def _reported(address: str, lines: Sequence[str], text: str) -> ReportedRecipient:
    said = _about(address, lines)
    whole = "\n".join(lines)
    delayed = bool(_DELAYED.search(whole))
    final = bool(_FINAL.search(whole)) and not delayed
    status = status_in(said) or status_in(whole) or status_in(text[:2000])
    action = "delayed" if delayed and not _FINAL.search(said) else "failed"
    return ReportedRecipient(
        address=address,
        status=status,
        permanent=is_permanent(action, status, said or whole, final=final),
        action=action,
        diagnostic=" ".join(said.split())[:1000],
    )


def _about(address: str, lines: Sequence[str]) -> str:
    """Return what stands beside an address and below it, wherever it is named."""
    places = [at for at, line in enumerate(lines) if address in line][:3]
    return "\n".join(line for at in places for line in lines[at : at + 8])

"""Mail that a specialist forwarded: who wrote it first, and what."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inquiry.folding import fold
from inquiry.understood import Known, Message, Party
from inquiry.words import Automated, Trust
from normalizer.addresses import read_addresses
from normalizer.bodies import part_bytes
from normalizer.introductions import quoted
from normalizer.language import languages_of
from normalizer.limits import LINE_CHARACTERS, SPLIT_LINES
from normalizer.mime import Tree
from normalizer.phrases import phrases
from normalizer.quoted_headers import label
from normalizer.separate import plain_lines, separate

_PREFIX = re.compile(
    r"\s*\[?(?:fwd?|vs|vb|vl|vid|wg|tr|rv|i|enc|doorst|pd|tov|tovabbitas|ilt|redir|fs|edasi|пересл"
    r"|转发|轉寄|转寄|転送|전달)(?:\[\d{1,3}\])?\s?[:：]\s*",
    re.IGNORECASE,
)
"""What mail programs write before the subject of what they forward, folded."""
_FORWARDED = re.compile(
    fold(
        "forward|videresend|vidaresend|vidarebeford|przekaz|przesłan|edasta|edasi|пересыл|переслан"
        "|переадрес|перенаправ|weitergeleit|transfer|réexpéd|reenvi|inoltra|doorgest|välitet"
        "|encaminhad|továbbít|ilet|persiųst|pārsūt|přepos|preposl|redirec|转发|轉寄|転送|전달"
    )
)
"""Parts of the words by which a separator says that what follows was forwarded, not answered."""
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]{1,64}@[^\s<>()\[\]\"',;:]{1,253}")
_FINNISH = fold("lähettäjä")  # there, ``VS:`` stands before answers
_BLOCK = 14
"""Lines of a forwarded header."""


@dataclass(frozen=True, slots=True)
class _Block:
    """The header of a forwarded mail: what it says, and where the words behind it begin."""

    writer: Party
    subject: str
    ends: int
    first_label: str = ""


def has_prefix(subject: str) -> bool:
    """Does the subject say that a mail program forwarded it?"""
    return _PREFIX.match(fold(subject[:100])) is not None


def forwarded_inline(message: Message, known: Known) -> Message | None:
    """Return what was forwarded inside the text of ``message``, if anything was."""
    lines = [line[:LINE_CHARACTERS] for line in message.text.split("\n")[:SPLIT_LINES]]
    prefixed = has_prefix(message.subject)
    for at, line in enumerate(lines):
        said = _says_forwarded(line)
        if not said and not label(_bare(line)):
            continue
        block = _header(lines, at + said) or (_introduction(lines, at + 1) if said else None)
        if block is None:
            continue
        same = bool(block.subject) and fold(message.subject).strip() == fold(block.subject)
        answered = block.first_label == _FINNISH and fold(message.subject).startswith("vs:")
        if answered or not (prefixed or (said and same)) or not _a_customer(block, message, known):
            return None
        return _rewritten(message, block, known)
    return None


def _bare(line: str) -> str:
    """Return a line without one mark of a quote."""
    return re.sub(r"^\s?> ?", "", line)


def _says_forwarded(line: str) -> bool:
    if len(line) > 120 or not line.strip() or quoted(line):
        return False
    if not line.rstrip(" *_").endswith((":", "：", "-", "=")):
        return False
    words = fold(line.strip("-=_* \t:："))
    return words.startswith(phrases().original) and _FORWARDED.search(words) is not None


def _header(lines: Sequence[str], at: int) -> _Block | None:
    """Read the labels below each other from ``at`` on: at least three, one of them From."""
    at = next((i for i in range(at, min(at + 4, len(lines))) if _bare(lines[i]).strip()), at)
    values: dict[str, str] = {}
    name, end, first = "", at, ""
    for end in range(at, min(at + _BLOCK, len(lines))):
        line = _bare(lines[end])
        if kinds := label(line):
            name = min(kinds - values.keys(), default="")
            word, _, value = line.replace("：", ":").partition(":")
            first = fold(word.strip(" *_")) if name == "from" else first
            values.setdefault(name, value.strip(" *_\t"))
        elif not line.strip() or not values:
            break
        elif name:
            values[name] = f"{values[name]} {line.strip()}"
    else:
        end += 1
    writer = _party(values.get("from", ""))
    if writer is None or len(values) < 3 or not values.keys() & {"subject", "sent"}:
        return None
    return _Block(writer, values.get("subject", "").strip(), end, first)


def _introduction(lines: Sequence[str], at: int) -> _Block | None:
    """Read ``11.10.2026, 20:15, "Kari" <kari@fjell.example>:`` right below a separator."""
    end = next((i for i in range(at, min(at + 3, len(lines))) if lines[i].strip()), at)
    line = lines[end].strip()[-200:] if end < len(lines) else ""
    writer = _party(line) if line.endswith(":") else None
    if writer is None:
        return None
    name = writer.name.rpartition(", ")[2].strip(" \"'")
    return _Block(replace(writer, name=name), "", end + 1)


def _party(text: str) -> Party | None:
    """Return the one address that stands here, with the name before it; None if there are more."""
    found = list(_ADDRESS.finditer(text[:1000].replace("mailto:", " ")))
    addresses = {match[0].lower().rstrip(".") for match in found}
    if len(addresses) != 1:
        return None
    address = found[0][0].rstrip(".")
    name = text[: text.index(address)].replace("mailto:", "").strip(" \t<([\"'*_") if found else ""
    shown = read_addresses(f'"{_escaped(name)}" <{address}>'.encode())
    return shown[0].party if shown and not shown[0].doubtful else None


def _escaped(name: str) -> str:
    return re.sub(r'["\\<>]', "", name)[:200]


def _a_customer(block: _Block, message: Message, known: Known) -> bool:
    """Did somebody else write it than the desk itself or the one who forwards?"""
    writer = block.writer.address.lower()
    forwarder = message.sender.address.lower() if message.sender else ""
    return writer != forwarder and writer not in {own.lower() for own in known.own_addresses}


def _rewritten(message: Message, block: _Block, known: Known) -> Message:
    lines = message.text.split("\n")
    above, below = lines[: block.ends], lines[block.ends :]
    if block.ends and quoted(lines[block.ends - 1]):
        below = [_bare(line) for line in below]
    text = "\n".join(below).strip()
    parts = separate(plain_lines(text))
    subject = block.subject or _PREFIX.sub("", message.subject, count=1).rstrip("] ")
    language, guess = languages_of(
        parts.new_text or text, replace(known, customer_language=""), subject=subject
    )
    return _of(
        replace(message, forwarding_note="\n".join(above).strip()),
        Message(
            sender=block.writer,
            subject=subject,
            text=text,
            new_text=parts.new_text,
            signature=parts.signature,
            quoted_text=parts.quoted_text,
            language=language,
            language_guess=guess,
            sent_at=message.sent_at,
        ),
    )


def attached_original(tree: Tree, message: Message) -> bytes | None:
    """Return the one mail that is attached, if it was forwarded that way."""
    mails = [part for part in tree.parts if part.content.value == "message/rfc822"]
    if len(mails) != 1 or tree.parts.index(mails[0]) == 0:
        return None
    if not has_prefix(message.subject) and message.new_text:
        return None
    return part_bytes(tree, mails[0])


def forwarded_attached(message: Message, inner: Message, known: Known) -> Message | None:
    """Return the attached mail as if it had come by itself."""
    if inner.sender is None or not inner.sender.address:
        return None
    if not _a_customer(_Block(inner.sender, inner.subject, 0), message, known):
        return None
    return _of(replace(message, forwarding_note=message.text), inner)


def _of(message: Message, original: Message) -> Message:
    """Put the original in the place of the mail that carried it.

    What the original refers to proves nothing: whoever forwards could have written it himself.
    """
    return replace(
        message,
        sender=original.sender,
        trust=Trust.CLAIMED if original.trust is Trust.VERIFIED else original.trust,
        authentication={},
        forwarded_by=message.sender,
        reply_to=original.reply_to,
        subject=original.subject,
        text=original.text,
        new_text=original.new_text,
        quoted_text=original.quoted_text,
        signature=original.signature,
        html=original.html,
        language=original.language,
        language_guess=original.language_guess,
        sent_at=original.sent_at or message.sent_at,
        thread_keys=(),
        automated=Automated.NONE,
        automated_because="",
        attachments=(*message.attachments, *original.attachments),
        too_complex=message.too_complex or original.too_complex,
    )

"""What stands under all of somebody's mails: signatures, ``Sent from my phone``, disclaimers."""

import re
from collections.abc import Sequence

from inquiry.folding import fold
from normalizer.phrases import phrases

_DELIMITER = re.compile(r"(?:--|\u2014|__|-----BEGIN PGP SIGNATURE-----)[ \t\xa0]*")
_RULE = re.compile(r"\s*_{5,}\s*")
_NAME = re.compile(
    r"[*_]{0,2}[^\W\d_][\w.'’-]{0,30}(?:[ ]{1,2}[^\W\d_][\w.'’-]{0,30}){0,2}[*_,]{0,2}"
)
_SLASHED = re.compile(r"/[^\W\d_][\w-]{1,20}(?: [^\W\d_][\w-]{1,20})?")
_LINK = re.compile(r"\s{0,3}[<(\[]?(?:https?|mailto):\S{1,2000}")
_PRODUCT = re.compile(
    r"phone|smart|galaxy|samsung|xiaomi|huawei|android|ipad|tablet|mobil|telefon|telefoon|outlook"
    r"|mail|yahoo|proton|телефон|смартфон|планшет|устройств|почт|приложен"
)
"""What a sentence speaks of that is an advertisement, full stop or not."""
_AFTER_DELIMITER = 40
_AFTER_RULE = 8
_AFTER_CLOSING = 10
_DISCLAIMER = 10
"""Letters that a line of a disclaimer has at least."""
_AFTER_PHONE = 3


def signature_start(lines: Sequence[str]) -> int:
    """Return where the signature begins in a stretch of new words; its length if there is none."""
    starts = [
        _delimited(lines),
        _disclaimer(lines),
        _phone(lines),
        _closing(lines),
    ]
    found = min(starts)
    if found == len(lines):
        return found
    earlier = [_phone(lines[:found]), _closing(lines[:found])]  # what stands above it belongs to it
    return min(found, *earlier)


def _delimited(lines: Sequence[str]) -> int:
    """Find the first delimiter that little enough follows."""
    found, filled = len(lines), 0
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at]
        if _DELIMITER.fullmatch(line) or (
            filled <= _AFTER_RULE and "_____" in line and _RULE.fullmatch(line)
        ):
            found = at
        filled += bool(line.strip())
        if filled > _AFTER_DELIMITER:
            break
    return found


def _disclaimer(lines: Sequence[str]) -> int:
    """Find the first line that begins as disclaimers do, unless nothing stands above it."""
    words_above = False
    for at, line in enumerate(lines):
        if words_above and len(line) > _DISCLAIMER and _disclaims(line):
            return at
        words_above = words_above or bool(line.strip())
    return len(lines)


def _disclaims(line: str) -> bool:
    head = line[:80].lstrip("*_ \t>")
    if fold(head.split(" ", 1)[0]) not in phrases().disclaimer_words:
        return False
    return fold(head).startswith(phrases().disclaimers)


def _phone(lines: Sequence[str]) -> int:
    """Find ``Sent from my phone`` at the end."""
    filled = 0
    for at in range(len(lines) - 1, -1, -1):
        if not lines[at].strip():
            continue
        if _is_phone(lines[at]):
            return at
        filled += 1
        if filled > _AFTER_PHONE:
            break
    return len(lines)


def _is_phone(line: str) -> bool:
    """Is this a program's advertisement, and not a sentence that begins alike?"""
    text = (_LINK.sub("", line[:300]) if ":" in line else line[:300]).strip(" \t*_>[]().!\xa0")
    if len(text) > 70 or len(text.split()) > 9 or line.rstrip().endswith(("?", ":", ",")):
        return False
    folded = fold(text)
    if "," in text or (line.rstrip().endswith(".") and not _PRODUCT.search(folded)):
        return False
    return folded.startswith(phrases().sent_from) or (
        text[:1] > "\u3000" and folded.endswith(phrases().sent_from)
    )


def _closing(lines: Sequence[str]) -> int:
    """Find ``Best regards`` with a name below or beside it, near the end."""
    filled = 0
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at].strip()
        if not line:
            continue
        if _closes(line, lines[at + 1].strip() if at + 1 < len(lines) else ""):
            return at
        if filled == 0 and _SLASHED.fullmatch(line):
            return at
        filled += 1
        if filled > _AFTER_CLOSING:
            break
    return len(lines)


def _closes(line: str, below: str) -> bool:
    first = line.split(None, 1)[0]
    if len(line) > 80 or fold(first).strip(" ,.!*_-\u2013") not in phrases().closing_words:
        return False
    words = line.split()
    folded = fold(line).strip(" ,.!*_-\u2013")
    if all(each.strip(" ,.!") in phrases().closings for each in folded.split("/")):
        return _is_name(below)
    for length in (4, 3, 2, 1):
        head = fold(" ".join(words[:length])).strip(" ,.!*_")
        if head in phrases().closings:
            rest = " ".join(words[length:])
            return bool(rest) and _is_name(rest) and rest[0].isupper()
    return False


def _is_name(text: str) -> bool:
    """Is this one to three words, as names are?"""
    words = text.strip(" *_,").split()
    return bool(_NAME.fullmatch(text)) and all(word[:1].isupper() for word in words)

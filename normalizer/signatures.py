"""What stands under all of somebody's mails: signatures, ``Sent from my phone``, disclaimers."""

import re
from collections.abc import Sequence

from inquiry.folding import fold
from normalizer.phrases import phrases

_DELIMITER = re.compile(r"(?:--|\u2014|__|-----BEGIN PGP SIGNATURE-----)[ \t\xa0]*")
_DASHES = ("--", "\u2014", "__")
"""What every delimiter begins with."""
_RULE = re.compile(r"\s*_{5,}\s*")
_NAME = re.compile(r"[*_]{0,2}[^\W\d_][\w.'’-]{0,30}[*_,]{0,2}")
_BEHIND_NAME = re.compile(r"\s*[,|(\[/•·]\s*|\s+[-–—]\s+")
"""What parts a name from a role or a company on the same line."""
_NAME_WORDS = 3
_BESIDE_NAME = frozenset(
    {
        *("dr", "mgr", "inz", "lic", "prof", "hab", "med", "lek", "mec", "dipl", "ing", "adv"),
        *("siv", "cand", "mag", "phd", "ph.d", "msc", "bsc", "mba"),
        *("de", "da", "do", "dos", "das", "del", "della", "di", "la", "le", "van", "der", "den"),
        *("von", "zu", "af", "ter", "ten", "y", "e", "i", "og", "ja", "und"),
    }
)
"""Titles, and the small words inside names."""
_ROLE = 5
"""Words of a role and a name behind ``Best regards,`` on the same line."""
_MARKS = " ,.!*_-\u2013"
_INITIALS = 2
"""Letters of a closing that is as easily the name of a product."""
_SLASHED = re.compile(r"/[^\W\d_][\w-]{1,20}(?: [^\W\d_][\w-]{1,20})?")
_LINK = re.compile(r"\s{0,3}[<(\[]?(?:https?|mailto):\S{1,2000}")
_AROUND = " \t*_>[]().!\xa0\u200b\u2063"
_PRODUCT = re.compile(
    r"phone|smart|galaxy|samsung|xiaomi|redmi|huawei|honor|nokia|sony|xperia|oneplus|pixel|motorola"
    r"|blackberry|android|\bios\b|windows|ipad|tablet|mobil|telefon|telefoon|outlook|mail|yahoo"
    r"|proton|spark|gmx|web\.de|poczt|\bwp\b|onet|\bo2\b|interia|posti|pasts|pastas"
    r"|телефон|смартфон|планшет|устройств|почт|пошт|приложен|застосун|яндекс"
)
"""What a sentence speaks of that is an advertisement, full stop or not."""
_MINE = re.compile(
    r"\b(?:my|min|mojego|mojej|minu|meinem|meiner|mon|mi|mio|meu|mijn|mano|mana|manis|meho)\b"
    r"|\b(?:моего|моей|мого)\b"
)
_POSTSCRIPT = re.compile(r"\s{0,9}(?:P\.? ?S\.?[.:,)]|P\.S\b|ps[.:]|З\.?Ы\.?[.:,]?\s|П\.С)\s?\S")
_WEB = re.compile(r"://|www\.|@")
_QUESTION = 5
"""Words of a question that is more than ``Any questions?``."""
_AFTER_DELIMITER = 40
_AFTER_RULE = 8
_AFTER_CLOSING = 10
_DISCLAIMER = 10
"""Letters that a line of a disclaimer has at least."""
_AFTER_PHONE = 3


def signatures_in(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return the first line of each signature in a stretch of new words, and where it ends.

    Who adds a postscript goes on speaking, and so does who asks something below his name.
    """
    found: list[tuple[int, int]] = []
    at = 0
    while (start := at + signature_start(lines[at:])) < len(lines):
        asks = not _DELIMITER.fullmatch(lines[start]) and not _RULE.fullmatch(lines[start])
        at = next(
            (
                i
                for i in range(start + 1, len(lines))
                if _POSTSCRIPT.match(lines[i]) or (asks and _question(lines, i))
            ),
            len(lines),
        )
        found.append((start, at))
        if at == len(lines):
            break
    return found


def _question(lines: Sequence[str], at: int) -> bool:
    """Does a question stand here, with air above it, that is no slogan?"""
    line = lines[at].rstrip()
    if not line.endswith("?") or lines[at - 1].strip() or _WEB.search(line):
        return False
    return len(line.split()) >= _QUESTION


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
    found, filled, rules = len(lines), 0, list[int]()
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at]
        if line.startswith(_DASHES) and _DELIMITER.fullmatch(line):
            found = at
        elif "_____" in line and _RULE.fullmatch(line):
            rules.append(at if filled <= _AFTER_RULE else len(lines))
        filled += bool(line.strip())
        if filled > _AFTER_DELIMITER:
            break
    return min(found, *rules) if len(rules) == 1 else found  # more are the lines of a form


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
    text = (_LINK.sub("", line[:300]) if ":" in line else line[:300]).strip(_AROUND)
    if len(text) > 70 or len(text.split()) > 9 or line.rstrip().endswith(("?", ":", ",")):
        return False
    folded = fold(text)
    dense = text[:1] > "\u3000"
    if not (folded.startswith(phrases().sent_from) or dense) or "," in text:
        return False
    named = dense or _PRODUCT.search(folded) is not None
    if line.rstrip().endswith(".") and not named:
        return False
    if not named and not _MINE.search(folded) and "](" not in line and not _LINK.search(line):
        return False  # things are sent by post and from Oslo, too
    return folded.startswith(phrases().sent_from) or (
        dense and folded.endswith(phrases().sent_from)
    )


def _closing(lines: Sequence[str]) -> int:
    """Find ``Best regards`` with a name below or beside it, near the end."""
    filled = 0
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at].strip()
        if not line:
            continue
        if _closes(lines, at, last=filled == 0):
            return at
        if filled == 0 and _SLASHED.fullmatch(line):
            return at
        filled += 1
        if filled > _AFTER_CLOSING:
            break
    return len(lines)


def _closes(lines: Sequence[str], at: int, *, last: bool) -> bool:
    """Does a closing stand here, with a name? ``last``: nothing follows this line."""
    line = lines[at].strip()
    first = line.split(None, 1)[0]
    if len(line) > 80 or fold(first).strip(_MARKS) not in phrases().closing_words:
        return False
    if all(each.strip(" ,.!") in phrases().closings for each in _alternatives(line)):
        return _name_below(lines, at)
    words = line.split()
    for length in (4, 3, 2, 1):
        head = fold(" ".join(words[:length])).strip(" ,.!*_")
        if head in phrases().closings:
            marked = words[length - 1].endswith((",", "."))
            if not marked and _is_brand(head, above=lines[at - 1] if at else ""):
                return False
            rest = " ".join(words[length:])
            if marked and length > 1 and length + 2 < len(words) <= length + _ROLE:
                return all(map(_is_name, words[-2:]))  # a role, and the name behind it
            return bool(rest) and (_is_name(rest) or (last and _is_lower_name(rest, head)))
    return False


def _alternatives(line: str) -> list[str]:
    """Return the closings of a line in two languages."""
    return fold(line).strip(_MARKS).split("/")


def _is_brand(head: str, *, above: str) -> bool:
    """May ``LG Monitor`` or ``Best Western`` be meant? In a list they are."""
    return head == "best" or (len(head) <= _INITIALS and bool(above.strip()))


def _name_below(lines: Sequence[str], at: int) -> bool:
    """Does a name follow? With blank lines between, more than the name must stand there."""
    filled = [i for i in range(at + 1, len(lines)) if lines[i].strip()][:2]
    if not filled or filled[0] > at + 3 or (filled[0] > at + 1 and len(filled) == 1):
        return False
    below = lines[filled[0]].strip()
    if _is_name(below):
        return True
    return len(filled) == 1 and len(below.split()) <= 2 and below.replace(" ", "").isalpha()


def _is_lower_name(text: str, head: str) -> bool:
    """Is this somebody's name who writes without capitals: ``mvh kari``?"""
    return len(head) > _INITIALS and text.isalpha()


def _is_name(text: str) -> bool:
    """Is this a name: up to four words, with what people put before and behind it?"""
    name = _BEHIND_NAME.split(text.strip(" *_,"), maxsplit=1)[0]
    words = [word for word in name.split() if fold(word).strip(".,") not in _BESIDE_NAME]
    if not words or len(words) > _NAME_WORDS:
        return False
    return all(word[:1].isupper() and _NAME.fullmatch(word) for word in words)

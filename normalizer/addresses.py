"""Who is named in From, To, Cc: read tolerantly, in one pass, and doubted where it is odd."""

import re
from dataclasses import dataclass, replace

from inquiry.understood import Party
from normalizer.charsets import decode
from normalizer.encoded_words import decode_words
from normalizer.limits import ADDRESSES
from normalizer.names import person_name

_BLANK = re.compile(r"\s+")
_PLAUSIBLE = re.compile(r"[^\s@<>(),;:\"]{1,200}@[^\s@<>(),;:\"]{1,200}")
_STRICT = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@(?:[\w-]{1,63}\.)*[\w-]{1,63}")
_LITERAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@\[[0-9A-Fa-f.:IPv]{3,60}\]")
_PLAIN = r"[A-Za-z0-9_.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}"
_USUAL = re.compile(rf'(?:"([^"\\]+)" ?|([^"\\,;:()<>@]+))?<({_PLAIN})>|({_PLAIN})')
"""One mailbox about which nothing is odd: most fields hold no more."""
_SHORT = 300


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address of a list; ``doubtful`` where the grammar was broken around it."""

    party: Party
    doubtful: bool = False


def read_addresses(raw: bytes, fallback: str = "", limit: int = ADDRESSES) -> list[Mailbox]:
    """Return the mailboxes of an address field, at most ``limit``."""
    text = decode(raw, fallback)
    if "  " in text or not text.isprintable():
        text = _BLANK.sub(" ", text)
    if len(text) <= _SHORT and (usual := _USUAL.fullmatch(text)):
        quoted, name, address, bare = usual.groups("")
        return [Mailbox(Party(address or bare, person_name(decode_words(quoted or name))))]
    found: list[Mailbox] = []
    entries = _entries(text)
    for entry in entries:
        if len(found) >= limit:
            break
        if mailbox := _mailbox(entry):
            found.append(mailbox)
    if len(found) == 1 < len(entries):  # who checks senders may not see the one that we see
        return [replace(found[0], doubtful=True)]
    return found


@dataclass(slots=True)
class _Entry:
    """What was read of one mailbox so far."""

    phrase: str = ""
    quoted: bool = False
    angle: str = ""
    angles: int = 0
    comment: str = ""
    broken: bool = False


_PIECE = re.compile(
    r"=\?[^?=\s]{1,64}+\?[BbQq]\?[^?<>\s]{0,500}+\?="  # whatever its letters are, a word
    r'|"(?:[^"\\]|\\.){0,1000}+"|\((?:[^()\\]|\\.){0,1000}+\)|<[^<>]{0,1000}>?|[",;:()=]|[^",;:(<)=]+'
)


def _entries(text: str) -> list[_Entry]:
    """Split a list at its commas; group names are dropped, their members stay."""
    entries, entry = [], _Entry()
    for match in _PIECE.finditer(text):
        piece = match[0]
        if piece in (",", ";"):
            entries.append(entry)
            entry = _Entry()
        elif piece == ":":
            entry = _after_colon(entry)
        elif len(piece) > 1 and piece[0] == '"':
            entry.phrase += re.sub(r"\\(.)", r"\1", piece[1:-1])
            entry.quoted = True
        elif len(piece) > 1 and piece[0] == "(":
            entry.comment += piece[1:-1]
        elif piece in ('"', "(", ")"):
            entry.broken = True
        elif piece[0] == "<":
            entry.angle, entry.angles = piece.strip("<> "), entry.angles + 1
            entry.broken |= piece[-1] != ">" or entry.angles > 1
        else:
            entry.phrase += piece
    entries.append(entry)
    return _rejoined(entries)


def _after_colon(entry: _Entry) -> _Entry:
    """A group begins here, or ``mailto:``, or somebody's name holds a colon."""
    if "@" in entry.phrase or entry.quoted:
        entry.phrase += ":"
    else:
        entry = _Entry()
    entry.broken = True
    return entry


def _rejoined(entries: list[_Entry]) -> list[_Entry]:
    """Mend ``Hansen, Ola <ola@x.example>``: an unquoted comma inside a name."""
    mended: list[_Entry] = []
    before: _Entry | None = None
    for entry in entries:
        lonely = bool(entry.phrase.strip()) and not entry.angle and "@" not in entry.phrase
        if before is not None:
            entry.broken = True
            if entry.angle:
                entry.phrase = f"{before.phrase.strip()}, {entry.phrase.strip()}"
        before = entry if lonely and not entry.comment else None
        if before is None or entry is entries[-1]:
            mended.append(entry)
    return mended


def _mailbox(entry: _Entry) -> Mailbox | None:
    phrase = entry.phrase.strip()
    if entry.angles:
        address = _address(entry.angle)
        odd = "@" in phrase and not entry.quoted and not _same(phrase, address)
        name = phrase
    else:
        address, odd = _address(phrase), entry.quoted and "@" not in phrase
        name = entry.comment
        if "@" not in address and (found := _PLAUSIBLE.search(phrase)):
            address = "".join(filter(str.isprintable, found[0]))
            name = phrase.replace(found[0], "").strip() or name
            odd = True
    if not address and not name:
        return None
    mended = address != (entry.angle if entry.angles else phrase)
    doubtful = odd or mended or entry.broken or not _strict(address)
    return Mailbox(Party(address, person_name(decode_words(name))), doubtful)


def _address(text: str) -> str:
    """Return an address as written, blanks and encoded words undone."""
    text = decode_words(text).strip().strip("<>'\"").removeprefix("mailto:")
    route, _, last = text.rpartition(":")
    if route.startswith("@"):
        text = last
    compact = text.replace(" ", "")
    return (compact if compact.count("@") == 1 else text)[:320] if compact.isprintable() else ""


def _strict(address: str) -> bool:
    if not address.isprintable():
        return False
    return bool(_STRICT.fullmatch(address) or _LITERAL.fullmatch(address))


def _same(phrase: str, address: str) -> bool:
    return phrase.strip("'\" ").lower() == address.lower()

"""RFC 2047: ``=?utf-8?B?w6Y=?=`` to letters, in linear time and however it is broken."""

import binascii
import re

from normalizer.charsets import clean, decode, known

_WORD = re.compile(
    r"=\?(?P<charset>[^?=\s]{0,64}+)\?(?P<how>[BbQq])\?"
    r"(?P<text>[^?]{0,9000}+(?:\?(?!=)[^?]{0,200}+){0,20}+)"
    r"\?="
)
_FOLD = re.compile(r"\n[ \t]{0,100}")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BETWEEN = re.compile(r"[ \t\r\n]*")
_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")


def decode_header(raw: bytes, fallback: str = "") -> str:
    """Return the text of a header's raw value: unfolded, decoded, fit to store and to show."""
    if raw.isascii() and b"=?" not in raw:
        text = raw.decode("ascii")
        if text.isprintable():
            return text.strip()
    return one_line(decode_words(decode(raw, fallback)))


def one_line(text: str) -> str:
    """Return text without line ends and control characters, blanks at the ends gone."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _FOLD.sub(" ", clean(text))
    if text.isprintable():
        return text.strip()
    return "".join(
        c if c.isprintable() or c in "\u200d\xa0" else _stand_in(c) for c in text
    ).strip()


def _stand_in(letter: str) -> str:
    return " " if letter.isspace() else ""


def decode_words(text: str) -> str:
    """Decode every encoded word; neighbours of one charset are one run of bytes."""
    if "=?" not in text:
        return text
    pieces: list[str] = []
    pending, charset, at = b"", "", 0
    for match in _WORD.finditer(text):
        label = match["charset"].partition("*")[0]
        between = text[at : match.start()]
        adjacent = at > 0 and _BETWEEN.fullmatch(between) is not None
        if not adjacent:
            pieces += (_flush(pending, charset), between)
            pending = b""
        elif label.lower() != charset.lower():
            pieces.append(_flush(pending, charset))
            pending = b""
        data = _bytes(match["text"], match["how"])
        if data is None or _nonsense(data, label):
            pieces += (_flush(pending, charset), match[0])
            pending = b""
        else:
            pending, charset = pending + data, label
        at = match.end()
    return "".join((*pieces, _flush(pending, charset), text[at:]))


def _nonsense(data: bytes, charset: str) -> bool:
    """Do the bytes hold control characters, and no text under their label? Then it was none."""
    if not _CONTROLS.search(data) or known(charset) != "utf-8":
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False


def _flush(data: bytes, charset: str) -> str:
    return decode(data, charset) if data else ""


def _bytes(text: str, how: str) -> bytes | None:
    """Return the bytes of one word, or None if there is no sense in it."""
    if how in "Qq":
        readable = text.replace("_", " ").encode("utf-8", "replace")
        return binascii.a2b_qp(readable.replace(b"\n", b" "))
    letters = _BASE64.sub("", text)
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    try:
        return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return None

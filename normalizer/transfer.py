"""Undoing Content-Transfer-Encoding, however badly it was done."""

import binascii
import re
from collections.abc import Iterator

_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
)
_PURE = re.compile(rb"[A-Za-z0-9+/=\s]*")
_ENCODED = re.compile(rb"(?:[A-Za-z0-9+/]{4,}+={0,2}+[ \t]*+\r?+\n)++")
_ODD = tuple(bytes([letter]) for letter in b" !?:;()<>@#$%&*'\",.-")
"""Letters that plain text is full of and base64 has none of."""
_PADDED = re.compile(rb"[^=]+")
_LINE = re.compile(rb"[^\r\n]+")
_SHORT = 80
"""Bytes that a line without content may have, blanks included."""
_UU_BEGIN = re.compile(rb"^begin[ \t]++[0-7]{3,4}[ \t]++([^\r\n]{1,255}+)\r?\n", re.MULTILINE)
_UU_END = re.compile(rb"^(?:[ `]?\r?\n)?end[ \t]*\r?(?:\n|\Z)", re.MULTILINE)


def undo(data: bytes, encoding: str) -> bytes:
    """Return the bytes that were encoded; what is no encoding we know stays as it is."""
    match encoding:
        case "base64" | "base-64" | "b":
            return _base64(data)
        case "quoted-printable" | "quotedprintable" | "q":
            return binascii.a2b_qp(data)
        case "x-uuencode" | "x-uue" | "uuencode" | "uue":
            found = _UU_BEGIN.search(data)
            return undo_uu(data[found.end() :]) if found else data
        case _:
            return data


def _base64(data: bytes) -> bytes:
    """Decode; text that a list or a scanner put behind the encoded lines is kept as it is."""
    if _PURE.fullmatch(data):
        return _all_base64(data)
    encoded = _ENCODED.match(data)
    behind = data[encoded.end() :].lstrip(b"\r\n") if encoded else b""
    if encoded and behind and b"=" not in behind.rstrip(b"=\r\n \t")[-76:] and _ends(encoded[0]):
        return _all_base64(encoded[0]) + b"\n" + behind
    return _all_base64(data)


def _ends(encoded: bytes) -> bool:
    """Is the last encoded line padded, or shorter than those above it?"""
    encoded = encoded.strip()
    first, last = encoded.split(None, 1)[0], encoded.rsplit(None, 1)[-1]
    return last.endswith(b"=") or len(last) < len(first) or len(first) == len(encoded)


def _all_base64(data: bytes) -> bytes:
    letters = data.translate(None, _NOT_BASE64)
    odd = sum(map(data[:2000].count, _ODD))
    if odd * 20 > min(len(data), 2000):  # plain text under a wrong label
        return data
    if b"=" not in letters.rstrip(b"="):
        return _quads(letters.rstrip(b"="))
    found = bytearray()  # no list of millions of crumbs
    for run in _PADDED.finditer(letters):
        found += _quads(run[0])
    return bytes(found)


def _quads(letters: bytes) -> bytes:
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def undo_uu(data: bytes) -> bytes:
    """Decode uuencoded lines up to ``end``; a damaged line is cut, not fatal."""
    found = bytearray()  # no list of millions of lines
    for match in _LINE.finditer(data):
        line = match[0]
        if len(line) < _SHORT and line.strip() in (b"", b"`", b"end"):
            if line.strip() == b"end":
                break
            continue
        try:
            found += binascii.a2b_uu(line)
        except binascii.Error:
            length = ((line[0] - 32) & 63) * 4 // 3 + 2
            found += _uu_forced(line[: length + 1])
    return bytes(found)


def _uu_forced(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""


def uu_files(text: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Find uuencoded files inside plain text: start, end, file name, content."""
    at = 0
    while begin := _UU_BEGIN.search(text, at):
        end = _UU_END.search(text, begin.end())
        if not end:
            return
        yield begin.start(), end.end(), begin[1].strip(), undo_uu(text[begin.end() : end.start()])
        at = end.end()

"""The gate: every value that becomes a header field passes here, and only here is one written."""

import re
from collections.abc import Iterable
from email.charset import QP, Charset
from email.header import Header

CRLF = "\r\n"
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_LONG_WORD = re.compile(r"\S{70}")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,500}>")
_SPECIAL = re.compile(r'[][\\()<>@,:;".]')

_UTF8 = Charset("utf-8")
_UTF8.header_encoding = QP


def clean(value: str) -> str:
    """Take out whatever could end a header line or hide in it: C0, C1, U+2028, U+2029."""
    return " ".join(_UNPRINTABLE.sub(" ", value).split())


def text_field(name: str, value: str) -> str:
    """Write an unstructured field such as Subject, folded and encoded as need be."""
    value = clean(value)
    awkward = not value.isascii() or "=?" in value or _LONG_WORD.search(value)
    charset = _UTF8 if awkward else "us-ascii"
    encoded = Header(value, charset, header_name=name).encode(linesep=CRLF, maxlinelen=78)
    return f"{name}: {encoded}{CRLF}"


def mailbox_field(name: str, display: str, address: str) -> str:
    """Write a field that holds one mailbox. The address has passed the address grammar already."""
    display = clean(display)
    if not display:
        return f"{name}: {address}{CRLF}"
    if not display.isascii() or "=?" in display or len(display) > 70:
        encoded = Header(display, _UTF8, header_name=name).encode(linesep=CRLF, maxlinelen=78)
    elif _SPECIAL.search(display):
        escaped = display.replace("\\", "\\\\").replace('"', '\\"')
        encoded = f'"{escaped}"'
    else:
        encoded = display
    line = f"{name}: {encoded}"
    space = " " if len(line.rpartition(CRLF)[2]) + len(address) <= 75 else f"{CRLF} "
    return f"{line}{space}<{address}>{CRLF}"


def ids_field(name: str, ids: Iterable[str]) -> str:
    """Write Message-IDs, one on a line; what is none is left out. Nothing left: no field."""
    found = [item for item in ids if _MESSAGE_ID.fullmatch(item)]
    return f"{name}: {(CRLF + ' ').join(found)}{CRLF}" if found else ""


def plain_field(name: str, value: str) -> str:
    """Write a field whose value is ours and short."""
    return f"{name}: {clean(value)}{CRLF}"

"""Bytes to text, whatever their label says."""

import codecs
import re
import unicodedata
from functools import lru_cache
from io import StringIO

from normalizer.guesses import DOUBTED, guess

_ALIASES = {
    "utf-8": "utf-8",
    "ascii": "",  # with other letters in it, this says nothing
    "us-ascii": "",
    "ansi_x3.4-1968": "",
    "646": "",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "euc-cn": "gb18030",
    "big5": "cp950",
    "big-5": "cp950",
    "x-big5": "cp950",
    "big5-hkscs": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "csiso2022jp": "iso2022_jp_ext",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "utf": "utf-8",
    "x-mac-cyrillic": "mac_cyrillic",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "x-mac-ce": "mac_latin2",
    "koi8": "koi8-r",
    "iso8859-2": "iso-8859-2",
    "iso8859-5": "iso-8859-5",
}
_REFUSED = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
_WIDE = ("utf-16", "utf-32")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SHIFTED = re.compile(rb"\x1b(?:\$[@BAC()]|\([BJI])")
_UNWANTED = dict.fromkeys((*range(9), *range(11, 32), 127))
_STACKED = re.compile(r"[^\w\s!-~]{31,}")
_MARK = re.compile(r"[^\w\s!-~]")
_JOINER = "\u034f"
_STACK = 30
_NEVER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def decode(data: bytes, charset: str = "") -> str:
    """Decode ``data``, believing ``charset`` only as far as the bytes bear it out."""
    if data.isascii() and b"\x1b" not in data and not _shifts(charset):
        return data.decode("ascii")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _tried(data, encoding) or data.decode(encoding, "replace")
    return _decoded(data, known(charset))


def _decoded(data: bytes, encoding: str) -> str:
    if encoding in ("", "cp1252") and (shifted := _shifted(data)) is not None:
        return shifted
    if encoding and _plausible_as_utf8(encoding):
        utf8 = _tried(data, "utf-8")
        if utf8 is not None:
            return utf8
    if encoding in DOUBTED:
        return data.decode(guess(data, fallback=encoding, labelled=True), "replace")
    if encoding and encoding != "utf-8":
        text = _tried(data, encoding)
        return text if text is not None else _best_effort(data, encoding)
    if encoding == "utf-8":
        return _damaged_utf8(data)
    return _unlabelled(data)


def _unlabelled(data: bytes) -> str:
    utf8 = _tried(data, "utf-8")
    return utf8 if utf8 is not None else _western(data)


def known(charset: str) -> str:
    """Return the codec for a charset label, or "" if there is none worth trusting."""
    return _known(charset[:64].strip(" \t\r\n\"'<>();:,").lower())


def _lookup(label: str) -> str:
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError, TypeError):
        return ""
    is_text = getattr(info, "_is_text_encoding", True)
    return info.name if is_text and info.name.replace("-", "_") not in _REFUSED else ""


@lru_cache(maxsize=500)  # labels come from strangers
def _known(label: str) -> str:
    if (alias := _ALIASES.get(label)) is not None:
        return alias
    if not label.isascii() or "\x00" in label or "/" in label or label.startswith("."):
        return ""
    found = _tolerant_lookup(label)
    return _ALIASES.get(found, found)


def _tolerant_lookup(label: str) -> str:
    if found := _lookup(label):
        return found
    for spelling in (label.replace(" ", "-"), label.removeprefix("x-"), _squeezed(label)):
        if found := _lookup(spelling):
            return found
    return ""


def _squeezed(label: str) -> str:
    """Give ``utf 8``, ``utf_8_`` and ``window-1252`` another chance."""
    match = re.fullmatch(r"(?:windows?|win|cp|ibm)[-_ ]?(\d{3,5})", label)
    if match:
        return f"cp{match[1]}"
    match = re.match(r"(utf)[-_ ]*(7|8|16|32)", label) or re.match(r"(iso)[-_ ]?(8859)", label)
    if match and match[1] == "utf":
        return f"utf-{match[2]}"
    return re.sub(r"^iso[-_ ]?8859[-_ ]?(\d{1,2}).*$", r"iso-8859-\1", label)


def _shifts(charset: str) -> bool:
    """Can plain ASCII bytes mean something else in this charset?"""
    return charset != "" and known(charset).startswith(("utf-7", "utf-16", "utf-32", "hz"))


def _tried(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _shifted(data: bytes) -> str | None:
    """Read ISO-2022 escapes that came without a label."""
    if not _SHIFTED.search(data[:4096]):
        return None
    return _tried(data, "iso2022_jp_ext") or _tried(data, "iso2022_kr")


def _plausible_as_utf8(encoding: str) -> bool:
    """Are valid UTF-8 sequences in this charset almost surely UTF-8 with a wrong label?"""
    return not encoding.startswith(("utf-16", "utf-32", "utf-7", "iso2022", "hz", "utf-8"))


def _damaged_utf8(data: bytes) -> str:
    """Keep what is valid UTF-8 and read single stray bytes, unless most of it is something else."""
    text = _tried(data, "utf-8")
    if text is not None:
        return text
    replaced = data.decode("utf-8", "replace")
    broken = replaced.count("\ufffd")
    valid = sum(1 for letter in replaced if letter > "\x7f" and letter != "\ufffd")
    return replaced if valid >= broken else _western(data)


def _western(data: bytes) -> str:
    """Read bytes of which nothing is said; the letters may tell that they are not Latin."""
    return data.decode(guess(data, fallback="cp1252", labelled=False), "replace")


def _best_effort(data: bytes, encoding: str) -> str:
    utf8 = _tried(data, "utf-8")
    if utf8 is not None:
        return utf8
    try:
        return data.decode(encoding, "replace")
    except (UnicodeError, LookupError, ValueError):
        return data.decode("cp1252", "replace")


def clean(text: str) -> str:
    """Take out what no database stores and nobody can read; NFC; lines end in a line feed."""
    if text.isascii() and text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text.translate(_UNWANTED)
    text = composed(text)
    return text if text.replace("\n", "").isprintable() else _NEVER.sub("", text)


def composed(text: str) -> str:
    """Return NFC, in linear time: after 30 marks on one letter follows a joiner (UAX 15)."""
    if _MARK.search(text[_STACK :: _STACK + 1]):  # which every run that is too long would reach
        text = _STACKED.sub(_unstacked, text)
    return unicodedata.normalize("NFC", text)


def _unstacked(run: re.Match[str]) -> str:
    """Part the marks of a run; without a list of all its letters at once."""
    written, marks = StringIO(), 0
    for letter in run[0]:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks > _STACK:
            written.write(_JOINER)
            marks = 1
        written.write(letter)
    return written.getvalue()

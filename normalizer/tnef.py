"""``winmail.dat``: what Outlook packs into its own wrapping (TNEF, as MS-OXTNEF describes it)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from normalizer.charsets import decode

TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
_SIGNATURE = 0x223E9F78
_ATTRIBUTES = 5_000
_PROPERTIES = 2_000
FILES = 200
_ATTACHMENT = 2
_BODY, _RENDER, _TITLE, _DATA = 0x800C, 0x9002, 0x8010, 0x800F
_PROPERTIES_OF_MESSAGE, _PROPERTIES_OF_FILE, _CODE_PAGE = 0x9003, 0x9005, 0x9007
_TEXT, _HTML, _LONG_NAME, _MIME, _CID, _FILE = 0x1000, 0x1013, 0x3707, 0x370E, 0x3712, 0x3701
_SIZES = {
    0x2: 4,
    0x3: 4,
    0x4: 4,
    0xA: 4,
    0xB: 4,
    0x5: 8,
    0x6: 8,
    0x7: 8,
    0x14: 8,
    0x40: 8,
    0x48: 16,
}
"""Bytes of the types of fixed length, rounded up to four."""
_VARIABLE = (0x1E, 0x1F, 0x102, 0xD)
_MANY, _NAMED, _OBJECT, _WIDE = 0x1000, 0x8000, 0xD, 0x1F


@dataclass(slots=True)
class Packed:
    """A file in the wrapping."""

    name: str = ""
    content_type: str = ""
    content_id: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Unpacked:
    """What a wrapping holds; ``cut`` where it ends too early or holds too much."""

    text: str = ""
    html: str = ""
    files: list[Packed] = field(default_factory=list)
    cut: bool = False


def unpack(data: bytes) -> Unpacked | None:
    """Read a wrapping as far as it can be read; None if it is none. Nothing makes this raise."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return None
    found, code_page = Unpacked(), ""
    try:
        for level, kind, value in _attributes(data):
            if kind == _CODE_PAGE and len(value) >= 4:
                code_page = _code_page(struct.unpack_from("<I", value)[0])
            elif level == _ATTACHMENT:
                _into_file(found, kind, value, code_page)
            elif kind == _BODY:
                found.text = found.text or _text(value, code_page)
            elif kind == _PROPERTIES_OF_MESSAGE:
                _into_message(found, value, code_page)
    except (struct.error, ValueError):
        found.cut = True
    return found


def _code_page(number: int) -> str:
    return "utf-8" if number == 65001 else f"cp{number}" if 0 < number < 70_000 else ""


def _attributes(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield level, kind and value of each attribute."""
    at = 6
    for _ in range(_ATTRIBUTES):
        if at >= len(data):
            return
        level, kind, _type, length = struct.unpack_from("<BHHI", data, at)
        at += 9
        if at + length > len(data):
            raise ValueError("an attribute is longer than the rest")
        yield level, kind, data[at : at + length]
        at += length + 2
    raise ValueError("too many attributes")


def _into_file(found: Unpacked, kind: int, value: bytes, code_page: str) -> None:
    """Take in what an attribute says of the file that was begun last."""
    if kind == _RENDER:
        if len(found.files) >= FILES:
            raise ValueError("too many files")
        found.files.append(Packed())
    if not found.files:
        return
    file = found.files[-1]
    if kind == _TITLE:
        file.name = file.name or _text(value, code_page)
    elif kind == _DATA:
        file.content = value
    elif kind == _PROPERTIES_OF_FILE:
        for tag, type_, content in _properties(value):
            if tag == _LONG_NAME:
                file.name = _string(type_, content, code_page) or file.name
            elif tag == _MIME:
                file.content_type = _string(type_, content, code_page).lower()
            elif tag == _CID:
                file.content_id = _string(type_, content, code_page)
            elif tag == _FILE and not file.content:
                file.content = content[16:] if type_ == _OBJECT else content


def _into_message(found: Unpacked, value: bytes, code_page: str) -> None:
    for tag, type_, content in _properties(value):
        if tag == _TEXT:
            found.text = _string(type_, content, code_page) or found.text
        elif tag == _HTML:
            found.html = _string(type_, content, code_page or "utf-8")


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield tag, type and first value of each MAPI property."""
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _ in range(min(count, _PROPERTIES)):
        type_, tag = struct.unpack_from("<HH", data, at)
        at += 4
        if tag >= _NAMED:
            at = _past_name(data, at)
        plain = type_ & ~_MANY
        values = 1
        if type_ & _MANY or plain in _VARIABLE:
            (values,) = struct.unpack_from("<I", data, at)
            at += 4
        for number in range(values):
            length = _SIZES.get(plain, -1)
            if plain in _VARIABLE:
                (length,) = struct.unpack_from("<I", data, at)
                at += 4
            if length < 0 or at + length > len(data):
                raise ValueError("a property of unknown length")
            if number == 0:
                yield tag, plain, data[at : at + length]
            at += length + -length % 4


def _past_name(data: bytes, at: int) -> int:
    """Step over the set and the name of a named property."""
    (by_text,) = struct.unpack_from("<I", data, at + 16)
    (length,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + (length + -length % 4 if by_text else 0)


def _string(type_: int, content: bytes, code_page: str) -> str:
    return _text(content, "utf-16-le" if type_ == _WIDE else code_page)


def _text(content: bytes, charset: str) -> str:
    return decode(content, charset).rstrip("\0")

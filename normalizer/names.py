"""Names of people and files: data to show, never a path or a command."""

import unicodedata

from normalizer.charsets import composed

_LONGEST_NAME = 200
_LONGEST_FILENAME = 255
_UNWANTED = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def plain(text: str) -> str:
    """Return NFC text without controls, bidi tricks and zero-width letters."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " " if c.isspace() else c
        for c in composed(text)
        if c.isspace() or unicodedata.category(c) not in _UNWANTED
    )


def person_name(text: str) -> str:
    """Return a display name fit to show."""
    return " ".join(plain(text).split()).strip("\"'")[:_LONGEST_NAME].strip()


def file_name(text: str) -> str:
    """Return a file name fit to show, its extension kept when it is cut."""
    name = plain(text.replace("\n", " ").replace("\r", "")).strip().strip('"').strip()
    if len(name) <= _LONGEST_FILENAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 20:
        return name[:_LONGEST_FILENAME]
    return f"{stem[: _LONGEST_FILENAME - len(extension) - 1]}.{extension}"

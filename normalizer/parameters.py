"""``Content-Type`` and ``Content-Disposition``: a value and its parameters (RFC 2045, 2231)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from normalizer.charsets import decode
from normalizer.encoded_words import decode_words, one_line

_MAX = 100
_PARAMETER = re.compile(
    r"""(?<![^\s;,="])(?P<name>[^\s=;",]++)\s*+=\s*+"""
    r"""(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"?|(?P<plain>[^;]*+))""",
    re.DOTALL,
)
"""Nothing in it is looked at twice: a name begins only where a separator stands before it."""
_NAME = 100
_ENCODED = 8_000
"""Characters of a value in which encoded words are looked for; no name is as long."""
_SECTION = re.compile(r"(?P<name>.+?)(?:\*(?P<number>\d{1,3}))?(?P<encoded>\*)?")
_FOLD = re.compile(r"\r?\n[ \t]?")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")

_USUAL = re.compile(
    rb'([a-z0-9-]{1,60}/[a-z0-9.+-]{1,60})(?:; ?charset="?([A-Za-z0-9_-]{1,60})"?)?'
)


@dataclass(frozen=True, slots=True)
class Parametrised:
    """A value such as ``text/plain`` and what follows its semicolons; both in lower case."""

    value: str
    parameters: Mapping[str, str]

    def get(self, name: str) -> str:
        return self.parameters.get(name, "")


NOTHING = Parametrised("", {})


@lru_cache(maxsize=8)  # a field is asked for several times in a row
def read_parametrised(raw: bytes, fallback: str = "") -> Parametrised:
    """Take a field apart. The first of two equal parameters counts, as in mail programs."""
    if not raw:
        return NOTHING
    if usual := _USUAL.fullmatch(raw):  # nothing in it needs to be undone
        value, charset = usual.groups()
        return Parametrised(
            value.decode("ascii"), {"charset": charset.decode("ascii")} if charset else {}
        )
    text = decode(raw, fallback).strip()
    if "\n" in text:
        text = _FOLD.sub(" ", text).strip()
    value, _, rest = text.partition(";")
    if "=" in value and "/" not in value.partition("=")[0]:
        value, rest = "", text
    return Parametrised(_value(value), _parameters(rest) if rest else {})


def _value(text: str) -> str:
    value = one_line(text).strip("\"'").lower()
    if "/" in value and not _TYPE.fullmatch(value):
        found = _TYPE.search(value.replace(" ", ""))
        return found[0] if found else value.split()[0]
    return value


def _parameters(text: str) -> dict[str, str]:
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(text)):
        if count >= _MAX:
            break
        value = _unquoted(match["quoted"]) if match["quoted"] is not None else _bare(match["plain"])
        name = match["name"].lower()
        if len(name) > _NAME:
            continue
        if "*" in name and (section := _SECTION.fullmatch(name)):
            number = int(section["number"] or 0)
            parts = sections.setdefault(section["name"], {})
            parts.setdefault(number, (value, section["encoded"] is not None))
        else:
            plain.setdefault(name, _words(value))
    return plain | {name: _joined(parts) for name, parts in sections.items()}


def _unquoted(text: str) -> str:
    """Undo quoting; a backslash before a letter is a Windows path, not an escape."""
    return re.sub(r'\\(["\\])', r"\1", text) if "\\" in text else text


def _bare(text: str) -> str:
    return text.strip().strip("\"'")


def _joined(parts: Mapping[int, tuple[str, bool]]) -> str:
    """Put RFC 2231 sections together; the first names the charset for all."""
    charset, pieces = "", []
    for number, (section, encoded) in sorted(parts.items()):
        text = section
        if encoded and number == min(parts) and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        pieces.append(unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace"))
    joined = decode(b"".join(pieces), charset)
    return one_line(_words(joined))


def _words(text: str) -> str:
    """Decode encoded words, which are forbidden here and yet common."""
    return one_line(decode_words(text[:_ENCODED])) if "=?" in text else text

r"""Patterns such as ``/\bORD-(?P<order>\d{8})\b/i``: right for all alphabets, unable to hang.

``\b \w \d`` mean Unicode letters and digits. A search that takes too long counts as not found.
"""

import re
from dataclasses import dataclass

import regex

from router.words import Phrase, literal

TIMEOUT_SECONDS = 0.05  # of one pattern on one text
_WRITTEN = re.compile(r"/(?P<body>.*)/(?P<flags>[a-z]*)", re.DOTALL)
_FLAGS = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL}
_SHORTEST_LITERAL = 3
# A pattern in which one of these occurs may match without any certain piece of text.
_UNCERTAIN = re.compile(r"[|]|\(\?[^P:]|\[\[|\[:|\\[QEpPNxuUgLcX0-9]")
_PIECE = re.compile(
    r"""
      \\. | \[\^?\]?(?:\\.|[^\]\\])*\]      # an escape, a class of letters
    | \{[^}]*\} | [?*+.^$]                  # a quantifier, a place
    | (?P<open>\() | (?P<close>\))
    | (?P<plain>[A-Za-z0-9_-])
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


class BadPattern(ValueError):
    """The text between the slashes is no pattern; says why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern, equal to another one if it is written alike."""

    written: str
    compiled: regex.Pattern[str]
    needs: Phrase | None
    """Text without which it can't match: a cheap look before an expensive one."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self.written == other.written

    def __hash__(self) -> int:
        return hash(self.written)

    @property
    def groups(self) -> frozenset[str]:
        """Return the names of its groups."""
        return frozenset(self.compiled.groupindex)

    def search(self, text: str, timeout: float = TIMEOUT_SECONDS) -> regex.Match[str] | None:
        """Find the first match. Raises TimeoutError rather than hang; ``timeout`` in seconds."""
        return self.compiled.search(text, timeout=timeout, concurrent=True)


def is_pattern(written: str) -> bool:
    """Is it written between slashes?"""
    return len(written) > 1 and _WRITTEN.fullmatch(written) is not None


def pattern(written: str) -> Pattern:
    """Compile ``/…/`` or ``/…/i``. Raises BadPattern."""
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise BadPattern("a pattern stands between slashes: '/…/'")
    unknown = sorted(set(found["flags"]) - set(_FLAGS))
    if unknown:
        raise BadPattern(f"no flag {unknown[0]!r} after the last slash; there are i, m and s")
    flags = 0  # Unicode, but for a (?a) in the pattern itself
    for flag in found["flags"]:
        flags |= _FLAGS[flag]
    try:
        compiled = regex.compile(found["body"], flags)
    except regex.error as error:
        raise BadPattern(_complaint(found["body"], error)) from error
    except ValueError as error:
        raise BadPattern("the flags in the pattern do not go together") from error
    return Pattern(written, compiled, _needed(found["body"]))


def _complaint(body: str, error: regex.error) -> str:
    if error.msg == "missing )":
        return f"missing ) in the group that starts at character {_unclosed(body) + 1}"
    place = "" if error.pos is None else f" at character {error.pos + 1}"
    return f"{error.msg}{place}"


def _unclosed(body: str) -> int:
    opened: list[int] = []
    for piece in _PIECE.finditer(body):
        if piece["open"]:
            opened.append(piece.start())
        elif piece["close"] and opened:
            opened.pop()
    return opened[0] if opened else 0


def _needed(body: str) -> Phrase | None:
    """Return the longest run of ASCII letters that every match must contain.

    ASCII only: folding a longer text never tears such a run apart.
    """
    if _UNCERTAIN.search(body):
        return None
    runs, depth, repeated = [""], 0, set("?*{")
    for piece in _PIECE.finditer(body):
        depth += bool(piece["open"]) - bool(piece["close"])
        following = body[piece.end() : piece.end() + 1]
        if piece["plain"] and not depth and following not in repeated:
            runs[-1] += piece["plain"]
        elif runs[-1]:
            runs.append("")
    longest = max(runs, key=len)
    return literal(longest) if len(longest) >= _SHORTEST_LITERAL else None

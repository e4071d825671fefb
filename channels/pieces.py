"""Cutting a text into what fits one message of a messenger."""

from collections.abc import Callable, Iterator

import regex

_LETTER = regex.compile(r"\X")
LONGEST_LETTER = 50
"""Code points: a family of four with the colours of their skins has eleven."""


def cut(text: str, longest: Callable[[str, int], int], limit: int) -> Iterator[str]:
    """Cut a text at paragraphs, lines or words where that is possible.

    ``longest`` says how many letters at the beginning of a text fit into ``limit``, by whatever the
    messenger counts.
    """
    rest = text.encode(errors="replace").decode().strip()
    while rest:
        end = longest(rest, limit)
        if end < len(rest):
            end = _seam(rest, end) or _whole(rest, end)
        yield rest[:end].rstrip()
        rest = rest[end:].lstrip()


def _seam(text: str, end: int) -> int:
    for seam in ("\n\n", "\n", " "):
        found = text.rfind(seam, end // 2, end + 1)
        if found > 0:
            return found
    return 0


def _whole(text: str, end: int) -> int:
    """Move a cut before what is one letter to its reader: a flag, a family, an accented e."""
    begin = max(end - LONGEST_LETTER, 0)
    for letter in _LETTER.finditer(text, begin, end + LONGEST_LETTER):
        if letter.end() > end:
            # What fills the window has been cut by the window already.
            return letter.start() if letter.start() > begin else end
    return end

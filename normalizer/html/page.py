"""The page that the text of HTML is written on: lines, each with what the markup says it is."""

import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from normalizer.limits import LINES

BLANKS = re.compile(r"[ \t\r\n\f]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u2060\ufeff\u00ad\u034f"), None)


class Mark(IntEnum):
    """What the markup says a line is."""

    NEW = 0
    QUOTE = 1
    SIGNATURE = 2


class Line(NamedTuple):
    text: str
    mark: Mark = Mark.NEW


@dataclass(slots=True)
class Page:
    """The lines so far, and the one being written."""

    lines: list[Line] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    mark: Mark = Mark.NEW
    depth: int = 0
    """How many quotes we are in."""
    pre: int = 0
    size: int = 0
    lists: list[int] = field(default_factory=list)

    def write(self, text: str) -> None:
        if not self.pre:
            text = BLANKS.sub(" ", text)
            if not self.words or self.words[-1].endswith((" ", "\n", "\t")):
                text = text.lstrip(" ")
        if text:
            self.size += len(text)
            self.words.append(text)

    def end_line(self, *, force: bool = False) -> None:
        if not self.words and not force:
            return
        prefix = "> " * min(self.depth, 20)
        whole = "".join(self.words).translate(_INVISIBLE)
        for line in whole.split("\n", max(0, LINES - len(self.lines))):
            self.lines.append(Line(prefix + line.replace("\xa0", " ").rstrip(), self.mark))
        self.words.clear()

    def drop_bare_marks(self) -> None:
        """Take back the blank lines at the end of a quote."""
        while self.lines and self.lines[-1].text and not self.lines[-1].text.strip("> "):
            self.lines.pop()

    def blank(self) -> None:
        """Leave one blank line, never two."""
        self.end_line()
        if self.lines and self.lines[-1].text.strip("> "):
            self.lines.append(Line(("> " * min(self.depth, 20)).rstrip(), self.mark))

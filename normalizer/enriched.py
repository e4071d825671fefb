"""``text/enriched`` (RFC 1896) and ``text/richtext`` (RFC 1341): the words without the commands."""

import re
from io import StringIO

_PIECE = re.compile(r"<<|<(/?)([A-Za-z0-9-]{1,60})>|\n+|[^<\n]+|<")
_RICH = {"lt": "<", "nl": "\n", "np": "\n\n"}
"""Commands of richtext that stand for letters."""
_QUOTES = ("excerpt",)
_UNSEEN = ("param", "comment")
_AS_WRITTEN = ("nofill", "verbatim")
_DEEP = 20
"""Quotes in quotes that are still marked as such."""


def enriched_text(text: str, *, rich: bool = False) -> str:
    """Return the words of enriched text, ``<excerpt>`` as a quote, in linear time.

    One line end is a blank, and of several the first goes; in the older richtext (``rich``) all are
    blanks, and only ``<nl>`` ends a line.
    """
    page = _Page()
    for match in _PIECE.finditer(text):
        piece, command = match[0], (match[2] or "").lower()
        if command and rich and command in _RICH:
            page.write(_RICH[command])
        elif command:
            page.obey(command, closes=bool(match[1]))
        elif piece[0] == "\n":
            page.break_lines(1 if rich else len(piece))
        else:
            page.write("<" if piece == "<<" else piece)
    return page.text()


class _Page:
    """What was written so far, and which commands hold."""

    def __init__(self) -> None:
        self._written = StringIO()
        self._open = dict.fromkeys((*_QUOTES, *_UNSEEN, *_AS_WRITTEN), 0)
        self._begins = True

    def obey(self, command: str, *, closes: bool) -> None:
        """Begin or end what a command does; most say only how letters look."""
        if command not in self._open:
            return
        before = self._open[command]
        self._open[command] = max(0, before - 1) if closes else before + 1
        if command in _QUOTES and self._open[command] != before and not self._begins:
            self._end_line()

    def break_lines(self, count: int) -> None:
        if self._holds(_AS_WRITTEN):
            self.write("\n" * count)
        else:
            self.write("\n" * (count - 1) or " ")

    def write(self, text: str) -> None:
        if self._holds(_UNSEEN):
            return
        for number, line in enumerate(text.split("\n")):
            if number:
                self._end_line()
            if line and not (self._begins and line == " "):
                self._begin_line()
                self._written.write(line)

    def text(self) -> str:
        return self._written.getvalue().rstrip("\n")

    def _holds(self, commands: tuple[str, ...]) -> bool:
        return any(self._open[command] for command in commands)

    def _begin_line(self) -> None:
        if self._begins:
            self._written.write("> " * min(_DEEP, self._open["excerpt"]))
        self._begins = False

    def _end_line(self) -> None:
        self._written.write("\n")
        self._begins = True

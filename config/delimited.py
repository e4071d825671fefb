"""Text in columns (CSV): rows as they come, each cell with its place, never the whole file at once.

What stands in such a file is about people: no sentence from here repeats any of it.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from config.regular import opened
from inquiry.errors import ConfigError, Place, Problem

DELIMITERS = ",;\t"
LONGEST_LINE = 100_000
_NAMED = "sep="
"""Some programs write the delimiter in front of everything."""


@dataclass(frozen=True, slots=True)
class Cells:
    """One row."""

    line: int
    """On which it begins; a cell between quotes may go on over more."""
    cells: tuple[str, ...]
    raw: str
    """As it stands in the file."""
    delimiter: str

    def place(self, file: Path, number: int) -> Place:
        """Return where a cell begins, from 0 on; where the last one does if there are fewer."""
        starts = list(_starts(self.raw, self.delimiter))
        before = self.raw[: starts[min(number, len(starts) - 1)]]
        lines = before.count("\n")
        return Place(file, self.line + lines, len(before) - (before.rfind("\n") + 1) + 1)


class Delimited:
    """An open file. Knows how far it has been read, and the digest of what was."""

    def __init__(self, file: Path) -> None:
        """Open it. Raises ConfigError."""
        self.file = file
        try:
            self._counted = _Counted(file)
        except OSError as error:
            raise _refused(file, 1, "file", f"cannot read it: {error.strerror}") from error
        self.size = self._counted.size
        self._text = io.TextIOWrapper(
            io.BufferedReader(self._counted),
            encoding="utf-8-sig",
            errors="surrogateescape",
            newline="",
        )
        self._line = 0
        self._raw: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._text.close()

    @property
    def read_so_far(self) -> int:
        """Return how many bytes were read."""
        return self._counted.read_so_far

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what was read."""
        return self._counted.sha256.hexdigest()

    def rows(self) -> Iterator[Cells]:
        """Return the rows, empty ones left out. Raises ConfigError where the rest can't be read."""
        lines = self._lines()
        first = next(lines, "")
        while first and not first.strip():
            first = next(lines, "")
        if first.lower().startswith(_NAMED) and len(first.strip("\r\n")) == len(_NAMED) + 1:
            delimiter, self._raw, start = first[len(_NAMED)], [], self._line
        else:
            delimiter, self._raw, start = delimiter_of(first), [first], self._line - 1
            lines = _again(first, lines)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            try:
                cells = next(reader, None)
            except csv.Error:
                sentence = "a quote isn't closed, or text follows a closed one"
                raise _refused(self.file, start + 1, "file", sentence) from None
            if cells is None:
                return
            raw, self._raw = "".join(self._raw), []
            if any(map(str.strip, cells)):
                yield Cells(start + 1, tuple(cells), raw, delimiter)
            start = self._line

    def _lines(self) -> Iterator[str]:
        while text := self._read_line():
            self._line += 1
            if len(text) >= LONGEST_LINE:
                raise _refused(self.file, self._line, "file", "the line is too long for a customer")
            if not text.isascii():
                self._check_letters(text)
            self._raw.append(text)
            yield text

    def _read_line(self) -> str:
        try:
            return self._text.readline(LONGEST_LINE)
        except OSError as error:
            sentence = f"cannot read it: {error.strerror}"
            raise _refused(self.file, self._line + 1, "file", sentence) from error

    def _check_letters(self, text: str) -> None:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            place = Place(self.file, self._line, error.start + 1)
            hint = "save it as CSV in UTF-8"
            problem = Problem(
                place=place, code="file", text="this is not UTF-8 text", hint=hint, private=True
            )
            raise ConfigError([problem]) from None


def delimiter_of(line: str) -> str:
    """Return what stands between the columns that the first line names: the most frequent."""
    bare = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _starts(raw: str, delimiter: str) -> Iterator[int]:
    yield 0
    quoted = False
    for at, letter in enumerate(raw):
        if letter == '"':
            quoted = not quoted
        elif letter == delimiter and not quoted:
            yield at + 1


def _refused(file: Path, line: int, code: str, text: str) -> ConfigError:
    return ConfigError([Problem(place=Place(file, line), code=code, text=text, private=True)])


class _Counted(io.RawIOBase):
    """The bytes of a file, counted and digested as they are read."""

    def __init__(self, file: Path) -> None:
        self._source = opened(file)
        self.size = file.stat().st_size
        self.read_so_far = 0
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._source.readinto(buffer) or 0
        self.read_so_far += count
        self.sha256.update(memoryview(buffer)[:count])
        return count

    def close(self) -> None:
        self._source.close()
        super().close()

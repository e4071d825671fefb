"""Files that an operator names, read so that none can keep a command waiting or fill the memory."""

import os
import stat
from errno import EFBIG, EINVAL, EISDIR
from io import BufferedReader
from pathlib import Path

LARGEST = 10_000_000
"""Bytes of a file of YAML, of a calendar or of a template: a hundred times what large ones have."""
LARGEST_MAIL = 100_000_000
_SORTS = (
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


def read_bytes(file: Path, most: int = LARGEST, *, pipe: bool = False) -> bytes:
    """Return what is in a file of at most so many bytes.

    ``pipe``: one is waited for as well, such as the shell's ``<(…)``.

    Raises:
        OSError: it can't be read; ``strerror`` says why in words.
    """
    with opened(file, pipe=pipe) as source:
        content = source.read(most + 1)
    if len(content) > most:
        raise OSError(EFBIG, f"it is larger than {most // 1000:,} kB".replace(",", " "), str(file))
    return content


def read_text(file: Path, most: int = LARGEST, *, pipe: bool = False) -> str:
    """Return UTF-8 text with newlines as ``\\n``, without the mark that some programs put first.

    Raises:
        OSError: it can't be read; ``strerror`` says why in words.
        UnicodeDecodeError: it is no such text.
    """
    text = read_bytes(file, most, pipe=pipe).decode("utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def opened(file: Path, *, pipe: bool = False) -> BufferedReader:
    """Open a file. Waits for nothing but a ``pipe``, if it may be one. Raises OSError."""
    wait = 0 if pipe and file.is_fifo() else os.O_NONBLOCK
    try:
        source = os.open(file, os.O_RDONLY | os.O_CLOEXEC | wait)
    except ValueError as error:  # a zero in the name
        raise OSError(EINVAL, "no file has such a name", str(file)) from error
    try:
        _check(os.fstat(source).st_mode, file, pipe=pipe)
    except OSError:
        os.close(source)
        raise
    return os.fdopen(source, "rb")


def _check(mode: int, file: Path, *, pipe: bool) -> None:
    if stat.S_ISDIR(mode):
        raise OSError(EISDIR, os.strerror(EISDIR), str(file))
    if stat.S_ISREG(mode) or (pipe and stat.S_ISFIFO(mode)):
        return
    sort = next((name for is_one, name in _SORTS if is_one(mode)), "something else")
    raise OSError(EINVAL, f"it is {sort}, not a file", str(file))

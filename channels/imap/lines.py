"""How much of what a server says is believed: it could fill our memory."""

from collections.abc import Callable
from imaplib import IMAP4
from typing import Any

LITERAL = 32 * 1024 * 1024
"""More than we ever ask for at once."""
LINE = 16 * 1024 * 1024
"""A search that names all mails of a very large folder fits, and little else is longer."""


def bound(imap: Any) -> None:
    """Let an ``IMAP4`` give up a server that announces or says more than was asked for."""
    imap.read = _reading(imap.read)

    def readline() -> bytes:  # the library's own ends at 1 MB, and with TLS nowhere
        line: bytes = imap.file.readline(LINE + 1)
        if len(line) > LINE:
            raise IMAP4.abort(f"the server says a line of more than {LINE} bytes")
        return line

    imap.readline = readline


def _reading(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def reading(size: int) -> bytes:
        if size > LITERAL:
            raise IMAP4.abort(f"the server announces {size} bytes, and that was not asked for")
        return read(size)

    return reading

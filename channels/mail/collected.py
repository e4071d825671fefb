"""A message while it arrives: small ones in memory, large ones in a file that survives a crash."""

import hashlib
import os
import re
import sys
import uuid
from pathlib import Path

from inquiry.journey import Raw, Spooled
from storage.originals import sync_folder

IN_MEMORY = 64 * 1024
AT_ONCE = 256 * 1024
_IDENTIFIED = re.compile(rb"^(?:message-id|date)[ \t]*:", re.IGNORECASE | re.MULTILINE)


class Collected:
    """The bytes so far, and their SHA-256. Bytes past ``limit`` are counted but not kept."""

    def __init__(self, spool: Path, limit: int = sys.maxsize) -> None:
        self.size = 0
        self.failed = False
        self.head = b""
        self.path: Path | None = None
        self._spool = spool
        self._limit = limit
        self._digest = hashlib.sha256()
        self._pieces: list[bytes] = []
        self._held = 0

    @property
    def too_big(self) -> bool:
        return self.size > self._limit

    @property
    def heavy(self) -> bool:
        """Is it time for :meth:`unload`?"""
        return self._held > (IN_MEMORY if self.path is None else AT_ONCE)

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.failed or self.too_big:
            self._pieces.clear()
            self._held = 0
            return
        self._digest.update(piece)
        self._pieces.append(piece)
        self._held += len(piece)

    def unload(self) -> None:
        """Move what is in memory to the file. Blocks."""
        pieces = b"".join(self._pieces)
        self._pieces.clear()
        self._held = 0
        if self.path is None:
            self.head = pieces[:IN_MEMORY]
            self.path = self._spool / f"{uuid.uuid4().hex}.mail"
        with self.path.open("ab") as file:
            file.write(pieces)

    def give_up(self) -> None:
        """Keep nothing more; what comes is only counted."""
        self.failed = True
        self._pieces.clear()

    def finish(self) -> Raw:
        """Return the whole. A file (then this blocks) is on stable storage, its name too."""
        if self.path is None:
            self.head = b"".join(self._pieces)
            return self.head
        self.unload()
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
        sync_folder(self.path.parent)
        return Spooled(self.path, self.size, self._digest.digest())

    def discard(self) -> None:
        """Leave nothing behind: whoever accepted it keeps bytes of its own. Blocks if a file."""
        self._pieces.clear()
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def identity(self, *beside: str) -> str:
        """Return a name for these bytes together with some facts beside them."""
        digest = self._digest.copy()
        for fact in beside:
            digest.update(b"\0" + fact.encode("utf-8", "surrogateescape"))
        return f"sha256:{digest.hexdigest()}"

    def says_who_it_is(self) -> bool:
        """Has it a Message-ID or a Date, so that equal bytes are the same message?"""
        header, _, _ = (b"\r\n" + self.head).partition(b"\r\n\r\n")
        return _IDENTIFIED.search(header) is not None

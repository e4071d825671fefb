"""A file that takes up room until the disk is full: then giving it up lets the desk go on.

On a full disk SQLite can't even delete. With the ballast gone there is room to finish and to tidy
up; new arrivals are refused until the ballast fits again.
"""

import os
from pathlib import Path

SIZE = 32 * 1024 * 1024


class Ballast:
    """One file; all calls come from one thread."""

    def __init__(self, path: Path, size: int = SIZE) -> None:
        self.path = path
        self.size = size

    @property
    def whole(self) -> bool:
        """Is the room still reserved?"""
        try:
            return self.path.stat().st_size == self.size
        except FileNotFoundError:
            return False

    def fill(self) -> bool:
        """Reserve the room; False if the disk has none to spare beside it."""
        if self.whole:
            return True
        try:
            with self.path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, 2 * self.size)
                os.ftruncate(file.fileno(), self.size)
        except OSError:
            self.drop()
            return False
        return True

    def drop(self) -> bool:
        """Give the room back to the disk; False if there was none to give."""
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        return True

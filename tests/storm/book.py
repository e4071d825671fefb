"""What the people outside have seen: what they said, what was taken from them, what reached them.

Written line by line and synced, and by nobody but them: the bridge knows nothing of it.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message that a customer is about to send, or a change of one."""

    nonce: str
    """Stands in the message, and nowhere else in the world."""
    topic: str
    """What it is about: ``mari/2``. All of a topic belongs into one inquiry, and nothing else."""
    channel: str
    back: str
    """Where answers to it may appear, and nowhere else: ``mail:jan@kunde.example``."""
    sha256: str = ""
    """Of what was sent; "" where the channel writes it down in words of its own."""
    file: str = ""
    """SHA-256 of the file that comes with it."""
    edits: str = ""
    """The nonce of the message that this one replaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An answer that a specialist is about to give."""

    nonce: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Something that has reached somebody."""

    place: str
    """A mail address, a chat, a thread: ``telegram:501``."""
    text: str
    key: str = ""
    """What the receiver knows a repeat by, and drops it; "" is nothing."""
    marked: bool = False
    """Does it say that it may have come before?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a customer sees in the end on a page of their own."""

    topics: tuple[str, ...]
    """Whose page it is."""
    page: str
    texts: tuple[str, ...]
    """Every message on it, from top to bottom."""
    in_order: bool = False
    """Does the page promise the order in which it was said?"""


@dataclass(frozen=True, slots=True)
class Story:
    """All that a book tells."""

    said: tuple[Said, ...] = ()
    accepted: frozenset[str] = frozenset()
    """Nonces of what the customer saw accepted."""
    written: tuple[Written, ...] = ()
    given: tuple[str, ...] = ()
    """Nonces of answers that the specialist saw taken, in this order."""
    heard: tuple[Heard, ...] = ()
    shown: tuple[Shown, ...] = ()


@dataclass
class Book:
    """One file, one writer."""

    path: Path
    said: list[Said] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    written: list[Written] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._file = self.path.open("a")

    def says(self, said: Said) -> Said:
        """A customer is about to send it: from now on the bridge may have it."""
        self._write(says=asdict(said))
        self.said.append(said)
        return said

    def accepts(self, nonce: str) -> None:
        """The customer has seen it accepted."""
        self._write(accepts=nonce)
        self.accepted.add(nonce)

    def writes(self, written: Written) -> None:
        """A specialist is about to give an answer."""
        self._write(writes=asdict(written))
        self.written.append(written)

    def gives(self, nonce: str) -> None:
        """The specialist has seen it taken."""
        self._write(gives=nonce)
        self.given.append(nonce)

    def hears(self, heard: Heard) -> None:
        """It has reached somebody."""
        self._write(hears=asdict(heard))
        self.heard.append(heard)

    def shows(self, shown: Shown) -> None:
        """A customer has looked."""
        self._write(shows=asdict(shown))
        self.shown.append(shown)

    def has_heard(self, nonce: str) -> bool:
        return any(nonce in one.text for one in self.heard)

    def story(self) -> Story:
        return Story(
            tuple(self.said),
            frozenset(self.accepted),
            tuple(self.written),
            tuple(self.given),
            tuple(self.heard),
            tuple(self.shown),
        )

    def close(self) -> None:
        self._file.close()

    def _write(self, **entry: object) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def read(path: Path) -> Story:
    """Return what a book tells; a last line that was cut off is left out."""
    *lines, _torn = path.read_text().split("\n")
    rows: list[Mapping[str, Any]] = [json.loads(line) for line in lines]

    def all_(name: str) -> list[Any]:
        return [row[name] for row in rows if name in row]

    lists = ("topics", "texts")
    shown = [{**one, **{name: tuple(one[name]) for name in lists}} for one in all_("shows")]
    return Story(
        tuple(Said(**one) for one in all_("says")),
        frozenset(all_("accepts")),
        tuple(Written(**one) for one in all_("writes")),
        tuple(all_("gives")),
        tuple(Heard(**one) for one in all_("hears")),
        tuple(Shown(**one) for one in shown),
    )


def new_word() -> str:
    """Return a word of a customer that nobody has ever said."""
    return f"nonce{token_hex(12)}"


def new_answer() -> str:
    """Return a word of a specialist that nobody has ever written."""
    return f"reply{token_hex(12)}"

"""What the outside has seen: offered to the bridge, and accepted or refused by it.

Written line by line and synced, so that it holds whatever happens to the machine's other half.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A message that somebody outside wants us to take."""

    nonce: str
    """Stands in the message, nowhere else in the world."""
    channel: str
    sender: str
    """Whom an answer to it may go to, and nobody else."""
    sha256: str
    """Of what was sent; "" where the channel writes it down in words of its own."""
    file: str = ""
    """SHA-256 of a file that it only names, and that is to follow it."""
    sequence: int | None = None
    """Where the source counts: the number whose passing confirms it."""


@dataclass(frozen=True, slots=True)
class Story:
    """All that a ledger tells."""

    offers: tuple[Offer, ...]
    accepted: frozenset[str]
    refused: frozenset[str]

    @property
    def open(self) -> list[Offer]:
        """What nobody has taken or refused yet."""
        return [
            offer
            for offer in self.offers
            if offer.nonce not in self.accepted and offer.nonce not in self.refused
        ]


class Ledger:
    """One file, one writer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offered: dict[str, Offer] = {}
        self._accepted: set[str] = set()
        self._refused: set[str] = set()
        for line in _whole_lines(path):
            self._note(json.loads(line))
        self._file = path.open("a")

    def offers(self, offer: Offer) -> None:
        """Somebody is about to send it: from now on the bridge may have it."""
        self._write({"offers": asdict(offer)})

    def accepts(self, nonce: str) -> None:
        """The sender has seen the acceptance."""
        if nonce not in self._accepted:
            self._write({"accepts": nonce, "at": datetime.now(UTC).isoformat()})

    def refuses(self, nonce: str, why: str) -> None:
        """The sender has seen a permanent refusal."""
        self._write({"refuses": nonce, "why": why})

    def story(self) -> Story:
        return Story(
            tuple(self._offered.values()), frozenset(self._accepted), frozenset(self._refused)
        )

    def close(self) -> None:
        self._file.close()

    def _write(self, entry: dict[str, object]) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._note(entry)

    def _note(self, entry: dict[str, object]) -> None:
        match entry:
            case {"offers": dict(offer)}:
                self._offered[offer["nonce"]] = Offer(**offer)
            case {"accepts": str(nonce)}:
                self._accepted.add(nonce)
            case {"refuses": str(nonce)}:
                self._refused.add(nonce)


def new_nonce() -> str:
    """Return a word that a search can't miss and a language guesser can't love."""
    return f"nonce{token_hex(12)}"


def digest(raw: bytes) -> str:
    return sha256(raw).hexdigest()


def _whole_lines(path: Path) -> Iterable[str]:
    """Leave out a last line that was cut off while it was written."""
    if not path.exists():
        return []
    *whole, _torn = path.read_text().split("\n")
    return whole

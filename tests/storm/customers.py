"""A customer, whichever way they write: what is common to all of them."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

from tests.harness.ledger import digest
from tests.storm.book import Book, Said, Shown, new_word
from tests.storm.world import World

WORDS = (
    "Skriveren virker ikke",
    "Drukarka nie drukuje",
    "Printer ei tööta",
    "Принтер не печатает",
    "The printer prints nothing",
)


@dataclass(slots=True)
class Customer(ABC):
    """Somebody who writes, and reads what comes back."""

    channel: ClassVar[str]
    edits: ClassVar[bool] = False
    """Can messages be changed here after they were sent?"""

    world: World
    number: int
    chance: Random
    topics: list[str] = field(default_factory=list)
    careless: bool = False
    """Does the answer to the next message get lost, so that it is sent again?"""

    @property
    def name(self) -> str:
        return f"{self.channel}-{self.number}"

    @property
    def book(self) -> Book:
        return self.world.book

    @property
    def topic(self) -> str:
        return self.topics[-1]

    @abstractmethod
    def back(self) -> str:
        """Where answers to the present topic may appear."""

    @abstractmethod
    async def send(self, nonce: str, text: str, file: bytes) -> None:
        """Note what is sent, send it, and return when it was seen accepted."""

    def begins(self) -> None:
        """Turn to another topic, where the channel tells one from the next."""
        if not self.topics:
            self.topics.append(f"{self.name}/1")

    async def may_go_on(self) -> None:
        """Wait until there is something to join to, where the channel needs that."""
        await asyncio.sleep(0)

    async def change(self, nonce: str, text: str, before: str) -> None:
        """Note a change of what was said as ``before``, tell it; return when it was accepted."""
        raise AssertionError(f"{self.channel} has no changes: {nonce} {before} {text}")

    async def look(self) -> list[Shown]:
        """Return what the customer sees on pages of their own."""
        return []

    async def say(self, *, file: bytes = b"") -> str:
        """Say something about the topic; return its nonce when it was seen accepted."""
        nonce = new_word()
        await self.send(nonce, f"{self.chance.choice(WORDS)} {nonce}", file)
        self.book.accepts(nonce)
        return nonce

    async def edit(self, before: str) -> str:
        """Say something else instead of what was said as ``before``; return its nonce."""
        nonce = new_word()
        await self.change(nonce, f"{self.chance.choice(WORDS)} {nonce}", before)
        self.book.accepts(nonce)
        return nonce

    def note(self, nonce: str, *, raw: bytes = b"", file: bytes = b"", edits: str = "") -> None:
        """Write down what is about to be sent."""
        self.book.says(
            Said(
                nonce=nonce,
                topic=self.topic,
                channel=self.channel,
                back=self.back(),
                sha256=digest(raw) if raw else "",
                file=digest(file) if file else "",
                edits=edits,
            )
        )

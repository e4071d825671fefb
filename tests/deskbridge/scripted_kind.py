"""A kind of channel that does what its settings say: for tests of who opens and closes channels."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, Never

from channels.contract import Inlet, Limits, Premises
from inquiry.journey import ChannelName

LIMITS = Limits()
happened: list[str] = []
"""What the channels of this kind have done, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``scripted{does word}``."""

    does: Literal["well", "stops-slowly", "breaks", "cannot-open", "breaks-while-closing"] = "well"
    word: str = ""


@asynccontextmanager
async def open_channel(
    name: ChannelName, settings: Settings, premises: Premises
) -> AsyncIterator["Scripted"]:
    """Open it, unless it is to fail."""
    if settings.does == "cannot-open":
        raise LookupError(f"{name} finds nothing in {premises.desk}")
    happened.append(f"{name} opens")
    try:
        yield Scripted(name, settings)
    finally:
        happened.append(f"{name} closes")
    if settings.does == "breaks-while-closing":
        raise ZeroDivisionError


class Scripted:
    """Receives nothing."""

    def __init__(self, name: ChannelName, settings: Settings) -> None:
        self.name = name
        self.settings = settings

    async def receive(self, inlet: Inlet) -> Never:
        """Wait, or break."""
        happened.append(f"{self.name} receives {await inlet.resume_from() or self.settings.word}")
        if self.settings.does == "breaks":
            raise ZeroDivisionError
        try:
            while True:
                await asyncio.Event().wait()
        finally:
            if self.settings.does == "stops-slowly":
                await asyncio.sleep(0.2)
            happened.append(f"{self.name} stops")

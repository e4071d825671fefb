"""The kind ``pigeon``: a loft that speaks lines of JSON over TCP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Never

from channels.contract import Inlet, Kind, Limits, Premises
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import OUTSIDE, Arrival, ChannelName, Dispatch, Envelope, Receipt
from inquiry.words import Delivery

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
LONGEST = 1_000_000
"""Bytes of a letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A loft and the word it wants to hear."""

    host: str
    """Where the loft is."""
    port: int = field(default=7077, metadata={"least": 1, "most": 65535})
    """The port it listens on."""
    word: str = field(repr=False)
    """What it asks for: from outside, such as ${env:LOFT_WORD}."""

    @property
    def lacking(self) -> str:
        """What has to be corrected before it can work, in one sentence; "" if nothing."""
        return "" if self.word.strip() else "'word' is empty"


@asynccontextmanager
async def open_channel(
    name: ChannelName, settings: Settings, premises: Premises
) -> AsyncIterator["Pigeons"]:
    """Open nothing: the loft need not be there yet."""
    yield Pigeons(name, settings)


class Pigeons:
    """Asks the loft for letters, and brings it the answers."""

    repeatable = True
    """The loft lets no dispatch fly twice."""

    def __init__(self, name: ChannelName, settings: Settings) -> None:
        self.name = name
        self._settings = settings

    async def receive(self, inlet: Inlet) -> Never:
        after = int(await inlet.resume_from() or 0)
        try:
            reader, writer = await self._line()
            try:
                await _say(writer, {"listen": self._settings.word, "after": after})
                while raw := await reader.readline():
                    number = json.loads(raw)["number"]
                    await inlet.accept(self._arrival(raw, number))
                    await _say(writer, {"got": number})  # only now: it is on disk
            finally:
                writer.close()
        except (OSError, ValueError, KeyError) as error:
            raise TemporaryFailure("the loft is gone, or talks nonsense") from error
        raise TemporaryFailure("the loft has closed the line")

    async def send(self, dispatch: Dispatch) -> Receipt:
        letter = {
            "fly": self._settings.word,
            "id": dispatch.id,
            "ring": dispatch.recipient,
            "text": dispatch.text,
        }
        try:
            reader, writer = await self._line()
        except OSError as error:
            raise TemporaryFailure("the loft can't be reached") from error
        try:
            await _say(writer, letter)
            answer: dict[str, Any] = json.loads(await reader.readline())
        except (OSError, ValueError) as error:  # nothing came, or half a line
            raise OutcomeUnknown("the loft did not answer") from error
        finally:
            writer.close()
        if "later" in answer:
            wait = timedelta(seconds=answer["later"])
            raise TemporaryFailure("no pigeon is at home", retry_after=wait)
        if "never" in answer:
            raise PermanentFailure(str(answer["never"]))
        now = datetime.now(UTC)
        return Receipt(delivery=Delivery.ACCEPTED, remote_id=str(answer["flown"]), at=now)

    async def _line(self) -> Line:
        return await asyncio.open_connection(
            self._settings.host, self._settings.port, limit=LONGEST
        )

    def _arrival(self, raw: bytes, number: int) -> Arrival:
        return Arrival(
            channel=self.name,
            remote_id=str(number),
            media_type=f"{OUTSIDE}pigeon",
            raw=raw,
            envelope=Envelope(peer=self._settings.host),
            received_at=datetime.now(UTC),
            cursor=str(number),
        )


async def _say(writer: asyncio.StreamWriter, words: dict[str, object]) -> None:
    writer.write(json.dumps(words).encode() + b"\n")
    await writer.drain()


KIND = Kind(
    name="pigeon",
    contact="pigeon",
    settings=Settings,
    limits=Limits(),
    open_channel=open_channel,
)

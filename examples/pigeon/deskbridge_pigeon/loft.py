"""A loft to try it with: the other side, also as it misbehaves."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

WORD = "only between the two of us"
POLL = 0.02


@dataclass(slots=True)
class Loft:
    """Offers its letters until it hears that they were got; lets no answer fly twice."""

    port: int = 0
    letters: list[dict[str, Any]] = field(default_factory=list)
    got: set[int] = field(default_factory=set)
    """Numbers of the letters that were confirmed."""
    forgetful: bool = False
    """It offers again what the other side says it has."""
    flown: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Answers that have reached their birds, by dispatch."""
    answer: dict[str, Any] | None = None
    """What it says to every answer, in place of letting it fly."""
    hangs_up: bool = False
    silent: bool = False
    server: asyncio.Server | None = None

    def write(self, text: str, *, ring: str = "NO-7", name: str = "Kari") -> None:
        """Somebody writes a letter."""
        number = len(self.letters) + 1
        self.letters.append({"number": number, "ring": ring, "name": name, "text": text})

    async def open(self) -> None:
        """Listen, on the same port as before."""
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Let nobody in any more."""
        if self.server is not None:
            self.server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            asked = json.loads(await reader.readline() or "{}")
            if asked.get("listen") == WORD:
                await self._offer(reader, writer, asked["after"])
            elif asked.get("fly") == WORD:
                await self._fly(writer, asked)
        writer.close()

    async def _offer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, after: int
    ) -> None:
        if not self.forgetful:
            self.got |= set(range(1, after + 1))
        while not reader.at_eof():
            for letter in [one for one in self.letters if one["number"] not in self.got]:
                writer.write(json.dumps(letter).encode() + b"\n")
                await writer.drain()
                said = await reader.readline()
                if not said:
                    return
                self.got.add(json.loads(said)["got"])
            await asyncio.sleep(POLL)

    async def _fly(self, writer: asyncio.StreamWriter, asked: dict[str, Any]) -> None:
        if self.silent:
            await asyncio.sleep(30)
        answer = self.answer
        if answer is None:
            self.flown.setdefault(asked["id"], asked)
            answer = {"flown": f"bird-{asked['id']}"}
        if not self.hangs_up:
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()


@asynccontextmanager
async def open_loft() -> AsyncIterator[Loft]:
    """Open a loft on a free port of loopback."""
    loft = Loft()
    await loft.open()
    try:
        yield loft
    finally:
        loft.close()

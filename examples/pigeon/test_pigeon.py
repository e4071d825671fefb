"""Does the pigeon keep what every channel has to promise?

With a checkout of deskbridge beside: PYTHONPATH=CHECKOUT python -m pytest
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from deskbridge_pigeon.channel import Pigeons, Settings, open_channel
from deskbridge_pigeon.loft import WORD, Loft, open_loft

from channels.contract import Inlet, Premises, Sender
from inquiry.journey import ChannelName, Dispatch, DispatchId, Reference
from tests.channels.suite import Receiving, Sending, receiving

LOFT = ChannelName("loft")


class World:
    """Birds and people around a loft."""

    secrets: Sequence[str] = (WORD,)
    delay = timedelta(seconds=7)

    def __init__(self, loft: Loft) -> None:
        self.loft = loft

    def opened(self) -> AbstractAsyncContextManager[Sender]:
        return self._channel()

    @asynccontextmanager
    async def _channel(self) -> AsyncIterator[Pigeons]:
        settings = Settings(host="127.0.0.1", port=self.loft.port, word=WORD)
        async with open_channel(LOFT, settings, Premises(spool=Path("/nowhere"))) as channel:
            yield channel

    @asynccontextmanager
    async def running(self, inlet: Inlet) -> AsyncIterator[None]:
        async with self._channel() as channel, receiving(channel, inlet):
            yield

    async def say(self, text: str) -> None:
        self.loft.write(text)

    async def repeat(self) -> None:
        self.loft.forgetful = True
        self.loft.got.clear()

    async def confirmed(self) -> list[str]:
        return [one["text"] for one in self.loft.letters if one["number"] in self.loft.got]

    def dispatch(self, text: str) -> Dispatch:
        return Dispatch(
            id=DispatchId(7),
            channel=LOFT,
            recipient="NO-7",
            conversation="NO-7",
            reference=Reference("NL-2026-00001"),
            text=text,
            language="nb",
        )

    async def heard(self) -> list[str]:
        return [one["text"] for one in self.loft.flown.values()]

    def refuse(self) -> None:
        self.loft.answer = {"never": "no such bird"}

    def busy(self) -> None:
        self.loft.answer = {"later": 7}

    def hang_up(self, *, after_sending: bool) -> None:
        if after_sending:
            self.loft.hangs_up = True
        else:
            self.loft.close()

    def fall_silent(self) -> None:
        self.loft.silent = True


class TestPigeon(Receiving, Sending):
    @pytest.fixture
    async def world(self) -> AsyncIterator[World]:
        async with open_loft() as loft:
            yield World(loft)

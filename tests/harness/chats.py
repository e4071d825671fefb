"""People who write without end by Slack, in the chat on a page, and by another system's webhook.

Each pours until it is told to stop, and then goes on until all it has offered is accepted.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.harness.ledger import Ledger, Offer, digest, new_nonce
from tests.harness.widget import Widget
from tests.servers.other_system import OtherSystem
from tests.servers.slack.server import FakeSlack

SHOP = "http://shop.example"
SECRET = "a secret of the shop, long enough to be one"
WAYS = ("socket", "events", "poll")


@dataclass(slots=True)
class BySlack:
    """Members of a workspace who write to the app alone; an event that is confirmed is accepted."""

    fake: FakeSlack
    channel: str
    pause: float = 0.8
    _number: int = 0

    async def pour(self, ledger: Ledger, stop: asyncio.Event) -> None:
        offered: dict[str, Any] = {}
        while not stop.is_set() or not all(event.confirmed for event in offered.values()):
            if not stop.is_set():
                nonce = new_nonce()
                offered[nonce] = self._say(ledger, nonce)
            for nonce, event in offered.items():
                if event.confirmed:
                    ledger.accepts(nonce)
            await asyncio.sleep(self.pause)
        for nonce in offered:
            ledger.accepts(nonce)

    def _say(self, ledger: Ledger, nonce: str) -> Any:
        self._number += 1
        user, room = f"U0K{self._number:05}", f"D0K{self._number:05}"
        self.fake.users[user] = {"id": user, "profile": {"real_name": "Kari Berg"}}
        self.fake.channels[room] = {"id": room, "is_im": True, "user": user}
        ledger.offers(Offer(nonce=nonce, channel=self.channel, sender=user, sha256=""))
        self.fake.say(f"Hei {nonce}", channel=room, user=user)
        return self.fake.events[-1]


@dataclass(slots=True)
class ByChat:
    """Users of somebody's page, whom it has signed; what the window confirms is accepted."""

    url: str
    """``http://127.0.0.1:8080/chat/shop``: the chat's name is the channel's."""
    pause: float = 0.5
    _numbers: int = 0

    async def pour(self, ledger: Ledger, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._numbers += 1
            nonce = new_nonce()
            async with self._window() as window:
                await self._until_confirmed(window, ledger, nonce)
                await asyncio.sleep(self.pause)

    async def _until_confirmed(self, window: Widget, ledger: Ledger, nonce: str) -> None:
        channel = self.url.rpartition("/")[2]
        sender = f"{self._user}@{channel}"
        ledger.offers(Offer(nonce=nonce, channel=channel, sender=sender, sha256=""))
        window.careless = self._numbers % 5 == 0
        await window.say(f"Hei {nonce}")
        ledger.accepts(nonce)

    @property
    def _user(self) -> str:
        return f"user-{self._numbers}"

    @asynccontextmanager
    async def _window(self) -> AsyncIterator[Widget]:
        way = WAYS[self._numbers % len(WAYS)]
        window = Widget(self.url, SHOP, way=way, identity=an_identity(self._user))
        listening = asyncio.create_task(window.listen())
        try:
            yield window
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await window.close()


def an_identity(user: str) -> dict[str, str]:
    """Return what the page says of a user whom its server has signed."""
    until = str(int(time.time()) + 3600)
    said = {"user": user, "expires": until, "name": "", "email": ""}
    lines = "\n".join(said.values()).encode()
    return {**said, "signature": hmac.new(SECRET.encode(), lines, hashlib.sha256).hexdigest()}


@dataclass(slots=True)
class ByWebhook:
    """Another system, which posts an event until it hears a 2xx, and news of what it has sent."""

    other: OtherSystem
    channel: str
    pause: float = 0.5
    _numbers: int = 0
    _offered: dict[str, str] = field(default_factory=dict)
    """By the event's key, the nonce."""

    async def pour(self, ledger: Ledger, stop: asyncio.Event) -> None:
        posting = asyncio.create_task(self.other.keep_posting())
        telling = asyncio.create_task(self._tell(stop))
        try:
            # News of an answer that the dead had in hand is not taken before its lease has ended.
            while not stop.is_set() or any(key in self._offered for key, _ in self.other.offered):
                if not stop.is_set():
                    self._offer(ledger)
                self._note(ledger)
                await asyncio.sleep(self.pause)
            self._note(ledger)
            await telling
        finally:
            posting.cancel()
            telling.cancel()
            await asyncio.gather(posting, telling, return_exceptions=True)

    def _offer(self, ledger: Ledger) -> None:
        self._numbers += 1
        nonce, key, person = new_nonce(), uuid4().hex, f"+47{self._numbers:08}"
        said = {"id": key, "from": {"id": person}, "text": f"Hei {nonce}"}
        self.other.offer(key, "message.created", **said)
        sender = f"{self.channel}:{person}"
        raw = self.other.offered[-1][1]
        offer = Offer(nonce=nonce, channel=self.channel, sender=sender, sha256=digest(raw))
        ledger.offers(offer)  # nobody can post it before we wait
        self._offered[key] = nonce

    def _note(self, ledger: Ledger) -> None:
        for key, _ in self.other.confirmed:
            if key in self._offered:
                ledger.accepts(self._offered[key])

    async def _tell(self, stop: asyncio.Event) -> None:
        """Say of each answer that it was delivered, now and again."""
        told = 0
        while not stop.is_set():
            for heard in self.other.heard[told : told + 1]:
                number = heard["data"]["dispatch"]
                self.other.offer(uuid4().hex, "message.delivered", dispatch=number)
                told += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(self.pause):
                    await stop.wait()

"""People in a Slack workspace, and an app of ours in it, by either mode."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.contract import Inlet, Premises, Sender, WebReceiver
from channels.slack.channel import SlackApp, open_channel
from channels.slack.settings import Settings
from inquiry.journey import ChannelName, Dispatch, DispatchId, File, Reference
from tests.channels.suite import receiving
from tests.servers.http_troubles import cut_after, slow
from tests.servers.ports import free_port
from tests.servers.slack.names import APP_TOKEN, BOT_TOKEN, DIRECT, KARI, SECRET, TICKET
from tests.servers.slack.server import FakeSlack
from tests.servers.slack.troubles import refuses, too_many

PREMISES = Premises(spool=Path("/nowhere"))
PING, CHECK = timedelta(seconds=1), timedelta(milliseconds=300)
"""A ping that is not answered within half of its time ends a connection: leave room for a busy
machine."""


def settings(fake: FakeSlack, mode: str = "socket", **changed: Any) -> Settings:
    values = {
        "bot_token": BOT_TOKEN,
        "app_token": APP_TOKEN,
        "signing_secret": SECRET,
        "mode": mode,
        "api": fake.api,
    }
    return Settings(**{**values, **changed})


def opened(
    fake: FakeSlack, mode: str = "socket", *, check: timedelta = CHECK, **changed: Any
) -> AbstractAsyncContextManager[SlackApp]:
    name = ChannelName("slack")
    return open_channel(name, settings(fake, mode, **changed), PREMISES, ping=PING, check=check)


def to_kari(
    text: str, *files: File, conversation: str = "", recipient: str = KARI, **more: Any
) -> Dispatch:
    return Dispatch(
        id=DispatchId(7),
        channel=ChannelName("slack"),
        recipient=recipient,
        conversation=conversation,
        reference=Reference("NL-2026-00001"),
        text=text,
        language="nb",
        files=files,
        **more,
    )


class World:
    """One workspace as the common suite sees it; ``mode`` is how events come."""

    secrets: Sequence[str] = (BOT_TOKEN, APP_TOKEN, SECRET, TICKET)
    delay = timedelta(seconds=7)

    def __init__(self, fake: FakeSlack, mode: str = "socket", **changed: Any) -> None:
        self.fake = fake
        self.mode = mode
        self._changed = changed

    @asynccontextmanager
    async def running(self, inlet: Inlet) -> AsyncIterator[None]:
        async with (
            opened(self.fake, self.mode, **self._changed) as channel,
            self._called(channel, inlet),
            receiving(channel, inlet),
        ):
            yield

    @asynccontextmanager
    async def _called(self, channel: SlackApp, inlet: Inlet) -> AsyncIterator[None]:
        """Serve the channel's routes to Slack, if it has any."""
        if not isinstance(channel, WebReceiver):
            yield
            return
        app = web.Application()
        app.add_routes(channel.routes(inlet))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self.fake.push_to = f"http://127.0.0.1:{port}/slack/events"
        try:
            yield
        finally:
            await runner.cleanup()

    async def say(self, text: str) -> None:
        self.fake.say(text)

    async def repeat(self) -> None:
        await self.fake.offer_again()

    async def confirmed(self) -> list[str]:
        return [e.body["event"].get("text", "") for e in self.fake.events if e.confirmed]

    def opened(self) -> AbstractAsyncContextManager[Sender]:
        return self._opened()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Sender]:
        async with opened(self.fake, self.mode) as channel:
            yield channel

    def dispatch(self, text: str) -> Dispatch:
        return to_kari(text, conversation=DIRECT)

    async def heard(self) -> list[str]:
        return [sent["text"] for sent in self.fake.sent]

    def refuse(self) -> None:
        self.fake.from_now_on("chat.postMessage", refuses("is_archived"))

    def busy(self) -> None:
        self.fake.from_now_on("chat.postMessage", too_many("7"))

    def hang_up(self, *, after_sending: bool) -> None:
        if after_sending:
            self.fake.from_now_on("chat.postMessage", cut_after)
            self.fake.from_now_on("conversations.history", cut_after)
        else:
            self.fake.stop_listening()

    def fall_silent(self) -> None:
        self.fake.from_now_on("chat.postMessage", slow(30))

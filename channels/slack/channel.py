"""A Slack app, by Socket Mode or by HTTP."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, Never

from aiohttp import web

from channels.contract import Inlet, Premises
from channels.slack.api import Api, opened
from channels.slack.intake import Intake
from channels.slack.posting import post
from channels.slack.settings import LIMITS as LIMITS
from channels.slack.settings import Settings
from channels.slack.socket import connected
from channels.slack.taking import bolt, handler
from inquiry.errors import PermanentFailure, TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import ChannelName, Dispatch, Receipt

log = logging.getLogger(__name__)

PING = timedelta(seconds=5)
CHECK = timedelta(minutes=15)
"""How often we look whether the token holds and nothing was missed."""
AGAIN = timedelta(minutes=1)
SILENT = (
    "Slack tells us nothing, though people write: their messages had to be read from the history; "
    "switch Event Subscriptions on in the settings of the Slack app"
)


@asynccontextmanager
async def open_channel(
    name: ChannelName,
    settings: Settings,
    premises: Premises,  # noqa: ARG001  (all kinds are opened alike)
    *,
    ping: timedelta = PING,
    check: timedelta = CHECK,
) -> AsyncIterator["SlackApp"]:
    """Open what the channel needs, and close it at the end. Slack need not be there yet."""
    if settings.lacking:
        raise PermanentFailure(settings.lacking)
    async with opened(settings) as api:
        intake = Intake(name, api, settings)
        kind = Pushed if settings.mode == "http" else Connected
        try:
            yield kind(name, settings, api, intake, ping=ping, check=check)
        finally:
            await intake.stop()


class SlackApp:
    """Talks to people who write to one app, whichever way their events come."""

    repeatable = False

    def __init__(
        self,
        name: ChannelName,
        settings: Settings,
        api: Api,
        intake: Intake,
        *,
        ping: timedelta,
        check: timedelta,
    ) -> None:
        self.name = name
        self._settings = settings
        self._api = api
        self._intake = intake
        self._ping = ping
        self._check = check

    async def receive(self, inlet: Inlet) -> Never:
        await self._keep_up(inlet)

    async def send(self, dispatch: Dispatch) -> Receipt:
        failpoint("outbox.connected")
        return await post(self._api, dispatch)

    def fetch(self, reference: str) -> AsyncGenerator[bytes, None]:
        return self._api.file(reference)

    async def _keep_up(self, inlet: Inlet) -> Never:
        """Fill the gap that lies behind us; then look from time to time whether all is well."""
        expected = True
        while True:
            await self._intake.introduce(inlet)
            await self._intake.fill(inlet, expected=expected)
            if self._intake.silent:
                raise TemporaryFailure(SILENT, retry_after=AGAIN)
            expected = False
            await self._intake.until_asked(self._check)


class Connected(SlackApp):
    """We hold a connection, and Slack sends events over it."""

    async def receive(self, inlet: Inlet) -> Never:
        app = bolt(self._api, self._settings, partial(self._intake.take, inlet))
        await self._intake.introduce(inlet)  # before anything comes, so that we know our own words
        while True:
            async with connected(self._api, app, ping=self._ping) as socket:
                log.info("channel %s: connected to Slack", self.name)
                # Connected first, then filled: nothing falls between the two.
                await _first_of(self._keep_up(inlet), socket.until_lost())


class Pushed(SlackApp):
    """Slack calls us."""

    def routes(self, inlet: Inlet) -> Iterable[web.AbstractRouteDef]:
        app = bolt(self._api, self._settings, partial(self._intake.take, inlet))
        return [web.post(self._settings.path, handler(app))]


async def _first_of(*waits: Coroutine[Any, Any, None]) -> None:
    """Return, or raise, as the first of them does."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

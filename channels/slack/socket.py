"""Socket Mode: a connection that we open, and Slack sends events over."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from channels.slack.api import LIBRARY, Api
from channels.slack.taking import as_it_came
from inquiry.errors import TemporaryFailure

log = logging.getLogger(__name__)

CONNECTING = timedelta(seconds=10)
CLOSING = timedelta(milliseconds=300)
SWITCHED_OFF = "link_disabled"


class Socket(SocketModeClient):
    """One connection. The library would open the next one itself, and tell nobody of the gap."""

    def __init__(self, api: Api, app: AsyncApp, url: str, *, ping: timedelta) -> None:
        super().__init__(
            app_token="",
            logger=LIBRARY,
            web_client=api.client,
            ping_interval=ping.total_seconds(),
            on_message_listeners=[self._look],
        )
        self.wss_uri = url
        self.message_listeners.append(self._take)
        self._greeted = False
        self._news = asyncio.Event()
        """Slack has said hello, or the line broke before it."""
        self._app = app
        self._lost = asyncio.Event()
        self._reason = ""

    async def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: ARG002
        self._lost.set()
        self._news.set()

    async def until_greeted(self) -> None:
        """Return when Slack has said hello. Raises TemporaryFailure like ``until_lost``."""
        await self._news.wait()
        if not self._greeted:
            await self.until_lost()
            raise TemporaryFailure("Slack wants another connection before it has said hello")

    async def until_lost(self) -> None:
        """Return when Slack wants us to connect anew.

        Raises:
            TemporaryFailure: the line broke, or Socket Mode is switched off.
        """
        await self._lost.wait()
        if self._reason == SWITCHED_OFF:
            raise TemporaryFailure("Socket Mode is switched off in the settings of the Slack app")
        if not self._reason:
            raise TemporaryFailure("the connection to Slack broke")
        log.info("Slack asks for a new connection: %s", self._reason)

    async def _look(self, message: WSMessage) -> None:
        """Notice a farewell, and why; the library keeps that to itself."""
        told: Any = json.loads(message.data) if '"disconnect"' in message.data else {}
        if isinstance(told, dict) and told.get("type") == "disconnect":
            self._reason = str(told.get("reason") or "refresh")[:50]

    async def _take(
        self, client: AsyncBaseSocketModeClient, message: dict[str, Any], raw: str | None
    ) -> None:
        if message.get("type") == "hello":
            self._greeted = True
            self._news.set()
        request = SocketModeRequest.from_dict(message)
        if request is not None:
            with as_it_came((raw or "").encode(errors="replace")):
                response = await run_async_bolt_app(self._app, request)
            await send_async_response(client, request, response, 0.0)


@asynccontextmanager
async def connected(api: Api, app: AsyncApp, *, ping: timedelta) -> AsyncIterator[Socket]:
    """Connect, and hang up at the end. Raises TemporaryFailure."""
    socket = Socket(api, app, await api.socket_url(), ping=ping)
    try:
        await _in_time(socket.connect)
        await _in_time(socket.until_greeted)
        yield socket
    finally:
        with suppress(TimeoutError, OSError):  # who does not answer a farewell is not waited for
            async with asyncio.timeout(CLOSING.total_seconds()):
                await _call(socket.disconnect)
        socket.current_session = None
        await _call(socket.close)


async def _call(step: Callable[[], Awaitable[object]]) -> None:
    """The library does not say of what types its steps are."""
    await step()


async def _in_time(step: Callable[[], Awaitable[object]]) -> None:
    try:
        async with asyncio.timeout(CONNECTING.total_seconds()):
            await step()
    except TimeoutError:
        raise TemporaryFailure("Slack's socket can't be reached") from None

"""The Web API, one question at a time: nothing is repeated here, nobody sleeps here."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientTimeout
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from channels.slack.failures import TROUBLE, while_asking, while_reading
from channels.slack.settings import Settings
from inquiry.errors import PermanentFailure, TemporaryFailure

LIBRARY = logging.getLogger("deskbridge.slack.library")
LIBRARY.setLevel(logging.CRITICAL)
"""Its debugging prints tickets and whole messages; what matters it also raises."""
PATIENCE = timedelta(minutes=1)
"""For one answer; who sends or fetches a file may wait less."""
CONNECTING = timedelta(seconds=10)
PIECE = 64 * 1024
FILES = (".slack.com", ".slack-edge.com", ".slack-files.com")
GONE = ("file_not_found", "file_deleted", "access_denied")
OK = 200

Answer = Mapping[str, Any]


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator["Api"]:
    """Open connections to Slack as they are needed, and close them at the end."""
    limit = ClientTimeout(total=PATIENCE.total_seconds(), sock_connect=CONNECTING.total_seconds())
    async with ClientSession(timeout=limit) as session:
        yield Api(settings, session)


class Api:
    """What we may ask Slack."""

    def __init__(self, settings: Settings, session: ClientSession) -> None:
        self._settings = settings
        self._session = session
        # Without handlers: the library would post again after a broken line, and the customer
        # had it twice.
        self.client = AsyncWebClient(
            token=settings.bot_token,
            base_url=f"{settings.api.rstrip('/')}/",
            session=session,
            logger=LIBRARY,
            retry_handlers=[],
        )

    async def ask(self, method: str, **params: Any) -> Answer:
        """Call a method that changes nothing.

        Raises:
            TemporaryFailure: there is no answer, or a refusal.
            PermanentFailure: what is asked for is not there, or not for us.
        """
        try:
            response = await self.client.api_call(method, params=params)
        except TROUBLE as error:
            raise while_reading(error) from error
        return _data(response.data)

    async def socket_url(self) -> str:
        """Return where a connection for Socket Mode can be opened. Raises TemporaryFailure."""
        try:
            response = await self.client.apps_connections_open(app_token=self._settings.app_token)
        except TROUBLE as error:
            raise while_asking(error) from error
        return str(_data(response.data).get("url", ""))

    async def file(self, reference: str) -> AsyncGenerator[bytes, None]:
        """Get a file by its id or its address; see Fetcher. Our token goes to Slack alone."""
        url = reference if "://" in reference else await self._address(reference)
        if not self._is_slack(url):
            raise PermanentFailure("the file is not at Slack")
        headers = {"Authorization": f"Bearer {self._settings.bot_token}"}
        try:
            async with self._session.get(
                url,
                headers=headers,
                allow_redirects=False,
                timeout=ClientTimeout(sock_read=PATIENCE.total_seconds()),
            ) as response:
                if response.status != OK:
                    raise _no_file(response.status)
                async for piece in response.content.iter_chunked(PIECE):
                    yield piece
        except TROUBLE as error:
            raise while_asking(error) from error

    async def _address(self, file: str) -> str:
        try:
            response = await self.client.files_info(file=file)
        except SlackApiError as error:
            if (code := _data(error.response.data).get("error")) in GONE:
                raise PermanentFailure(f"Slack does not give the file: {code}") from error
            raise while_asking(error) from error
        except TROUBLE as error:
            raise while_asking(error) from error
        told = _data(_data(response.data).get("file"))
        return str(told.get("url_private_download") or told.get("url_private") or "")

    def _is_slack(self, url: str) -> bool:
        where, home = urlsplit(url), urlsplit(self._settings.api)
        if (where.scheme, where.netloc) == (home.scheme, home.netloc):
            return True
        return where.scheme == "https" and f".{where.hostname or ''}".endswith(FILES)


def _no_file(status: int) -> Exception:
    if status in (404, 410):
        return PermanentFailure("the file is gone")
    if 300 <= status < 400:  # to the page where people sign in
        return TemporaryFailure("Slack does not give the file: the app needs the scope files:read")
    return TemporaryFailure(f"Slack does not give the file: status {status}")


def _data(data: Any) -> Answer:
    return data if isinstance(data, dict) else {}

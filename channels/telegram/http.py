"""The Telegram library's way to the Bot API."""

import json
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Any

import aiohttp
from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.request import BaseRequest, RequestData

from channels.telegram.updates import split_updates

ANSWER = timedelta(seconds=15)
CONNECT = timedelta(seconds=10)
UPLOAD = timedelta(seconds=90)
"""What the largest files may take; less than the outbox waits."""
PIECE = 256 * 1024
WITHHELD = "token-withheld"
SECRET_WITHHELD = "secret-withheld"  # noqa: S105  (what stands in its place)

_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "its name can't be found"),
    (aiohttp.ClientConnectorCertificateError, "its certificate is not trusted"),
    (aiohttp.ClientSSLError, "no encrypted connection is made"),
    (aiohttp.ClientConnectorError, "nobody listens there"),
    (aiohttp.InvalidURL, "its address is none"),
    (TimeoutError, "no answer in time"),
    (aiohttp.ServerDisconnectedError, "the connection was cut"),
    (ConnectionError, "the connection was cut"),
)
"""The first that fits."""


class NeverLeft(NetworkError):
    """Telegram can't have seen the request."""


class Http(BaseRequest):
    """The library's way to the Bot API, on aiohttp.

    The token is a part of each URL, and the library logs URLs: so it only knows ``WITHHELD``, and
    this puts the token in. This also tells a request that never left from one without an answer,
    and a proxy's page from Telegram's refusal.
    """

    _session: aiohttp.ClientSession

    def __init__(self, token: str, secret: str = "") -> None:
        """``secret`` is the webhook's, which the library would log too."""
        self._token = token
        self._secret = secret

    @property
    def read_timeout(self) -> float:
        return ANSWER.total_seconds()

    async def initialize(self) -> None:
        self._session = aiohttp.ClientSession(trust_env=True)

    async def shutdown(self) -> None:
        await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        patience = read_timeout if isinstance(read_timeout, (int, float)) else self.read_timeout
        timeout = aiohttp.ClientTimeout(
            sock_connect=CONNECT.total_seconds(),
            sock_read=patience,
            total=patience + UPLOAD.total_seconds(),
        )
        form = _form(request_data, {SECRET_WITHHELD: self._secret})
        secret_url = url.replace(WITHHELD, self._token)
        try:
            async with self._session.request(
                method, secret_url, data=form, timeout=timeout, allow_redirects=False
            ) as response:
                body = await response.read()
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.InvalidURL,
        ) as error:
            raise NeverLeft(_told(error)) from None  # the error itself names the URL
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NetworkError(_told(error)) from None
        _check(response.status, body)
        return response.status, body

    async def stream(self, url: str) -> AsyncGenerator[bytes, None]:
        """Get a file, piece by piece. Raises NetworkError."""
        timeout = aiohttp.ClientTimeout(
            sock_connect=CONNECT.total_seconds(), sock_read=ANSWER.total_seconds()
        )
        secret_url = url.replace(WITHHELD, self._token)
        try:
            async with self._session.get(
                secret_url, timeout=timeout, allow_redirects=False
            ) as response:
                if response.status != 200:
                    raise NetworkError(f"HTTP {response.status} instead of the file")
                async for piece in response.content.iter_chunked(PIECE):
                    yield piece
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NetworkError(_told(error)) from None


class PollingHttp(Http):
    """Keeps the updates as they stood in the body, and hands the library none of them.

    One that the library can't read would otherwise hold up all that follow.
    """

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.updates: list[tuple[int, bytes]] = []

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        self.updates = []
        status, body = await super().do_request(*args, **kwargs)
        if status == 200:
            self.updates = split_updates(body)
            body = b'{"ok":true,"result":[]}'
        return status, body


def _told(error: Exception) -> str:
    words = (words for kind, words in _WORDS if isinstance(error, kind))
    return next(words, "the connection failed")


def _form(data: RequestData | None, withheld: Mapping[str, str]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    if data is not None:
        for name, value in data.json_parameters.items():
            form.add_field(name, withheld.get(value, value))
        for name, (filename, content, media_type) in (data.multipart_data or {}).items():
            form.add_field(name, content, filename=filename, content_type=media_type)
    return form


def _check(status: int, body: bytes) -> None:
    """Raise where the library would misread an answer."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if status >= 500 or not isinstance(answer, dict) or "ok" not in answer:
        raise NetworkError(f"HTTP {status}, not from the Bot API")
    if status == 429 and not answer.get("parameters"):
        raise RetryAfter(timedelta(0))
    if status == 413:
        raise BadRequest("too large")

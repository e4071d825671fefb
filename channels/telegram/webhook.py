"""Telegram calls us: the address that it is told, and what comes there."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Never
from urllib.parse import urlsplit

from aiohttp import web
from telegram import Bot, WebhookInfo
from telegram.error import BadRequest, TelegramError

from channels.telegram.failures import while_polling
from channels.telegram.http import SECRET_WITHHELD
from channels.telegram.settings import Settings
from inquiry.errors import TemporaryFailure
from inquiry.journey import ChannelName

log = logging.getLogger(__name__)

SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  (the name of a header)
LOOK = timedelta(minutes=1)
"""How often we ask Telegram whether it reaches us."""
CONNECTIONS = 40
LARGEST = 1_000_000
"""Bytes of an update: Telegram's own are a hundredth of it."""
Take = Callable[[int, bytes], Awaitable[None]]


class Webhook:
    """The way by which Telegram reaches one bot."""

    def __init__(self, name: ChannelName, settings: Settings, url: str, bot: Bot) -> None:
        self._name = name
        self._bot = bot
        self._secret = settings.webhook_secret
        self.path = f"/telegram/{name}"
        self.url = f"{url.rstrip('/')}{self.path}"

    def route(self, take: Take) -> web.RouteDef:
        """Return the route at which updates come; each is answered when ``take`` has returned."""

        async def handle(request: web.Request) -> web.Response:
            if not self._is_telegram(request):
                log.warning("channel %s: a call without Telegram's secret", self._name)
                return web.Response(status=401)
            raw = b""
            async for piece in request.content.iter_any():  # it may come in any pieces
                raw += piece
                if len(raw) > LARGEST:
                    return web.Response(status=413)
            update_id = _number(raw)
            if update_id is None:
                return web.Response(status=400)
            await take(update_id, raw)
            return web.Response()

        return web.post(self.path, handle)

    async def keep(self, wanted: Sequence[str], *, look: timedelta = LOOK) -> Never:
        """Tell Telegram where we are, and watch whether it reaches us.

        Raises:
            TemporaryFailure: it does not, or somebody else has told it another address.
        """
        began = datetime.now(UTC)
        try:
            await self._bot.set_webhook(
                self.url,
                secret_token=SECRET_WITHHELD,
                allowed_updates=wanted,
                max_connections=CONNECTIONS,
                drop_pending_updates=False,
            )
            while True:
                await asyncio.sleep(look.total_seconds())
                self._check(await self._bot.get_webhook_info(), began)
        except BadRequest as error:
            raise TemporaryFailure(f"Telegram takes no webhook: {error.message}") from error
        except TelegramError as error:
            raise while_polling(error) from error

    async def withdrawn(self) -> bool:
        """Take our own webhook away, so that we can poll; False if it is somebody else's."""
        try:
            info = await self._bot.get_webhook_info()
            if info.url != self.url:
                return False
            log.info("channel %s: the webhook is taken away, from now on we poll", self._name)
            return await self._bot.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:
            raise while_polling(error) from error

    def _check(self, info: WebhookInfo, began: datetime) -> None:
        if info.url != self.url:
            where = urlsplit(info.url).hostname or "nowhere"
            raise TemporaryFailure(f"somebody else has led this bot's webhook to {where}")
        if info.last_error_date and info.last_error_date > began and info.pending_update_count:
            raise TemporaryFailure(f"Telegram does not reach us: {info.last_error_message}")

    def _is_telegram(self, request: web.Request) -> bool:
        said = request.headers.get(SECRET, "")
        return compare_digest(said.encode(errors="surrogateescape"), self._secret.encode())


def _number(raw: bytes) -> int | None:
    try:
        number = json.loads(raw)["update_id"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return number if isinstance(number, int) and not isinstance(number, bool) else None

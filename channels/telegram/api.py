"""The Bot API as one channel uses it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta

from telegram import Bot
from telegram.error import TelegramError

from channels.telegram.addressed import Me
from channels.telegram.chores import Chores
from channels.telegram.failures import while_fetching, while_polling
from channels.telegram.http import Http, PollingHttp
from inquiry.errors import PermanentFailure


@dataclass(slots=True, eq=False)
class Api:
    """The library's bot, our ways to the server, and who we are there."""

    bot: Bot
    http: Http
    polling: PollingHttp
    chores: Chores
    files_url: str
    me: Me | None = None
    """Asked for when it is first needed."""

    async def who(self) -> Me:
        """Say who we are. Raises TemporaryFailure while Telegram does not tell."""
        if self.me is None:
            try:
                user = await self.bot.get_me()
            except TelegramError as error:
                raise while_polling(error) from error
            self.me = Me(user.id, user.username or "")
        return self.me

    async def updates(
        self, offset: int, wait: timedelta, wanted: tuple[str, ...]
    ) -> list[tuple[int, bytes]]:
        """Return the next updates as they stood in the body. Raises TelegramError."""
        await self.bot.get_updates(offset=offset or None, timeout=wait, allowed_updates=wanted)
        return self.polling.updates

    async def file(self, file_id: str) -> AsyncGenerator[bytes, None]:
        """Get a file, piece by piece. Raises TemporaryFailure, PermanentFailure."""
        try:
            found = await self.bot.get_file(file_id)
            place = found.file_path or ""
            if not place.startswith(f"{self.files_url}"):
                raise PermanentFailure("the Bot API names no file that could be fetched from it")
            async for piece in self.http.stream(place):
                yield piece
        except TelegramError as error:
            raise while_fetching(error) from error

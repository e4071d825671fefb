"""The settings of a bot."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import regex

from channels.contract import Limits

LIMITS = Limits(text=None, subject=False, files=True, file_size=50_000_000)
_TOKEN = regex.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_SECRET = regex.compile(r"[A-Za-z0-9_-]{16,256}")


def secret_word(text: str) -> str:
    """Return what Telegram takes as a webhook's secret. Raises ValueError."""
    if not _SECRET.fullmatch(text):
        raise ValueError("a webhook's secret has 16 to 256 of A-Z a-z 0-9 _ and -")
    return text


def bot_token(text: str) -> str:
    """Return the token of a bot. Raises ValueError."""
    if not _TOKEN.fullmatch(text):
        raise ValueError("a bot's token is digits, a colon and letters, as the BotFather gave it")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``telegram{token mode secret greeting buttons api}``."""

    token: str = field(repr=False, metadata={"secret": True, "convert": bot_token})
    mode: Literal["polling", "webhook"] = "polling"
    secret: str = field(default="", repr=False, metadata={"secret": True, "convert": secret_word})
    """Of the webhook; "" = one is made of the token."""
    greeting: Mapping[str, str] = field(default_factory=dict, metadata={"by": "language"})
    """By language: what ``/start`` is answered with."""
    buttons: bool = True
    """``Solved`` and ``Not yet`` below answers in private chats."""
    api: str = "https://api.telegram.org"
    """Where the Bot API is, for those who run a server of their own."""

    @property
    def base_url(self) -> str:
        """Return where the API's methods are, without the token."""
        return f"{self._server}/bot"

    @property
    def files_url(self) -> str:
        """Return where files are, without the token."""
        return f"{self._server}/file/bot"

    @property
    def webhook_secret(self) -> str:
        """Return what Telegram says with each call, so that we know it is Telegram."""
        made = hmac.new(self.token.encode(), b"deskbridge webhook", hashlib.sha256)
        return self.secret or made.hexdigest()

    @property
    def _server(self) -> str:
        return self.api.removesuffix("/").removesuffix("/bot")

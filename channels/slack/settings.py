"""The settings of a Slack app."""

from dataclasses import dataclass, field
from typing import Literal

import regex

from channels.contract import Limits

LIMITS = Limits(text=None, subject=False, files=True, file_size=100_000_000)
DIRECT = "direct-messages"
"""The word in ``listen_in`` for what people write to the app alone."""
_PATH = regex.compile(r"(/[A-Za-z0-9_.~-]+)+")


def path_of_events(text: str) -> str:
    """Return the path that Slack calls. Raises ValueError."""
    if not _PATH.fullmatch(text):
        raise ValueError(f"{text!r} is not a path such as /slack/events")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``slack{bot_token mode app_token signing_secret path listen_in api}``."""

    bot_token: str = field(repr=False, metadata={"secret": True})
    mode: Literal["socket", "http"] = "socket"
    app_token: str = field(default="", repr=False, metadata={"secret": True})
    """For Socket Mode."""
    signing_secret: str = field(default="", repr=False, metadata={"secret": True})
    """For HTTP: by it we know that it is Slack who calls."""
    path: str = field(default="/slack/events", metadata={"convert": path_of_events})
    listen_in: tuple[str, ...] = ()
    """Channels by name or id, and ``direct-messages``; empty = wherever the app is a member."""
    api: str = "https://slack.com/api/"
    """Where the Web API is, for those who reach it by a proxy of their own."""

    @property
    def lacking(self) -> str:
        """What has to be corrected before this can work, in one sentence; "" if nothing."""
        if not self.bot_token.strip():
            return "'bot_token' is empty"
        if self.bot_token.startswith("xapp-"):
            return "'bot_token' has an app-level token, xapp-…: it takes the bot's, xoxb-…"
        if self.app_token.startswith("xoxb-"):
            return "'app_token' has the bot's token, xoxb-…: it takes an app-level one, xapp-…"
        if self.mode == "socket" and not self.app_token.strip():
            return "'app_token' is missing: mode socket needs it"
        if self.mode == "http" and not self.signing_secret.strip():
            return "'signing_secret' is missing: mode http needs it"
        return ""

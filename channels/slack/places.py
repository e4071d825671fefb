"""In which conversations the app listens."""

from collections.abc import Collection
from typing import Any

from channels.slack.api import Api
from channels.slack.events import Said
from channels.slack.settings import DIRECT
from inquiry.errors import TemporaryFailure
from inquiry.untrusted import Object, inner, objects, string

PAGES = 20
PAGE = 200
KINDS = "public_channel,private_channel,mpim,im"


class Places:
    """The conversations that the app is a member of, by what the operator has named."""

    def __init__(self, api: Api, listen_in: Collection[str]) -> None:
        self._api = api
        self._wanted = {name.strip().removeprefix("#").casefold() for name in listen_in}
        self._names: dict[str, str] = {}

    def wants(self, heard: Said) -> bool:
        """Shall we listen here? Asks nobody.

        Raises:
            TemporaryFailure: it is not known yet what this channel is called.
        """
        if not self._wanted or heard.channel.casefold() in self._wanted:
            return True
        if heard.direct:
            return DIRECT in self._wanted
        if heard.channel not in self._names:
            raise TemporaryFailure("it is not known yet what a channel is called")
        return self._names[heard.channel] in self._wanted

    def call(self, channel: str, name: str) -> None:
        """A channel has this name from now on."""
        self._names[channel] = name.casefold()

    async def learn(self, channel: str) -> None:
        """Ask what a channel is called. Raises TemporaryFailure."""
        told = await self._api.ask("conversations.info", channel=channel)
        self._note(inner(told, "channel"))

    async def all(self) -> list[str]:
        """Return the ids of all conversations to listen in. Raises TemporaryFailure."""
        found: list[str] = []
        cursor = ""
        for _ in range(PAGES):
            params: dict[str, Any] = {"types": KINDS, "limit": PAGE, "exclude_archived": "true"}
            if cursor:
                params["cursor"] = cursor
            page = await self._api.ask("users.conversations", **params)
            told = objects(page, "channels")
            found += [one["id"] for one in told if self._note(one) and self._is_wanted(one)]
            cursor = next_page(page)
            if not cursor:
                break
        return found

    def _note(self, channel: Object) -> bool:
        number = string(channel, "id")
        if number:
            self.call(number, string(channel, "name"))
        return bool(number)

    def _is_wanted(self, channel: Object) -> bool:
        direct = channel.get("is_im") is True or channel.get("is_mpim") is True
        return self.wants(
            Said(channel=channel["id"], direct=direct, remote_id="", ts="", people=())
        )


def next_page(page: Object) -> str:
    """Return the cursor of the page that follows, "" after the last."""
    return string(inner(page, "response_metadata"), "next_cursor")

"""What people are called: remembered, and asked for beside the work."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from channels.slack.api import Api
from channels.slack.events import Said
from channels.slack.places import next_page
from inquiry.untrusted import Object, inner, objects, string

MOST = 10_000
PAGES = 5
PAGE = 200
NAME = "name:"
EMAIL = "email"


class People:
    """Names and mail addresses by user id, the latest ones."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def noted(self, heard: Said) -> dict[str, str]:
        """Return what to write down beside an event, as far as it is known at this moment."""
        headers = {
            f"{NAME}{who}": self._known[who][0] for who in heard.people if who in self._known
        }
        email = self._known.get(heard.people[0], ("", ""))[1] if heard.people else ""
        return {**headers, EMAIL: email} if email else headers

    def unknown(self, heard: Said) -> list[str]:
        """Return whose names have to be asked for."""
        return [who for who in heard.people if who not in self._known]

    async def learn(self, who: Iterable[str]) -> None:
        """Ask what people are called. Raises TemporaryFailure."""
        for user in who:
            told = await self._api.ask("users.info", user=user)
            self._note(inner(told, "user"))

    async def learn_all(self) -> None:
        """Ask who there is, as far as a few pages tell. Raises TemporaryFailure."""
        cursor = ""
        for _ in range(PAGES):
            params: dict[str, Any] = {"limit": PAGE, **({"cursor": cursor} if cursor else {})}
            page = await self._api.ask("users.list", **params)
            for member in objects(page, "members"):
                self._note(member)
            cursor = next_page(page)
            if not cursor:
                return

    def _note(self, user: Object) -> None:
        if not (number := string(user, "id")):
            return
        profile = inner(user, "profile")
        name = string(profile, "real_name") or string(user, "real_name") or string(user, "name")
        self._known[number] = (name, string(profile, "email"))
        self._known.move_to_end(number)
        while len(self._known) > MOST:
            self._known.popitem(last=False)

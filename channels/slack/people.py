"""What people are called: remembered, and asked for beside the work."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from channels.slack.api import Api
from channels.slack.events import Said
from channels.slack.places import next_page

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
            self._note(told.get("user"))

    async def learn_all(self) -> None:
        """Ask who there is, as far as a few pages tell. Raises TemporaryFailure."""
        cursor = ""
        for _ in range(PAGES):
            params: dict[str, Any] = {"limit": PAGE, **({"cursor": cursor} if cursor else {})}
            page = await self._api.ask("users.list", **params)
            members = page.get("members")
            for member in members if isinstance(members, list) else []:
                self._note(member)
            cursor = next_page(page)
            if not cursor:
                return

    def _note(self, user: Any) -> None:
        if not isinstance(user, dict) or not isinstance(user.get("id"), str):
            return
        told = user.get("profile")
        profile: Mapping[str, Any] = told if isinstance(told, dict) else {}
        names = (profile.get("real_name"), user.get("real_name"), user.get("name"))
        name = next((name for name in names if isinstance(name, str) and name), "")
        email = profile.get("email")
        self._known[user["id"]] = (name, email if isinstance(email, str) else "")
        self._known.move_to_end(user["id"])
        while len(self._known) > MOST:
            self._known.popitem(last=False)

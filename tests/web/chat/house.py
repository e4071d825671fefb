"""A desk with one chat, the pages of other origins that show it, and a browser's half in words."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import ClientResponse, ClientSession, FormData
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from channels.contract import Inlet, Premises, Store
from channels.webchat.channel import Settings, WebChat, open_channel
from channels.webchat.identity import Identity, signed
from channels.webchat.settings import AtMost, ByMail
from channels.webchat.settings import Identity as IdentitySettings
from inquiry.calendar import Calendar
from inquiry.journey import ChannelName, Dispatch, DispatchId, File, Reference
from inquiry.words import Purpose
from storage.sqlite import Sqlite
from tests.inquiries import NOW
from tests.web.site import PEOPLE, RING, URL
from web.app import make_app
from web.desk import Desk

SHOP = "https://www.fjord.example"
ELSEWHERE = "https://evil.example"
CHAT = ChannelName("shop")
SECRET = "the shop's secret, of which we have one, too"


def the_settings(**changes: Any) -> Settings:
    values: Mapping[str, Any] = {
        "allowed_origins": (SHOP,),
        "identity": IdentitySettings(secret=SECRET),
        "by_mail": ByMail(after=timedelta(minutes=10), channel="mail"),
        "at_most": AtMost(messages=5, uploads=3, conversations=4, file_size=1000, connections=2),
    }
    return Settings(**{**values, **changes})


def a_dispatch(to: str, text: str, number: int = 7, **changes: Any) -> Dispatch:
    values: Mapping[str, Any] = {
        "id": DispatchId(number),
        "channel": CHAT,
        "recipient": to,
        "reference": Reference("NL-2026-00001"),
        "text": text,
        "language": "pl",
        "from_name": "Kasia Nowak, Nordlys Support",
        "purpose": Purpose.ANSWER,
    }
    return Dispatch(**{**values, **changes})


def an_identity(user: str = "kunde-7", *, until: datetime = NOW, **changes: str) -> dict[str, str]:
    """Return what a page says of a user whom its server has signed."""
    until_then = str(int(until.timestamp()) + 3600)
    values = {"user": user, "expires": until_then, "name": "", "email": "", **changes}
    who = Identity(**{**values, "signature": ""})
    return {**values, "signature": signed(SECRET, who)}


@dataclass
class House:
    """One desk that is served."""

    chat: WebChat
    url: str
    http: ClientSession
    moment: datetime = NOW

    def visitor(self, origin: str = SHOP) -> "Browser":
        return Browser(self, origin)


@dataclass
class Browser:
    """What the script does, without the script."""

    house: House
    origin: str = SHOP
    pass_: str = ""
    ticket: str = ""
    session: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, **more: Any) -> ClientResponse:
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "cross-site", **self.headers}
        if self.ticket:
            headers["Authorization"] = f"Bearer {self.ticket}"
        return await self.house.http.request(
            method, f"{self.house.url}/chat/{CHAT}{path}", headers=headers, **more
        )

    async def enter(self, **said: object) -> ClientResponse:
        """Begin a session; say who it is."""
        self.ticket = ""
        response = await self.call("POST", "/session", json={"pass": self.pass_, **said})
        if response.status == 200:
            self.session = await response.json()
            self.ticket = self.session["ticket"]
            self.pass_ = self.session["pass"] or self.pass_
        return response

    async def say(self, text: str, *, id_: str = "", files: Sequence[File] = ()) -> ClientResponse:
        form = FormData()
        form.add_field("id", id_ or uuid4().hex)
        form.add_field("text", text)
        form.add_field("language", "pl")
        form.add_field("page", f"{self.origin}/tents")
        for file in files:
            form.add_field(
                "files", file.content, filename=file.filename, content_type=file.content_type
            )
        return await self.call("POST", "/messages", data=form)

    async def entries(self, after: int = 0) -> list[dict[str, Any]]:
        response = await self.call("GET", f"/entries?after={after}")
        assert response.status == 200, await response.text()
        found: list[dict[str, Any]] = (await response.json())["entries"]
        return found

    async def texts(self) -> list[str]:
        return [entry["text"] for entry in await self.entries()]

    async def key(self) -> str:
        """Return the address of this visitor's contact point."""
        number = int(self.ticket.partition(".")[0])
        visitor = await self.house.chat.visitors.by_id(number)
        assert visitor
        return visitor.key


@asynccontextmanager
async def house(
    store: Store,
    inlet: Inlet,
    settings: Settings | None = None,
    *,
    calendars: Mapping[str, Calendar] | None = None,
    db: Sqlite | None = None,
    clock: list[datetime] | None = None,
) -> AsyncIterator[House]:
    """Serve a desk with one chat; ``clock`` holds the time, or else it stands still."""
    now = clock or [NOW]
    premises = Premises(spool=Path("/nowhere"), store=store)
    async with open_channel(CHAT, settings or the_settings(), premises) as chat:
        desk = Desk(
            db=db or store,  # type: ignore[arg-type]
            inlet=lambda _channel: inlet,
            keys=RING,
            name="Nordlys Support",
            url=URL,
            languages=("nb", "en", "pl", "et", "ru"),
            people=PEOPLE,
            chats=(chat,),
            calendars=calendars or {},
            metrics=CollectorRegistry(),
            now=lambda: now[0],
        )
        server = TestServer(make_app(desk))
        await server.start_server()
        async with ClientSession() as http:
            yield House(chat, str(server.make_url("")).rstrip("/"), http)
        chat.listeners.close()
        await server.close()


def is_public(response: ClientResponse) -> bool:
    """May the page that asked read this?"""
    return response.headers.get("Access-Control-Allow-Origin") == SHOP

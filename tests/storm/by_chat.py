"""Customers who chat: Telegram, Slack, the chat on a page, and another system's people."""

import asyncio
import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import uuid4

from inquiry.journey import File
from router.messengers.stage import BREATH
from tests.harness.widget import Entry, Widget
from tests.servers.slack import ACME, Event, FakeSlack
from tests.storm.book import Heard, Shown
from tests.storm.by_mail import STATUS_LINK, read_page
from tests.storm.customers import Customer
from tests.storm.world import CHAT, HOOKS, SHOP

WAYS = ("socket", "events", "poll")


@dataclass(slots=True)
class Chatter(Customer):
    """Whoever has one conversation, and a status page told in it."""

    async def look(self) -> list[Shown]:
        # Only the first topic of somebody is acknowledged within an hour.
        first = self.topics[0]
        places = {said.back for said in self.book.said if said.topic == first}
        heard = [one.text for one in self.book.heard if one.place in places]
        links = {found[1] for text in heard if (found := STATUS_LINK.search(text))}
        return [await read_page(self.world.bridge.url + link, first) for link in links]


@dataclass(slots=True)
class ByTelegram(Chatter):
    """Talks to the bot; what the next poll names has been accepted."""

    channel: ClassVar[str] = "telegram"
    edits: ClassVar[bool] = True
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def chat(self) -> int:
        return 20_000 + self.number

    def back(self) -> str:
        return f"telegram:{self.chat}"

    async def send(self, nonce: str, text: str, file: bytes) -> None:
        fake = self.world.telegram
        if file:
            update = fake.send_file("a.pdf", file, chat=self.chat, caption=text)
        else:
            update = fake.say(text, chat=self.chat)
        raw = fake.updates[-1][1]
        self.messages[nonce] = json.loads(raw)["message"]
        self.note(nonce, raw=raw, file=file)  # nobody can fetch it before we wait
        await self._confirmed(update)

    async def change(self, nonce: str, text: str, before: str) -> None:
        fake, message = self.world.telegram, dict(self.messages[before])
        message["caption" if "document" in message else "text"] = text
        update = fake.push({"edited_message": {**message, "edit_date": int(time.time())}})
        self.note(nonce, raw=fake.updates[-1][1], edits=before)
        await self._confirmed(update)

    async def _confirmed(self, update: int) -> None:
        fake = self.world.telegram
        await self.world.until(
            lambda: any(one == update for one, _ in reversed(fake.confirmed)),
            f"update {update} of {self.name} is confirmed",
        )


@dataclass(slots=True)
class BySlack(Chatter):
    """Writes in a workspace: to the app alone, or in threads of a channel that many read."""

    edits: ClassVar[bool] = True
    thread: str = ""
    begun: str = "0"
    """When the present thread began."""
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def fake(self) -> FakeSlack:
        return self.world.slacks[self.channel]

    @property
    def user(self) -> str:
        return f"U0C{self.number:03}"

    @property
    def alone(self) -> bool:
        """Does this customer write to the app alone?"""
        return self.number % 2 == 0

    @property
    def room(self) -> str:
        return f"D0C{self.number:03}" if self.alone else ACME

    def begins(self) -> None:
        self.fake.users[self.user] = {"id": self.user, "profile": {"real_name": "Kari Berg"}}
        if self.alone:
            room = {"id": self.room, "is_im": True, "user": self.user}
            self.fake.channels[self.room] = room
        before, self.begun = self.begun, self.fake.stamp()
        if not self.alone:
            self.thread = ""
        # What is begun in one breath is one request, whatever it is about.
        longest = BREATH.total_seconds()
        if not self.topics or (not self.alone and float(self.begun) - float(before) > longest):
            self.topics.append(f"{self.name}/{len(self.topics) + 1}")

    def back(self) -> str:
        return f"{self.channel}:{self.room}" + ("" if self.alone else f"/{self.thread}")

    async def send(self, nonce: str, text: str, file: bytes) -> None:
        more: dict[str, Any] = {"ts": self.fake.stamp()}
        if not self.alone and self.thread:
            more |= {"thread_ts": self.thread}
        elif not self.alone:
            self.thread = more["ts"] = self.begun
        if file:
            self.fake.files[id_ := f"F{nonce}"] = file
            what = {"id": id_, "name": "a.pdf", "mimetype": "application/pdf", "size": len(file)}
            more |= {"subtype": "file_share", "files": [what]}
        self.note(nonce, file=file)
        self.messages[nonce] = self.fake.say(text, channel=self.room, user=self.user, **more)
        await self._confirmed(self.fake.events[-1])

    async def change(self, nonce: str, text: str, before: str) -> None:
        self.note(nonce, edits=before)
        self.fake.edit(self.room, self.messages[before], text)
        await self._confirmed(self.fake.events[-1])

    async def _confirmed(self, event: Event) -> None:
        await self.world.until(lambda: event.confirmed, f"an event of {self.name} is confirmed")


@dataclass(slots=True)
class BySocket(BySlack):
    channel: ClassVar[str] = "slack-socket"


@dataclass(slots=True)
class ByPush(BySlack):
    channel: ClassVar[str] = "slack-http"


@dataclass(slots=True)
class ByChat(Customer):
    """Visits a page with the chat on it, now and then in a new window."""

    channel: ClassVar[str] = CHAT
    window: Widget | None = None
    listening: asyncio.Task[None] | None = None
    sending: bool = False
    """Files are kept until a reload only: nobody reloads meanwhile."""

    def back(self) -> str:
        return f"{CHAT}:{self.name}"

    async def send(self, nonce: str, text: str, file: bytes) -> None:
        window = self.window or self.open()
        self.note(nonce, file=file)
        window.careless, self.careless = self.careless, False
        files = [File(filename="a.pdf", content_type="application/pdf", content=file)]
        self.sending = True
        await window.say(text, files=files if file else ())
        self.sending = False

    def open(self) -> Widget:
        """Open a window; what a browser keeps is what it was given before."""
        url = f"{self.world.bridge.url}/chat/{CHAT}"
        known = self.window.pass_ if self.window else ""
        self.window = Widget(
            url, SHOP, way=WAYS[self.number % len(WAYS)], pass_=known, tell=self._told
        )
        self.listening = asyncio.create_task(self.window.listen())
        return self.window

    async def close(self) -> None:
        """Close the window."""
        if self.window and self.listening:
            self.listening.cancel()
            await asyncio.gather(self.listening, return_exceptions=True)
            await self.window.close()

    async def reload(self) -> None:
        """Load the page anew."""
        await self.close()
        self.open()

    async def look(self) -> list[Shown]:
        await self.reload()
        assert self.window
        await self.window.catch_up()
        texts = tuple(str(entry["text"]) for entry in self.window.entries)
        mine = [entry["seq"] for entry in self.window.entries]
        assert mine == list(range(1, len(mine) + 1)), f"numbers of {self.name}: {mine}"
        return [Shown(topics=(self.topic,), page="the chat", texts=texts, in_order=True)]

    def _told(self, entry: Entry) -> None:
        if not entry["mine"]:
            # A window that is opened anew shows everything again.
            heard = Heard(place=self.back(), text=entry["text"], key=str(entry["id"]))
            self.book.hears(heard)


@dataclass(slots=True)
class ByHook(Chatter):
    """Writes short messages, which a gateway posts to the desk until it hears a 2xx."""

    channel: ClassVar[str] = HOOKS
    edits: ClassVar[bool] = True
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def person(self) -> str:
        return f"+47{self.number:08}"

    def begins(self) -> None:
        self.topics.append(f"{self.name}/{len(self.topics) + 1}")

    def back(self) -> str:
        return f"{HOOKS}:{self.person}/talk-{self.topic}"

    async def send(self, nonce: str, text: str, file: bytes) -> None:
        self.ids[nonce] = f"SM{nonce}"
        content = base64.b64encode(file).decode()
        what = {"filename": "a.pdf", "content_type": "application/pdf", "content": content}
        attached = {"attachments": [what]} if file else {}
        await self._post(nonce, "message.created", file, "", text=text, **attached)

    async def change(self, nonce: str, text: str, before: str) -> None:
        self.ids[nonce] = self.ids[before]
        await self._post(nonce, "message.edited", b"", before, text=text)

    async def _post(self, nonce: str, kind: str, file: bytes, edits: str, **said: Any) -> None:
        other, key = self.world.other, uuid4().hex
        who = {"id": self.person, "name": "Kari Berg", "verified": True}
        place = {"conversation": f"talk-{self.topic}", "id": self.ids[nonce]}
        other.offer(key, kind, **{"from": who}, **place, **said)
        event = other.offered[-1]
        self.note(nonce, raw=event[1], file=file, edits=edits)
        await self.world.until(
            lambda: event in other.confirmed, f"an event of {self.name} is confirmed"
        )

"""A Telegram bot: opened, receiving by long polling, sending, fetching files."""

import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Never

from telegram import Bot
from telegram.error import Conflict, TelegramError

from channels.contract import Asked, Inlet, Premises
from channels.telegram.addressed import Fate, fate, in_group
from channels.telegram.api import Api
from channels.telegram.chores import Chores
from channels.telegram.failures import while_polling
from channels.telegram.http import WITHHELD, Http, PollingHttp
from channels.telegram.parts import parts, target
from channels.telegram.sending import Postman
from channels.telegram.settings import LIMITS, Settings
from channels.telegram.talk import Talk, asked_of_us
from channels.telegram.webhook import Webhook
from channels.telegram.words import words_in
from inquiry.errors import TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import TELEGRAM, Arrival, ChannelName, Dispatch, Envelope, Receipt
from inquiry.untrusted import Object, object_of

if TYPE_CHECKING:
    from aiohttp.web import AbstractRouteDef

__all__ = ["LIMITS", "Settings", "TelegramBot", "open_channel"]

log = logging.getLogger(__name__)
os.environ.setdefault("PTB_TIMEDELTA", "1")  # the coming behaviour; without it RetryAfter warns

POLL = timedelta(seconds=50)
STORED_THERE = timedelta(days=1)
WANTED = ("message", "edited_message", "callback_query")
NOT_ADDRESSED = Envelope(headers={"addressed": "no"})


@asynccontextmanager
async def open_channel(
    name: ChannelName,
    settings: Settings,
    premises: Premises,
    *,
    poll: timedelta = POLL,
) -> AsyncIterator["PollingBot | WebhookBot"]:
    """Open what the channel needs, and close it at the end. Telegram need not be there yet."""
    token = settings.token
    calling = Http(token, settings.webhook_secret)
    async with calling as http, PollingHttp(token) as polling, Chores() as chores:
        # Not ``async with Bot``: that asks Telegram who we are, and could not start without it.
        bot = Bot(
            WITHHELD,
            base_url=settings.base_url,
            base_file_url=settings.files_url,
            request=http,
            get_updates_request=polling,
        )
        api = Api(bot, http, polling, chores, settings.files_url)
        if settings.mode == "webhook":
            yield WebhookBot(name, settings, premises, api)
        else:
            yield PollingBot(name, settings, premises, api, poll=poll)


@dataclass(frozen=True, slots=True)
class Read:
    """An update, as bytes and as far as it can be read."""

    id: int
    raw: bytes
    content: Object


class TelegramBot:
    """Talks to people who write to one bot, in private chats, groups and topics."""

    repeatable = False

    def __init__(self, name: ChannelName, settings: Settings, premises: Premises, api: Api) -> None:
        self.name = name
        self._settings = settings
        self._languages = premises.languages
        self._api = api
        self._postman = Postman(api.bot)
        self._talk = Talk(api, self._postman, premises, settings.greeting)
        self._webhook = Webhook(name, settings, premises.url, api.bot)

    async def send(self, dispatch: Dispatch) -> Receipt:
        to = target(dispatch)
        words = words_in(dispatch.language, self._languages) if self._settings.buttons else None
        cut = parts(dispatch, to, words)
        failpoint("outbox.connected")
        perhaps_there = dispatch.possible_repeat
        return await self._postman.send(to, cut, dispatch.went, perhaps_there=perhaps_there)

    async def deep_link(self, word: str) -> str:
        try:
            me = await self._api.who()
        except TemporaryFailure:
            return ""
        return f"https://t.me/{me.username}?start={word}"

    async def answer(self, asked: Asked, inlet: Inlet) -> None:
        failpoint("outbox.connected")
        await self._talk.answer(asked, inlet)

    async def fetch(self, reference: str) -> AsyncGenerator[bytes, None]:
        async for piece in self._api.file(reference):
            yield piece

    async def take(self, inlet: Inlet, updates: Sequence[tuple[int, bytes]]) -> None:
        """Accept updates; when this returns they may be confirmed.

        In groups only what is said to the bot is kept at all. Raises TemporaryFailure: confirm
        nothing.
        """
        read = [Read(id_, raw, object_of(raw)) for id_, raw in updates]
        if any(in_group(one.content) for one in read):
            await self._api.who()
        failpoint("telegram.fetched")
        arrivals = [arrival for one in read if (arrival := self._arrival(one))]
        await inlet.accept_all(arrivals)
        failpoint("telegram.accepted")
        log.info("channel %s: took updates to %d", self.name, read[-1].id)
        for one in read:
            self._thank(one)

    def _arrival(self, one: Read) -> Arrival | None:
        what = fate(one.content, self._api.me)
        if what is Fate.LEAVE:
            return None
        noted = NOT_ADDRESSED if what is Fate.FOLLOW else Envelope()
        if what is Fate.TAKE and (asked := asked_of_us(one.content, self._api.me)):
            noted = Envelope(headers={"asks": asked})
        return Arrival(
            channel=self.name,
            remote_id=str(one.id),
            media_type=TELEGRAM,
            raw=one.raw,
            envelope=noted,
            received_at=datetime.now(UTC),
            cursor=str(one.id + 1),
            # Telegram keeps an update for a day and reuses a number after a week at the earliest.
            repeat_within=3 * STORED_THERE,
        )

    def _thank(self, one: Read) -> None:
        """Say thanks for a button, holding up nobody: Telegram waits for it for some seconds."""
        if isinstance(query := one.content.get("callback_query"), dict) and "id" in query:
            what = f"channel {self.name}: update {one.id}"
            self._api.chores.start(self._talk.thank(query), what)


class PollingBot(TelegramBot):
    """Asks for updates again and again."""

    def __init__(
        self,
        name: ChannelName,
        settings: Settings,
        premises: Premises,
        api: Api,
        *,
        poll: timedelta,
    ) -> None:
        super().__init__(name, settings, premises, api)
        self._wait = poll

    async def receive(self, inlet: Inlet) -> Never:
        # Asking for offset N confirms everything below N, so we name only what follows a batch
        # that is stored, and name it once: after a quiet week Telegram starts its numbers anew,
        # perhaps lower, and an old offset would confirm messages nobody has seen. Without one
        # it gives all that is unconfirmed; what we have already, the inlet recognises.
        offset = 0
        while True:
            updates = await self._updates(offset)
            offset = 0
            if updates:
                await self.take(inlet, updates)
                offset = updates[-1][0] + 1

    async def _updates(self, offset: int) -> list[tuple[int, bytes]]:
        try:
            return await self._api.updates(offset, self._wait, WANTED)
        except Conflict as conflict:
            if "webhook" in conflict.message and await self._webhook.withdrawn():
                return []
            raise while_polling(conflict) from conflict
        except TelegramError as error:
            raise while_polling(error) from error


class WebhookBot(TelegramBot):
    """Is called by Telegram."""

    async def receive(self, inlet: Inlet) -> Never:  # noqa: ARG002  (what comes is taken in routes)
        await self._webhook.keep(WANTED)

    def routes(self, inlet: Inlet) -> Sequence["AbstractRouteDef"]:
        async def take(update_id: int, raw: bytes) -> None:
            await self.take(inlet, [(update_id, raw)])

        return [self._webhook.route(take)]

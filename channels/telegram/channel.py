"""A Telegram bot, by long polling."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, Never

from telegram import Bot, InputFile, LinkPreviewOptions, Message
from telegram.error import ChatMigrated, TelegramError

from channels.contract import Inlet, Limits, Premises
from channels.telegram.failures import while_polling, while_sending
from channels.telegram.http import WITHHELD, Http, PollingHttp
from channels.telegram.pieces import pieces
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import TELEGRAM, Arrival, ChannelName, Dispatch, File, Receipt
from inquiry.words import Delivery

log = logging.getLogger(__name__)
os.environ.setdefault("PTB_TIMEDELTA", "1")  # the coming behaviour; without it RetryAfter warns

POLL = timedelta(seconds=50)
STORED_THERE = timedelta(days=1)
WANTED = ("message", "edited_message")
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
"""A preview would let Telegram's servers open the customer's status link."""
LIMITS = Limits(text=None, subject=False, files=True, file_size=50_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``telegram{token mode api}``."""

    token: str = field(repr=False, metadata={"secret": True})
    mode: Literal["polling"] = "polling"
    api: str = "https://api.telegram.org"
    """Where the Bot API is, for those who run a server of their own."""


@asynccontextmanager
async def open_channel(
    name: ChannelName,
    settings: Settings,
    premises: Premises,  # noqa: ARG001  (all kinds are opened alike)
    *,
    poll: timedelta = POLL,
) -> AsyncIterator["TelegramBot"]:
    """Open what the channel needs, and close it at the end. Telegram need not be there yet."""
    base_url = f"{settings.api.removesuffix('/').removesuffix('/bot')}/bot"
    token = settings.token
    async with Http(token) as http, PollingHttp(token) as polling:
        # Not ``async with Bot``: that asks Telegram who we are, and could not start without it.
        bot = Bot(WITHHELD, base_url=base_url, request=http, get_updates_request=polling)
        yield TelegramBot(name, bot, polling, poll=poll)


class TelegramBot:
    """Talks to people who write to one bot."""

    repeatable = False

    def __init__(
        self, name: ChannelName, bot: Bot, polling: PollingHttp, *, poll: timedelta
    ) -> None:
        self.name = name
        self._bot = bot
        self._polling = polling
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
                failpoint("telegram.fetched")
                await inlet.accept_all([self._arrival(*update) for update in updates])
                failpoint("telegram.accepted")
                log.info("channel %s: accepted updates to %d", self.name, updates[-1][0])
                offset = updates[-1][0] + 1

    async def send(self, dispatch: Dispatch) -> Receipt:
        parts: list[str | File] = [*pieces(dispatch.text), *dispatch.files]
        if not parts:
            raise PermanentFailure("there is nothing to send")
        failpoint("outbox.connected")
        chat = dispatch.conversation or dispatch.recipient
        sent: list[Message] = []
        try:
            for part in parts:
                message = await self._say(chat, part)
                chat = str(message.chat_id)  # a group may have moved meanwhile
                sent.append(message)
        except TemporaryFailure as failure:
            if not sent:
                raise
            raise OutcomeUnknown(f"{len(sent)} of {len(parts)} parts went: {failure}") from failure
        return Receipt(
            delivery=Delivery.ACCEPTED,
            remote_id=" ".join(str(message.message_id) for message in sent),
            at=sent[-1].date,
            detail=f"sent in {len(parts)} parts" if len(parts) > 1 else "",
        )

    async def _say(self, chat: str, part: str | File) -> Message:
        try:
            try:
                return await self._post(chat, part)
            except ChatMigrated as moved:  # refused here; the same group has a new number
                return await self._post(str(moved.new_chat_id), part)
        except TelegramError as error:
            raise while_sending(error) from error

    async def _post(self, chat: str, part: str | File) -> Message:
        if isinstance(part, str):
            preview = NO_PREVIEW if "." in part else None  # any link has a dot
            return await self._bot.send_message(chat, part, link_preview_options=preview)
        document = InputFile(part.content, filename=part.filename)
        return await self._bot.send_document(chat, document)

    async def _updates(self, offset: int) -> list[tuple[int, bytes]]:
        try:
            await self._bot.get_updates(
                offset=offset or None, timeout=self._wait, allowed_updates=WANTED
            )
        except TelegramError as error:
            raise while_polling(error) from error
        return self._polling.updates

    def _arrival(self, update_id: int, raw: bytes) -> Arrival:
        return Arrival(
            channel=self.name,
            remote_id=str(update_id),
            media_type=TELEGRAM,
            raw=raw,
            received_at=datetime.now(UTC),
            cursor=str(update_id + 1),
            # Telegram keeps an update for a day and reuses a number after a week at the earliest.
            repeat_within=3 * STORED_THERE,
        )

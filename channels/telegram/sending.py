"""What leaves: one dispatch in its parts, to a person, a group or a topic."""

import time
from datetime import timedelta

from telegram import Bot, InputFile, LinkPreviewOptions, Message
from telegram.constants import ChatAction
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from channels.telegram.failures import while_polling, while_sending
from channels.telegram.parts import Part, Target
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import Receipt
from inquiry.words import Delivery

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
"""A preview would let Telegram's servers open the customer's status link."""
REMEMBERED = 10_000
"""Groups that have moved; who is forgotten is refused once more, and found again."""


class Postman:
    """Sends parts one after the other; remembers which chats want to be left alone, and moves."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._quiet: dict[str, float] = {}
        """By chat: until when, on the monotonic clock."""
        self._moved: dict[str, str] = {}
        self._in_trouble = False
        """Has a message had no answer, and none has gone since?"""

    async def send(
        self, to: Target, parts: list[Part], went: tuple[str, ...], *, perhaps_there: bool = False
    ) -> Receipt:
        """Send those parts that have not gone at an earlier attempt.

        ``perhaps_there``: nobody knows whether an earlier attempt has arrived.

        Raises: as :meth:`channels.contract.Sender.send`.
        """
        first = to.chat
        to = to.moved(self._moved.get(first, first))
        self._may_speak(to.chat)
        if perhaps_there or self._in_trouble:
            await self._knock(to)
        ids, last = list(went), None
        for part in parts[len(went) :]:
            try:
                last, to = await self._say(to, part)
            except TemporaryFailure as failure:
                told, wait = _told(failure, ids, parts), failure.retry_after
                raise TemporaryFailure(told, retry_after=wait, went=ids) from failure
            except OutcomeUnknown as failure:
                raise OutcomeUnknown(_told(failure, ids, parts), went=ids) from failure
            except PermanentFailure as failure:
                raise PermanentFailure(_told(failure, ids, parts)) from failure
            ids.append(str(last.message_id))
            self._in_trouble = False
        if last is None:
            raise PermanentFailure("all of it was sent before")
        return Receipt(
            delivery=Delivery.ACCEPTED,
            remote_id=" ".join(ids),
            at=last.date,
            detail=f"sent in {len(parts)} parts" if len(parts) > 1 else "",
            conversation=to.conversation if to.chat != first else "",
        )

    def _may_speak(self, chat: str) -> None:
        """Ask nothing of a chat that wants to be left alone: asking makes it longer."""
        left = self._quiet.get(chat, 0) - time.monotonic()
        if left > 0:
            wait = timedelta(seconds=left)
            raise TemporaryFailure("Telegram asks us to slow down in this chat", retry_after=wait)
        self._quiet.pop(chat, None)

    async def _knock(self, to: Target) -> None:
        """Find out whether Telegram answers at all, by what may be said twice: "is typing".

        An outage would leave every message in doubt, and after a second time to a person.

        Raises:
            TemporaryFailure: it doesn't, so nothing is sent.
        """
        try:
            await self._bot.send_chat_action(to.chat, ChatAction.TYPING, message_thread_id=to.topic)
        except (BadRequest, Forbidden, ChatMigrated):
            return  # an answer; what it means to a message the message is told itself
        except TelegramError as error:
            failure = while_polling(error)
            if failure.retry_after:
                self._leave_alone(to.chat, failure)
                raise failure from error
            raise TemporaryFailure(str(failure), whole_channel=True) from error

    def _leave_alone(self, chat: str, failure: TemporaryFailure) -> None:
        self._quiet[chat] = time.monotonic() + failure.retry_after.total_seconds()

    async def _say(self, to: Target, part: Part) -> tuple[Message, Target]:
        try:
            try:
                return await self._post(to, part), to
            except ChatMigrated as moved:  # refused here; the same group has a new number
                new = to.moved(str(moved.new_chat_id))
                message = await self._post(new, part)
                self._remember(to.chat, new.chat)
                return message, new
        except TelegramError as error:
            failure = while_sending(error)
            if isinstance(failure, TemporaryFailure) and failure.retry_after:
                self._leave_alone(to.chat, failure)
            self._in_trouble |= isinstance(failure, OutcomeUnknown)
            raise failure from error

    def _remember(self, old: str, new: str) -> None:
        if len(self._moved) >= REMEMBERED:
            self._moved.clear()
        self._moved[old] = new

    async def _post(self, to: Target, part: Part) -> Message:
        if part.file is None:
            return await self._bot.send_message(
                to.chat,
                part.text,
                entities=part.entities or None,
                link_preview_options=NO_PREVIEW if "." in part.text else None,  # any link has a dot
                message_thread_id=to.topic,
                reply_markup=part.buttons,
            )
        return await self._bot.send_document(
            to.chat,
            InputFile(part.file.content, filename=part.file.filename),
            caption=part.text or None,
            caption_entities=part.entities or None,
            message_thread_id=to.topic,
            reply_markup=part.buttons,
        )


def _told(failure: Exception, ids: list[str], parts: list[Part]) -> str:
    return f"{len(ids)} of {len(parts)} parts went: {failure}" if ids else str(failure)

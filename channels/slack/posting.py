"""What is sent: texts and files, each part once."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from channels.slack import marks
from channels.slack.api import Api
from channels.slack.failures import (
    TROUBLE,
    NotAllowed,
    NoThread,
    NotThere,
    while_asking,
    while_sending,
)
from channels.slack.marks import Part
from channels.slack.pieces import pieces
from inquiry.errors import BridgeError, OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import Dispatch, File, Receipt
from inquiry.words import Delivery

log = logging.getLogger(__name__)

NO_ID = "-"
"""Stands for a part whose id Slack does not tell."""
LOOK = timedelta(seconds=20)
"""How long we look whether something has arrived; twice that and a post fit into one attempt."""
AGAIN = timedelta(minutes=1)
"""After this, what Slack was still busy with stands in its history, or never will."""


async def post(api: Api, dispatch: Dispatch) -> Receipt:
    """Post what has not arrived at an earlier attempt; see Sender.

    Of what may have arrived Slack's history tells: we look there before we post it once more.
    """
    parts: list[Part] = [*pieces(_for_all_to_read(dispatch)), *dispatch.files]
    if not parts:
        raise PermanentFailure("there is nothing to send")
    posting = _Posting(api, dispatch, parts, *_place(dispatch), list(dispatch.went))
    try:
        await posting.all()
    except TemporaryFailure as failure:
        told, wait = str(failure), failure.retry_after
        raise TemporaryFailure(told, retry_after=wait, went=posting.went) from failure
    except OutcomeUnknown as failure:
        raise OutcomeUnknown(str(failure), went=posting.went) from failure
    return Receipt(
        delivery=Delivery.ACCEPTED,
        remote_id=" ".join(posting.went),
        at=datetime.now(UTC),
        detail=f"sent in {len(parts)} parts" if len(parts) > 1 else "",
    )


def _place(dispatch: Dispatch) -> tuple[str, str]:
    """Return the channel and the thread.

    Direct messages are one conversation, threads and all: there it goes where the customer looks.
    """
    channel, _, thread = (dispatch.conversation or dispatch.recipient).partition("/")
    return channel, thread or dispatch.thread


@dataclass(slots=True)
class _Posting:
    """One attempt."""

    api: Api
    dispatch: Dispatch
    parts: Sequence[Part]
    channel: str
    thread: str
    went: list[str]
    """Ids of the parts that have arrived."""

    async def all(self) -> None:
        sure = await self._looked_before()
        while len(self.went) < len(self.parts):
            number = len(self.went)
            try:
                self.went.append(await self._part(number))
            except NoThread:
                if not self._leave_thread():
                    raise
                sure = await self._looked_before()  # an earlier attempt has left it, too
            except OutcomeUnknown as unknown:
                await self._look_soon()
                if len(self.went) > number:
                    continue
                if sure and isinstance(self.parts[number], str):
                    # The next attempt looks first, as this one did: no repeat comes of it.
                    raise TemporaryFailure(str(unknown), retry_after=AGAIN) from unknown
                raise

    async def _part(self, number: int) -> str:
        part = self.parts[number]
        if isinstance(part, File):
            self.channel = await _room(self.api, self.channel)
            return await _upload(self.api, self.channel, self.thread, part)
        mark = marks.mark_of(self.dispatch, number)
        return await _say(self.api, self.channel, self.thread, part, mark)

    def _leave_thread(self) -> bool:
        """Go on outside of a thread that is gone; False where the thread is the conversation."""
        loose = bool(self.thread) and "/" not in self.dispatch.conversation
        if loose:
            self.thread = ""
        return loose

    async def _looked_before(self) -> bool:
        """Look, if there was an attempt of which nobody knows; else nothing can be there."""
        return self.dispatch.possible_repeat and await self._looked()

    async def _looked(self) -> bool:
        """Find what has arrived; True where marks are shown, so that a missing one says something.

        Raises:
            TemporaryFailure: Slack does not answer, so nothing is posted either.
        """
        try:
            async with asyncio.timeout(LOOK.total_seconds()):
                return await self._look()
        except TimeoutError as error:  # of ours: nothing was posted, so nothing is in doubt
            raise TemporaryFailure("Slack is too slow to tell what has arrived") from error
        except NotThere:
            return self._leave_thread() and await self._looked()
        except (PermanentFailure, NotAllowed) as refusal:
            number = self.dispatch.id
            log.warning("dispatch %s: whether it has arrived, nobody tells: %s", number, refusal)
            return False

    async def _look_soon(self) -> None:
        """Find out at once, if that can be done, whether what got no answer has arrived."""
        try:
            async with asyncio.timeout(LOOK.total_seconds()):
                await self._look()
        except (BridgeError, TimeoutError):
            return

    async def _look(self) -> bool:
        self.channel = await _room(self.api, self.channel)
        said = await marks.standing(
            self.api.ask, self.channel, self.thread, self.dispatch.not_before
        )
        self.went += marks.went_on(self.dispatch, self.parts, self.went, said, NO_ID)
        return marks.are_told(said)


def _for_all_to_read(dispatch: Dispatch) -> str:
    """Leave out, where others read along, what tells the link to one customer's status page."""
    if not dispatch.link or "/" not in dispatch.conversation:
        return dispatch.text
    paragraphs = dispatch.text.split("\n\n")
    return "\n\n".join(one for one in paragraphs if dispatch.link not in one)


async def _say(api: Api, channel: str, thread: str, text: str, mark: Any) -> str:
    try:
        answer = await api.client.chat_postMessage(
            channel=channel,
            thread_ts=thread or None,
            text=text,
            mrkdwn=True,
            parse="none",
            link_names=False,
            unfurl_links=False,  # a preview would open the customer's status link
            unfurl_media=False,
            metadata=mark,
        )
    except TROUBLE as error:
        raise while_sending(error) from error
    return str(answer.get("ts") or NO_ID)


async def _room(api: Api, channel: str) -> str:
    """Return the direct messages with a person: a user id names none for files and the history."""
    if channel[:1] not in ("U", "W"):
        return channel
    try:
        answer = await api.client.conversations_open(users=channel)
    except TROUBLE as error:
        refused = while_sending(error)
        raise refused if isinstance(refused, PermanentFailure) else while_asking(error) from error
    room: Any = answer.get("channel")
    return str(room.get("id")) if isinstance(room, dict) else channel


async def _upload(api: Api, channel: str, thread: str, file: File) -> str:
    try:
        await api.client.files_upload_v2(
            channel=channel,
            thread_ts=thread or None,
            file=file.content,
            filename=file.filename,
            title=file.filename,
        )
    except TROUBLE as error:
        raise while_sending(error) from error
    return NO_ID

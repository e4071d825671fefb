"""What is sent: texts and files, each part once."""

from datetime import UTC, datetime
from typing import Any

from channels.slack.api import Api
from channels.slack.failures import TROUBLE, while_asking, while_sending
from channels.slack.pieces import pieces
from inquiry.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure
from inquiry.journey import Dispatch, File, Receipt
from inquiry.words import Delivery

NO_ID = "-"
"""Stands for a part whose id Slack does not tell."""


async def post(api: Api, dispatch: Dispatch) -> Receipt:
    """Post what has not arrived at an earlier attempt; see Sender."""
    parts: list[str | File] = [*pieces(_for_all_to_read(dispatch)), *dispatch.files]
    if not parts:
        raise PermanentFailure("there is nothing to send")
    went = list(dispatch.went)
    channel, _, thread = (dispatch.conversation or dispatch.recipient).partition("/")
    try:
        for part in parts[len(went) :]:
            if isinstance(part, File):
                channel = await _room(api, channel)
                went.append(await _upload(api, channel, thread, part))
            else:
                went.append(await _say(api, channel, thread, part))
    except TemporaryFailure as failure:
        raise TemporaryFailure(
            str(failure), retry_after=failure.retry_after, went=went
        ) from failure
    except OutcomeUnknown as failure:
        raise OutcomeUnknown(str(failure), went=went) from failure
    return Receipt(
        delivery=Delivery.ACCEPTED,
        remote_id=" ".join(went),
        at=datetime.now(UTC),
        detail=f"sent in {len(parts)} parts" if len(parts) > 1 else "",
    )


def _for_all_to_read(dispatch: Dispatch) -> str:
    """Leave out, where others read along, what tells the link to one customer's status page."""
    if not dispatch.link or "/" not in dispatch.conversation:
        return dispatch.text
    paragraphs = dispatch.text.split("\n\n")
    return "\n\n".join(one for one in paragraphs if dispatch.link not in one)


async def _say(api: Api, channel: str, thread: str, text: str) -> str:
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
        )
    except TROUBLE as error:
        raise while_sending(error) from error
    return str(answer.get("ts") or NO_ID)


async def _room(api: Api, channel: str) -> str:
    """Return the direct messages with a person: files can't be posted to a user id."""
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

"""Answers as files in a folder: the demo's mailbox, and a hand-over to other programs."""

import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path

from channels.mail.addresses import split_mailbox
from channels.mail.rendering import render
from channels.mail.settings import Send
from channels.mail.submission import recipient_of
from channels.mail.synced import write_synced
from inquiry.errors import TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import ChannelName, Dispatch, Receipt
from inquiry.words import Delivery


class FolderSender:
    """Writes each answer as one ``.eml``. The name is the Message-ID's, so a repeat is the same."""

    repeatable = True

    def __init__(self, name: ChannelName, settings: Send, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self._sender_name, self._sender = split_mailbox(settings.from_)

    async def send(self, dispatch: Dispatch) -> Receipt:
        now = datetime.now(UTC)
        raw = render(
            dispatch,
            sender=self._sender,
            sender_name=self._sender_name,
            recipient=recipient_of(dispatch),
            now=now,
        )
        failpoint("outbox.connected")
        path = self._folder / f"{_file_name(dispatch)}.eml"
        try:
            await asyncio.to_thread(write_synced, path, raw)
        except OSError as error:
            raise TemporaryFailure(f"cannot write to the folder: {error.strerror}") from error
        return Receipt(delivery=Delivery.ACCEPTED, remote_id=path.name, at=now)


def _file_name(dispatch: Dispatch) -> str:
    key = dispatch.message_id or f"dispatch {dispatch.id} of {dispatch.channel}"
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]

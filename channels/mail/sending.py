"""Which way answers leave, and how it is joined to the way inquiries come in."""

from typing import Never

from channels.contract import Inlet, Receiver, Sender
from channels.mail.settings import Send
from channels.mail.submission import SubmissionSender
from channels.mail.to_folder import FolderSender
from inquiry.journey import ChannelName, Dispatch, Receipt


def sender_for(name: ChannelName, settings: Send) -> Sender:
    """Choose between a server and a folder."""
    if settings.folder is not None:
        return FolderSender(name, settings, settings.folder)
    return SubmissionSender(name, settings)


def both_ways(receiver: Receiver, send: Send | None) -> Receiver:
    """Return the receiver, able to answer too if it is to."""
    if send is None:
        return receiver
    return BothWays(receiver.name, receiver, sender_for(receiver.name, send))


class BothWays:
    """A channel that receives in one way and answers in another."""

    def __init__(self, name: ChannelName, receiver: Receiver, sender: Sender) -> None:
        self.name = name
        self.repeatable = sender.repeatable
        self._receiver = receiver
        self._sender = sender

    async def receive(self, inlet: Inlet) -> Never:
        await self._receiver.receive(inlet)

    async def send(self, dispatch: Dispatch) -> Receipt:
        return await self._sender.send(dispatch)

"""Which way answers leave, and how it is joined to the way inquiries come in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Never

from channels.contract import Inlet, Premises, Receiver, Sender
from channels.mail.access import AccessTokens
from channels.mail.oauth import OAuth
from channels.mail.settings import Send
from channels.mail.submission import SubmissionSender
from channels.mail.to_folder import FolderSender
from inquiry.journey import ChannelName, Dispatch, Receipt


@asynccontextmanager
async def access_tokens(
    name: ChannelName, settings: OAuth | None, premises: Premises
) -> AsyncIterator[AccessTokens | None]:
    """Open what gives access tokens, if there is a grant."""
    if settings is None:
        yield None
        return
    tokens = AccessTokens(name, settings, premises.secrets or premises.spool.parent / "secrets")
    try:
        yield tokens
    finally:
        await tokens.finish()


def sender_for(name: ChannelName, settings: Send, tokens: AccessTokens | None = None) -> Sender:
    """Choose between a server and a folder."""
    if settings.folder is not None:
        return FolderSender(name, settings, settings.folder)
    return SubmissionSender(name, settings, tokens)


@asynccontextmanager
async def opened_both_ways(
    receiver: Receiver, send: Send | None, premises: Premises
) -> AsyncIterator[Receiver]:
    """Open the way out, if there is one, beside the way in."""
    async with access_tokens(receiver.name, send.oauth if send else None, premises) as tokens:
        yield both_ways(receiver, send, tokens)


def both_ways(
    receiver: Receiver, send: Send | None, tokens: AccessTokens | None = None
) -> Receiver:
    """Return the receiver, able to answer too if it is to."""
    if send is None:
        return receiver
    return BothWays(receiver.name, receiver, sender_for(receiver.name, send, tokens))


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

"""The kind ``imap``: a mailbox, watched by one thread."""

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Never

from channels.contract import Inlet, Limits, Premises, Receiver
from channels.imap.mishaps import Mishaps
from channels.imap.refusals import NoEntry
from channels.imap.session import Session
from channels.imap.settings import Settings
from channels.imap.watch import Watch
from channels.mail.access import AccessTokens
from channels.mail.sending import access_tokens, opened_both_ways
from inquiry.journey import ChannelName

LIMITS = Limits(subject=True, at_once=3)  # providers take few connections of one account


@asynccontextmanager
async def open_channel(
    name: ChannelName, settings: Settings, premises: Premises
) -> AsyncIterator[Receiver]:
    """Open a mailbox; it is connected to when receiving begins."""
    async with access_tokens(name, settings.oauth, premises) as tokens:
        mailbox = Mailbox(name, settings, premises, tokens)
        async with opened_both_ways(mailbox, settings.send, premises) as both:
            yield both


class Mailbox:
    """Takes the mail of some folders of one account."""

    def __init__(
        self,
        name: ChannelName,
        settings: Settings,
        premises: Premises,
        tokens: AccessTokens | None = None,
        *,
        session: Callable[[Settings], Session] = Session,
    ) -> None:
        self.name = name
        self._settings = settings
        self._premises = premises
        self._tokens = tokens
        self._session = session
        self._mishaps = Mishaps()

    async def receive(self, inlet: Inlet) -> Never:
        token = await self._tokens.current() if self._tokens else ""
        session = self._session(self._settings)
        thread = ThreadPoolExecutor(1, thread_name_prefix=f"imap {self.name}")
        watch = Watch(
            self.name, self._settings, self._premises.spool, inlet, session, thread, self._mishaps
        )
        try:
            await watch.open(token)
            await watch.run()
        except NoEntry:
            if self._tokens:
                self._tokens.rejected(token)
            raise
        finally:
            session.interrupt()
            thread.submit(session.close)
            thread.shutdown(wait=False)

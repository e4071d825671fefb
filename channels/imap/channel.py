"""The kind ``imap``: a mailbox, watched by one thread."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Never, TypeVar

from channels.contract import Inlet, Limits, Premises, Receiver
from channels.imap.session import SMALL, Session, Sized, batches
from channels.imap.settings import Settings
from channels.mail.collected import Collected
from channels.mail.sending import both_ways
from inquiry.errors import TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import MAIL, Arrival, ChannelName, Envelope, Raw

LIMITS = Limits(subject=True)
LOOK_AT_ALL = timedelta(minutes=10)
"""How often everything is compared, in case a server has left something out of an answer."""

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=2)
AT_ONCE = 500

T = TypeVar("T")


@asynccontextmanager
async def open_channel(
    name: ChannelName, settings: Settings, premises: Premises
) -> AsyncIterator[Receiver]:
    """Open a mailbox; it is connected to when receiving begins."""
    yield both_ways(Mailbox(name, settings, premises), settings.send)


class Mailbox:
    """Takes the mail of one folder."""

    def __init__(
        self,
        name: ChannelName,
        settings: Settings,
        premises: Premises,
        *,
        session: Callable[[Settings], Session] = Session,
    ) -> None:
        self.name = name
        self._settings = settings
        self._premises = premises
        self._session = session

    async def receive(self, inlet: Inlet) -> Never:
        session = self._session(self._settings)
        thread = ThreadPoolExecutor(1, thread_name_prefix=f"imap {self.name}")
        try:
            await _Watch(self.name, self._settings, self._premises, inlet, session, thread).run()
        finally:
            session.interrupt()
            thread.submit(session.close)
            thread.shutdown(wait=False)


class _Watch:
    """One connection, from sign-in until it is lost."""

    def __init__(
        self,
        name: ChannelName,
        settings: Settings,
        premises: Premises,
        inlet: Inlet,
        session: Session,
        thread: ThreadPoolExecutor,
    ) -> None:
        self._name = name
        self._settings = settings
        self._premises = premises
        self._inlet = inlet
        self._session = session
        self._thread = thread
        self._uid_validity = 0
        self._match_below = 0

    async def run(self) -> Never:
        await self._blocking(self._session.open)
        loop = asyncio.get_running_loop()
        next_uid, look_at_all, patience = 1, loop.time(), FIRST_WAIT
        while True:
            if loop.time() >= look_at_all:
                await self._select()
                next_uid, look_at_all = 1, loop.time() + LOOK_AT_ALL.total_seconds()
            uids = await self._blocking(self._session.uids, next_uid)
            await self._take(uids)
            next_uid = max(uids, default=next_uid - 1) + 1
            patience = FIRST_WAIT if uids else min(patience * 2, LONGEST_WAIT)
            await self._blocking(self._session.wait, patience)

    async def _select(self) -> None:
        selected = await self._blocking(self._session.select)
        cursor = await self._inlet.resume_from(self._settings.folder)
        self._uid_validity = selected.uid_validity
        self._match_below = match_below(cursor, selected.uid_validity, selected.uid_next)

    async def _take(self, uids: Sequence[int]) -> None:
        """Take what is not here yet, the oldest first; finish what was only accepted."""
        for some in (uids[i : i + AT_ONCE] for i in range(0, len(uids), AT_ONCE)):
            names = {self._remote_id(uid): uid for uid in some}
            known = await self._inlet.known(names)
            if known:
                await self._finish(sorted(names[name] for name in known))
            if new := [uid for name, uid in names.items() if name not in known]:
                for batch in batches(await self._blocking(self._session.sizes, new)):
                    await self._take_batch(batch)

    async def _take_batch(self, batch: Sequence[Sized]) -> None:
        collected = Collected(self._premises.spool)
        try:
            if batch[0].size > SMALL:
                bodies = await self._blocking(self._large, batch[0].uid, collected)
            else:
                bodies = dict(await self._blocking(self._session.whole, [m.uid for m in batch]))
            failpoint("imap.fetched")
            arrivals = [self._arrival(uid, raw) for uid, raw in bodies.items()]
            await self._inlet.accept_all(arrivals)
            failpoint("imap.accepted")
        finally:
            await self._blocking(collected.discard)
        await self._finish(list(bodies))

    async def _finish(self, uids: Sequence[int]) -> None:
        if uids and self._settings.after.anything:
            await self._blocking(self._session.finish, uids)
            failpoint("imap.moved")

    def _large(self, uid: int, collected: Collected) -> dict[int, Raw]:
        def take(piece: bytes) -> None:
            collected.add(piece)
            if collected.heavy:
                collected.unload()

        try:
            complete = self._session.large(uid, take)
            return {uid: collected.finish()} if complete else {}
        except OSError as error:
            raise TemporaryFailure(f"cannot write to the spool: {error.strerror}") from error

    def _arrival(self, uid: int, raw: Raw) -> Arrival:
        return Arrival(
            channel=self._name,
            remote_id=self._remote_id(uid),
            media_type=MAIL,
            raw=raw,
            envelope=Envelope(
                folder=self._settings.folder, uid_validity=self._uid_validity, uid=uid
            ),
            received_at=datetime.now(UTC),
            source=self._settings.folder,
            cursor=cursor(self._uid_validity, uid, self._match_below),
            match_bytes=uid < self._match_below,
        )

    def _remote_id(self, uid: int) -> str:
        return f"{self._settings.folder}/{self._uid_validity}/{uid}"

    async def _blocking(self, act: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act, *args)


def cursor(uid_validity: int, uid: int, below: int) -> str:
    """Write down how far a folder has come, and below which UID its mails may be old ones."""
    return f"{uid_validity}/{uid}/{below}"


def match_below(last: str | None, uid_validity: int, uid_next: int) -> int:
    """Return the UID below which a mail may be here already under another number.

    When UIDVALIDITY has changed, that is all that is in the folder. It stays so for good: a crash
    in the middle of looking through them must not make the rest new.
    """
    if last is None:
        return 0
    before, _, below = map(int, last.split("/"))
    return below if before == uid_validity else uid_next

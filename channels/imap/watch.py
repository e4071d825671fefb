"""One connection to a mailbox, from sign-in until it is lost: look, take, wait."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Never, TypeVar

from channels.contract import Inlet
from channels.imap.mishaps import Mishaps
from channels.imap.numbering import Numbering, numbering
from channels.imap.refusals import LineLost, Refused
from channels.imap.session import Session, Sized, batches
from channels.imap.settings import Settings
from channels.mail.collected import Collected
from inquiry.errors import TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import MAIL, Arrival, ChannelName, Envelope, Raw

log = logging.getLogger(__name__)

LOOK_AT_ALL = timedelta(minutes=10)
"""How often everything is compared, in case a server has left something out of an answer."""

LOOK_ASIDE = timedelta(seconds=30)
"""How often the folders are looked at that don't call by themselves."""

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=2)
HASTE = timedelta(seconds=0.1)
"""A server that calls sooner, time and again, has nothing to say."""
LONGEST_BREATH = timedelta(seconds=5)
AT_ONCE = 500

T = TypeVar("T")


@dataclass(slots=True)
class Folder:
    """How far we are with one folder."""

    wanted: str
    """As the operator calls it: so its mails are named, whatever the server calls it today."""
    name: str
    numbering: Numbering = field(default_factory=lambda: Numbering(0))
    next_uid: int = 1
    look_at: float = 0.0
    look_at_all: float = 0.0

    def called(self, uid: int) -> str:
        """Return the remote id of a mail in here."""
        return self.numbering.remote_id(self.wanted, uid)


class Watch:
    """Takes what is new in each folder; one of them calls, the others are asked now and then."""

    def __init__(
        self,
        name: ChannelName,
        settings: Settings,
        spool: Path,
        inlet: Inlet,
        session: Session,
        thread: ThreadPoolExecutor,
        mishaps: Mishaps,
    ) -> None:
        self._name = name
        self._settings = settings
        self._spool = spool
        self._inlet = inlet
        self._session = session
        self._thread = thread
        self._mishaps = mishaps
        self._folders: list[Folder] = []
        self._selected: Folder | None = None
        self._refusal: Refused | None = None
        self._in_vain = 0
        """How often in a row we were called for nothing."""

    async def open(self, token: str) -> None:
        """Sign in and find the folders; the first one is the last, and stays selected."""
        await self._blocking(self._session.open, token)
        for wanted in reversed(dict.fromkeys(self._settings.folders)):
            name = await self._blocking(self._session.folder, wanted)
            self._folders.append(Folder(wanted, name))

    async def run(self) -> Never:
        patience = FIRST_WAIT
        while True:
            found = [await self._look(folder) for folder in self._due()]
            if self._refusal is not None:
                raise self._refusal  # all else is done; what was refused is tried anew, later
            patience = FIRST_WAIT if any(found) else min(patience * 2, self._longest_wait())
            await self._wait(patience, news=any(found))

    async def _wait(self, patience: timedelta, *, news: bool) -> None:
        """Wait for a call; who calls for nothing is listened to less and less often."""
        clock = asyncio.get_running_loop().time
        began = clock()
        await self._blocking(self._session.wait, patience)
        hasty = not news and clock() - began < HASTE.total_seconds()
        self._in_vain = self._in_vain + 1 if hasty else 0
        await asyncio.sleep(min(self._in_vain * HASTE, LONGEST_BREATH).total_seconds())

    def _due(self) -> list[Folder]:
        *others, first = self._folders
        now = asyncio.get_running_loop().time()
        due = [folder for folder in others if now >= folder.look_at]
        return [*due, first]

    def _longest_wait(self) -> timedelta:
        return LONGEST_WAIT if len(self._folders) == 1 else LOOK_ASIDE

    async def _look(self, folder: Folder) -> bool:
        """Take what is new in a folder; one that can't be used holds up no other."""
        now = asyncio.get_running_loop().time()
        folder.look_at = now + LOOK_ASIDE.total_seconds()
        try:
            if self._selected is not folder or now >= folder.look_at_all:
                await self._select(folder, now)
            uids = await self._blocking(self._session.uids, folder.next_uid)
            await self._take(folder, uids)
        except Refused as refusal:
            self._refusal = refusal
            return False
        folder.next_uid = max(uids, default=folder.next_uid - 1) + 1
        return bool(uids)

    async def _select(self, folder: Folder, now: float) -> None:
        self._selected = None
        selected = await self._blocking(self._session.select, folder.name)
        self._selected = folder
        last = await self._inlet.resume_from(folder.wanted)
        found = numbering(last, selected.uid_validity, selected.uid_next)
        if now >= folder.look_at_all or found != folder.numbering:
            folder.next_uid, folder.look_at_all = 1, now + LOOK_AT_ALL.total_seconds()
        folder.numbering = found

    async def _take(self, folder: Folder, uids: Sequence[int]) -> None:
        """Take what is not here yet, the oldest first; then finish what is here."""
        for some in (uids[i : i + AT_ONCE] for i in range(0, len(uids), AT_ONCE)):
            names = {folder.called(uid): uid for uid in some}
            known = await self._inlet.known(names)
            done = [names[name] for name in known]
            if new := [uid for name, uid in names.items() if self._wanted(folder, name, known)]:
                done += await self._take_new(folder, new)
            await self._finish(sorted(done))

    def _wanted(self, folder: Folder, name: str, known: set[str]) -> bool:
        """Is it new, and not put off? What is put off is looked for as soon as it may be."""
        until = self._mishaps.put_off_until(name)
        if name in known or until <= asyncio.get_running_loop().time():
            return name not in known
        folder.look_at_all = min(folder.look_at_all, until)
        return False

    async def _take_new(self, folder: Folder, uids: Sequence[int]) -> list[int]:
        sizes = await self._blocking(self._session.sizes, uids)
        doubt = self._mishaps.suspicious
        mails = [replace(mail, suspicious=doubt(folder.called(mail.uid))) for mail in sizes]
        taken = [
            uid for batch in batches(mails) for uid in await self._take_or_divide(folder, batch)
        ]
        self._mishaps.taken([folder.called(uid) for uid in taken])
        if self._refusal is None:  # else it says what is missing
            self._look_for(folder, set(uids) - set(taken))
        return taken

    def _look_for(self, folder: Folder, uids: set[int]) -> None:
        for uid in sorted(uids):
            if self._mishaps.absent(folder.called(uid)):
                said = "channel %s: the server lists mail %d in %r, but does not give it"
                log.warning(said, self._name, uid, folder.name)

    async def _take_or_divide(self, folder: Folder, batch: Sequence[Sized]) -> list[int]:
        """Take a batch; one mail that the server can't give us holds up no other."""
        try:
            return await self._take_batch(folder, batch)
        except Refused as refusal:
            self._refusal = refusal
        if len(batch) == 1:
            return []
        return [uid for mail in batch for uid in await self._take_or_divide(folder, [mail])]

    async def _take_batch(self, folder: Folder, batch: Sequence[Sized]) -> list[int]:
        collected = Collected(self._spool)
        try:
            bodies = await self._bodies(folder, batch, collected)
            failpoint("imap.fetched")
            arrivals = [self._arrival(folder, uid, raw) for uid, raw in bodies.items()]
            if arrivals:
                await self._inlet.accept_all(arrivals)
            failpoint("imap.accepted")
        finally:
            await self._blocking(collected.discard)
        return list(bodies)

    async def _bodies(
        self, folder: Folder, batch: Sequence[Sized], collected: Collected
    ) -> dict[int, Raw]:
        uids = [mail.uid for mail in batch]
        try:
            if batch[0].apart:
                return await self._blocking(self._large, uids[0], collected)
            return dict(await self._blocking(self._session.whole, uids))
        except LineLost as failure:
            names = [folder.called(uid) for uid in uids]
            self._mishaps.broke(names, asyncio.get_running_loop().time())
            if len(uids) == 1:
                said = f"{failure}; it was mail {uids[0]} in {folder.name!r}"
                raise LineLost(said, retry_after=failure.retry_after) from failure
            raise

    async def _finish(self, uids: Sequence[int]) -> None:
        """Move or flag what is accepted. If that is refused, what is new still comes in."""
        if not uids or not self._settings.after.anything:
            return
        try:
            await self._blocking(self._session.finish, uids)
            failpoint("imap.moved")
        except Refused as refusal:
            self._refusal = refusal

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

    def _arrival(self, folder: Folder, uid: int, raw: Raw) -> Arrival:
        numbers = folder.numbering
        return Arrival(
            channel=self._name,
            remote_id=folder.called(uid),
            media_type=MAIL,
            raw=raw,
            envelope=Envelope(folder=folder.name, uid_validity=numbers.uid_validity, uid=uid),
            received_at=datetime.now(UTC),
            source=folder.wanted,
            cursor=numbers.cursor(uid),
            match_bytes=uid < numbers.below,
        )

    async def _blocking(self, act: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act, *args)

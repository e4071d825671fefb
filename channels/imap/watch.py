"""One connection to a mailbox, from sign-in until it is lost: look, take, wait."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Never, TypeVar

from channels.contract import Inlet
from channels.imap.numbering import Numbering, numbering
from channels.imap.refusals import Refused
from channels.imap.session import SMALL, Session, Sized, batches
from channels.imap.settings import Settings
from channels.mail.collected import Collected
from inquiry.errors import TemporaryFailure
from inquiry.failpoints import failpoint
from inquiry.journey import MAIL, Arrival, ChannelName, Envelope, Raw

LOOK_AT_ALL = timedelta(minutes=10)
"""How often everything is compared, in case a server has left something out of an answer."""

LOOK_ASIDE = timedelta(seconds=30)
"""How often the folders are looked at that don't call by themselves."""

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=2)
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
    ) -> None:
        self._name = name
        self._settings = settings
        self._spool = spool
        self._inlet = inlet
        self._session = session
        self._thread = thread
        self._folders: list[Folder] = []
        self._selected: Folder | None = None
        self._refusal: Refused | None = None

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
            await self._blocking(self._session.wait, patience)

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
            if new := [uid for name, uid in names.items() if name not in known]:
                for batch in batches(await self._blocking(self._session.sizes, new)):
                    done += await self._take_or_divide(folder, batch)
            await self._finish(sorted(done))

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
            if batch[0].size > SMALL:
                bodies = await self._blocking(self._large, batch[0].uid, collected)
            else:
                bodies = dict(await self._blocking(self._session.whole, [m.uid for m in batch]))
            failpoint("imap.fetched")
            arrivals = [self._arrival(folder, uid, raw) for uid, raw in bodies.items()]
            if arrivals:
                await self._inlet.accept_all(arrivals)
            failpoint("imap.accepted")
        finally:
            await self._blocking(collected.discard)
        return list(bodies)

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

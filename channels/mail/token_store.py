"""What is held of a grant, on disk: it outlives a restart, and one at a time may renew it."""

import asyncio
import fcntl
import hashlib
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from channels.mail.synced import write_synced

LOOKING = timedelta(milliseconds=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An access token and its time; seconds since 1970, as it stands in the file."""

    token: str = field(default="", repr=False)
    since: float = 0.0
    until: float = 0.0

    def good(self, now: datetime) -> bool:
        """Is it there and, with some reserve, still valid?"""
        reserve = min(300.0, (self.until - self.since) / 10)
        return bool(self.token) and self.since <= now.timestamp() < self.until - reserve


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The newest refresh token of a grant, and its access tokens by scope."""

    refresh_token: str = field(default="", repr=False)
    access: Mapping[str, Access] = field(default_factory=dict)


class TokenStore:
    """A file for each grant, in a folder that only we can enter.

    The name is made of what the operator gave us: a new refresh token in the configuration is a
    new grant, and whoever was given the same one shares the file.
    """

    def __init__(self, folder: Path, url: str, client: str, seed: str) -> None:
        self.seed = seed
        name = hashlib.sha256("\0".join((url, client, seed)).encode()).hexdigest()[:32]
        self._file = folder / f"{name}.token"

    def load(self) -> Held:
        """Return what is held; what can't be read is what the operator gave us."""
        try:
            read = json.loads(self._file.read_bytes())
            access = {scope: Access(**each) for scope, each in read["access"].items()}
            return Held(refresh_token=str(read["refresh_token"]), access=access)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return Held(refresh_token=self.seed)

    def save(self, held: Held) -> None:
        """Put it on stable storage. Raises OSError."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_synced(self._file, json.dumps(asdict(held)).encode(), mode=0o600)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Be the only one, of all channels and processes, who renews this grant.

        Raises OSError if the folder can't be used.
        """
        handle = await asyncio.to_thread(self._open_lock)
        try:
            while not _locked(handle):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(LOOKING.total_seconds())
            yield
        finally:
            os.close(handle)

    def _open_lock(self) -> int:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

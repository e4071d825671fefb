"""Checking senders ourselves, in processes that are ended when their time is over.

The libraries compare with patterns that a stranger's mail can keep busy for hours, and a pattern
holds its whole process: a thread would not do.
"""

import asyncio
import logging
import multiprocessing
import resource
import time
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from pebble import ProcessPool

from channels.mail.names import Names, Nameservers
from channels.mail.proofs import look_at
from inquiry.errors import BridgeError
from inquiry.journey import ChannelName, Envelope

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=5)
"""For one message, however many wait beside it."""
TO_SPARE = timedelta(seconds=0.5)
"""So much earlier the questions end, that what is known by then can still be told."""
COUNT = 4
MEMORY = 1 << 30
UNKNOWN: Mapping[str, str] = {"spf": "temperror", "dkim": "temperror", "dmarc": "temperror"}


class NotInstalled(BridgeError):
    """A setting asks for libraries that are not there."""


def demand_libraries(name: ChannelName) -> None:
    """Make sure that senders can be checked.

    Raises:
        NotInstalled: the libraries for it are missing.
    """
    if missing := [module for module in ("dkim", "dns", "spf") if find_spec(module) is None]:
        raise NotInstalled(
            f"channel {name}: check_senders needs the extra mailauth"
            f" (no module {', '.join(missing)}); install it with: pip install '.[mailauth]'"
        )


class Verifier:
    """A few processes that check senders. Close it at the end."""

    def __init__(
        self,
        *,
        patience: timedelta = PATIENCE,
        nameservers: Nameservers | None = None,
        count: int = COUNT,
    ) -> None:
        self._patience = patience
        self._nameservers = nameservers
        self._count = count
        self._pool: ProcessPool | None = None

    async def verify(self, raw: bytes | Path, envelope: Envelope) -> Mapping[str, str]:
        """Check one mail; what can't be found out in time is ``temperror``. Never raises."""
        deadline = time.monotonic() + (self._patience - TO_SPARE).total_seconds()
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await self._asked(raw, envelope, deadline)
        except Exception as error:
            log.warning("a sender was not checked: %s", repr(error) or type(error).__name__)
            return UNKNOWN

    async def close(self) -> None:
        """Stop the processes, whatever they do."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            pool.stop()  # type: ignore[no-untyped-call]  # pebble has no types here
            await asyncio.to_thread(pool.join)

    async def _asked(
        self, raw: bytes | Path, envelope: Envelope, deadline: float
    ) -> Mapping[str, str]:
        future: Future[dict[str, str]] = self._opened().schedule(
            check,
            args=[raw, envelope, deadline, self._nameservers],
            timeout=self._patience.total_seconds(),
        )
        return await asyncio.wrap_future(future)

    def _opened(self) -> ProcessPool:
        if self._pool is None or not self._pool.active:
            self._pool = ProcessPool(
                max_workers=self._count,
                max_tasks=500,
                initializer=_confine,
                context=multiprocessing.get_context("forkserver"),
            )
        return self._pool


def check(
    raw: bytes | Path, envelope: Envelope, deadline: float, nameservers: Nameservers | None
) -> dict[str, str]:
    """Check one mail. Runs inside a worker."""
    content = raw if isinstance(raw, bytes) else raw.read_bytes()
    return look_at(content, envelope, Names(deadline, nameservers))


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

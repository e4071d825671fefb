"""What the bot does beside receiving and sending: nothing is lost if it does not happen."""

import asyncio
import logging
from collections.abc import Coroutine
from types import TracebackType

from telegram.error import TelegramError

from inquiry.errors import BridgeError

log = logging.getLogger(__name__)
MOST = 50
"""At the same time; who asks then has to ask again."""


class Chores:
    """Tasks that hold nobody up, ended on the way out."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Chores":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def start(self, chore: Coroutine[None, None, None], what: str) -> None:
        """Do it some time soon, once."""
        if len(self._tasks) >= MOST:
            chore.close()
            log.warning("%s: too much is asked at once", what)
            return
        task = asyncio.create_task(_tried(chore, what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _tried(chore: Coroutine[None, None, None], what: str) -> None:
    try:
        await chore
    except TelegramError as error:
        log.info("%s: %s", what, error.message)
    except BridgeError as failure:
        log.info("%s: %s", what, failure)
    except Exception:
        log.exception("%s", what)

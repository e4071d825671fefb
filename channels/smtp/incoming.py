"""Reading one message from a client to its end, whatever becomes of it."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from channels.mail.collected import Collected
from channels.smtp.body import Body

log = logging.getLogger(__name__)

CHUNK = 256 * 1024


class EndlessMessageError(Exception):
    """The client sends far more than it may; nobody waits for its end."""


async def read_message(
    reader: Any, collected: Collected, *, most: int, progress: Callable[[int], None]
) -> Body:
    """Read on even if the message can't be kept, since its sender listens only at its end.

    Raises:
        EOFError: the client has gone before the end.
        EndlessMessageError: more than ``most`` bytes came.
    """
    body = Body()
    while not body.finished:
        progress(collected.size)
        if not (chunk := await reader.read(CHUNK)):
            raise EOFError
        collected.add(body.feed(chunk))
        if collected.size > most:
            raise EndlessMessageError
        if collected.heavy:
            await _unload(collected)
    reader._buffer[:0] = body.rest
    return body


async def _unload(collected: Collected) -> None:
    try:
        await asyncio.to_thread(collected.unload)
    except OSError as failure:
        log.warning("a message can't be kept: %s", failure)
        collected.give_up()

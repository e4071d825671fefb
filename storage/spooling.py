"""Bytes that come in pieces, written to a file as they come: never the whole in memory."""

import asyncio
import hashlib
import os
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from inquiry.errors import PermanentFailure
from inquiry.journey import Spooled
from storage.originals import sync_folder


class TooLarge(PermanentFailure):
    """There is more of it than we take."""


@asynccontextmanager
async def spooled(
    pieces: AsyncGenerator[bytes, None], folder: Path, *, most: int
) -> AsyncIterator[Spooled]:
    """Write ``pieces`` to a synced file in ``folder``, which is there until the block ends.

    Raises whatever the pieces raise, and

    Raises:
        TooLarge: they are more than ``most`` bytes.
        OSError: the file can't be written.
    """
    path = folder / f"{uuid.uuid4().hex}.file"
    try:
        yield await _write(pieces, path, most)
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def _write(pieces: AsyncGenerator[bytes, None], path: Path, most: int) -> Spooled:
    digest, size = hashlib.sha256(), 0
    file = await asyncio.to_thread(path.open, "xb", buffering=0)
    try:
        async with aclosing(pieces) as coming:
            async for piece in coming:
                size += len(piece)
                if size > most:
                    raise TooLarge(f"it is larger than {most // 1_000_000} MB")
                digest.update(piece)
                await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(_sync, file.fileno(), path.parent)
    finally:
        file.close()
    return Spooled(path=path, size=size, digest=digest.digest())


def _sync(descriptor: int, folder: Path) -> None:
    os.fsync(descriptor)
    sync_folder(folder)
